"""Opening the file, so that what was committed survives anything.

The only module that knows how SQLite is set up. Never open the database file in any other
way while the program runs, not even to read it: closing it would drop SQLite's locks.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from ibconsole.archive.errors import ArchiveError, translated
from ibconsole.files import make_private_directory, sync_directory


class Checkpointer:
    """A connection of its own, on a thread of its own: it works while others write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with translated(path):
            self._db = open_writer(path)

    def run(self) -> None:
        """Bring on what can be without keeping anybody waiting. Raises ArchiveUnwritable."""
        # Busy: somebody else is just doing the same.
        with translated(self._path), suppress(apsw.BusyError):
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def close(self) -> None:
        """Let go of the file; calling it twice is harmless."""
        self._db.close()


_BUSY_MS = 10_000
_WAL_KEPT = 64 << 20  # bytes that the write-ahead log may keep after a checkpoint
_WAL_PAGES = 16_384  # in the log before a commit has to make room; see `checkpointing`
# Until 3.51.2 two connections that write or checkpoint at one instant can lose committed pages.
_SAFE_SQLITE = (3, 51, 3)


def open_writer(path: Path) -> apsw.Connection:
    """Open for writing; a missing file is made, 0600 in directories of 0700.

    What commits on this connection is synced to the disk. Raises apsw.Error and OSError.
    """
    require_safe_sqlite(apsw.sqlite_lib_version())
    make_private_directory(path.parent)
    _make_private_file(path)
    db = apsw.Connection(str(path.absolute()), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.set_busy_timeout(_BUSY_MS)
        use_write_ahead_log(db)
        # What is deleted was a customer's: it is overwritten, not only unlisted.
        # fullfsync matters on macOS alone, where fsync does not reach the disk.
        db.execute(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
            "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
            f"PRAGMA journal_size_limit = {_WAL_KEPT}; PRAGMA wal_autocheckpoint = {_WAL_PAGES};"
        ).fetchall()
    except BaseException:
        db.close()
        raise
    return db


def open_reader(path: Path) -> apsw.Connection:
    """Open for reading, while others may write. Raises ArchiveError if there is no file."""
    require_safe_sqlite(apsw.sqlite_lib_version())
    if not path.is_file():
        raise ArchiveError(f"There is no archive at {path} yet: nothing was received.")
    db = apsw.Connection(str(path.absolute()), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        db.set_busy_timeout(_BUSY_MS)
        db.wal_autocheckpoint(0)
        db.execute("PRAGMA query_only = ON").fetchall()
    except BaseException:
        db.close()
        raise
    return db


def fetch(
    db: apsw.Connection, query: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Every row at once: an unfinished query would hold on to an old state of the file."""
    return db.execute(query, values).fetchall()


@contextmanager
def transaction(db: apsw.Connection) -> Iterator[None]:
    """All or nothing; holds the write lock from its start, so what is read stays true."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors.
        if db.in_transaction:
            with suppress(apsw.Error):
                db.execute("ROLLBACK")
        raise


@contextmanager
def one_state(db: apsw.Connection) -> Iterator[None]:
    """What is read in the block belongs together, whatever others commit meanwhile."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _make_private_file(path: Path) -> None:
    """SQLite gives its companions (-wal, -shm) the mode of the file."""
    try:
        # Exclusively: see the module's warning about opening a file that is in use.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            with suppress(OSError):
                part.chmod(0o600)
    else:
        sync_directory(path.parent)


def use_write_ahead_log(db: apsw.Connection) -> None:
    """Let readers and a writer work at once. Raises ArchiveError where that cannot be.

    Several processes may open a new file together; SQLite then says busy without waiting.
    """
    deadline = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            mode = db.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
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
