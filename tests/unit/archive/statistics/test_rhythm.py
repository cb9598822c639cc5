"""The times at which messages arrived."""

from collections.abc import Callable

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.statistics.rhythm import (
    AnsweredForward,
    ArrivedMessage,
    answered_forwards,
    arrivals_between,
    arrived_messages,
    deliveries_between,
    filled_deliveries,
    first_arrival,
    first_filled,
    newest_of_applications,
)
from tests.unit.archive.deliveries import arrival, batch, pull


def store(archive: Archive, code: str, *times: int) -> None:
    """Store a forward with one message at each of these times."""
    for at in times:
        body = batch({"messageId": f"{code}{at}", "applicationCode": code})
        archive.decode(archive.add_forwards([arrival(body, arrived_at=at)]))


def test_applications(archive: Archive, reader: Reader) -> None:
    """Each application is found with its newest message; one without a code is left out."""
    assert reader.ask(newest_of_applications) == []
    store(archive, "b", 1)
    store(archive, "a", 2, 3)
    store(archive, "", 4)
    store(archive, "b", 5)

    assert reader.ask(newest_of_applications) == [("a", 3), ("b", 5)]


def test_arrivals_of_an_application(archive: Archive, reader: Reader) -> None:
    """Only what is new is read, the newest first."""
    store(archive, "a", 10, 20, 30)
    store(archive, "b", 40)
    third = ArrivedMessage(3, 30, None)

    assert reader.ask(arrived_messages, "a", 0, 1) == [third]
    assert reader.ask(arrived_messages, "a", 1, 9) == [third, ArrivedMessage(2, 20, None)]
    assert reader.ask(first_arrival, "a") == 10
    assert reader.ask(first_arrival, "c") is None


def test_deliveries_of_a_connection(archive: Archive, reader: Reader) -> None:
    """Pulls and forwards with messages count for their connection."""
    assert reader.ask(first_filled, "c") is None
    first = reader.deliveries([pull(archive, batch({})).delivery])[0]
    pull(archive, batch())
    pull(archive, batch({}), connection="d")

    times = list(reader.ask(filled_deliveries, "c", 9))
    assert times == [first.ended_at]
    assert reader.ask(first_filled, "c") == times[0]
    span = (times[0], times[0] + 1)
    assert reader.ask(deliveries_between, "c", span, 9) == times
    assert reader.ask(deliveries_between, "c", (0, times[0]), 9) == []


def test_arrivals_of_a_span(archive: Archive, reader: Reader) -> None:
    """The start belongs to a span and its end does not; imported messages do not disturb it."""
    store(archive, "a", 10, 20, 30, 40)
    store(archive, "b", 25)
    store(archive, "a", 15)  # a later id, as an import has it

    assert sorted(reader.ask(arrivals_between, "a", (15, 40), 9)) == [15, 20, 30]
    assert reader.ask(arrivals_between, "a", (41, 99), 9) == []
    assert len(reader.ask(arrivals_between, "a", (0, 99), 2)) == 2


def test_answers(archive: Archive, reader: Reader) -> None:
    """The answers to forwards are found, the newest first."""
    archive.add_forwards([arrival(b"{}", arrived_at=7), arrival(b"{}", arrived_at=8, status=404)])
    pull(archive, batch({}))

    assert reader.ask(answered_forwards) == [
        AnsweredForward(8, 404, None, "POST"),
        AnsweredForward(7, 200, None, "POST"),
    ]


QUERIES: list[tuple[Callable[..., object], tuple[object, ...]]] = [
    (newest_of_applications, ()),
    (arrived_messages, ("a", 0, 9)),
    (first_arrival, ("a",)),
    (filled_deliveries, ("c", 9)),
    (first_filled, ("c",)),
    (arrivals_between, ("a", (0, 99), 9)),
    (deliveries_between, ("c", (0, 99), 9)),
    (answered_forwards, ()),
]


def test_no_query_reads_the_whole_archive(archive: Archive, reader: Reader) -> None:
    """Messages and deliveries are read by their ids or through an index."""
    store(archive, "a", 10, 20)
    db, asked = reader._db, list[str]()

    def record(_: object, sql: str, __: object) -> bool:
        asked.append(sql)
        return True

    db.exec_trace = record
    for query, arguments in QUERIES:
        reader.ask(query, *arguments)
    db.exec_trace = None
    plans = [
        row[3]
        for sql in asked
        for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))
    ]
    scans = [one for one in plans if one.startswith("SCAN") and "USING" not in one]

    assert len(asked) >= len(QUERIES)
    assert [one for one in scans if "message" in one or "delivery" in one] == []
