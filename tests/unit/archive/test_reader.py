"""Reading while others write."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import ArchiveCounts, Filter, Slice
from tests.unit.archive.processes import arrival, batch


def fill(archive: Archive, count: int) -> None:
    messages = ({"messageId": str(number), "text": f"text {number}"} for number in range(count))
    archive.decode(archive.add_forwards([arrival(batch(*messages), arrived_at=77)]))


def test_find_after(archive: Archive, reader: Reader) -> None:
    """Ids come oldest first, and only those above the one already known."""
    fill(archive, 5)

    assert list(reader.find(Filter(), after=2)) == [3, 4, 5]
    assert reader.find(Filter()).typecode == "q"


def test_message(archive: Archive, reader: Reader) -> None:
    """Everything that is known of a message can be read, its JSON included."""
    sent = {
        "messageId": "m",
        "applicationCode": "app",
        "from": "sender",
        "keyword": "KEY",
        "text": "KEY text",
        "receivedAt": "2017-01-05T12:47:56.221+0000",
    }
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    archive.append_body(delivery, batch({}, sent))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    archive.decode([delivery])
    message = reader.message(2)
    whole = reader.delivery(delivery)

    assert message
    assert whole
    assert (message.delivery, message.position, message.connection) == (delivery, 1, "c")
    assert (message.via, message.message_id, message.duplicate_of) == ("pull", "m", None)
    assert (message.application_code, message.sender) == ("app", "sender")
    assert (message.keyword, message.text) == ("KEY", "KEY text")
    assert message.received_at == 1_483_620_476_221
    assert message.arrived_at == whole.ended_at
    assert message.body.startswith(b'{"messageId":"m"')
    assert reader.message(3) is None


def test_stream(archive: Archive, reader: Reader) -> None:
    """Messages are streamed page by page; what arrives meanwhile is not missed."""
    fill(archive, 1100)
    stream = reader.messages(Filter(), after=50)
    first = next(stream)
    fill(archive, 3)

    assert first.id == 51
    assert [message.id for message in stream] == list(range(52, 1104))
    assert len(list(reader.messages(Filter(text="text 109")))) == 11


def test_stream_leaves_writers_alone(path: Path, archive: Archive, reader: Reader) -> None:
    """A stream that nobody drains keeps nobody from shortening the log."""
    fill(archive, 1100)
    stream = reader.messages(Filter())
    next(stream)
    fill(archive, 1)

    [(busy, _, _)] = archive._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    assert busy == 0
    assert len(list(stream)) == 1100


def test_deliveries(archive: Archive, reader: Reader) -> None:
    """Deliveries are found by the way they came, and read in the order asked for."""
    ids = archive.add_forwards([arrival(b"one"), arrival(b"two")])
    pull = archive.begin_pull(connection=None, base_url="https://x", limit=None)

    assert list(reader.find_deliveries("forward")) == ids
    assert list(reader.find_deliveries("forward", after=ids[0])) == ids[1:]
    assert list(reader.find_deliveries("pull")) == [pull]
    assert [each.id for each in reader.deliveries([pull, 99, *ids])] == [pull, *ids]
    assert reader.delivery(99) is None
    assert reader.delivery_raw(pull) == b""
    assert reader.delivery_body(pull) == b""
    with pytest.raises(LookupError, match="no delivery 99"):
        reader.delivery_body(99)


def test_counts(archive: Archive, reader: Reader) -> None:
    """The counts say how much there is, and when a pull last succeeded."""
    assert reader.counts() == ArchiveCounts(0, 0, 0, None, 0, 0)
    fill(archive, 3)
    pulls = [
        archive.begin_pull(connection=None, base_url="https://x", limit=None) for _ in range(2)
    ]
    for delivery, status in zip(pulls, (200, 401), strict=True):
        archive.finish_pull(delivery, status=status, headers=[], complete=True, problem="")
    answered = reader.delivery(pulls[0])

    assert answered
    assert reader.counts() == ArchiveCounts(3, 2, 1, answered.ended_at, 3, 3)


def test_version(path: Path, archive: Archive, reader: Reader) -> None:
    """A reader notices that somebody else has committed, and only that."""
    before = reader.data_version()
    unchanged = reader.data_version()
    archive.add_forwards([arrival(b"x")])

    assert unchanged == before
    assert reader.data_version() != before


def test_after_the_writer_closed(path: Path) -> None:
    """An archive can be read with no writer about."""
    with Archive(path) as archive:
        fill(archive, 2)
    with Reader(path) as reader:
        assert reader.counts().messages == 2
        reader.close()


def test_slices(archive: Archive, reader: Reader) -> None:
    """Any part of a body or a request is read by itself; behind the end there is nothing."""
    [forward] = archive.add_forwards([arrival(b"0123456789")])
    pull = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_body(pull, b"ab")
    archive.append_body(pull, b"cd")

    assert reader.slice(forward, 2, 3) == Slice(b"234", 2, 10)
    assert reader.slice(forward, 8, 30) == Slice(b"89", 8, 10)
    assert reader.slice(forward, 99, 3) == Slice(b"", 10, 10)
    assert reader.slice(forward, 0, 4, raw=True) == Slice(b"POST", 0, 36)
    assert reader.slice(pull, 1, 2) == Slice(b"bc", 1, 4)
    assert reader.slice(pull, 0, 9, raw=True) == Slice(b"", 0, 0)
    archive.finish_pull(pull, status=200, headers=[], complete=True, problem="")
    assert reader.slice(pull, 3, 9) == Slice(b"d", 3, 4)
    with pytest.raises(LookupError):
        reader.slice(99, 0, 1)


@pytest.mark.parametrize(
    ("body", "complete", "rest"),
    [
        (b'{"results":[{"messageId":"1"},{"messageId":"2","te', False, b'{"messageId":"2","te'),
        (b'{"results":[{"messageId":"1"} , ', False, b""),
        (b'{"resul', False, b'{"resul'),
        (batch({"messageId": "1"}), True, b""),
        (b"", False, b""),
    ],
)
def test_what_was_cut(
    archive: Archive, reader: Reader, body: bytes, complete: bool, rest: bytes
) -> None:
    """Of a message that was cut there is as much as came; a whole body has no such rest."""
    pull = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_body(pull, body)
    archive.finish_pull(pull, status=200, headers=[], complete=complete, problem="")

    assert reader.trailing_bytes(pull) == rest
    assert reader.trailing_bytes(pull, 3) == rest[:3]


def test_names(archive: Archive, reader: Reader) -> None:
    """A message is found by its name, the first of it, in its own application only."""
    first, second = {"messageId": "1", "applicationCode": "a"}, {"messageId": "1"}
    archive.decode(archive.add_forwards([arrival(batch(first, first, second, {"text": "t"}))]))

    assert reader.find_message("1", "a") == 1
    assert reader.find_message("1", "") == 3
    assert reader.find_message("1", "b") is None
    assert reader.find_message("", "") is None
