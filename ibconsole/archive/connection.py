"""SQLite connections to the archive, set up so that committed data survives a crash.

The only module that configures SQLite. While the program runs, the database file must never be
opened in any other way, not even to read it: closing any descriptor of a file releases the
process's POSIX locks on it, SQLite's included.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from ibconsole.archive.errors import ArchiveError, ArchiveUnwritable, translated
from ibconsole.files import is_missing, is_stream, make_private_directory, sync_directory

_BUSY_MS = 10_000
_BUSY_RETRY = 0.01
_WAL_LIMIT = 64 << 20  # bytes that the write-ahead log may keep after a checkpoint
_WAL_PAGES = 16_384  # pages in the log at which a commit runs a checkpoint; see `Checkpointer`
_IN_MEMORY = 64 << 20  # bytes of a private copy
_COPY_FACTOR = 2  # the copy, and what its migration adds
_NO_INDEX = frozenset({apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMOPEN})  # of a full disk
_SMALLEST_INDEX = 32_768  # bytes
# Before 3.51.3, two connections that write or checkpoint at the same instant can lose committed
# pages.
_SAFE_SQLITE = (3, 51, 3)


def open_writer(path: Path) -> apsw.Connection:
    """Open the file for writing; a missing one is created, 0600 in directories of 0700.

    Every commit on the connection is synced to the disk. Raises apsw.Error, OSError, and
    ArchiveError if the file system does not support a write-ahead log.
    """
    require_safe_sqlite(apsw.sqlite_lib_version())
    make_private_directory(path.parent)
    _make_private_file(path)
    db = connect(path, apsw.SQLITE_OPEN_READWRITE)
    with ExitStack() as on_error:
        on_error.callback(db.close)
        db.set_busy_timeout(_BUSY_MS)
        use_write_ahead_log(db)
        # secure_delete: deleted messages are customers' data and are overwritten with zeros.
        # fullfsync: on macOS a plain fsync does not flush the disk's own cache.
        db.execute(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
            "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
            f"PRAGMA journal_size_limit = {_WAL_LIMIT}; PRAGMA wal_autocheckpoint = {_WAL_PAGES};"
        ).fetchall()
        on_error.pop_all()
    return db


def open_reader(path: Path) -> apsw.Connection:
    """Open the file for reading, while others may write. Nothing is written on read-only media.

    A full disk is enough, too. Raises apsw.Error, and ArchiveError if there is no file.
    """
    require_safe_sqlite(apsw.sqlite_lib_version())
    if is_missing(path):
        raise ArchiveError(f"There is no archive at {path} yet: nothing was received.")
    if is_stream(path):  # opening a pipe might never end
        raise ArchiveError(f"{path} is no regular file. It was left as it is.")
    db = connect(path, apsw.SQLITE_OPEN_READONLY)
    with ExitStack() as on_error:
        on_error.callback(db.close)
        db.set_busy_timeout(_BUSY_MS)
        db.wal_autocheckpoint(0)
        db.execute("PRAGMA query_only = ON").fetchall()
        try:
            fetch(db, "PRAGMA user_version")
        except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.IOError) as error:
            if not _cannot_share(error) or not _is_unused(path):
                raise
            db.close()
            db = _open_unlocked(path)
        on_error.pop_all()
    return db


def copy_privately(
    db: apsw.Connection, path: Path, *, in_memory: int = _IN_MEMORY, factor: int = _COPY_FACTOR
) -> apsw.Connection:
    """Return a connection to a copy that only this connection sees, and that disappears with it.

    One of at most `in_memory` bytes is in memory; a larger one in a file that SQLite creates 0600
    and, except on Windows, unlinks at once, so that not even a crash leaves it. Raises
    ArchiveUnwritable if there is less space than its size times `factor`.
    """
    [(size,)] = fetch(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    if size > in_memory:
        _require_temporary_space(path, size * factor)
    copy = apsw.Connection(":memory:" if size <= in_memory else "")
    with ExitStack() as on_error:
        on_error.callback(copy.close)
        copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").fetchall()
        with copy.backup("main", db, "main") as backup:
            backup.step(-1)
        on_error.pop_all()
    return copy


def _require_temporary_space(path: Path, size: int) -> None:
    directory = _temporary_directory()
    free = shutil.disk_usage(directory).free
    if free < size:
        raise ArchiveUnwritable(
            f"{path} was written by an older ibconsole and is read from a temporary copy, for which"
            f" {directory} has too little space: {size >> 20} MB are needed, and"
            f" {free >> 20} MB are free. Nothing was changed; name another directory in TMPDIR."
        )


def _temporary_directory() -> str:
    """Return the directory in which SQLite creates temporary files."""
    if sys.platform == "win32":
        return tempfile.gettempdir()
    named = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"))
    usual = ("/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108 SQLite's own list
    places = (place for place in (*named, *usual) if place and os.access(place, os.W_OK | os.X_OK))
    return next(places, ".")


def connect(path: Path, flags: int, options: str = "") -> apsw.Connection:
    """Open a file of any name: SQLite itself takes text only, names on Linux are bytes.

    `options` are parameters of a SQLite URI, only for systems other than Windows.
    """
    if sys.platform == "win32":  # where names are text, and a network path has no SQLite URI
        return apsw.Connection(str(path.absolute()), flags=flags)
    uri = f"{path.absolute().as_uri()}?{options}"
    return apsw.Connection(uri, flags=flags | apsw.SQLITE_OPEN_URI)


def _cannot_share(error: apsw.Error) -> bool:
    """Return whether SQLite could not create the index of the log, which processes share."""
    if not isinstance(error, apsw.IOError):
        return True
    return getattr(error, "extendedresult", 0) in _NO_INDEX  # unknown to apsw's type stubs


def _is_unused(path: Path) -> bool:
    """Return whether no process uses the file: while one does, SQLite's index of the log exists.

    On a full disk a part of the index may have been left, which is of no use.
    """
    index = Path(f"{path}-shm")
    return sys.platform != "win32" and (
        not index.exists() or index.stat().st_size < _SMALLEST_INDEX
    )


def _open_unlocked(path: Path) -> apsw.Connection:
    """Open a file for reading, with its log, where SQLite cannot create what processes share.

    With a log, exclusive mode keeps its index in memory, and needs no locks to read. Without one,
    SQLite must not look for it.
    """
    log = Path(f"{path}-wal")
    has_log = log.is_file() and log.stat().st_size > 0
    options = "vfs=unix-none" if has_log else "immutable=1"
    db = connect(path, apsw.SQLITE_OPEN_READONLY, options)
    db.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON").fetchall()
    return db


def fetch(
    db: apsw.Connection, query: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Execute a query and return all its rows.

    All at once, because a query that is not finished keeps an old snapshot of the file open.
    """
    return db.execute(query, values).fetchall()


@contextmanager
def transaction(db: apsw.Connection) -> Iterator[None]:
    """Commit what the block writes, all of it or nothing.

    The write lock is held from the start, so what the block reads cannot change meanwhile.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        # Open only after an error, and not after every one: SQLite rolls back some by itself.
        if db.in_transaction:
            with suppress(apsw.Error):
                db.execute("ROLLBACK")


@contextmanager
def snapshot(db: apsw.Connection) -> Iterator[None]:
    """Make all queries of the block read one state of the file, even if others commit."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


class Checkpointer:
    """Copies committed pages from the write-ahead log into the file.

    Has its own connection, to be used on its own thread, so that writers need not run checkpoints
    themselves. Not thread-safe.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with translated(path):
            self._db = open_writer(path)

    def run(self) -> None:
        """Copy the pages that can be copied without blocking anyone.

        Raises ArchiveUnwritable if the disk fails.
        """
        # Busy: another process is running a checkpoint.
        with translated(self._path), suppress(apsw.BusyError):
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def close(self) -> None:
        """Close the file; closing it twice is harmless."""
        self._db.close()


def use_write_ahead_log(db: apsw.Connection) -> None:
    """Switch to a write-ahead log, with which readers and a writer do not block each other.

    Raises ArchiveError if the file system does not support it. Retries for 10 s if other
    processes open the new file at the same time: SQLite then reports "busy" without waiting.
    """
    deadline = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            mode = db.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_RETRY)
            continue
        if mode != "wal":
            raise ArchiveError(
                "The archive's file system cannot be shared between processes. Nothing was"
                " written; keep the data directory on a local disk."
            )
        return


def require_safe_sqlite(version: str) -> None:
    """Raise RuntimeError for a version of SQLite that several processes must not share."""
    if tuple(int(part) for part in version.split(".")) < _SAFE_SQLITE:
        raise RuntimeError(f"SQLite {version} can lose committed data; install a newer apsw.")


def _make_private_file(path: Path) -> None:
    """Create the file, or make an existing one private.

    SQLite creates the companions (-wal, -shm) with the mode of the file.
    """
    try:
        # O_EXCL: an existing file must not be opened here, see the module's docstring.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            with suppress(OSError):
                part.chmod(0o600)
    else:
        sync_directory(path.parent)
