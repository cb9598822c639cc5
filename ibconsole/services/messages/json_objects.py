"""JSON objects in a file, one after another, in whatever arrangement a tool has left them.

One on each line is the usual case, and the quick one. Objects are also found in an array, in an
envelope, over several lines, on one line, and with commas, record separators (RFC 7464) or nothing
in between. What is damaged ends with its line, or with the object, so the next one is found.
Memory is bounded by the longest object.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Generic, TypeVar

import msgspec

T = TypeVar("T")

_CHUNK = 1 << 18
_LONGEST_LINE = 1 << 20  # bytes that are read as one line at first
_MOST_ENVELOPES = 4  # in one another
_MOST_FAILURES = 8  # times the size of the file, all scans together that found no end
_OVERLAP = 64
_OPEN, _QUOTE = b'{"'
_BETWEEN = re.compile(rb"(?:[\s,;\[\]}\x1e\0]|\xef\xbb\xbf)*+")
_LINE_TAIL = b" \t\r\n,;]\x1e\0"
_TOKEN = re.compile(rb'"(?:[^"\\\r\n]++|\\.)*+("?)|[{\[]|[}\]](?=\s*+([{\["])?)')
_OTHER = re.compile(rb'(?:[^{"\r\n]++|"(?:[^"\\\r\n]++|\\.)*+"?)++')
_NEXT = re.compile(rb"\r\n?|\n|\}[\s,\x1e]*+(?=\{)")


class Found(msgspec.Struct, Generic[T], frozen=True):
    """An object with what was read of it; None if it could not be read.

    `place` says where it is, for people.
    """

    place: str
    data: bytes
    value: T | None


class _Extent(msgspec.Struct, frozen=True):
    """The end of an object, and whether the marker is a member of it, or is within a member.

    Not `whole` if it is damaged, or if the file ends first; `end` is the place of that.
    """

    end: int
    own: bool
    nested: bool
    whole: bool = True


class ObjectFinder(Generic[T]):
    """Finds the objects that have a member of the name `marker`, and reads them with `read`.

    Each of them has at most `longest` bytes.
    """

    def __init__(
        self,
        file: "FileWindow",
        *,
        marker: str,
        read: Callable[[bytes], T | None],
        longest: int,
    ) -> None:
        self._file = file
        self._marker = f'"{marker}"'.encode()
        self._read = read
        self._longest = longest
        self._at = 0
        self._line = 1
        self._line_start = 0
        self._line_first = -1  # the first byte on this line that is not between objects
        self._tried = 0  # the end of the line that was last tried as a whole
        self._envelopes: list[int] = []  # their ends, the innermost last
        self._budget = _MOST_FAILURES * file.size + _CHUNK
        self._after_failure = False

    def find(self) -> Iterator[Found[T]]:
        """Yield the objects in order, and what should have been one and could not be read."""
        yield from self._plain_lines()
        while self._skip_between():
            found = self._try_line() or self._try_other() or self._try_object()
            if found:
                self._after_failure = found.value is None
                yield found
            yield from self._plain_lines()

    def _plain_lines(self) -> Iterator[Found[T]]:
        """Yield the objects of whole lines, up to the first line that is anything else."""
        while self._at == self._line_start < self._file.size:
            data, base = self._file.load(self._at)
            begin = self._at
            while (end := data.find(b"\n", self._at - base)) >= 0:
                text = data[self._at - base : end]
                value = self._read(text) if text.startswith(b"{") else None
                if value is None:
                    return
                place = f"line {self._line:,}"
                self._line += 1
                self._at = self._line_start = base + end + 1
                self._after_failure = False
                yield Found(place, text, value)
            if self._at == begin:
                return

    def _skip_between(self) -> bool:
        """Go to the next byte that is not between objects; return False at the end."""
        while self._at < self._file.size:
            data, start = self._file.load(self._at)
            between = _BETWEEN.match(data, self._at - start)
            end = between.end() if between else 0
            self._move(start + end)
            if end < len(data):
                self._line_first = self._at if self._line_first < 0 else self._line_first
                return True
        return False

    def _move(self, to: int) -> None:
        for at in range(self._at, to, _CHUNK):
            data = self._file.read(at, min(to, at + _CHUNK))
            breaks = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
            if breaks:
                self._line += breaks
                self._line_first = -1
                self._line_start = at + max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self._at = to

    def _found(self, start: int, data: bytes, value: T | None, end: int) -> Found[T] | None:
        """Move to the end, and return an object, None for the rest of one that was reported."""
        place = f"line {self._line:,}"
        if start > self._line_first:
            place += f" at byte {start + 1:,}"
        is_rest = value is None and self._after_failure and self._is_indented(start)
        self._move(end)
        return None if is_rest else Found(place, data, value)

    def _is_indented(self, at: int) -> bool:
        return self._file.read(at - 1, at) in {b" ", b"\t"}

    def _try_line(self) -> Found[T] | None:
        """Read the rest of the line as one object, once for each line."""
        start = self._at
        if start < self._tried:
            return None
        limit = min(self._longest, _LONGEST_LINE)
        line = self._file.line(start, limit)
        self._tried = start + len(line)
        text = line.rstrip(_LINE_TAIL)
        if text.startswith(b'"'):
            text = _unquoted(text)
        value = self._read(text) if len(line) < limit else None
        return None if value is None else self._found(start, text, value, start + len(line))

    def _try_other(self) -> Found[T] | None:
        """Pass over what is no object, which only counts outside of an envelope."""
        start = end = self._at
        data, base = self._file.load(start)
        while other := _OTHER.match(data, end - base):
            end = base + other.end()
            if end < base + len(data) or end >= self._file.size:
                break
            data, base = self._file.load(end)
        if end == start:
            return None
        self._leave_envelopes()
        if self._envelopes or self._file.read(end, end + 1) == b"{":
            self._move(end)
            return None
        return self._found(start, b"", None, end)

    def _leave_envelopes(self) -> None:
        while self._envelopes and self._envelopes[-1] <= self._at:
            self._envelopes.pop()

    def _try_object(self) -> Found[T] | None:
        start = self._at
        if self._file.read(start, start + 1) != b"{":
            return None
        extent = self._scan(start)
        self._leave_envelopes()
        if extent and extent.nested and not extent.own and len(self._envelopes) < _MOST_ENVELOPES:
            self._envelopes.append(extent.end)
            if not extent.whole:
                return self._found(start, b"", None, start + 1)
            self._move(start + 1)
            return None
        if not extent or not extent.whole:
            return self._found(start, b"", None, self._next_start(start + 1))
        is_readable = extent.own and extent.end - start <= self._longest
        data = self._file.read(start, extent.end) if is_readable else b""
        return self._found(start, data, self._read(data) if data else None, extent.end)

    def _scan(self, start: int) -> _Extent | None:
        """Return the extent of the object; None if too much was searched in vain."""
        if self._budget <= 0:
            return None
        scan = _Scan(self._marker)
        at = start
        needed = 1
        while at < self._file.size and needed <= self._longest:
            data, base = self._file.load(at, needed)
            at = scan.run(data, base, at)
            if scan.ended:
                return _Extent(at, scan.own, scan.nested)
            if scan.failed:
                break
            # A string that goes on beyond what was loaded is looked at again, as a whole.
            known = base + len(data) - at
            needed = known + 1 if known >= self._longest else min(2 * known + 1, self._longest)
            if base + len(data) >= self._file.size and known:
                break
        self._budget -= at - start + _OVERLAP
        return _Extent(at, scan.own, scan.nested, whole=False)

    def _next_start(self, at: int) -> int:
        """Return where the next object may begin: on the next line, or behind an end on this."""
        while at < self._file.size:
            data, base = self._file.load(at)
            if found := _NEXT.search(data, at - base):
                return base + found.end()
            at = max(at + 1, base + len(data) - _OVERLAP)
            if base + len(data) >= self._file.size:
                break
        return self._file.size


class _Scan:
    """The structure of an object, part after part: brackets and strings, and the marker."""

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._depth = 0
        self.own = self.nested = self.ended = self.failed = False

    def run(self, data: bytes, base: int, at: int) -> int:
        """Look at more data; return the offset where to go on, or where the object ends."""
        for token in _TOKEN.finditer(data, at - base):
            first = data[token.start()]
            if first == _QUOTE:
                if not token[1]:
                    # In JSON no line ends within a string.
                    self.failed = token.end() + 1 < len(data)
                    return base + token.start()
                self._look_at_string(token[0])
            elif first in b"{[":
                self._depth += 1
            elif self._close(followed=bool(token[2])):
                return base + token.end()
        return base + len(data)

    def _look_at_string(self, text: bytes) -> None:
        if text == self._marker:
            self.own |= self._depth == 1
            self.nested |= self._depth > 1

    def _close(self, *, followed: bool) -> bool:
        """Close a bracket; return whether nothing more is to be looked at."""
        self._depth -= 1
        self.ended = self._depth == 0
        self.failed = not self.ended and followed  # a comma is missing
        return self.ended or self.failed


class FileWindow:
    """A part of a file in memory, so that it can be searched in small steps.

    `on_load` is called with the offset before more is read; an exception that it raises ends the
    search.
    """

    def __init__(self, file: BinaryIO, size: int, on_load: Callable[[int], None]) -> None:
        self._file = file
        self.size = size
        self._on_load = on_load
        self._data = b""
        self._start = 0

    def load(self, at: int, least: int = 1) -> tuple[bytes, int]:
        """Return data, and its offset, that has this many bytes from `at`, or all to the end."""
        known = self._start + len(self._data)
        if not self._start <= at or at + least > known:
            kept = self._data[at - self._start :] if self._start <= at < known else b""
            self._on_load(at)
            self._file.seek(at + len(kept))
            self._data = kept + self._file.read(max(least, _CHUNK) - len(kept))
            self._start = at
        return self._data, self._start

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from start to end, or to the end of the file."""
        if end <= start:
            return b""
        data, base = self.load(start, min(end, self.size) - start)
        return data[start - base : end - base]

    def line(self, at: int, limit: int) -> bytes:
        """Return the rest of the line with its end, or the first `limit` bytes of it."""
        data, base = self.load(at)
        if (end := _line_end(data, at - base)) == len(data):
            data, base = self.load(at, limit)
            end = _line_end(data, at - base)
        return data[at - base : min(end, at - base + limit)]


def _line_end(data: bytes, start: int) -> int:
    """Return the index behind the line that ends by LF, CR or both; the length if none does."""
    end = data.find(b"\n", start) + 1 or len(data)
    lone = data.find(b"\r", start, end)
    return end if lone < 0 or data[lone + 1 : lone + 2] == b"\n" else lone + 1


def _unquoted(text: bytes) -> bytes:
    """Return the text of a JSON string, as which some tools write each line."""
    try:
        return msgspec.json.decode(text, type=str).encode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text
