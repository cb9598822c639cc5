"""The files in a ZIP or a tar, of which each is imported, and raw bodies that were packed anew.

A raw export that was unpacked and packed again as a ZIP becomes the tar again that it was.
"""

import posixpath
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, Protocol, cast

import msgspec

from ibconsole.errors import UserError
from ibconsole.services.messages.raw_bodies import is_foreign, is_of_raw_export

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
# Those whose modules this Python has: a packaged program is built without bz2 and lzma.
_ZIP_METHODS = frozenset(
    method
    for module, method in (
        ("zlib", zipfile.ZIP_STORED),
        ("zlib", zipfile.ZIP_DEFLATED),
        ("bz2", zipfile.ZIP_BZIP2),
        ("lzma", zipfile.ZIP_LZMA),
    )
    if getattr(zipfile, module, None)
)
_ENCRYPTED = 1  # a bit of the flags of a member
_TAR_MAGIC, _TAR_MAGIC_OFFSET = b"ustar", 257
_DAMAGED = (
    "The ZIP archive is damaged, or needs a password. Nothing was imported; unpack it, and import"
    " the files in it."
)


class ImportFailed(UserError):
    """The file is not an export, or cannot be read."""


class Readable(Protocol):
    """A stream whose `read1` gives what comes before a damage; `read` would lose it."""

    def read1(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


class PackedFile(msgspec.Struct, frozen=True):
    """One file in an archive: its name, its size in bytes, and a way to read it."""

    name: str
    size: int
    open: Callable[[], Readable]


def packed_files(file: BinaryIO) -> Sequence[PackedFile] | None:
    """Return the files in a ZIP or a tar, without what macOS adds; None if it is neither.

    Also None for a tar of raw bodies, which is imported as it is. Raises ImportFailed.
    """
    file.seek(0)
    start = file.read(_TAR_MAGIC_OFFSET + len(_TAR_MAGIC))
    file.seek(0)
    if start.startswith(_ZIP_STARTS):
        return _in_zip(file)
    if start[_TAR_MAGIC_OFFSET:] == _TAR_MAGIC:
        return _in_tar(file)
    return None


def are_raw_bodies(files: Sequence[PackedFile]) -> bool:
    """Return whether these are the members of a raw export."""
    return any(is_of_raw_export(one.name) for one in files)


def pack_again(files: Sequence[PackedFile], write: Callable[[bytes], None]) -> None:
    """Write these files as the tar that they were, with `end` at its end as in an export."""
    with tarfile.open(fileobj=_Sink(write), mode="w|") as tar:  # type: ignore[call-overload]
        for one in files:
            member = tarfile.TarInfo(one.name)
            member.size = one.size
            tar.addfile(member, cast("BinaryIO", one.open()))


class _Sink:
    """The writing half of a file."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        self._write(data)
        return len(data)


def _in_zip(file: BinaryIO) -> Sequence[PackedFile]:
    try:
        archive = zipfile.ZipFile(file)
        members = [
            one for one in archive.infolist() if not one.is_dir() and not _is_added(one.filename)
        ]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError) as error:
        raise ImportFailed(_DAMAGED) from error
    if any(one.flag_bits & _ENCRYPTED or one.compress_type not in _ZIP_METHODS for one in members):
        raise ImportFailed(_DAMAGED)
    return [
        PackedFile(
            one.filename.replace("\\", "/"),
            one.file_size,
            cast("Callable[[], Readable]", partial(archive.open, one)),
        )
        for one in members
    ]


def _in_tar(file: BinaryIO) -> Sequence[PackedFile] | None:
    try:
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 closed with the file
    except tarfile.TarError:
        return None
    found = []
    for member in _members(archive):
        if is_of_raw_export(member.name):
            return None
        content = cast("Callable[[], Readable]", partial(archive.extractfile, member))
        found.append(PackedFile(member.name, member.size, content))
    return found or None


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    try:
        for member in archive:
            if member.isreg() and not _is_added(member.name):
                yield member
    except (tarfile.TarError, EOFError):
        return  # a tar that is cut: what comes before is imported


def _is_added(name: str) -> bool:
    return is_foreign(name) or "__MACOSX" in posixpath.dirname(name).split("/")
