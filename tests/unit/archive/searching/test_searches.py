"""By whichever way they are found, the matches of a filter are the same, and found at once."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Listing, Order, Place, StoredMessage, Via
from ibconsole.archive.searching import search, search_newer, search_older
from tests.unit.archive.deliveries import arrival, batch, forward, pull, received


@pytest.mark.parametrize(
    "criteria",
    [
        Filter(),
        Filter(text="needle"),
        Filter(text="NE"),
        Filter(text="nee"),
        Filter(text="e n"),
        Filter(via=Via.PULL),
        Filter(keyword="stop", text="needle"),
        Filter(application="app"),
        Filter(since=1_001),
    ],
)
@pytest.mark.parametrize("order", Order)
def test_parts_are_the_whole(
    archive: Archive, reader: Reader, criteria: Filter, order: Order
) -> None:
    """The newest matches and the parts before them are all, whatever arrives, for any size."""
    for start, via in enumerate((Via.FORWARD, Via.PULL, Via.FORWARD)):
        messages = [
            received(second)
            | {"keyword": "stop" if number % 3 else "go", "applicationCode": "app"}
            | ({"text": "needle needle"} if number % 4 else {})
            for number, second in enumerate([start, 5, None, 3, 9, 3, None, start])
        ]
        if via is Via.PULL:
            pull(archive, batch(*messages))
        else:
            archive.decode(archive.add_forwards([arrival(batch(*messages), arrived_at=1_001)]))
        while start < 2 and archive.index(100):
            pass
    archive.delete_batch("other")
    whole = reader.search(criteria, order=order)
    newest = max(whole.ids)
    first = reader.search(criteria, order=order, limit=2)
    forward(archive, *map(received, [0, 9, None]))

    for part in (1, 3, 7, 1_000):
        ids, keys = first.ids[:], first.keys[:]
        place: Place | None = first.place
        calls = 0
        while place:
            older = search_older(reader._db, criteria, place, order=order, newest=newest, part=part)
            ids, keys, place = older.ids + ids, older.keys + keys, older.rest
            calls += 1
        assert (ids, keys) == (whole.ids, whole.keys)
        assert calls <= 2 + 24 // part


@pytest.fixture(scope="module")
def eras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """An archive of three eras, each with its keyword and a duplicate; the last is not indexed."""
    path = tmp_path_factory.mktemp("eras") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        for era, arrived_at in enumerate([3_000, 1_000, 2_000]):
            messages = [
                received([5, None, 3, 9][number % 4])
                | {"messageId": f"{era}-{number % 7}", "keyword": ["go", "stop"][era % 2]}
                | ({"text": "qz needle"} if number == 3 else {})
                for number in range(8)
            ]
            forward(archive, *messages, arrived_at=arrived_at)
            while era < 2 and archive.index(100):
                pass
        yield reader


CRITERIA = [
    Filter(until=1_500),
    Filter(until=2_500),
    Filter(since=1_500, until=2_500),
    Filter(since=500, until=2_000),
    Filter(since=1_500, until=9_000),
    Filter(until=2_500, text="needle"),
    Filter(until=2_500, text="ne", keyword="go"),
    Filter(flags=1),
    Filter(flags=4 | 1, until=2_500),
    Filter(flags=1, text="needle"),
    Filter(text="qz", keyword="go"),
    Filter(text="q", keyword="stop"),
    Filter(text="qz", keyword="absent"),
    Filter(text="ne", sender="absent"),
]


@pytest.mark.parametrize("criteria", CRITERIA)
def test_shorter_ways_find_the_same(eras: Reader, criteria: Filter) -> None:
    """By whichever index the first rows are found, they are the newest of all that match."""
    matching = [one for one in eras.messages(Filter()) if is_match(one, criteria)]
    by_receipt = sorted(matching, key=lambda one: (one.received_at or 0, one.id))

    for order, wanted in ((Order.ARRIVAL, matching), (Order.RECEIVED, by_receipt)):
        for few, limit in itertools.product((1, 5, 1_000), (1, 3, 99, None)):
            found = search(eras._db, criteria, order=order, limit=limit, few=few)
            assert list(found.ids) == [one.id for one in wanted][-(limit or 99) :]


@pytest.mark.parametrize("few", [1, 5, 1_000])
@pytest.mark.parametrize("limit", [1, 3, 99])
def test_oldest_first(eras: Reader, few: int, limit: int) -> None:
    """Some matches at a time, the oldest first, are all, by whichever index they are found."""
    for criteria in CRITERIA:
        ids: list[int] = []
        while found := search_newer(eras._db, criteria, max(ids, default=0), limit, few=few):
            assert len(found) <= limit
            ids += found
        wanted = [one.id for one in eras.messages(Filter()) if is_match(one, criteria)]
        assert ids == (wanted if found is not None else wanted[: len(ids)])
        assert wanted == [one.id for one in eras.messages(criteria)]


def is_match(message: StoredMessage, criteria: Filter) -> bool:
    """Compare a message with a filter by text, keyword, sender, flags and time, in Python."""
    return (
        criteria.text in message.text
        and criteria.keyword in {"", message.keyword}
        and criteria.sender in {"", message.sender}
        and (not criteria.flags or bool(message.flags & criteria.flags))
        and (criteria.since or 0) <= message.arrived_at < (criteria.until or 10_000)
    )


def test_newer_messages_do_not_delay_the_first_rows(archive: Archive, reader: Reader) -> None:
    """The newest of a past period, of rare flags, and with rare letters are found at once."""
    old: list[dict[str, object]] = [
        received(number % 9) | {"text": f"old {number}"} for number in range(50)
    ]
    forward(archive, *old, {"messageId": "1", "text": "qz", "keyword": "stop"}, arrived_at=1_000)
    newer: list[dict[str, object]] = [
        {"messageId": f"{number or 1}", "text": "new", "keyword": "stop"} for number in range(2_000)
    ]
    forward(archive, *newer, arrived_at=2_000)
    while archive.index(5_000):
        pass

    for criteria, order in itertools.product(
        [
            Filter(until=1_500),
            Filter(since=500, until=1_500),
            Filter(until=1_500, text="old"),
            Filter(flags=1),
            Filter(keyword="stop", text="qz"),
        ],
        Order,
    ):
        with counted_steps(reader) as steps:
            assert search(reader._db, criteria, order=order, limit=9, few=20).ids
        assert len(steps) < 40, (criteria, order)
    with counted_steps(reader) as steps:  # of a period that is too long to sort all of it
        found = search(reader._db, Filter(until=1_500), order=Order.RECEIVED, limit=9, few=9)
    assert len(found.ids) == 9
    assert len(steps) < 150  # 2,000 entries of the index are skipped
    for text in ("qz", "old 4", "nowhere"):
        with counted_steps(reader) as steps:
            assert search_newer(reader._db, Filter(text=text), 0, 1_000) is not None
        assert len(steps) < 40, text


@contextmanager
def counted_steps(reader: Reader) -> Iterator[list[None]]:
    """Yield a list that grows by an item with every 100 instructions of SQLite."""
    steps: list[None] = []

    def add_step() -> bool:
        steps.append(None)
        return False

    reader._db.set_progress_handler(add_step, 100, id="test")
    yield steps
    reader._db.set_progress_handler(None, id="test")


def test_empty_archive(reader: Reader) -> None:
    """A search of an empty archive finds nothing, in every order."""
    assert reader.search(Filter()) == Listing(reader.find(Filter()))
    assert not reader.search(Filter(text="abc"), order=Order.RECEIVED).ids


def test_cancelled_search(archive: Archive, reader: Reader) -> None:
    """A cancelled search ends soon, and does not affect the next one."""
    messages: list[dict[str, object]] = [{"text": f"message {n}"} for n in range(3_000)]
    forward(archive, *messages)

    with pytest.raises(JobCancelled):
        reader.search(Filter(text="nowhere"), cancelled=lambda: True)
    assert len(reader.search(Filter(text="message")).ids) == 3_000


@pytest.mark.parametrize(
    "criteria",
    [
        Filter(via=Via.PULL),
        Filter(connection="c"),
        Filter(via=Via.FORWARD, connection="c"),
        Filter(flags=1),
        Filter(application="none"),
        Filter(until=1),
        Filter(since=1 << 60),
    ],
)
def test_filters_without_a_match_read_no_message(
    archive: Archive, reader: Reader, criteria: Filter
) -> None:
    """A filter that cannot match is answered by indexes: in steps that do not grow."""
    pull(archive, batch())  # without messages, on the connection "c"
    messages: list[dict[str, object]] = [{"text": f"needle {number}"} for number in range(2_000)]
    forward(archive, *messages)

    with counted_steps(reader) as steps:
        assert not reader.search(criteria).ids
        assert not reader.search(criteria, order=Order.RECEIVED, limit=9).ids
    assert len(steps) < 10
