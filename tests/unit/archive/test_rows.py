"""Rows become values, and forward tests are stored, also in archives of older versions."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch, open_writer
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Flags, ForwardTestRecord, MessageRow, Via
from ibconsole.archive.schema import migrate
from ibconsole.archive.tables import MIGRATIONS
from tests.unit.archive.deliveries import arrival, batch

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


@pytest.mark.parametrize("text", ["a" * 1100, "🙂" * 1100, "ß" * 999 + "🙂🙂", "a\0" * 550, ""])
def test_text_in_a_list(archive: Archive, reader: Reader, text: str) -> None:
    """A row has the first 1,000 characters of a text, whatever they are; all of it is stored."""
    archive.decode(archive.add_forwards([arrival(batch({"messageId": "1", "text": text}))]))
    message = reader.message(1)

    assert reader.rows([1]) == [
        MessageRow(1, 1, Via.FORWARD, "", "", "", text[:1000], None, 1_000, Flags(0))
    ]
    assert message
    assert message.text == text


def test_order_of_rows(archive: Archive, reader: Reader) -> None:
    """Rows are in the order of the ids; ids that do not exist are skipped."""
    archive.decode(archive.add_forwards([arrival(batch({"text": "1"}, {"text": "2"}))]))

    assert [row.id for row in reader.rows([2, 9, 1])] == [2, 1]
    assert reader.rows([]) == []
