"""Disk space reserved for a batch that is being received while the disk fills up.

The platform hands out a batch only once, so it cannot be pulled again. A file of zeros occupies
the space; it is deleted when the disk is full, and the messages get its space.
"""

import os
import shutil
from pathlib import Path

from ibconsole.archive.errors import ArchiveUnwritable, translated
from ibconsole.files import make_private_directory

RESERVE_SIZE = 64 << 20  # bytes; a batch of 1,000 messages takes about 8 MB in all
_PIECE = 1 << 20


class DiskReserve:
    """A file that occupies space on the archive's disk; `size` in bytes, 0 for none."""

    def __init__(self, path: Path, size: int = RESERVE_SIZE) -> None:
        self._path = path
        self._size = size

    def allocate(self) -> None:
        """Allocate the space, unless it is, and check that as much again is free.

        Raises ArchiveUnwritable if the space cannot be allocated or less is free.
        """
        with translated(self._path):
            make_private_directory(self._path.parent)
            if not self._is_allocated():
                self._create()
            free = shutil.disk_usage(self._path.parent).free
        if free < self._size:
            raise ArchiveUnwritable(
                f"The disk of {self._path.parent} is nearly full: {free >> 20} MB are free, and a"
                f" pull wants {self._size >> 20} MB. What was stored before is unharmed. Free"
                " some space, then try again."
            )

    def release(self) -> bool:
        """Delete the file, and return True if that freed space."""
        with translated(self._path):
            allocated = self._is_allocated() and self._size > 0
            self._path.unlink(missing_ok=True)
        return allocated

    def _is_allocated(self) -> bool:
        try:
            return self._path.stat().st_size >= self._size
        except FileNotFoundError:
            return False

    def _create(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _allocate(descriptor, self._size)
        except OSError:
            os.close(descriptor)
            self._path.unlink()
            raise
        os.close(descriptor)


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        if size:
            os.posix_fallocate(descriptor, 0, size)
        return
    # Without posix_fallocate the file is written out: a file that is only long may be sparse.
    for start in range(0, size, _PIECE):
        os.write(descriptor, bytes(min(_PIECE, size - start)))
