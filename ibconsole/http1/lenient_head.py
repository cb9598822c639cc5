"""Lenient reading of an HTTP/1.x head: lines, headers, and what they say about the framing.

Every function is pure, never raises, and takes time linear in the bytes it reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from ibconsole.http1.message import Header

# Lines of one head that are read; a hostile head of 20 MB would need gigabytes as objects.
_MOST_LINES = 10_000
_QUOTED = 40
_BLANKS = b" \t"
_LINE_END = re.compile(rb"\r++\n?|\n")
_NEXT_BLANK_LINE = re.compile(rb"\n\r*+\n|\r\r")
_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]++")
_HEADER = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]++[ \t]*+:")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_NO_LETTER = re.compile(rb"[^!-~]|[-_]")
_FRAMING_WORD = re.compile(
    rb"[ \t]*+(content|transfer)[-_ \t]?(length|encoding)\b[ \t:=]*", re.IGNORECASE
)
_FRAMING_NAMES = frozenset({b"content-length", b"transfer-encoding"})
_PAYLOAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:[{\[<]|\x1f\x8b)")
_SIZE_LINE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Framing(StrEnum):
    """Headers that say where a body ends."""

    LENGTH = "contentlength"
    CODING = "transferencoding"


@dataclass(frozen=True, slots=True)
class FramingHeader:
    """A header that concerns the framing; `exact` unless its spelling leaves doubt about it."""

    kind: Framing
    value: bytes
    exact: bool = True


@dataclass(slots=True)
class Head:
    """A head as far as it arrived.

    `end` is the offset of the first byte behind it. `ended` is false if it is cut.
    `doubtful` is true if other readers could see other headers or another end.
    """

    first_line: bytes
    end: int
    headers: tuple[Header, ...] = ()
    framing: list[FramingHeader] = field(default_factory=list)
    ended: bool = False
    doubtful: bool = False

    def values(self, kind: Framing) -> list[FramingHeader]:
        """Return the framing headers of one kind, in their order."""
        return [header for header in self.framing if header.kind is kind]

    def is_exact(self, kind: Framing) -> bool:
        """Return whether every framing header of one kind is spelled as HTTP says."""
        return all(header.exact for header in self.values(kind))


class Oddities:
    """Deviations from HTTP: one sentence for each kind, in the order of their discovery."""

    def __init__(self) -> None:
        self._sentences: dict[str, str] = {}

    def add(self, sentence: str, example: bytes = b"") -> None:
        """Add a sentence, once; `{}` in it stands for the example, cut and escaped."""
        if sentence not in self._sentences:
            self._sentences[sentence] = sentence.replace("{}", _quote(example))

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences."""
        return tuple(self._sentences.values())


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: its text without the line end, and the offsets of it and of the next one."""

    text: bytes
    start: int
    next: int
    terminated: bool = True


def looks_like_header(raw: bytes, start: int) -> bool:
    """Return whether a name and a colon stand at this offset."""
    return _HEADER.match(raw, start) is not None


def read_answer_head(raw: bytes, start: int, oddities: Oddities, *, indented: bool) -> Head:
    """Read the head whose status line begins at `start`.

    CR, LF and CRLF end a line. `indented` removes blanks in front of each line. If the blank
    line is missing, the head ends where a line looks like JSON, XML or gzip.
    """
    lines = _answer_lines(raw, start)
    first = next(lines)
    _check_line_end(raw, first, oddities)
    head = Head(first.text, len(raw))
    collector = _HeaderCollector(oddities)
    blank_end = None
    for line in _header_lines(raw, lines, head, oddities):
        text = line.text.lstrip(_BLANKS) if indented else line.text
        if not text and indented:
            head.end, head.ended = line.next, True
            break
        if not text.strip() and blank_end is None:
            blank_end = line.next
        collector.add(text, is_cut=not line.terminated)
    if not head.ended and blank_end is not None:
        oddities.add("The blank line behind the head contains blanks.")
        head.end, head.ended = blank_end, True
    head.headers, head.framing = collector.finish()
    return head


def read_request_head(raw: bytes, start: int, oddities: Oddities) -> Head:
    """Read the head whose request line begins at `start`; only LF and CRLF end a line."""
    lines = _request_lines(raw, start)
    first = next(lines)
    head = Head(first.text, len(raw))
    collector = _HeaderCollector(oddities)
    for number, line in enumerate(chain([first], lines)):
        _check_line_end(raw, line, oddities)
        if not line.text and line.terminated:
            head.end, head.ended = line.next, True
            break
        if number > _MOST_LINES:
            _skip_lines(raw, line, head, oddities)
            head.doubtful = True
            break
        if b"\r" in line.text and line.terminated:
            oddities.add("A line of the head contains a single CR.")
            head.doubtful |= _hides_framing(line.text)
        if number:
            head.doubtful |= not line.text.strip(b" \t\r")
            collector.add(line.text, is_cut=not line.terminated)
    head.headers, head.framing = collector.finish()
    return head


class _HeaderCollector:
    """Header lines on their way to pairs of name and value."""

    def __init__(self, oddities: Oddities) -> None:
        self._oddities = oddities
        self._headers: list[Header] = []
        self._framing: list[FramingHeader] = []
        self._name = b""
        # The value of the last header in pieces: joining each folded line would be quadratic.
        self._value: list[bytes] = []

    def add(self, line: bytes, *, is_cut: bool) -> None:
        """Add one line, without its line end."""
        if line[:1] in {b" ", b"\t"}:
            if self._name:
                self._fold(line)
                return
            self._oddities.add("The first header line begins with a blank.")
            line = line.lstrip(_BLANKS)
            self._note_framing(line)
        self._flush()
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            if not is_cut:
                self._oddities.add("A header line has no name and colon: {}.", line.split(b" ")[0])
                self._note_framing(line)
            return
        if not _TOKEN.fullmatch(name):
            self._oddities.add("A header name contains blanks or odd characters: {}.", name)
        self._name, self._value = name, [value.strip(_BLANKS)]

    def finish(self) -> tuple[tuple[Header, ...], list[FramingHeader]]:
        """Return all headers, and those that concern the framing."""
        self._flush()
        return tuple(self._headers), self._framing

    def _fold(self, line: bytes) -> None:
        self._oddities.add("A header is folded over several lines.")
        self._note_framing(line)
        self._value.append(line.strip(_BLANKS))

    def _flush(self) -> None:
        if not self._name:
            return
        name, value = self._name, b" ".join(self._value).strip(_BLANKS)
        if _CONTROL.search(value):
            self._oddities.add("The value of a header contains control characters: {}.", name)
        kind = _kind_of(name)
        if kind:
            exact = len(self._value) == 1 and name.lower() in _FRAMING_NAMES
            self._framing.append(FramingHeader(kind, value, exact=exact))
        self._headers.append((name.strip(_BLANKS), value))
        self._name = b""

    def _note_framing(self, line: bytes) -> None:
        found = _FRAMING_WORD.match(line)
        kind = found and _kind_of(found[1] + found[2])
        if found and kind:
            self._framing.append(FramingHeader(kind, line[found.end() :], exact=False))


def _kind_of(name: bytes) -> Framing | None:
    """Return the kind of a framing header, also with blanks or raw bytes in its name."""
    if len(name) > _QUOTED:
        return None
    letters = _NO_LETTER.sub(b"", name.lower())
    for kind in Framing:
        if letters == kind.encode():
            return kind
    return None


def _answer_lines(raw: bytes, start: int) -> Iterator[_Line]:
    """Yield lines ended by CR, LF or CRLF, up to and with the first empty one.

    "CR CR LF" is one line end, as a text file under Windows has it, unless lines before it
    were ended by a single CR.
    """
    position, single_cr = start, False
    for found in _LINE_END.finditer(raw, start):
        text = raw[position : found.start()]
        feeds = raw[found.end() - 1] == 0x0A
        returns = found.end() - found.start() - feeds
        is_cut = not text and not feeds and found.end() == len(raw) and not single_cr
        if is_cut and returns == 1:
            position = len(raw)
            break
        if returns > 1 and (single_cr or not feeds):
            yield _Line(text, position, found.start() + 1)
            if text:
                end = found.end() if feeds else found.start() + 2
                yield _Line(b"", found.start() + 1, end)
            return
        yield _Line(text, position, found.end())
        if not text and position != start:
            return
        single_cr = single_cr or not feeds
        position = found.end()
    yield _Line(raw[position:], position, len(raw), terminated=False)


def _request_lines(raw: bytes, start: int) -> Iterator[_Line]:
    """Yield lines ended by LF or CRLF."""
    position = start
    while (end := raw.find(b"\n", position)) >= 0:
        text_end = end - 1 if end > position and raw[end - 1] == 0x0D else end
        yield _Line(raw[position:text_end], position, end + 1)
        position = end + 1
    yield _Line(raw[position:], position, len(raw), terminated=False)


def _header_lines(
    raw: bytes, lines: Iterator[_Line], head: Head, oddities: Oddities
) -> Iterator[_Line]:
    """Yield the lines of an answer's head behind the first; then note the head's end."""
    previous = None
    for number, line in enumerate(lines):
        _check_line_end(raw, line, oddities)
        if not line.text and line.terminated:
            head.end, head.ended = line.next, True
            return
        if _is_payload(raw, line):
            oddities.add("There is no blank line between head and body.")
            is_size = previous is not None and _SIZE_LINE.fullmatch(previous.text)
            head.end = previous.start if previous and is_size else line.start
            head.ended = True
            return
        if number >= _MOST_LINES:
            _skip_lines(raw, line, head, oddities)
            return
        if line.text:
            yield line
        previous = line


def _is_payload(raw: bytes, line: _Line) -> bool:
    """Return whether this line of a head looks like the beginning of the body.

    A bad header line has headers, or a blank line and a body, behind it.
    """
    if not _PAYLOAD.match(line.text):
        return False
    if not line.terminated:
        return True
    behind = raw[line.next : line.next + 64]
    is_last_header = behind[:1] in {b"\r", b"\n"} and behind.strip() != b""
    return not is_last_header and not looks_like_header(raw, line.next)


def _skip_lines(raw: bytes, line: _Line, head: Head, oddities: Oddities) -> None:
    oddities.add(f"The head has more than {_MOST_LINES} lines; the rest of them were not read.")
    found = _NEXT_BLANK_LINE.search(raw, line.start)
    if found:
        head.end, head.ended = found.end(), True


def _check_line_end(raw: bytes, line: _Line, oddities: Oddities) -> None:
    if line.terminated and raw[line.start + len(line.text) : line.next] != b"\r\n":
        oddities.add("Lines of the head do not end with CR and LF.")


def _hides_framing(line: bytes) -> bool:
    """Return whether a line with a single CR could be read as framing, or as the head's end."""
    pieces = line.split(b"\r")
    return any(not piece.strip() or _FRAMING_WORD.match(piece) for piece in pieces)


def _quote(text: bytes) -> str:
    return ascii(text[:_QUOTED].decode("latin-1")) + ("..." if len(text) > _QUOTED else "")
