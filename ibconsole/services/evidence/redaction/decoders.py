"""Streaming decoders of spellings in which a secret can be written anywhere in some data.

None of them knows where something encoded begins: each decodes all that could be, at every
alignment, and hands on what comes out, rubbish included. What cannot contain a secret is passed
over, which is why the decoders are quick.
"""

import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from typing import Protocol

import msgspec

_LONGEST_ESCAPE = 80  # bytes


class Sink(Protocol):
    """A reader of a stream that consists of connected parts."""

    def feed(self, data: bytes, /) -> None: ...

    def end(self) -> None:
        """End a connected part: what follows does not continue it."""


MakeSink = Callable[[], Sink]


class _LazySink:
    """A sink that is made when there is something to read."""

    def __init__(self, make: MakeSink) -> None:
        self._make = make
        self._sink: Sink | None = None
        self._is_open = False

    def feed(self, data: bytes) -> None:
        if data:
            self._sink = self._sink or self._make()
            self._is_open = True
            self._sink.feed(data)

    def end(self) -> None:
        if self._sink and self._is_open:
            self._is_open = False
            self._sink.end()


class Alphabet(msgspec.Struct, frozen=True):
    """An encoding in digits: `group` of them stand for some bytes, decoded by `decode`.

    `letters` maps each byte to the digit that it stands for, `marks` to "a" if it is a digit, and
    to a blank if it is none. `ignored` bytes may stand anywhere between digits. `filler` are digits
    for 0xFF, which means nothing to any decoder: they keep runs apart.
    """

    name: str
    group: int
    decode: Callable[[bytes], bytes]
    letters: bytes
    marks: bytes
    ignored: bytes
    filler: bytes


def _alphabet(
    name: str,
    group: int,
    decode: Callable[[bytes], bytes],
    digits: bytes,
    *,
    ignored: bytes,
    replaced: bytes,
) -> Alphabet:
    """Return an encoding; other bytes become the last digit, `replaced` are pairs of digits."""
    letters = bytearray(digits[-1:] * 256)
    marks = bytearray(b" " * 256)
    for digit in digits:
        letters[digit], marks[digit] = digit, ord("a")
    for written, meant in zip(replaced[::2], replaced[1::2], strict=True):
        letters[written], marks[written] = meant, ord("a")
    filler = digits[-1:] * (2 * group)
    return Alphabet(name, group, decode, bytes(letters), bytes(marks), ignored, filler)


_UPPER, _LOWER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz"
_NUMBERS = b"0123456789"
BASE64 = _alphabet(
    "base64",
    4,
    binascii.a2b_base64,
    _UPPER + _LOWER + _NUMBERS + b"+/",
    ignored=b"\t\r\n",
    replaced=b"-+_/",
)
HEXADECIMAL = _alphabet(
    "hexadecimal",
    2,
    binascii.unhexlify,
    _NUMBERS + b"abcdef",
    ignored=b" \t\r\n:,;-",
    replaced=b"AaBbCcDdEeFf",
)
_WIDEST = 40  # blanks in front of a line of digits
_INDENTED = re.compile(rb"\n {1,%d}" % _WIDEST)


class DigitsDecoder:
    """Decodes all runs of at least `run` digits, at each alignment."""

    def __init__(self, alphabet: Alphabet, run: int, make: MakeSink) -> None:
        self._alphabet = alphabet
        # With all digits in the pattern, `re` looks for them as for any text, which is quick.
        self._runs = re.compile(b"a" * run + b"a*")
        self._readings = [_LazySink(make) for _ in range(alphabet.group)]
        self._held = b""  # digits at the end that may become a run
        self._is_in_run = False
        self._digits = b""  # of runs, not decoded yet
        self._line_end = b""

    def feed(self, data: bytes) -> None:
        """Decode the runs of digits in the next bytes."""
        alphabet = self._alphabet
        data = self._without_indentation(data)
        marks = b"a" * len(self._held) + data.translate(alphabet.marks, alphabet.ignored)
        if not self._is_in_run and not self._runs.search(marks):
            self._hold(data, len(marks) - 1 - marks.rfind(b" "))
            return
        digits = self._held + data.translate(alphabet.letters, alphabet.ignored)
        self._digits += b"".join(self._extract(digits, marks))
        size = (len(self._digits) - alphabet.group) // alphabet.group * alphabet.group
        if size > 0:
            self._decode(size)
            self._digits = self._digits[size:]

    def end(self) -> None:
        """Decode the rest, and begin anew."""
        if self._digits:
            size = len(self._digits) + self._alphabet.group
            self._digits += self._alphabet.filler
            self._decode(size - size % self._alphabet.group)
        for reading in self._readings:
            reading.end()
        self._held = self._digits = self._line_end = b""
        self._is_in_run = False

    def _without_indentation(self, data: bytes) -> bytes:
        """Remove the blanks at the beginnings of lines; hold what may go on in the next bytes."""
        data, self._line_end = self._line_end + data, b""
        line_end = len(data.rstrip(b" ")) - 1
        if data[line_end : line_end + 1] == b"\n" and len(data) - line_end < _WIDEST:
            data, self._line_end = data[:line_end], data[line_end:]
        return _INDENTED.sub(b"", data) if b"\n " in data else data

    def _extract(self, digits: bytes, marks: bytes) -> Iterator[bytes]:
        """Yield the runs with fillers behind them; hold what may become one."""
        start = 0
        if self._is_in_run:
            start = marks.find(b" ")
            if start < 0:
                self._held = b""
                yield digits
                return
            yield digits[:start] + self._alphabet.filler
        self._is_in_run = False
        for found in self._runs.finditer(marks, start):
            yield digits[found.start() : found.end()]
            if found.end() == len(marks):
                self._is_in_run = True
            else:
                yield self._alphabet.filler
        rest = 0 if self._is_in_run else len(marks) - 1 - marks.rfind(b" ")
        self._held = digits[len(digits) - rest :]

    def _hold(self, data: bytes, rest: int) -> None:
        """Hold the last digits, of which `rest` follow one another."""
        letters, ignored = self._alphabet.letters, self._alphabet.ignored
        tail = data[-4 * rest :].translate(letters, ignored) if rest else b""
        if len(tail) < rest:
            tail = self._held + data.translate(letters, ignored)
        self._held = tail[len(tail) - rest :]

    def _decode(self, size: int) -> None:
        for shift, reading in enumerate(self._readings):
            reading.feed(self._alphabet.decode(self._digits[shift : shift + size]))


class WideDecoder:
    """Removes the zeros of UTF-16 and UTF-32, in both orders, from text in ASCII.

    Only where `run` characters follow one another; `held` bytes may belong to the same secret.
    """

    _MARKS = b"0" + b"1" * 255

    def __init__(self, run: int, held: int, make: MakeSink) -> None:
        self._runs = (b"10" * (run - 1), b"1000" * (run - 1))
        self._held = held
        self._reading = _LazySink(make)
        self._before = b""
        self._is_wide = False

    def feed(self, data: bytes) -> None:
        """Hand on the data without zeros, if it has text in such an encoding."""
        whole = self._before + data
        marks = whole.translate(self._MARKS) if b"\0" in whole else b""
        was_wide, self._is_wide = self._is_wide, any(run in marks for run in self._runs)
        if self._is_wide:
            self._reading.feed((data if was_wide else whole).replace(b"\0", b""))
        else:
            self._reading.end()
        self._before = whole[-self._held :]

    def end(self) -> None:
        """Begin anew."""
        self._reading.end()
        self._before, self._is_wide = b"", False


class EscapeKind(msgspec.Struct, frozen=True):
    """One kind of escapes: the bytes that each begins with, the pattern, and the meaning."""

    start: bytes
    pattern: re.Pattern[bytes]
    decode: Callable[[re.Match[bytes]], bytes]

    def find(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Yield start and end of each escape, and what it stands for."""
        for found in self.pattern.finditer(data):
            yield found.start(), found.end(), self.decode(found)


class Escapes(msgspec.Struct, frozen=True):
    """Kinds of escapes within other text.

    All of them are replaced at once: each is found quickly by its first byte. A secret that itself
    looks like an escape could be replaced too often in this way: see `apart`.
    """

    name: str
    kinds: tuple[EscapeKind, ...]

    def find(self, data: bytes) -> Iterable[tuple[int, int, bytes]]:
        """Yield start and end of each escape, and what it stands for, in their order."""
        kinds = [kind for kind in self.kinds if kind.start in data]
        return merge(*(kind.find(data) for kind in kinds)) if kinds else ()

    @property
    def apart(self) -> "Sequence[Escapes]":
        """Each kind of these escapes for itself."""
        return [Escapes(self.name, (kind,)) for kind in self.kinds]

    def occur_in(self, data: bytes) -> bool:
        """Return whether something looks like an escape."""
        return any(kind.pattern.search(data) for kind in self.kinds)


class EscapeDecoder:
    """Replaces escapes, and hands on what stands around them.

    `reach` is the number of bytes before and after an escape that may belong to one secret;
    where no escape is near, the data itself has been searched already.
    """

    def __init__(self, escapes: Escapes, reach: int, make: MakeSink) -> None:
        self._escapes = escapes
        self._reach = reach
        self._reading = _LazySink(make)
        self._buffer = b""
        self._owed = 0  # bytes to hand on after the last escape

    def feed(self, data: bytes) -> None:
        """Decode all escapes that cannot continue behind this data."""
        buffer = self._buffer + data
        self._decode(buffer, len(buffer) - _LONGEST_ESCAPE)

    def end(self) -> None:
        """Decode the rest, and begin anew."""
        self._decode(self._buffer, len(self._buffer))
        self._reading.end()
        self._buffer, self._owed = b"", 0

    def _decode(self, buffer: bytes, end: int) -> None:
        place = 0
        parts: list[bytes] = []
        for start, behind, meaning in self._escapes.find(buffer):
            if start < place:  # within another one
                continue
            if start >= end:
                break
            if start - self._reach > place + self._owed:
                self._hand_on([*parts, buffer[place : place + self._owed]])
                self._reading.end()
                place, parts = start - self._reach, []
            parts += (buffer[place:start], meaning)
            place, self._owed = behind, self._reach
        end = max(end, place)
        following = min(self._owed, end - place)
        if self._owed:
            self._hand_on([*parts, buffer[place : place + following]])
            self._owed -= following
            place += following
            if not self._owed:
                self._reading.end()
        self._buffer = buffer[place if self._owed else max(place, end - self._reach) :]

    def _hand_on(self, parts: Sequence[bytes]) -> None:
        self._reading.feed(b"".join(parts))


_PERCENT = re.compile(rb"%(?:u([0-9A-Fa-f]{4})|([0-9A-Fa-f]{2}))")
_BACKSLASH = re.compile(
    rb"\\(?:u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})"
    rb"|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|([\"'\\/bfnrt])|\r?\n)"
)
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
# An end that is missing is no reason to read "&#4" in "&#4%38;", which is "&#48;" in a URL.
_ENTITY = re.compile(
    rb"&(?:#0{0,20}+[0-9]{1,7}+|#[Xx]0{0,20}+[0-9A-Fa-f]{1,6}+|[A-Za-z][A-Za-z0-9]{1,31}+)"
    rb"(?:;|(?![%\\]))"
)
_QUOTED = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]{0,20}\r?\n)")
_PREFIXED = re.compile(rb"0[Xx]([0-9A-Fa-f]{2})[,;\s]{0,8}")
_CHUNK = re.compile(rb"\r\n[0-9A-Fa-f]{1,8}(?:;[^\r\n]{0,60})?\r\n")


def _percent(found: re.Match[bytes]) -> bytes:
    return _character(found[1]) if found[1] else _byte(found[2])


def _backslash(found: re.Match[bytes]) -> bytes:
    high, low, unit, point, byte, sign = found.groups()
    if high:
        pair = int(high, 16).to_bytes(2, "big") + int(low, 16).to_bytes(2, "big")
        return pair.decode("utf-16-be").encode()
    if unit or point:
        return _character(unit or point)
    if byte:
        return _byte(byte)
    return _CONTROLS.get(sign, sign) if sign else b""


def _entity(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode("ascii")).encode("utf-8", "surrogatepass")


def _quoted(found: re.Match[bytes]) -> bytes:
    return _byte(found[1]) if found[1] else b""


def _byte(digits: bytes) -> bytes:
    return bytes((int(digits, 16),))


def _character(digits: bytes) -> bytes:
    return chr(min(int(digits, 16), 0x10FFFF)).encode("utf-8", "surrogatepass")


ESCAPES = Escapes(
    "escapes",
    (
        EscapeKind(b"%", _PERCENT, _percent),
        EscapeKind(b"\\", _BACKSLASH, _backslash),
        EscapeKind(b"&", _ENTITY, _entity),
        EscapeKind(b"0", _PREFIXED, lambda found: _byte(found[1])),
        EscapeKind(b"\r\n", _CHUNK, lambda _: b""),
    ),
)
# Apart from the others: "=41" is common in the queries of URLs, where it means itself.
QUOTED_PRINTABLE = Escapes("quoted-printable", (EscapeKind(b"=", _QUOTED, _quoted),))
