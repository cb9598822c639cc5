"""Compressed data within a stream: found by its signature, inflated as it passes, within bounds.

What cannot be looked into is reported by `Unreadable`, because nothing is known about it then.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

import msgspec

from ibconsole.services.evidence.redaction.decoders import Sink
from ibconsole.services.evidence.redaction.known_secrets import SHORTEST

Piece = bytes | memoryview

_PIECE = 1 << 16  # bytes that are inflated at a time
_REAL = 48  # inflated bytes that are no accident
_ZIP_HEADER = struct.Struct("<4sHHHHHIIIHH")
_LONGEST_SIGNATURE = 16
_FIRST_BYTES = 256
_MOST_OPEN = 64
_LARGEST_WINDOW = 64 << 20  # bytes of memory that xz data may ask for
_STORED, _DEFLATED, _BZIP2, _ENCRYPTED = 0, 8, 12, 1


def _module(name: str) -> Any:
    """Return a module that a packaged program is built without, None if it is missing.

    What it would inflate cannot be looked into then.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        return None


_bz2, _lzma = _module("bz2"), _module("lzma")
_DAMAGES = (zlib.error, OSError, EOFError, ValueError, *((_lzma.LZMAError,) if _lzma else ()))


class Unreadable(Exception):
    """Something cannot be looked into; the text is a clause that says why."""


class Inflater(Protocol):
    """A decompressor of the standard library, as far as they agree."""

    @property
    def eof(self) -> bool: ...
    def decompress(self, data: Piece, max_length: int = ..., /) -> bytes: ...


class InflationBudget:
    """The number of bytes that may still come out of compressed data."""

    def __init__(self, size: int) -> None:
        self._size = self._left = size

    def refill(self) -> None:
        """Begin anew, for another item."""
        self._left = self._size

    def spend(self, size: int) -> None:
        """Count what came out. Raises Unreadable if it is too much."""
        self._left -= size
        if self._left < 0:
            raise Unreadable("it grows beyond all bounds when it is decompressed")


class Signature(msgspec.Struct, frozen=True):
    """The first bytes of compressed data, and how to inflate what they begin.

    `open` is None for data that no decompressor here can read. The data begins `offset` bytes
    behind the signature's first byte. `is_certain` if it is no accident: damage is reported then.
    """

    name: str
    start: bytes
    open: Callable[[], Inflater] | None = None
    offset: int = 0
    is_certain: bool = False


def _zlib(bits: int) -> Callable[[], Inflater]:
    return lambda: _Deflate(bits)


def _bzip2() -> Inflater:
    inflater: Inflater = _bz2.BZ2Decompressor()
    return inflater


def _xz() -> Inflater:
    inflater: Inflater = _lzma.LZMADecompressor(memlimit=_LARGEST_WINDOW)
    return inflater


_ZIP = "a zip file"
_SIGNED = (
    Signature("gzip", b"\x1f\x8b\x08", _zlib(31)),
    *(Signature("zlib", start, _zlib(15)) for start in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")),
    Signature(_ZIP, b"PK\x03\x04"),
    # Behind "BZh" and a digit.
    Signature("bzip2", b"1AY&SY", _bzip2 if _bz2 else None, offset=-4, is_certain=True),
    Signature("xz", b"\xfd7zXZ\x00", _xz if _lzma else None, is_certain=True),
    Signature("Zstandard", b"\x28\xb5\x2f\xfd"),
    Signature("7-Zip", b"7z\xbc\xaf\x27\x1c"),
)
# Raw deflate data has no signature: it is looked for where a body or an item begins.
_RAW = Signature("deflate", b"\r\n\r\n", _zlib(-15), offset=4)


class Containers:
    """Inflates each piece of compressed data in a stream, and hands its content to a sink.

    `make_sink` makes one for the content, by the name of the compression. None is made where
    `nesting` is 0: what is compressed within so much else is unreadable. Problems go to `report`.
    """

    def __init__(
        self,
        make_sink: Callable[[str], Sink],
        report: Callable[[str], object],
        budget: InflationBudget,
        nesting: int,
    ) -> None:
        self._make_sink = make_sink
        self._report = report
        self._budget = budget
        self._nesting = nesting
        self._open: list[_Member] = []
        self._before = b""
        self._is_seen = True
        self._is_given_up = False

    def feed(self, data: bytes) -> None:
        """Continue what is open, and begin what starts in this data."""
        self._open = [member for member in self._open if self._continues(member, data)]
        if self._is_given_up:  # which is a leak already, and no reason to take for ever
            return
        whole = self._before + data
        if whole.isascii():  # as no compressed data is; its first bytes alone may be
            self._before = whole[-_FIRST_BYTES:]
            self._is_seen = False
            return
        seen = len(self._before) if self._is_seen else 0
        for signature, start in _starts(whole, seen):
            if not self._begin(signature, memoryview(whole)[start:]):
                self._is_given_up = True
                return
        self._before, self._is_seen = whole[-_LONGEST_SIGNATURE:], True

    def begin_deflate(self, data: bytes) -> None:
        """Begin raw deflate data, which has no signature, with the bytes that are here of it."""
        self._begin(_RAW, data)

    def end(self) -> None:
        """End everything that is open."""
        for member in self._open:
            member.end()
        self._open, self._before, self._is_seen = [], b"", True
        self._is_given_up = False

    def _begin(self, signature: Signature, data: Piece) -> bool:
        """Begin what may be compressed data; return whether more of it may be open."""
        member = _Member(signature, self._make_sink, self._budget, is_too_deep=self._nesting <= 0)
        if not self._continues(member, data):
            return True
        if len(self._open) < _MOST_OPEN:
            self._open.append(member)
            return True
        self._report("it has too many pieces of compressed data that overlap")
        member.end()
        return False

    def _continues(self, member: "_Member", data: Piece) -> bool:
        """Return whether more can come out of a member after this data."""
        try:
            goes_on = member.feed(data)
        except Unreadable as problem:
            self._report(str(problem))
            goes_on = False
        if not goes_on:
            member.end()
        return goes_on


class _Member:
    """One piece of compressed data: its inflater, and the sink of what comes out."""

    def __init__(
        self,
        signature: Signature,
        make_sink: Callable[[str], Sink],
        budget: InflationBudget,
        *,
        is_too_deep: bool,
    ) -> None:
        self._signature = signature
        self._make_sink = make_sink
        self._budget = budget
        self._is_too_deep = is_too_deep
        self._inflater = signature.open() if signature.open else None
        self._damage = signature.name if signature.is_certain else ""
        self._head = b""
        self._first = b""
        self._sink: Sink | None = None
        self._size = 0

    def feed(self, data: Piece) -> bool:
        """Inflate the next bytes; return whether there can be more. Raises Unreadable."""
        if self._inflater:
            return self._inflate(self._inflater, data)
        self._head += data
        start = self._start_of_content()
        if start is None:
            return True
        return bool(self._inflater and self._inflate(self._inflater, self._head[start:]))

    def end(self) -> None:
        """End the content."""
        if self._sink:
            self._sink.end()
            self._sink = None

    def _start_of_content(self) -> int | None:
        """Choose the inflater of a zip file's member, None for one that is stored as it is.

        Returns where its content starts, None if more has to come.
        """
        if self._signature.name != _ZIP:
            raise Unreadable(f"there is {self._signature.name} data, which cannot be read here")
        if len(self._head) < _ZIP_HEADER.size:
            return None
        _, _, flags, method, *_, name, extra = _ZIP_HEADER.unpack_from(self._head)
        start: int = _ZIP_HEADER.size + name + extra
        if len(self._head) < start:
            return None
        if flags & _ENCRYPTED:
            raise Unreadable("a member of a zip file is encrypted")
        if method not in _ZIP_METHODS:
            raise Unreadable("a member of a zip file is compressed in a way that is unknown here")
        make = _ZIP_METHODS[method]
        self._inflater = make() if make else None
        return start

    def _inflate(self, inflater: Inflater, data: Piece) -> bool:
        while not inflater.eof:
            try:
                piece = inflater.decompress(data, _PIECE)
            except _DAMAGES:
                if self._damage:
                    raise Unreadable(f"there is {self._damage} data that is damaged") from None
                return False
            data = b""
            self._take(piece, is_whole=inflater.eof)
            if isinstance(inflater, _Deflate) and inflater.is_damaged:
                return False
            if len(piece) < _PIECE:
                return not inflater.eof
        return False

    def _take(self, piece: bytes, *, is_whole: bool) -> None:
        self._size += len(piece)
        self._budget.spend(len(piece))
        if not self._is_too_deep:
            self._hand_on(piece)
        elif is_whole or (self._size >= _REAL and not self._signature.offset):
            raise Unreadable("it is compressed too many times, one within the other")

    def _hand_on(self, piece: bytes) -> None:
        """Feed the sink, which is made for enough bytes to hold a secret: accidents yield fewer."""
        piece, self._first = self._first + piece, b""
        if not self._sink and len(piece) < SHORTEST:
            self._first = piece
            return
        self._sink = self._sink or self._make_sink(self._signature.name)
        self._sink.feed(piece)


class _Deflate:
    """zlib's decompressor in the form of the others: it keeps what it has not inflated yet.

    Of damaged data it returns what precedes the damage; nothing more comes out then.
    """

    def __init__(self, bits: int) -> None:
        self._stream = zlib.decompressobj(bits)
        self.is_damaged = False

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def decompress(self, data: Piece, max_length: int = -1, /) -> bytes:
        rest = self._stream.unconsumed_tail
        data = rest + data if rest else data
        before = self._stream.copy()
        try:
            return self._stream.decompress(data, max_length)
        except zlib.error:
            self.is_damaged = True
        return b"".join(_until_damage(before.decompress, data))


def _until_damage(decompress: Callable[[Piece], bytes], data: Piece) -> Iterator[bytes]:
    """Yield what comes out of damaged data, byte by byte."""
    with suppress(zlib.error):
        for at in range(len(data)):
            yield decompress(data[at : at + 1])


_ZIP_METHODS: Mapping[int, Callable[[], Inflater] | None] = {
    _STORED: None,
    _DEFLATED: _zlib(-15),
    **({_BZIP2: _bzip2} if _bz2 else {}),
}


def _starts(data: bytes, before: int) -> Iterator[tuple[Signature, int]]:
    """Yield what begins in the data and ends behind the first bytes, which were seen before."""
    for signature in (*_SIGNED, _RAW):
        size = len(signature.start)
        place = data.find(signature.start, max(0, before - size + 1))
        while place >= 0:
            if place + signature.offset >= 0:
                yield signature, place + signature.offset
            place = data.find(signature.start, place + 1)
