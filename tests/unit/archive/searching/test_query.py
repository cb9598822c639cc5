"""A search lists its matches in sort order, and reads no more than it needs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.conditions import AllOf, ByField, Contains, ExactField, NoneOf
from ibconsole.archive.connection import fetch
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Order, Via
from tests.unit.archive.deliveries import batch, forward, pull, received


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


@pytest.fixture
def partly_indexed(archive: Archive, reader: Reader) -> Reader:
    """An archive in which the first three of five messages are indexed."""
    forward(archive, *map(received, TIMES[:3]))
    while archive.index(100):
        pass
    forward(archive, *map(received, TIMES[3:]))
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


@pytest.mark.parametrize("order", Order)
def test_ids_of_messages_are_looked_up(archive: Archive, reader: Reader, order: Order) -> None:
    """A message id is found by its own index, with whatever else is asked for next to it."""
    pull(archive, batch(*({"messageId": f"id-{one % 5}", "text": str(one)} for one in range(10))))
    wanted = ByField(field=ExactField.MESSAGE_ID, values=("id-1", "id-3"))
    both = AllOf(conditions=(Contains(text="6"), wanted))
    queries: list[str] = []
    reader._db.trace_v2(1, lambda event: queries.append(event["sql"]))

    found = reader.search(Filter(condition=wanted), order=order, limit=3)
    one = reader.search(Filter(condition=both), order=order, limit=3)
    reader._db.trace_v2(0, None)

    assert (list(found.ids), found.rest, list(one.ids)) == ([4, 7, 9], found.place, [7])
    assert one.rest is None
    assert [sql for sql in queries if "group_concat" in sql and "message_identity" not in sql] == []
    other = NoneOf(condition=wanted)
    assert list(reader.find(Filter(condition=other))) == [1, 3, 5, 6, 8, 10]


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


@settings(max_examples=25)
@given(st.lists(st.sampled_from([1, 2, 3, None]), max_size=12), st.integers(0, 12))
def test_orders_agree(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int | None], after: int
) -> None:
    """Both orders have the same messages, and each is sorted by its key."""
    path = tmp_path_factory.mktemp("orders") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        forward(archive, *map(received, seconds))
        by_arrival = reader.search(Filter(), after=after).ids
        by_time = reader.search(Filter(), order=Order.RECEIVED, after=after)

    assert sorted(by_time.ids) == list(by_arrival)
    pairs = list(zip(by_time.keys, by_time.ids, strict=True))
    assert pairs == sorted(pairs)
