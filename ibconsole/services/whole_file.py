"""Small files that several processes share: written whole or not at all, by one at a time."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ibconsole.archive import FileLock

_PAUSE = 0.02


@contextmanager
def alone_with(path: Path, seconds: float) -> Iterator[None]:
    """No other process that asks for it is at work on this file while the block runs.

    Raises TimeoutError, with the block not run, if one still is after so many seconds, and
    ArchiveUnwritable if the lock cannot be made at all. Blocks.
    """
    lock = FileLock(path.with_suffix(".lock"))
    until = time.monotonic() + seconds
    while not lock.take(f"process {os.getpid()}"):
        if time.monotonic() > until:
            raise TimeoutError(f"Another process has been writing {path} for {seconds:.0f} s.")
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        lock.release()


def write_whole(path: Path, data: bytes) -> None:
    """Write so that a crash at any instant leaves the old file or the new one; raises OSError.

    The file is 0600, and so are directories that have to be made 0700.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
