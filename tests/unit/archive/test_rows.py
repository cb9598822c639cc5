"""The record of tests, also in archives that older programs have written."""

from dataclasses import replace
from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch, open_writer
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import ForwardTestRecord
from ibconsole.archive.schema import MIGRATIONS, migrate

RECORD = ForwardTestRecord(0, 1_700_000_000_000, "https://x.io/in", 200, b"{}", b"\xff", '{"a":1}')


def test_kept_and_read(archive: Archive, reader: Reader) -> None:
    """The newest first, whole, at most as many as wanted."""
    first = archive.add_forward_test(RECORD)
    second = archive.add_forward_test(replace(RECORD, status=None, url="https://y.io"))

    assert [one.id for one in reader.forward_tests(9)] == [second, first]
    assert reader.forward_tests(9)[1] == replace(RECORD, id=first)
    assert len(reader.forward_tests(1)) == 1


def test_an_archive_of_the_first_version(path: Path) -> None:
    """What it holds stays, and tests can be recorded from then on."""
    path.parent.mkdir(parents=True)
    db = open_writer(path)
    migrate(db, path, MIGRATIONS[:1])
    fetch(
        db,
        "INSERT INTO delivery (via, state, owner, began_at) VALUES ('pull', 'failed', 'x', 1)",
    )
    db.close()

    with Archive(path) as archive, Reader(path) as reader:
        archive.add_forward_test(RECORD)
        assert len(reader.forward_tests(9)) == 1
        assert fetch(archive._db, "SELECT via FROM delivery") == [("pull",)]
        assert archive._db.pragma("user_version") == len(MIGRATIONS)
