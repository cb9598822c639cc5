"""The files of a bundle that came from elsewhere: a folder or a zip file, read within bounds.

Nothing is ever extracted. What no export of this program has, such as a link or a name that leads
out of the bundle, refuses the whole bundle, because nothing else in it can be trusted then.
"""

import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from ibconsole.plural import counted
from ibconsole.services.evidence.cases import CaseError

MOST_FILES = 5_000
LARGEST_BUNDLE = 512 << 20  # bytes of all files
LARGEST_FILE = 256 << 20  # bytes
_LARGEST_DIRECTORY = 1 << 20  # bytes of a zip file's directory
_LONGEST_NAME = 200  # characters
_MOST_GROWTH = 200  # times the size of a zip file, if that is more than:
_HARMLESS = 64 << 20  # bytes
_DEEPEST = 3  # folders in one another
_END = struct.Struct("<4s4H2LH")
_LOCATOR = b"PK\x06\x07"  # of a zip64 directory, which no bundle needs
_LOCAL_HEADER = 30  # bytes
_READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 1
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BundleRefused(CaseError):
    """A bundle is damaged, was tampered with, or is none."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} was not opened: {reason}. Nothing was changed.")


class BundleFiles(Protocol):
    """The files of a bundle by name, with their sizes; `open` opens one for reading."""

    @property
    def sizes(self) -> Mapping[str, int]: ...
    def open(self, name: str) -> "IO[bytes]": ...
    def close(self) -> None: ...


@contextmanager
def open_files(path: Path) -> Iterator[BundleFiles]:
    """Open a folder or a zip file. Raises BundleRefused, also while its files are read."""
    files: BundleFiles | None = None
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            files = _Folder(path)
        elif stat.S_ISREG(mode):
            files = _ZipFile(path)
        else:
            raise BundleRefused(path, "it is neither a folder nor a file")
        yield files
    except FileNotFoundError:
        raise BundleRefused(path, "there is no such file") from None
    except OSError as error:
        raise BundleRefused(path, f"it cannot be read ({error.strerror or error})") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error):
        raise BundleRefused(path, "the zip file is damaged") from None
    except (NotImplementedError, RuntimeError, ValueError):
        raise BundleRefused(path, "the zip file has something that cannot be read") from None
    finally:
        if files:
            files.close()


def name_problem(name: str) -> str:
    """Return a clause on why no bundle has a file of this name; empty if one may."""
    parts = name.split("/")
    if len(name) > _LONGEST_NAME or _CONTROL.search(name):
        return "the name of a file in it is not valid"
    if "\\" in name or ":" in name or name.startswith("/") or ".." in parts:
        return f"the name of a file in it leads out of it ({name[:60]})"
    if "" in parts or "." in parts or len(parts) > _DEEPEST:
        return f"the name of a file in it is not valid ({name[:60]})"
    if any(_RESERVED.fullmatch(part) or part[-1] in ". " for part in parts):
        return f"a file in it has a name that Windows reserves ({name[:60]})"
    return ""


class _Names:
    """The names of a bundle, each once in any case and composition of its letters."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[str] = set()
        self._size = 0

    def add(self, name: str, size: int) -> None:
        if problem := name_problem(name):
            raise BundleRefused(self._path, problem)
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in self._seen:
            raise BundleRefused(self._path, f"two files in it have one name ({name[:60]})")
        self._seen.add(folded)
        self._size += size
        if size > LARGEST_FILE or self._size > LARGEST_BUNDLE:
            raise BundleRefused(self._path, "it is larger than any bundle")
        if len(self._seen) > MOST_FILES:
            raise BundleRefused(self._path, f"it has more than {counted(MOST_FILES, 'file')}")


class _Folder:
    """A folder: regular files with one name each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = _Names(path)
        self.sizes: dict[str, int] = {}
        self._list(path, "")

    def open(self, name: str) -> IO[bytes]:
        """Open a file, unless something else has taken its place meanwhile."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self._path / name, flags | getattr(os, "O_BINARY", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise BundleRefused(self._path, f"{name} is no regular file any more")
        return os.fdopen(descriptor, "rb")

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _list(self, folder: Path, prefix: str) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                facts = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(facts.st_mode):
                    self._names.add(name, 0)
                    self._list(folder / entry.name, f"{name}/")
                    continue
                if not stat.S_ISREG(facts.st_mode):
                    raise BundleRefused(self._path, f"{name[:60]} is a link or no regular file")
                if (folder / entry.name).lstat().st_nlink > 1:
                    raise BundleRefused(self._path, f"{name[:60]} is a link to another file")
                self._names.add(name, facts.st_size)
                self.sizes[name] = facts.st_size


class _ZipFile:
    """A zip file whose directory is as small and as plain as that of an export."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("rb")
        try:
            start, count = self._check_end()
            self._zip = zipfile.ZipFile(self._file)
            entries = self._zip.infolist()
            self.sizes = self._check_entries(entries, count)
            self._check_places(entries, start)
        except BaseException:
            self._file.close()
            raise

    def open(self, name: str) -> IO[bytes]:
        """Open an entry; reading more than its size is an error of the library."""
        return self._zip.open(name)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def _check_end(self) -> tuple[int, int]:
        """Return where the directory starts and its number of entries, before it is read."""
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(max(0, size - _END.size - 20))
        tail = self._file.read()
        if len(tail) < _END.size or tail[-_END.size :][:4] != b"PK\x05\x06":
            raise BundleRefused(self._path, "it is no zip file, or its end is missing")
        _, disk, first_disk, here, count, length, start, comment = _END.unpack(tail[-_END.size :])
        if tail[: -_END.size].startswith(_LOCATOR) or comment or disk or first_disk:
            raise BundleRefused(self._path, "it is no zip file of this kind")
        if length > _LARGEST_DIRECTORY or count > MOST_FILES:
            raise BundleRefused(self._path, f"it has more than {counted(MOST_FILES, 'file')}")
        if here != count or start + length != size - _END.size:
            raise BundleRefused(self._path, "the zip file is damaged")
        return start, count

    def _check_entries(self, entries: list[zipfile.ZipInfo], count: int) -> dict[str, int]:
        if len(entries) != count:
            raise BundleRefused(self._path, "the zip file is damaged")
        names, sizes = _Names(self._path), dict[str, int]()
        for entry in entries:
            name = entry.orig_filename
            kind = stat.S_IFMT(entry.external_attr >> 16)
            is_folder = name.endswith("/")
            if kind not in {0, stat.S_IFDIR if is_folder else stat.S_IFREG}:
                raise BundleRefused(self._path, f"{name[:60]} is a link or no regular file")
            if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _READABLE:
                raise BundleRefused(
                    self._path,
                    f"{name[:60]} is encrypted, or packed in a way that is not read here",
                )
            names.add(name.removesuffix("/"), entry.file_size)
            if not is_folder:
                sizes[name] = entry.file_size
        if sum(sizes.values()) > max(_HARMLESS, _MOST_GROWTH * self._path.stat().st_size):
            raise BundleRefused(self._path, "it grows beyond all bounds when it is unpacked")
        return sizes

    def _check_places(self, entries: list[zipfile.ZipInfo], end: int) -> None:
        """Refuse entries that share bytes: a small file could grow beyond all bounds."""
        for entry in sorted(entries, key=lambda one: one.header_offset, reverse=True):
            name = len(entry.orig_filename.encode())
            if entry.header_offset + _LOCAL_HEADER + name + entry.compress_size > end:
                raise BundleRefused(self._path, "parts of the zip file overlap")
            end = entry.header_offset
