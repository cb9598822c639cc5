"""Readers return what was stored, while others write."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import ArchiveCounts, Filter, Slice, SourceActivity, Via
from tests.unit.archive.deliveries import arrival, batch


def fill(archive: Archive, count: int) -> None:
    messages = ({"messageId": str(number), "text": f"text {number}"} for number in range(count))
    archive.decode(archive.add_forwards([arrival(batch(*messages), arrived_at=77)]))


def test_finding_newer_messages(archive: Archive, reader: Reader) -> None:
    """Ids are found oldest first, and only those above the given one."""
    fill(archive, 5)

    assert list(reader.find(Filter(), after=2)) == [3, 4, 5]
    assert reader.find(Filter()).typecode == "q"


def test_message(archive: Archive, reader: Reader) -> None:
    """All fields of a message can be read, and its JSON as it was received."""
    sent = {
        "messageId": "m",
        "applicationCode": "app",
        "from": "sender",
        "keyword": "KEY",
        "text": "KEY text",
        "receivedAt": "2017-01-05T12:47:56.221+0000",
    }
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    archive.append_answer(delivery, batch({}, sent))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    archive.decode([delivery])
    message = reader.message(2)
    stored = reader.delivery(delivery)

    assert message
    assert stored
    assert (message.delivery, message.position, message.connection) == (delivery, 1, "c")
    assert (message.via, message.message_id, message.duplicate_of) == ("pull", "m", None)
    assert (message.application_code, message.sender) == ("app", "sender")
    assert (message.keyword, message.text) == ("KEY", "KEY text")
    assert message.received_at == 1_483_620_476_221
    assert message.arrived_at == stored.ended_at
    assert message.body.startswith(b'{"messageId":"m"')
    assert reader.message(3) is None


def test_iterating(archive: Archive, reader: Reader) -> None:
    """Messages are read page by page, and include those that arrive meanwhile."""
    fill(archive, 1100)
    messages = reader.messages(Filter(), after=50)
    first = next(messages)
    fill(archive, 3)

    assert first.id == 51
    assert [message.id for message in messages] == list(range(52, 1104))
    assert len(list(reader.messages(Filter(text="text 109")))) == 11


def test_iterating_over_chosen_messages(archive: Archive, reader: Reader) -> None:
    """Any number of chosen messages is read in pages, oldest first, others left out."""
    fill(archive, 1300)
    chosen = tuple(range(1300, 0, -2))
    criteria = Filter(ids=(*chosen, 5000), text="text")

    assert [message.id for message in reader.messages(criteria)] == sorted(chosen)
    assert [len(page) for page in reader.pages(criteria)] == [500, 150]
    assert reader.deliveries_matching(criteria) == [1]


def test_messages_of_deliveries(archive: Archive, reader: Reader) -> None:
    """The messages of pulls and forwards are found in their order; an unknown one has none."""
    fill(archive, 2)
    fill(archive, 3)

    assert list(reader.messages_of([2, 9, 1])) == [3, 4, 5, 1, 2]


def test_iterating_over_matches(archive: Archive, reader: Reader) -> None:
    """Messages that match are read page by page, and include those that arrive meanwhile."""
    fill(archive, 1_200)
    while archive.index(5_000):
        pass
    pages = reader.pages(Filter(text="text"), after=50)

    assert [one.id for one in next(pages)] == list(range(51, 551))
    fill(archive, 2)
    assert [one.id for page in pages for one in page] == list(range(551, 1_203))


def test_iterating_does_not_block_writers(path: Path, archive: Archive, reader: Reader) -> None:
    """An unfinished iteration does not prevent writers from truncating their log."""
    fill(archive, 1100)
    messages = reader.messages(Filter())
    next(messages)
    fill(archive, 1)

    [(busy, _, _)] = archive._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    assert busy == 0
    assert len(list(messages)) == 1100


def test_deliveries(archive: Archive, reader: Reader) -> None:
    """Deliveries are found by the way they came, and read in the requested order."""
    ids = archive.add_forwards([arrival(b"one"), arrival(b"two")])
    pull = archive.begin_pull(connection=None, base_url="https://x", limit=None)

    assert list(reader.find_deliveries(Via.FORWARD)) == ids
    assert list(reader.find_deliveries(Via.FORWARD, after=ids[0])) == ids[1:]
    assert list(reader.find_deliveries(Via.PULL)) == [pull]
    assert [each.id for each in reader.deliveries([pull, 99, *ids])] == [pull, *ids]
    assert reader.delivery(99) is None
    assert reader.delivery_raw(pull) == b""
    assert reader.delivery_body(pull) == b""
    with pytest.raises(LookupError, match="no delivery 99"):
        reader.delivery_body(99)


def test_counts(archive: Archive, reader: Reader) -> None:
    """The counts are totals, and the time of the last successful pull."""
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


def test_data_version(path: Path, archive: Archive, reader: Reader) -> None:
    """The data version changes when another connection has committed, and only then."""
    before = reader.data_version()
    unchanged = reader.data_version()
    archive.add_forwards([arrival(b"x")])

    assert unchanged == before
    assert reader.data_version() != before


def test_after_the_writer_closed(path: Path) -> None:
    """An archive can be read while it has no writer."""
    with Archive(path) as archive:
        fill(archive, 2)
    with Reader(path) as reader:
        assert reader.counts().messages == 2
        reader.close()


def test_slices(archive: Archive, reader: Reader) -> None:
    """Any range of a body or a request can be read; after its end the range is empty."""
    [forward] = archive.add_forwards([arrival(b"0123456789")])
    pull = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_answer(pull, b"ab")
    archive.append_answer(pull, b"cd")

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
    ("body", "complete", "trailing"),
    [
        (b'{"results":[{"messageId":"1"},{"messageId":"2","te', False, b'{"messageId":"2","te'),
        (b'{"results":[{"messageId":"1"} , ', False, b""),
        (b'{"resul', False, b'{"resul'),
        ('{"results":[{"messageId":"1"},{"mess'.encode("utf-16"), False, b""),
        (batch({"messageId": "1"}), True, b""),
        (b"", False, b""),
    ],
)
def test_trailing_bytes(
    archive: Archive, reader: Reader, body: bytes, complete: bool, trailing: bytes
) -> None:
    """The bytes of a message that was cut can be read; a whole body has none."""
    pull = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_answer(pull, body)
    archive.finish_pull(pull, status=200, headers=[], complete=complete, problem="")

    assert reader.trailing_bytes(pull) == trailing
    assert reader.trailing_bytes(pull, 3) == trailing[:3]


def test_finding_a_message_id(archive: Archive, reader: Reader) -> None:
    """The first message with a message id is found, in its own application only."""
    first, second = {"messageId": "1", "applicationCode": "a"}, {"messageId": "1"}
    archive.decode(archive.add_forwards([arrival(batch(first, first, second, {"text": "t"}))]))

    assert reader.find_message("1", "a") == 1
    assert reader.find_message("1", "") == 3
    assert reader.find_message("1", "b") is None
    assert reader.find_message("", "") is None


def test_deliveries_of_messages(archive: Archive, reader: Reader) -> None:
    """Each delivery with a matching message is returned once, oldest first."""
    fill(archive, 2)
    fill(archive, 1)
    fill(archive, 2)

    assert reader.deliveries_matching(Filter()) == [1, 2, 3]
    assert reader.deliveries_matching(Filter(text="text 1")) == [1, 3]


def test_has_pulled(archive: Archive, reader: Reader) -> None:
    """A connection counts as pulled once a request was sent on it, not if sending failed."""
    unsent = archive.begin_pull(connection="a", base_url="https://x", limit=None)
    archive.fail_pull(unsent, "The name was not found.")
    archive.begin_pull(connection="b", base_url="https://x", limit=None)

    assert [reader.has_pulled(connection) for connection in "abc"] == [False, True, False]


def test_cancelling_a_search(archive: Archive, reader: Reader) -> None:
    """A cancelled search ends with JobCancelled, and the reader can be used again."""
    fill(archive, 3_000)
    with pytest.raises(JobCancelled):
        reader.search(Filter(text="grüße nowhere"), cancelled=lambda: True)

    assert len(reader.find(Filter())) == 3_000


def test_the_activity_of_each_source(archive: Archive, reader: Reader) -> None:
    """The last pull of one connection is found, and the requests refused since a forward."""
    assert reader.source_activity("c") == SourceActivity()
    archive.add_forwards([replace(arrival(b"{}", arrived_at=1), status=404, unmatched=True)])
    archive.decode(archive.add_forwards([arrival(batch({}), arrived_at=2)]))
    wrong = replace(arrival(b"{}", arrived_at=3), status=404, unmatched=True)
    archive.add_forwards([wrong, replace(wrong, arrived_at=4)])
    pull = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    archive.begin_pull(connection="d", base_url="https://y", limit=None)

    found = reader.source_activity("c")

    assert found.pull is not None
    assert (found.pull.id, found.forwarded_at) == (pull, 2)
    assert (found.refused, found.refused_at, found.refused_status) == (2, 4, 404)


@pytest.mark.parametrize(
    ("connection", "base_url", "pull"),
    [
        ("c", "", 1),
        ("new", "https://x", 2),  # another connection of the same account
        ("c", "https://x", 2),
        ("d", "https://y", 3),
        ("d", "https://x", 2),  # it was edited since: its pull was from another account
        ("old", "https://z", 4),  # of an import without a base URL
        ("new", "https://z", None),
        ("", "", 4),
    ],
)
def test_the_last_pull_of_an_account(
    archive: Archive, reader: Reader, connection: str, base_url: str, pull: int | None
) -> None:
    """A base URL belongs to one account, whichever connection pulled; without one any counts."""
    for pulled in (("c", "https://x"), ("e", "https://x"), ("d", "https://y"), ("old", "")):
        archive.begin_pull(connection=pulled[0], base_url=pulled[1], limit=None)

    found = reader.source_activity(connection, base_url).pull

    assert (found.id if found else None) == pull
