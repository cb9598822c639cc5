"""Room kept free on the disk, for a batch that is on its way when the disk fills up.

The platform has handed it out already, so there is no second try: space that a file of
zeros holds is given back in that moment, and goes to the messages.
"""

import os
import shutil
from pathlib import Path

from ibconsole.archive.errors import ArchiveUnwritable, translated
from ibconsole.files import make_private_directory

RESERVED = 64 << 20  # bytes; a batch of 1,000 messages takes some 8 MB in all
_PIECE = 1 << 20


class Reserve:
    """A file that holds space on the archive's disk; `size` in bytes, 0 for none."""

    def __init__(self, path: Path, size: int = RESERVED) -> None:
        self._path = path
        self._size = size

    def hold(self) -> None:
        """Hold the space, and see that there is as much again beside it.

        Raises ArchiveUnwritable if there is not.
        """
        with translated(self._path):
            make_private_directory(self._path.parent)
            if not self._is_held():
                self._fill()
            free = shutil.disk_usage(self._path.parent).free
        if free < self._size:
            raise ArchiveUnwritable(
                f"The disk of {self._path.parent} is nearly full: {free >> 20} MB are free, and a"
                f" pull wants {self._size >> 20} MB. What was stored before is unharmed. Free"
                " some space, then try again."
            )

    def release(self) -> bool:
        """Give the space back; whether there was any to give."""
        with translated(self._path):
            held = self._is_held() and self._size > 0
            self._path.unlink(missing_ok=True)
        return held

    def _is_held(self) -> bool:
        try:
            return self._path.stat().st_size >= self._size
        except FileNotFoundError:
            return False

    def _fill(self) -> None:
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
    # Written out: elsewhere a file can be long without having any space.
    for start in range(0, size, _PIECE):
        os.write(descriptor, bytes(min(_PIECE, size - start)))
