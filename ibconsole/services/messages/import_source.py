"""The bytes of an import: what an everyday tool has done to an export is undone first.

Compression, a ZIP or tar of exports, and other encodings of Unicode are recognized by how the file
begins. What cannot seek (a pipe, a terminal) and what was converted is spooled to an
unnamed file next to the archive, so memory stays constant.
"""

import codecs
import gzip
import os
import select
import shutil
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from ibconsole.files import make_private_directory
from ibconsole.lazy import LazyModule
from ibconsole.services.messages.packed_files import (
    ImportFailed,
    PackedFile,
    Readable,
    are_raw_bodies,
    pack_again,
    packed_files,
)

if TYPE_CHECKING:
    import bz2
    import lzma
else:  # the packaged program is built without them
    bz2 = LazyModule("bz2")
    lzma = LazyModule("lzma")

_CHUNK = 1 << 20
_INTERVAL = 0.2  # seconds between two checks while a pipe has nothing to read
_MOST_LAYERS = 4
_CUT: tuple[type[Exception], ...] = (
    *(EOFError, zlib.error, gzip.BadGzipFile),
    *(zipfile.BadZipFile, tarfile.TarError, OSError),
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


class PlainSource(msgspec.Struct, frozen=True):
    """The bytes to be imported: a file that can seek, and its size in bytes.

    It is `cut` if it could not be decompressed to its end. `name` is that of a file in an archive,
    else empty.
    """

    file: BinaryIO
    size: int
    cut: bool = False
    name: str = ""


@contextmanager
def open_sources(
    source: Path | BinaryIO, folder: Path, check: Callable[[], None]
) -> Iterator[Iterator[PlainSource]]:
    """Open a file, or take a stream, and undo what was done to it; spool it in this folder.

    Yields one source, or one for each file in an archive; each is open until the next is taken.
    `check` is called often; an exception that it raises ends the reading. Raises OSError, and
    ImportFailed for what cannot be undone.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_open(source)) if isinstance(source, Path) else source
        unpacking = _Unpacking(folder, check)
        if not file.seekable():
            file = unpacking.spool(stack, cast("Readable", file), pipe=file)
        yield stack.enter_context(closing(unpacking.sources(file)))


def _open(path: Path) -> BinaryIO:
    if sys.platform != "linux" or not path.is_fifo():
        return path.open("rb")
    # An ordinary opening waits for a writer, and nothing could end that.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")


class _Unpacking:
    """Spools the layers of each source, each to a file that is removed at its end."""

    def __init__(self, folder: Path, check: Callable[[], None]) -> None:
        self._folder = folder
        self._check = check
        self._left = -1  # bytes that may still be written; not known before the first
        self._cut = False

    def sources(
        self, file: BinaryIO, layers: int = _MOST_LAYERS, name: str = ""
    ) -> Generator[PlainSource, None, None]:
        """Undo what was done to a file, at most `layers` times."""
        with ExitStack() as stack:
            for layer in range(layers):
                files = self._packed_files(stack, file, name)
                if len(files) > 1:
                    for one in files:
                        yield from self._member(one, layers - layer - 1)
                    return
                opened = files[0].open() if files else _decompressed(file, strict=not name)
                if opened is None:
                    break
                file = self.spool(stack, opened)
            file = self._in_utf8(stack, file)
            size = file.seek(0, 2)
            file.seek(0)
            cut, self._cut = self._cut, False
            yield PlainSource(file, size, cut, name)

    def _packed_files(self, stack: ExitStack, file: BinaryIO, name: str) -> Sequence[PackedFile]:
        """Return the files in an archive; that of raw bodies is packed as a tar instead."""
        try:
            files = packed_files(file)
        except ImportFailed:
            if not name:
                raise
            return ()  # one damaged archive in another keeps no other file from being imported
        if files is not None and not files and not name:
            raise ImportFailed("The archive holds no file. Nothing was imported.")
        if not files or not are_raw_bodies(files):
            return files or ()
        return (PackedFile("", 0, partial(self._repacked, stack, files)),)

    def _repacked(self, stack: ExitStack, files: Sequence[PackedFile]) -> Readable:
        target = self._new_file(stack)
        with self._noting_cut():
            pack_again(files, partial(self._write, target))
        target.seek(0)
        return cast("Readable", target)

    def _member(self, file: PackedFile, layers: int) -> Generator[PlainSource, None, None]:
        with ExitStack() as stack:
            yield from self.sources(self.spool(stack, file.open()), layers, file.name)

    def spool(
        self, stack: ExitStack, source: Readable, *, pipe: BinaryIO | None = None
    ) -> BinaryIO:
        """Copy a stream to its end, or to where it is damaged; `pipe` is what to wait for."""
        target = self._new_file(stack)
        with self._noting_cut():
            while chunk := self._read(source, pipe):
                self._write(target, chunk)
        return target

    @contextmanager
    def _noting_cut(self) -> Iterator[None]:
        try:
            yield
        except _cut_errors() as error:
            if isinstance(error, OSError) and error.errno:
                raise
            self._cut = True

    def _read(self, source: Readable, pipe: BinaryIO | None) -> bytes:
        # WORKAROUND: on Windows select knows sockets only; there a silent pipe is waited for.
        while pipe and sys.platform != "win32" and not select.select([pipe], [], [], _INTERVAL)[0]:
            self._check()
        return source.read1(_CHUNK)

    def _in_utf8(self, stack: ExitStack, file: BinaryIO) -> BinaryIO:
        """Convert text in another encoding of Unicode, by its byte order mark or its zeros."""
        start = _start_of(file)
        found = next((one for one in _ENCODINGS if start.startswith(one[0])), None)
        mark, encoding = found or (b"", _encoding_without_mark(start))
        if not encoding:
            return file
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        target = self._new_file(stack)
        file.seek(len(mark))
        while chunk := file.read(_CHUNK):
            self._write(target, decoder.decode(chunk).encode("utf-8", "replace"))
        self._write(target, decoder.decode(b"", final=True).encode())
        return target

    def _new_file(self, stack: ExitStack) -> BinaryIO:
        make_private_directory(self._folder)
        if self._left < 0:
            self._left = shutil.disk_usage(self._folder).free // 2
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 closed by the stack
        return cast("BinaryIO", stack.enter_context(file))

    def _write(self, target: BinaryIO, chunk: bytes) -> None:
        self._check()
        self._left -= len(chunk)
        if self._left < 0:
            raise ImportFailed(
                "Unpacked, the file takes more than half of the free disk space. Nothing was"
                " imported; make space, or import it in parts."
            )
        target.write(chunk)


def _decompressed(file: BinaryIO, *, strict: bool) -> Readable | None:
    """Return the content of a compressed file; None if it is not compressed.

    Unless `strict`, also None for what cannot be decompressed, which is skipped then.
    """
    start = _start_of(file)
    for magic, name in _UNKNOWN:
        if start.startswith(magic) and strict:
            raise ImportFailed(
                f"The file is compressed with {name}, which this program cannot undo. Nothing was"
                " imported; decompress it, or compress it with gzip, and import that."
            )
    opened = next((open_ for magic, open_ in _DECOMPRESSORS if start.startswith(magic)), None)
    try:
        return opened(file) if opened else None
    except ImportError:
        raise ImportFailed(
            "The file is compressed with bzip2 or xz, which this installation cannot undo. Nothing"
            " was imported; decompress it, or compress it with gzip, and import that."
        ) from None


def _cut_errors() -> tuple[type[Exception], ...]:
    """Return the errors of content that is cut or damaged; that of lzma if it is in use."""
    return (*_CUT, lzma.LZMAError) if sys.modules.get("lzma") else _CUT


def _start_of(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    return start


def _encoding_without_mark(start: bytes) -> str:
    """Return the encoding of JSON by the zeros of its first two characters, which are ASCII."""
    found = _ZEROS.get(bytes(map(bool, start)), "")
    return found if start.replace(b"\0", b"")[:1] in _FIRST_OF_JSON else ""


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


def _bzip2_content(file: BinaryIO) -> Readable:
    return bz2.BZ2File(file)  # loaded now: see LazyModule


def _xz_content(file: BinaryIO) -> Readable:
    return lzma.LZMAFile(file)


_DECOMPRESSORS: tuple[tuple[bytes, Callable[[BinaryIO], Readable]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", _bzip2_content),
    (b"\xfd7zXZ\0", _xz_content),
    (b"\x5d\0\0", _xz_content),
    *((magic, _Inflated) for magic in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")),
)
