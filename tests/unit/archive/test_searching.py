"""Searching: order, the newest first of all, giving up, and how SQLite goes about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive import Archive, Filter, Listing, Order, Reader, Stopped
from ibconsole.archive.connection import fetch
from tests.unit.archive.processes import arrival, batch

TIMES = [5, None, 3, 9, 3]


def add(archive: Archive, *messages: dict[str, object]) -> None:
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))


def received(second: int | None) -> dict[str, object]:
    if second is None:
        return {"text": "needle"}
    return {"text": "needle", "receivedAt": f"2026-01-01T00:00:0{second}.000+0000"}


@pytest.fixture
def filled(archive: Archive, reader: Reader) -> Reader:
    add(archive, *map(received, TIMES[:3]))
    while archive.index(100):
        pass
    add(archive, *map(received, TIMES[3:]))
    return reader


@pytest.mark.parametrize("wanted", [Filter(), Filter(text="needle"), Filter(text="NE")])
def test_by_the_platform_s_time(filled: Reader, wanted: Filter) -> None:
    """Sorted by receivedAt; those alike by arrival, those without one before all others."""
    listing = filled.search(wanted, order=Order.RECEIVED)

    assert list(listing.ids) == [2, 3, 5, 1, 4]
    assert list(listing.keys) == sorted(listing.keys)
    assert listing.keys[1] == listing.keys[2] == 1_767_225_603_000


@pytest.mark.parametrize("wanted", [Filter(), Filter(text="needle"), Filter(text="NE")])
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("after", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("most", [0, 1, 2, 4, 9])
def test_the_newest_alone(
    filled: Reader, wanted: Filter, order: Order, after: int, most: int
) -> None:
    """The newest few are the end of the whole list, wherever the index ends."""
    whole = filled.search(wanted, order=order, after=after)
    newest = filled.search(wanted, order=order, after=after, most=most)

    assert [*newest.ids] == [*whole.ids][len(whole.ids) - min(most, len(whole.ids)) :]
    assert [*newest.keys] == [*whole.keys][len(whole.keys) - min(most, len(whole.keys)) :]


def test_nothing_there(reader: Reader) -> None:
    """An empty archive has an empty list, in every order."""
    assert reader.search(Filter()) == Listing(reader.find(Filter()))
    assert not reader.search(Filter(text="abc"), order=Order.RECEIVED).ids


def test_giving_up(archive: Archive, reader: Reader) -> None:
    """A search that nobody waits for ends soon; the next one is none the worse for it."""
    messages: list[dict[str, object]] = [{"text": f"message {n}"} for n in range(3_000)]
    add(archive, *messages)

    with pytest.raises(Stopped):
        reader.search(Filter(text="nowhere"), stopped=lambda: True)
    assert len(reader.search(Filter(text="message")).ids) == 3_000


@pytest.mark.parametrize(
    ("wanted", "order", "plan"),
    [
        (Filter(), Order.ARRIVAL, "PRIMARY KEY"),
        (Filter(application="a"), Order.ARRIVAL, "message_application"),
        (Filter(), Order.RECEIVED, "message_received"),
        (Filter(via="pull"), Order.RECEIVED, "message_received"),
        (Filter(text="abcd"), Order.ARRIVAL, "VIRTUAL TABLE INDEX"),
    ],
)
def test_first_page_is_read_by_an_index(
    filled: Reader, wanted: Filter, order: Order, plan: str
) -> None:
    """The newest messages are found without sorting or visiting all."""
    queries = []
    filled._db.trace_v2(1, lambda event: queries.append(event["sql"]))
    filled.search(wanted, order=order, most=10)
    filled._db.trace_v2(0, None)

    [query] = [sql for sql in queries if plan_of(filled, sql, plan)]
    assert "TEMP B-TREE" not in plan_of(filled, query, plan).partition("\n")[0]


def plan_of(reader: Reader, sql: str, wanted: str) -> str:
    """The plan of the inner query, as text; empty if what is wanted is not in it."""
    if "json_group_array" not in sql:
        return ""
    names = {"after", "indexed", "words", "text", "application", "via", "flags", "connection"}
    lines = [
        str(row[3])
        for row in fetch(reader._db, f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(names, 1))
    ]
    found = [line for line in lines if wanted in line]
    sorts = [line for line in lines if "TEMP B-TREE" in line]
    # One sort is that of the few newest, which are turned around.
    return "\n".join([found[0], *sorts[1:]]) if found else ""


@given(st.lists(st.sampled_from([1, 2, 3, None]), max_size=12), st.integers(0, 12))
def test_orders_agree(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int | None], after: int
) -> None:
    """Both orders have the same messages, and each is sorted by what it says."""
    path = tmp_path_factory.mktemp("orders") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        add(archive, *map(received, seconds))
        arrival_order = reader.search(Filter(), after=after).ids
        listing = reader.search(Filter(), order=Order.RECEIVED, after=after)

    assert sorted(listing.ids) == list(arrival_order)
    pairs = list(zip(listing.keys, listing.ids, strict=True))
    assert pairs == sorted(pairs)
