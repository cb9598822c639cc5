"""Atomic files and file locks.

All functions raise OSError; the caller turns it into a sentence. Files are 0600 and directories
0700, because their contents were received for customers.
"""

import errno
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

if sys.platform == "win32":
    import msvcrt

    # Windows hides locked bytes from readers; this one is far behind the note.
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


_RETRY_INTERVAL = 0.02
_LONGEST_NOTE = 4_096  # bytes; a link may lead to another file, which must not be emptied


class TargetExists(FileExistsError):
    """The file to be created already exists, and must not be replaced."""


class NotRegularFile(OSError):
    """The file is a directory, a pipe, a device or a socket, or not of the expected kind."""


class FileLock:
    """A lock shared by the processes of one user; the system releases it when its holder dies.

    Two FileLocks of one path exclude each other, also within a process. If the holder removes
    the file while another process is opening it, `acquire` detects that and starts over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """True if this object holds the lock."""
        return self._descriptor is not None

    def acquire(self, note: str = "") -> bool:
        """Acquire the lock without waiting; return false if it is held, even by this object.

        `note` identifies the holder, for `holder_note`. Raises OSError if the file cannot be
        created or locked at all.
        """
        if self.held:
            return False
        make_private_directory(self.path.parent)
        self._descriptor = _open_locked(self.path)
        if self._descriptor is None:
            return False
        try:
            _write_note(self._descriptor, note)
        except OSError:
            self.release()
            raise
        return True

    def write_note(self, note: str) -> None:
        """Replace the note of a lock that this object holds. Raises OSError."""
        assert self._descriptor is not None, "only its holder writes into it"  # noqa: S101
        _write_note(self._descriptor, note)

    def release(self) -> None:
        """Release the lock; the file stays."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def discard(self) -> None:
        """Release the lock and remove its file; does nothing if this object does not hold it."""
        if not self.held:
            return
        if sys.platform == "win32":  # where an open file cannot be removed
            self.release()
        with suppress(OSError):
            self.path.unlink()
        self.release()


def holder_note(path: Path) -> str:
    """Read what the last holder of a lock wrote into its file; empty if there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@contextmanager
def file_lock(path: Path, seconds: float) -> Iterator[None]:
    """Exclude other processes from a small shared file while the block runs; waits for them.

    Raises TimeoutError, without running the block, if another process holds the lock for
    longer than `seconds`, and OSError if the lock cannot be created.
    """
    lock = FileLock(path.with_suffix(".lock"))
    until = time.monotonic() + seconds
    while not lock.acquire(f"process {os.getpid()}"):
        if time.monotonic() > until:
            raise TimeoutError(f"Another process has been writing {path} for {seconds:.0f} s.")
        time.sleep(_RETRY_INTERVAL)
    try:
        yield
    finally:
        lock.release()


def atomic_write(path: Path, data: bytes) -> None:
    """Replace a small file so that a crash at any instant leaves the old one or the new one.

    A link stays, and its target is replaced. Raises NotRegularFile.
    """
    path = replaceable(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Of this thread: the windows of a process may write at the same time.
    draft = path.with_name(f"{path.name}.new-{os.getpid()}-{threading.get_ident()}")
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


def read_up_to(path: Path, limit: int) -> bytes | None:
    """Read at most `limit` bytes of a file; return None if there is no file.

    Raises NotRegularFile: reading a pipe or a device may never end.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise NotRegularFile(errno.EINVAL, "It is no regular file", str(path))
        with path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        return None


def is_missing(path: Path) -> bool:
    """Return whether there is certainly no such file; false if that may not be known.

    Unlike `Path.exists`, which raises PermissionError for a file in a closed directory.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def move_aside(path: Path) -> Path:
    """Rename a damaged file, so that it is not overwritten; return its new path.

    A link stays, and its target is renamed. Raises NotRegularFile.
    """
    path = replaceable(path)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return path.replace(path.with_name(f"{path.name}.broken-{stamp}"))


def require_absent(target: Path) -> None:
    """Raise TargetExists if there is a file of that name, even a dangling link."""
    if os.path.lexists(target):
        raise TargetExists(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def replaceable(target: Path) -> Path:
    """Return the file that writing to this name creates or replaces: links are followed.

    Raises NotRegularFile if something else than a regular file is there.
    """
    try:
        # Not that of the returned path: /dev/stdout may lead to a pipe, which has no path.
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode):
        raise NotRegularFile(errno.EINVAL, "It is no regular file", str(target))
    return Path(os.path.realpath(target))


def is_stream(target: Path) -> bool:
    """Return whether this is a pipe or a character device, which is written into as stdout is."""
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def open_stream(target: Path, on_wait: Callable[[], object] | None = None) -> BinaryIO:
    """Open a pipe or a character device, to be written into.

    A named pipe opens only while another process reads it. Until then this waits, after `on_wait`
    was called; without `on_wait` it raises OSError.
    """
    if on_wait is None or not stat.S_ISFIFO(target.stat().st_mode):
        return _open_ready(target)
    with suppress(OSError):
        return _open_ready(target)
    on_wait()
    return target.open("wb")


def _open_ready(target: Path) -> BinaryIO:
    if sys.platform == "win32":
        return target.open("wb")
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        if error.errno == errno.ENXIO and is_stream(target):
            raise OSError(errno.ENXIO, "no process reads from it", str(target)) from error
        raise
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "wb")


def save(target: Path, data: bytes, on_wait: Callable[[], object] | None = None) -> None:
    """Write a file that the user named: replace a regular file, write into a pipe or a device.

    Raises NotRegularFile for anything else; see `open_stream` for a pipe without a reader.
    """
    if is_stream(target):
        with open_stream(target, on_wait) as stream:
            stream.write(data)
        return
    target = replaceable(target)
    with draft_file(target) as draft:
        draft.write_bytes(data)
        publish_draft(draft, target, replace=True)


@contextmanager
def draft_file(target: Path) -> Iterator[Path]:
    """Create an empty file in the target's directory, removed at the end unless published."""
    draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
    finally:
        for companion in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                draft.with_name(draft.name + companion).unlink()


def publish_draft(draft: Path, target: Path, *, replace: bool = False) -> None:
    """Sync the draft and give it its name.

    Raises TargetExists if a file of that name exists, unless it may be replaced, and
    NotRegularFile for anything but a regular file or a link to one.
    """
    _sync_file(draft)
    if replace:
        draft.replace(replaceable(target))
    else:
        _link(draft, target)
    sync_directory(target.parent)


def make_private_directory(path: Path) -> None:
    """Create the directory and its missing parents, each 0700; existing ones are not changed."""
    if path.is_dir():
        return
    make_private_directory(path.parent)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        reason = os.strerror(errno.ENOTDIR)
        raise NotADirectoryError(errno.ENOTDIR, reason, str(path)) from None
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Sync a directory: a new name in it survives a power failure only after that."""
    if sys.platform == "win32":
        return
    # Some directories are not readable, and some file systems cannot sync directories.
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_note(descriptor: int, note: str) -> None:
    if os.fstat(descriptor).st_size > _LONGEST_NOTE:
        raise NotRegularFile(errno.EINVAL, "It is no lock file")
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, note.encode(errors="replace"))


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
    """Return whether the path still leads to the open file, for other processes as well."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _link(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:
        raise TargetExists(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
    except OSError:  # a file system without links
        require_absent(target)
        draft.rename(target)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
