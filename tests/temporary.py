"""The file system in memory, where tests keep their files."""

import shutil
from functools import cache
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 Linux's, for every user
_ROOM = 4 << 30  # bytes that it must have free


@cache
def memory_directory() -> Path | None:
    """Return the directory for files in memory; None if there is none, or too little room.

    Tests sync thousands of small files, and no test turns the computer off: a disk would prove
    nothing more, and is what many of them would wait for.
    """
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if has_room else None
