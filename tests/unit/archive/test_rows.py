"""Rows become values, and forward tests are stored, also in archives of older versions."""

from dataclasses import replace
from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch, open_writer
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import ForwardTestRecord
from ibconsole.archive.schema import MIGRATIONS, migrate
from tests.unit.archive.deliveries import BODY, batch, pull

RECORD = ForwardTestRecord(0, 1_700_000_000_000, "https://x.io/in", 200, b"{}", b"\xff", '{"a":1}')


def test_forward_tests(archive: Archive, reader: Reader) -> None:
    """Records are read complete, the newest first, at most as many as requested."""
    first = archive.add_forward_test(RECORD)
    second = archive.add_forward_test(replace(RECORD, status=None, url="https://y.io"))

    assert [one.id for one in reader.forward_tests(9)] == [second, first]
    assert reader.forward_tests(9)[1] == replace(RECORD, id=first)
    assert len(reader.forward_tests(1)) == 1


def test_forward_tests_in_an_old_archive(path: Path) -> None:
    """An archive of the first version keeps its contents, and can store forward tests."""
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


def test_listed_texts_are_cut_at_characters(archive: Archive, reader: Reader) -> None:
    """A row has the first 200 characters of its text, also of long characters and after a NUL."""
    texts = ["\U0001f642" * 300, "a\0" * 150, ""]
    pull(archive, batch(*({"messageId": "1", "text": text} for text in texts)))

    assert [row.text for row in reader.rows([1, 2, 3])] == [text[:200] for text in texts]


def test_rows_in_the_requested_order(archive: Archive, reader: Reader) -> None:
    """Rows are in the order of the ids; ids that do not exist are skipped."""
    pull(archive, BODY)

    assert [row.id for row in reader.rows([2, 99, 1])] == [2, 1]
