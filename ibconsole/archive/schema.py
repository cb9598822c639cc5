"""Opening the archive's file with its tables: migrations, private copies, read-only connections."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Self

import apsw

from ibconsole.archive.connection import (
    copy_privately,
    fetch,
    open_reader,
    open_writer,
    snapshot,
    transaction,
)
from ibconsole.archive.errors import ArchiveError, ArchiveTooNew, NoTables, translated
from ibconsole.archive.tables import MIGRATIONS


def migrate(db: apsw.Connection, path: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Migrate the tables to the last version; several processes may do so at once.

    Raises ArchiveTooNew for a file of a newer ibconsole, and ArchiveError for a database of
    another program. Both are left unchanged.
    """
    if _version(db, path, len(migrations)) == len(migrations):
        return
    with transaction(db):
        version = _version(db, path, len(migrations))
        if version == 0 and fetch(db, "SELECT 1 FROM sqlite_schema"):
            raise ArchiveError(f"{path} is a database of another program. It was left as it is.")
        for step, script in enumerate(migrations[version:], start=version + 1):
            fetch(db, f"{script} PRAGMA user_version = {step};")


def open_current(path: Path) -> apsw.Connection:
    """Open the file for reading, with the tables of this version.

    One of an older version, which a writer would have migrated if it could, is read from a private
    copy that is: so all queries know one form of the tables, and nothing is written next to the
    file. Raises ArchiveError, and apsw.Error.
    """
    with ExitStack() as on_error:
        db = open_reader(path)
        on_error.callback(db.close)
        if not is_older(db, path):
            on_error.pop_all()
            return db
        copy = copy_privately(db, path)
    with ExitStack() as on_error:
        on_error.callback(copy.close)
        has_identity = bool(fetch(copy, "SELECT 1 FROM sqlite_schema WHERE name = 'fact'"))
        migrate(copy, path)
        if not has_identity:
            _derive_identity(copy)
        copy.execute("PRAGMA query_only = ON").fetchall()
        on_error.pop_all()
    return copy


@contextmanager
def archive_transaction(path: Path) -> Iterator[apsw.Connection]:
    """Commit what the block writes to the archive, which is created if it does not exist.

    All or nothing, and on the disk when the block has ended. Raises ArchiveError.
    """
    with translated(path), closing(open_writer(path)) as db:
        migrate(db, path)
        with transaction(db):
            yield db


@contextmanager
def archive_snapshot(path: Path) -> Iterator[apsw.Connection]:
    """Let all queries of the block read one state of the archive. Raises ArchiveError."""
    with translated(path, "read"), closing(open_current(path)) as db, snapshot(db):
        yield db


class WritableConnection:
    """An archive that is open for writing, and created if it does not exist. Not thread-safe.

    Opening it, and every method of a subclass but `close`, raises ArchiveError if the file cannot
    be written; then nothing was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with translated(path), ExitStack() as on_error:
            self._db = open_writer(path)
            on_error.callback(self._db.close)
            migrate(self._db, path)
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing it twice is harmless."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[apsw.Connection]:
        """Commit what the block writes, all of it or nothing."""
        with translated(self._path), transaction(self._db):
            yield self._db


class ReadOnlyConnection:
    """An open archive, of any version, that cannot be written. Not thread-safe.

    Opening it, and every method of a subclass but `close`, raises ArchiveError if the file cannot
    be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with translated(path, "read"), ExitStack() as on_error:
            self._db = open_current(path)
            on_error.callback(self._db.close)
            self._prepare()
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing it twice is harmless."""
        self._db.close()

    def _prepare(self) -> None:
        """Prepare the connection for the queries of a subclass; called once."""


def _derive_identity(db: apsw.Connection) -> None:
    """Give the same UUID to all private copies of one state of an archive that has none.

    Otherwise two exports from it could be imported twice. Copies that went apart since differ.
    """
    latest = fetch(db, "SELECT id, owner, began_at, sha256 FROM delivery ORDER BY id DESC LIMIT 99")
    identity = sha256(repr(latest).encode()).hexdigest()[:32]
    db.execute("UPDATE fact SET value = ? WHERE name = 'archive'", (identity,))


def is_older(db: apsw.Connection, path: Path) -> bool:
    """Return whether the tables have an older version.

    Raises ArchiveTooNew for a newer one, and NoTables if there are none.
    """
    version = _version(db, path, len(MIGRATIONS))
    if not version:
        raise NoTables(
            f"{path} is empty, or is no archive. It was left as it is; start the program once to"
            " begin an archive."
        )
    return version < len(MIGRATIONS)


def _version(db: apsw.Connection, path: Path, latest: int) -> int:
    [(version,)] = fetch(db, "PRAGMA user_version")
    if version > latest:
        raise ArchiveTooNew(
            f"{path} was written by a newer ibconsole (version {version} of the archive; this"
            f" one knows {latest}). It was left as it is. Install the newer program."
        )
    return int(version)
