"""Deleting what was received on one connection."""

from pathlib import Path

import pytest

from ibconsole.archive import Archive, Filter, Reader, forgetting
from tests.unit.archive.processes import arrival, batch

PRIVATE = "a text that nobody may find again"


def pull(archive: Archive, connection: str, *texts: str) -> list[int]:
    delivery = archive.begin_pull(connection=connection, base_url="https://x.example", limit=50)
    body = batch(*({"messageId": text, "text": text} for text in texts), pending=0)
    archive.append_body(delivery, body)
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    [decoded] = archive.decode([delivery])
    return list(decoded.message_ids)


def forget(archive: Archive, connection: str) -> int:
    total = 0
    while (gone := archive.forget(connection))[0]:
        total += gone[1]
    return total


def test_only_one_connection_is_forgotten(archive: Archive, reader: Reader) -> None:
    """What came on other connections, and what was forwarded, stays."""
    pull(archive, "a", "one", "two")
    kept = pull(archive, "b", "three")
    [forwarded] = archive.add_forwards([arrival(batch({"messageId": "4"}, pending=0))])
    archive.decode([forwarded])

    assert archive.count_of("a") == 2
    assert forget(archive, "a") == 2
    assert archive.count_of("a") == 0
    assert reader.counts().messages == 2
    assert next(iter(reader.find(Filter()))) == kept[0]
    assert list(reader.find_deliveries("forward")) == [forwarded]


def test_ids_are_never_given_twice(archive: Archive, reader: Reader) -> None:
    """Whoever reads on behind the newest message misses nothing after a deletion."""
    [first] = pull(archive, "a", "one")
    last = pull(archive, "a", "two", "three")[-1]
    forget(archive, "a")

    [new] = pull(archive, "b", "four")

    assert first < last < new
    assert list(reader.find(Filter(), after=last)) == [new]


def test_what_is_forgotten_is_not_in_the_file(archive: Archive, path: Path) -> None:
    """Deleted messages are overwritten, not only unlisted."""
    pull(archive, "a", PRIVATE)

    forget(archive, "a")
    archive.close()

    for file in path.parent.glob("archive.sqlite3*"):
        assert PRIVATE.encode() not in file.read_bytes()


def test_many_deliveries_go_in_pieces(
    archive: Archive, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others can write between the pieces; the end is the same."""
    monkeypatch.setattr(forgetting, "_TOGETHER", 2)
    for number in range(5):
        pull(archive, "a", f"text {number}")

    assert archive.forget("a") == (2, 2)
    assert forget(archive, "a") == 3
    assert reader.counts().messages == 0


def test_a_pull_under_way_stays(archive: Archive, reader: Reader) -> None:
    """Its bytes are still coming, and exist nowhere else."""
    delivery = archive.begin_pull(connection="a", base_url="https://x.example", limit=50)
    archive.append_body(delivery, b"{")

    assert forget(archive, "a") == 0
    assert reader.delivery_body(delivery) == b"{"
