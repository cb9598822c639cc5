"""The bytes of an import: what an everyday tool has done to an export is undone first.

Compression, a ZIP or tar with one file, and other encodings of Unicode are recognized by how the
file begins. What cannot seek (a pipe, a terminal) and what was converted is spooled to an
unnamed file next to the archive, so memory stays constant.
"""

import bz2
import codecs
import gzip
import lzma
import select
import shutil
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import msgspec

from ibconsole.errors import UserError
from ibconsole.files import make_private_directory
from ibconsole.services.messages.raw_bodies import is_exported, is_foreign

_CHUNK = 1 << 20
_INTERVAL = 0.2  # seconds between two checks while a pipe has nothing to read
_MOST_LAYERS = 4
_CUT = (
    *(EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile),
    *(zipfile.BadZipFile, tarfile.TarError),
)
_UNKNOWN = (
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"LZIP", "lzip"),
    (b"\x1f\x9d", "compress"),
)
_ENCODINGS = (  # the longer ones first: that of UTF-16 is the beginning of that of UTF-32
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_ZEROS = {  # which of the first eight bytes are none
    b"\1\0" * 4: "utf-16-le",
    b"\0\1" * 4: "utf-16-be",
    b"\1\0\0\0" * 2: "utf-32-le",
    b"\0\0\0\1" * 2: "utf-32-be",
}
_FIRST_OF_JSON = frozenset({b"{", b"[", b'"', b" ", b"\t", b"\r", b"\n", b"\x1e"})
_TAR_MAGIC, _TAR_MAGIC_OFFSET = b"ustar", 257


class ImportFailed(UserError):
    """The file is not an export, or cannot be read."""


class _Readable(Protocol):
    # Gives what comes before a damage; `read` would lose it.
    def read1(self, size: int, /) -> bytes: ...


class PlainSource(msgspec.Struct, frozen=True):
    """The bytes to be imported: a file that can seek, and its size in bytes.

    It is `cut` if it could not be decompressed to its end.
    """

    file: BinaryIO
    size: int
    cut: bool = False


@contextmanager
def open_source(
    source: Path | BinaryIO, folder: Path, check: Callable[[], None]
) -> Iterator[PlainSource]:
    """Open a file, or take a stream, and undo what was done to it; spool it in this folder.

    `check` is called often; an exception that it raises ends the reading. Raises OSError, and
    ImportFailed for what cannot be undone.
    """
    with ExitStack() as stack:
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        unpacking = _Unpacking(stack, folder, check)
        if not file.seekable():
            file = unpacking.spool(cast("_Readable", file), pipe=file)
        for _ in range(_MOST_LAYERS):
            if (opened := _decompressed(file)) is None:
                break
            file = unpacking.spool(opened)
        file = unpacking.in_utf8(file)
        size = file.seek(0, 2)
        file.seek(0)
        yield PlainSource(file, size, unpacking.cut)


class _Unpacking:
    """Spools the layers of one source, each to a file that is removed at the end."""

    def __init__(self, stack: ExitStack, folder: Path, check: Callable[[], None]) -> None:
        self._stack = stack
        self._folder = folder
        self._check = check
        self._left = -1  # bytes that may still be written; not known before the first
        self.cut = False

    def spool(self, source: _Readable, *, pipe: BinaryIO | None = None) -> BinaryIO:
        """Copy a stream to its end, or to where it is damaged; `pipe` is what to wait for."""
        target = self._new_file()
        try:
            while chunk := self._read(source, pipe):
                self._write(target, chunk)
        except (*_CUT, OSError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            self.cut = True
        return target

    def _read(self, source: _Readable, pipe: BinaryIO | None) -> bytes:
        # WORKAROUND: on Windows select knows sockets only; there a silent pipe is waited for.
        while pipe and sys.platform != "win32" and not select.select([pipe], [], [], _INTERVAL)[0]:
            self._check()
        return source.read1(_CHUNK)

    def in_utf8(self, file: BinaryIO) -> BinaryIO:
        """Convert text in another encoding of Unicode, by its byte order mark or its zeros."""
        start = _start_of(file)
        found = next((one for one in _ENCODINGS if start.startswith(one[0])), None)
        mark, encoding = found or (b"", _encoding_without_mark(start))
        if not encoding:
            return file
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        target = self._new_file()
        file.seek(len(mark))
        while chunk := file.read(_CHUNK):
            self._write(target, decoder.decode(chunk).encode("utf-8", "replace"))
        self._write(target, decoder.decode(b"", final=True).encode())
        return target

    def _new_file(self) -> BinaryIO:
        make_private_directory(self._folder)
        if self._left < 0:
            self._left = shutil.disk_usage(self._folder).free // 2
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 closed by the stack
        return cast("BinaryIO", self._stack.enter_context(file))

    def _write(self, target: BinaryIO, chunk: bytes) -> None:
        self._check()
        self._left -= len(chunk)
        if self._left < 0:
            raise ImportFailed(
                "Unpacked, the file takes more than half of the free disk space. Nothing was"
                " imported; make space, or import it in parts."
            )
        target.write(chunk)


def _decompressed(file: BinaryIO) -> _Readable | None:
    """Return the content of a compressed file; None if it is not compressed."""
    start = _start_of(file)
    for magic, name in _UNKNOWN:
        if start.startswith(magic):
            raise ImportFailed(
                f"The file is compressed with {name}, which this program cannot undo. Nothing was"
                " imported; decompress it, or compress it with gzip, and import that."
            )
    opened = next((open_ for magic, open_ in _DECOMPRESSORS if start.startswith(magic)), None)
    return opened(file) if opened else _only_packed_file(file)


def _start_of(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    return start


def _encoding_without_mark(start: bytes) -> str:
    """Return the encoding of JSON by the zeros of its first two characters, which are ASCII."""
    found = _ZEROS.get(bytes(map(bool, start)), "")
    return found if start.replace(b"\0", b"")[:1] in _FIRST_OF_JSON else ""


def _only_packed_file(file: BinaryIO) -> _Readable | None:
    """Return the content of a tar that holds one file, which is no part of a raw export."""
    file.seek(_TAR_MAGIC_OFFSET)
    is_tar = file.read(len(_TAR_MAGIC)) == _TAR_MAGIC
    file.seek(0)
    if not is_tar:
        return None
    archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 closed with the file
    members = (one for one in archive if one.isreg() and not is_foreign(one.name))
    found = list(islice(members, 2))
    if len(found) != 1 or is_exported(found[0].name):
        return None
    return cast("_Readable", archive.extractfile(found[0]))


class _Inflated:
    """The content of a zlib stream."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._stream = zlib.decompressobj()

    def read1(self, size: int, /) -> bytes:
        while not self._stream.eof:
            data = self._stream.unconsumed_tail or self._file.read(_CHUNK)
            if not data:
                raise EOFError
            if content := self._stream.decompress(data, size):
                return content
        return b""


def _only_member(file: BinaryIO) -> _Readable:
    with suppress(zipfile.BadZipFile, NotImplementedError, RuntimeError):
        archive = zipfile.ZipFile(file)
        members = [
            one
            for one in archive.infolist()
            if not one.is_dir() and not one.filename.startswith("__MACOSX/")
        ]
        if len(members) == 1:
            return cast("_Readable", archive.open(members[0]))
        raise ImportFailed(
            f"The ZIP archive holds {len(members):,} files, and an import is of one. Nothing was"
            " imported; unpack it, and import its files one by one."
        )
    raise ImportFailed(
        "The ZIP archive is damaged, or needs a password. Nothing was imported; unpack it, and"
        " import the file in it."
    )


_DECOMPRESSORS: tuple[tuple[bytes, Callable[[BinaryIO], _Readable]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", lzma.LZMAFile),
    (b"\x5d\0\0", lzma.LZMAFile),
    *((magic, _Inflated) for magic in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")),
    (b"PK\x03\x04", _only_member),
    (b"PK\x05\x06", _only_member),
)
