"""A search finds the messages that match its filter, in its sort order."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Listing, Order, Place, StoredMessage, Via
from ibconsole.archive.searching import search, search_older
from tests.unit.archive.deliveries import arrival, batch, pull

TEXTS = [
    "Hello",
    "100% off_today",
    r"back\slash",
    "GRÜSSE aus Köln",
    "こんにちは",
    "a\0nul",
    "x" * 1200,
]


@pytest.fixture
def filled(archive: Archive, reader: Reader) -> Reader:
    messages = [{"messageId": f"id{number}", "text": text} for number, text in enumerate(TEXTS, 1)]
    messages.append({"from": "Sender-8", "keyword": "Stop", "applicationCode": "app"})
    messages.append({"messageId": "id1", "text": "again"})
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    archive.append_answer(delivery, b'{"results":[{"messageId":7,"text":"odd"}]}')
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    archive.decode([delivery])
    return reader


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hELLO", [1]),
        ("0%", [2]),
        ("f_t", [2]),
        ("%", [2]),
        ("_", [2]),
        ("\\", [3]),
        ("grüsse", [4]),
        ("KÖLN", [4]),
        ("んに", [5]),
        ("A\0N", [6]),
        ("X" * 1100, [7]),
        ("sender-", [8]),
        ("STOP", [8]),
        ("ID2", [2]),
        ("nowhere", []),
        ("' OR 1 --", []),
        ("half \ud800", []),
        ("Ss", [4]),
        ("ß", [4]),
        ("köln", [4]),
        ("nul", [6]),
    ],
)
def test_text(filled: Reader, text: str, found: list[int]) -> None:
    """A text is searched literally in text, sender, keyword and id, ignoring case."""
    assert list(filled.find(Filter(text=text))) == found


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (Filter(), list(range(1, 11))),
        (Filter(application="app"), [8]),
        (Filter(via=Via.PULL), [10]),
        (Filter(connection="c"), [10]),
        (Filter(connection="other"), []),
        (Filter(flags=1), [9]),
        (Filter(flags=1 << 20), []),
        (Filter(flags=1 | 4), [9, 10]),
        (Filter(via=Via.FORWARD, text="again", flags=1), [9]),
        (Filter(via=Via.PULL, text="again"), []),
        (Filter(sender="Sender-8"), [8]),
        (Filter(sender="sender-8"), []),
        (Filter(sender="Sender"), []),
        (Filter(keyword="Stop", text="sender"), [8]),
        (Filter(keyword="Stop", text="no"), []),
        (Filter(ids=(9, 2, 77)), [2, 9]),
        (Filter(ids=(9, 2), text="again"), [9]),
        (Filter(via=Via.FORWARD, connection="c"), []),
        (Filter(since=1), list(range(1, 11))),
        (Filter(until=1), []),
        (Filter(since=1 << 60), []),
        (Filter(since=1, until=1 << 60, text="again"), [9]),
    ],
)
def test_other_conditions(filled: Reader, criteria: Filter, found: list[int]) -> None:
    """Messages must meet all conditions; of several flags, one is enough."""
    assert list(filled.find(criteria)) == found


def test_application_in_other_spellings(archive: Archive, reader: Reader) -> None:
    """A code that is not ASCII is found as it was typed, composed and decomposed."""
    for code in ("z\xfc", "zu\u0308", "zu"):
        add(archive, {"applicationCode": code})
    assert list(reader.find(Filter(application="z\xfc"))) == [1, 2]
    assert list(reader.find(Filter(application="zu\u0308"))) == [1, 2]


@pytest.fixture
def delayed(archive: Archive, reader: Reader) -> Reader:
    """An archive whose messages came in another order than the platform received them."""
    times = ["2017-01-05T12:00:03.000+0000", "", "2017-01-05T12:00:01.000+0000"]
    messages = [{"text": "text", "receivedAt": time} for time in [*times, times[0]]]
    pull(archive, batch(*messages))
    return reader


def test_order(delayed: Reader) -> None:
    """Messages are sorted by arrival, or by the platform's time with those without it first."""
    by_arrival = delayed.search(Filter())
    by_time = delayed.search(Filter(), order=Order.RECEIVED)

    assert (list(by_arrival.ids), list(by_arrival.keys)) == ([1, 2, 3, 4], [])
    assert list(by_time.ids) == [2, 3, 1, 4]
    assert list(by_time.keys) == [-(1 << 63), 1_483_617_601_000, *[1_483_617_603_000] * 2]


@pytest.mark.parametrize("indexed", [0, 2, 4])
@pytest.mark.parametrize(
    ("order", "found"), [(Order.ARRIVAL, [2, 3, 4]), (Order.RECEIVED, [3, 1, 4])]
)
def test_limit(
    archive: Archive, delayed: Reader, indexed: int, order: Order, found: list[int]
) -> None:
    """With a limit the last messages of the order are found, however many are indexed."""
    archive.index(indexed)

    assert list(delayed.search(Filter(text="text"), order=order, limit=3).ids) == found
    assert list(delayed.search(Filter(text="text"), order=order, limit=0).ids) == []
    assert list(delayed.search(Filter(text="text"), order=order, after=4).ids) == []


TIMES = [5, None, 3, 9, 3]


def add(archive: Archive, *messages: dict[str, object]) -> None:
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))


def received(second: int | None) -> dict[str, object]:
    """Return a message that the platform received at this second; None for no time."""
    if second is None:
        return {"text": "needle"}
    return {"text": "needle", "receivedAt": f"2026-01-01T00:00:0{second}.000+0000"}


@pytest.fixture
def partly_indexed(archive: Archive, reader: Reader) -> Reader:
    """An archive in which the first three of five messages are indexed."""
    add(archive, *map(received, TIMES[:3]))
    while archive.index(100):
        pass
    add(archive, *map(received, TIMES[3:]))
    return reader


@pytest.mark.parametrize("criteria", [Filter(), Filter(text="needle"), Filter(text="NE")])
def test_sorted_by_time_of_receipt(partly_indexed: Reader, criteria: Filter) -> None:
    """Equal times are in the order of arrival; messages without a time precede all others."""
    listing = partly_indexed.search(criteria, order=Order.RECEIVED)

    assert list(listing.ids) == [2, 3, 5, 1, 4]
    assert list(listing.keys) == sorted(listing.keys)
    assert listing.keys[1] == listing.keys[2] == 1_767_225_603_000


@pytest.mark.slow
@pytest.mark.parametrize("criteria", [Filter(), Filter(text="needle"), Filter(text="NE")])
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("after", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("limit", [0, 1, 2, 4, 9])
def test_limited_search_is_the_end_of_the_whole(
    partly_indexed: Reader, criteria: Filter, order: Order, after: int, limit: int
) -> None:
    """A limited search returns the end of the whole list, wherever the index ends."""
    whole = partly_indexed.search(criteria, order=order, after=after)
    newest = partly_indexed.search(criteria, order=order, after=after, limit=limit)

    assert [*newest.ids] == [*whole.ids][len(whole.ids) - min(limit, len(whole.ids)) :]
    assert [*newest.keys] == [*whole.keys][len(whole.keys) - min(limit, len(whole.keys)) :]


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
    add(archive, *map(received, [0, 9, None]))

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
            add_at(archive, arrived_at, *messages)
            while era < 2 and archive.index(100):
                pass
        yield reader


def add_at(archive: Archive, arrived_at: int, *messages: dict[str, object]) -> None:
    archive.decode(archive.add_forwards([arrival(batch(*messages), arrived_at=arrived_at)]))


@pytest.mark.parametrize(
    "criteria",
    [
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
    ],
)
def test_shorter_ways_find_the_same(eras: Reader, criteria: Filter) -> None:
    """By whichever index the first rows are found, they are the newest of all that match."""
    matching = [one for one in eras.messages(Filter()) if is_match(one, criteria)]
    by_receipt = sorted(matching, key=lambda one: (one.received_at or 0, one.id))

    for order, wanted in ((Order.ARRIVAL, matching), (Order.RECEIVED, by_receipt)):
        for few, limit in itertools.product((1, 5, 1_000), (1, 3, 99, None)):
            found = search(eras._db, criteria, order=order, limit=limit, few=few)
            assert list(found.ids) == [one.id for one in wanted][-(limit or 99) :]


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
    add_at(archive, 1_000, *old, {"messageId": "1", "text": "qz", "keyword": "stop"})
    newer: list[dict[str, object]] = [
        {"messageId": f"{number or 1}", "text": "new", "keyword": "stop"} for number in range(2_000)
    ]
    add_at(archive, 2_000, *newer)
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
    add(archive, *messages)

    with pytest.raises(JobCancelled):
        reader.search(Filter(text="nowhere"), cancelled=lambda: True)
    assert len(reader.search(Filter(text="message")).ids) == 3_000


@pytest.mark.parametrize(
    ("criteria", "order", "plan"),
    [
        (Filter(), Order.ARRIVAL, "PRIMARY KEY"),
        (Filter(application="a"), Order.ARRIVAL, "message_application"),
        (Filter(), Order.RECEIVED, "message_received"),
        (Filter(via=Via.FORWARD), Order.RECEIVED, "message_received"),
        (Filter(text="abcd"), Order.ARRIVAL, "VIRTUAL TABLE INDEX"),
        (Filter(text="abc"), Order.ARRIVAL, "VIRTUAL TABLE INDEX"),
    ],
)
def test_first_page_is_read_by_an_index(
    partly_indexed: Reader, criteria: Filter, order: Order, plan: str
) -> None:
    """The newest messages are found without sorting or visiting all messages."""
    queries = []
    partly_indexed._db.trace_v2(1, lambda event: queries.append(event["sql"]))
    partly_indexed.search(criteria, order=order, limit=10)
    partly_indexed._db.trace_v2(0, None)

    [query] = [sql for sql in queries if explain(partly_indexed, sql, plan)]
    assert "TEMP B-TREE" not in explain(partly_indexed, query, plan)


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
    add(archive, *messages)

    with counted_steps(reader) as steps:
        assert not reader.search(criteria).ids
        assert not reader.search(criteria, order=Order.RECEIVED, limit=9).ids
    assert len(steps) < 10


def explain(reader: Reader, sql: str, plan: str) -> str:
    """Return the lines of a search's query plan that have `plan` or sort; empty without `plan`."""
    if "group_concat" not in sql:
        return ""
    names = {"after", "indexed", "words", "text", "pattern", "application", "via", "since"}
    lines = [
        str(row[3])
        for row in fetch(reader._db, f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(names, 1))
    ]
    found = [line for line in lines if plan in line]
    sorts = [line for line in lines if "TEMP B-TREE" in line]
    # One sort is that of the few newest messages, whose order is reversed.
    return "\n".join([found[0], *sorts[1:]]) if found else ""


@settings(max_examples=40)
@given(st.lists(st.sampled_from([1, 2, 3, None]), max_size=12), st.integers(0, 12))
def test_orders_agree(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int | None], after: int
) -> None:
    """Both orders have the same messages, and each is sorted by its key."""
    path = tmp_path_factory.mktemp("orders") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        add(archive, *map(received, seconds))
        by_arrival = reader.search(Filter(), after=after).ids
        by_time = reader.search(Filter(), order=Order.RECEIVED, after=after)

    assert sorted(by_time.ids) == list(by_arrival)
    pairs = list(zip(by_time.keys, by_time.ids, strict=True))
    assert pairs == sorted(pairs)
