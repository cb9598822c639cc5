"""Tables, and files of other versions."""

from pathlib import Path

import apsw
import pytest

from ibconsole.archive import Archive, ArchiveError, ArchiveTooNew, Reader
from ibconsole.archive.connection import fetch, open_writer
from ibconsole.archive.schema import MIGRATIONS, migrate


def run(path: Path, script: str) -> None:
    db = apsw.Connection(str(path))
    fetch(db, script)
    db.close()


def test_empty_file(tmp_path: Path) -> None:
    """An empty file becomes an archive of the present version."""
    path = tmp_path / "archive.sqlite3"
    path.touch()
    with pytest.raises(ArchiveError, match="is empty or was written by an older"):
        Reader(path)

    with Archive(path) as archive, Reader(path) as reader:
        assert reader.counts().messages == 0
        assert archive._db.pragma("user_version") == len(MIGRATIONS)
        assert archive._db.pragma("integrity_check") == "ok"


@pytest.mark.parametrize("opener", [Archive, Reader])
def test_newer_archive(path: Path, opener: type[Archive] | type[Reader]) -> None:
    """An archive of a newer program is refused politely, and nothing in it is changed."""
    Archive(path).close()
    run(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(ArchiveTooNew, match="Install the newer program"):
        opener(path)

    run(path, f"PRAGMA user_version = {len(MIGRATIONS)}")
    Archive(path).close()


def test_foreign_database(tmp_path: Path) -> None:
    """A database of another program is refused, and gets no tables of ours."""
    path = tmp_path / "archive.sqlite3"
    run(path, "CREATE TABLE theirs (a)")

    with pytest.raises(ArchiveError, match="another program"):
        Archive(path)

    db = apsw.Connection(str(path))
    assert fetch(db, "SELECT name FROM sqlite_schema") == [("theirs",)]
    db.close()


def test_failing_migration(path: Path) -> None:
    """A migration that fails half-way leaves the archive as it was."""
    Archive(path).close()
    broken = (*MIGRATIONS, "CREATE TABLE later (a); INSERT INTO nowhere VALUES (1);")
    db = open_writer(path)
    with pytest.raises(apsw.SQLError):
        migrate(db, path, broken)

    assert fetch(db, "SELECT 1 FROM sqlite_schema WHERE name = 'later'") == []
    assert db.pragma("user_version") == len(MIGRATIONS)
    db.close()


def test_next_version(path: Path) -> None:
    """An archive of an older program keeps its contents when it is brought up to date."""
    with Archive(path) as archive:
        archive.begin_pull(connection=None, base_url="https://x", limit=None)
    db = open_writer(path)
    migrate(db, path, (*MIGRATIONS, "CREATE TABLE later (a);"))

    assert db.pragma("user_version") == len(MIGRATIONS) + 1
    assert fetch(db, "SELECT state FROM delivery") == [("asking",)]
    db.close()
