"""A lock that is a file: held by one process at most, freed by the system when that dies."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from ibconsole.archive.connection import make_private_directory
from ibconsole.archive.errors import translated

if sys.platform == "win32":
    import msvcrt

    # Windows hides locked bytes from readers; this one lies far behind the note.
    _LOCKED_BYTE = 1 << 30

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class FileLock:
    """A lock shared by the processes of one user.

    Two FileLocks of one path exclude each other, within a process too. A file that its
    holder removes while another waits to open it is no trap: `take` notices and starts over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def take(self, note: str = "") -> bool:
        """Take the lock without waiting; False if it is held, by this very object too.

        The note says who holds it, for `holder_note`. Raises ArchiveUnwritable if the file
        cannot be made or locked at all.
        """
        if self.held:
            return False
        with translated(self._path):
            make_private_directory(self._path.parent)
            self._descriptor = _open_locked(self._path)
            if self._descriptor is None:
                return False
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, note.encode(errors="replace"))
        return True

    def release(self) -> None:
        """Let go of the lock; the file stays."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def discard(self) -> None:
        """Remove the file if this object holds the lock, and let go of it."""
        if not self.held:
            return
        if sys.platform == "win32":  # where an open file cannot be removed
            self.release()
        with suppress(OSError):
            self._path.unlink()
        self.release()


def holder_note(path: Path) -> str:
    """What the last one to take the lock wrote into it; empty if there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _open_locked(path: Path) -> int | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        if _is_at(path, descriptor):
            return descriptor
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the file is still the one that others would open."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
