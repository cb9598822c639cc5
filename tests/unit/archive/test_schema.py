"""Archives of older versions are migrated; those of newer ones are refused."""

from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.backup import back_up
from ibconsole.archive.connection import fetch, open_writer
from ibconsole.archive.errors import ArchiveError, ArchiveTooNew
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.archive.schema import migrate
from ibconsole.archive.tables import MIGRATIONS
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.archive.processes import process, read_words

SAMPLES = Path(__file__).parents[2] / "samples"
RELEASED = [1, 2]
FIRST_TABLES = ("delivery", "content", "chunk", "message", "element", "counter")


def run(path: Path, script: str) -> None:
    db = apsw.Connection(str(path))
    fetch(db, script)
    db.close()


def test_empty_file(tmp_path: Path) -> None:
    """An empty file becomes an archive of the current version."""
    path = tmp_path / "archive.sqlite3"
    path.touch()
    with pytest.raises(ArchiveError, match="is empty, or is no archive"):
        Reader(path)

    with Archive(path) as archive, Reader(path) as reader:
        assert reader.counts().messages == 0
        assert archive._db.pragma("user_version") == len(MIGRATIONS)
        assert archive._db.pragma("integrity_check") == "ok"


@pytest.mark.parametrize("opener", [Archive, Reader])
def test_newer_archive(path: Path, opener: type[Archive] | type[Reader]) -> None:
    """An archive of a newer version is refused, and nothing in it is changed."""
    Archive(path).close()
    run(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(ArchiveTooNew, match="Install the newer program"):
        opener(path)

    run(path, f"PRAGMA user_version = {len(MIGRATIONS)}")
    Archive(path).close()


def test_foreign_database(tmp_path: Path) -> None:
    """A database of another program is refused, and no tables are added to it."""
    path = tmp_path / "archive.sqlite3"
    run(path, "CREATE TABLE foreign_table (a)")

    with pytest.raises(ArchiveError, match="another program"):
        Archive(path)

    db = apsw.Connection(str(path))
    assert fetch(db, "SELECT name FROM sqlite_schema") == [("foreign_table",)]
    db.close()


def test_failing_migration(path: Path) -> None:
    """A migration that fails leaves the archive unchanged."""
    Archive(path).close()
    broken = (*MIGRATIONS, "CREATE TABLE later (a); INSERT INTO nowhere VALUES (1);")
    db = open_writer(path)
    with pytest.raises(apsw.SQLError):
        migrate(db, path, broken)

    assert fetch(db, "SELECT 1 FROM sqlite_schema WHERE name = 'later'") == []
    assert db.pragma("user_version") == len(MIGRATIONS)
    db.close()


def test_next_version(path: Path) -> None:
    """An archive of an older version keeps its contents when it is migrated."""
    with Archive(path) as archive:
        archive.begin_pull(connection=None, base_url="https://x", limit=None)
    db = open_writer(path)
    migrate(db, path, (*MIGRATIONS, "CREATE TABLE later (a);"))

    assert db.pragma("user_version") == len(MIGRATIONS) + 1
    assert fetch(db, "SELECT state FROM delivery") == [("asking",)]
    db.close()


@pytest.fixture(params=RELEASED)
def released(request: pytest.FixtureRequest, path: Path) -> Path:
    """An archive that a released version wrote, with pulls and forwards of every kind."""
    path.parent.mkdir(parents=True)
    run(path, (SAMPLES / f"archive_{request.param}.sql").read_text(encoding="utf-8"))
    return path


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read all rows of the tables of the first version, with the columns of that version."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = {}
    for table in FIRST_TABLES:
        columns = [
            name
            for _, name, *_ in fetch(db, f"PRAGMA table_info({table})")
            if name not in {"origin", "start", "size", "body_start"}
        ]
        query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2"  # noqa: S608 names written above
        found[table] = [row for row in fetch(db, query) if row[0] != "indexed"]
    db.close()
    return found


def test_archive_of_a_released_version(released: Path) -> None:
    """Everything that an older version stored is kept byte by byte, and undamaged."""
    before = rows(released)
    assert len(before["message"]) > 5
    Archive(released).close()
    assert rows(released) == before

    with Archive(released) as archive, Reader(released) as reader:
        archive.recover()
        while archive.index(3):
            pass
        last = -1
        while last < (last := archive.redecode(max(last, 0)).last):
            pass
        found = reader.verify(lambda _: None)
        assert found.damages == ()
        assert len(reader.find(Filter())) == found.messages == reader.counts().messages
        assert len(reader.find(Filter(text="grüße"))) > 0


def test_texts_are_indexed_again(path: Path) -> None:
    """A migration that changes the folding empties the index; texts are found meanwhile."""
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"text": "Zu\u0308rich"}))]))
        archive.index(9)
    run(path, "PRAGMA user_version = 5")

    with Archive(path) as archive, Reader(path) as reader:
        assert fetch(archive._db, "SELECT value FROM counter WHERE name = 'indexed'") == [(0,)]
        assert list(reader.find(Filter(text="ZÜR"))) == [1]
        assert archive.index(9)
        assert list(reader.find(Filter(text="ZÜR"))) == [1]


def test_reading_an_older_version(released: Path) -> None:
    """What an older version stored is read without changing it."""
    before = released.read_bytes()
    with Reader(released) as reader:
        found = reader.find(Filter())
        assert len(found) == reader.counts().messages == len(rows(released)["message"])
        assert len(reader.find(Filter(text="grüße"))) > 0
        assert reader.verify(lambda _: None).damages == ()
        assert [one.id for one in reader.messages(Filter())] == list(found)
        with pytest.raises(apsw.ReadOnlyError):
            reader._db.execute("DELETE FROM message")

        identity = reader.identity()
    assert released.read_bytes() == before
    with Reader(released) as reader:
        assert reader.identity() == identity

    run(released, "UPDATE delivery SET began_at = 7 WHERE id = (SELECT max(id) FROM delivery)")
    with Reader(released) as reader:
        assert reader.identity() != identity


def test_a_backup_of_an_older_version(released: Path, tmp_path: Path) -> None:
    """A backup keeps the version of its archive, and can be read and migrated like that."""
    back_up(released, tmp_path / "backup.sqlite3", lambda _: None)
    assert rows(tmp_path / "backup.sqlite3") == rows(released)


def test_killed_in_a_migration(released: Path) -> None:
    """A migration that is killed leaves no trace, and the next start migrates again."""
    before = rows(released)
    script = """
from ibconsole.archive.connection import open_writer
from ibconsole.archive.schema import migrate
from ibconsole.archive.tables import MIGRATIONS
def pause():
    say("migrated, not committed")
    signal.pause()
db = open_writer(path)
db.create_scalar_function("pause", pause)
migrate(db, path, (*MIGRATIONS, "SELECT pause();"))
"""
    with process(script, released) as child:
        assert read_words(child)[0] == "migrated,"
        child.kill()
        child.wait()

    db = apsw.Connection(str(released))
    assert db.pragma("user_version") < len(MIGRATIONS)
    db.close()
    assert rows(released) == before
    Archive(released).close()
    assert rows(released) == before


@pytest.mark.parametrize("latest", range(1, len(MIGRATIONS)))
def test_an_older_program(path: Path, latest: int) -> None:
    """A program with fewer migrations refuses the file, and changes nothing."""
    Archive(path).close()
    db = open_writer(path)
    with pytest.raises(ArchiveTooNew, match=r"was left as it is\. Install the newer program"):
        migrate(db, path, MIGRATIONS[:latest])
    assert db.pragma("user_version") == len(MIGRATIONS)
    db.close()
