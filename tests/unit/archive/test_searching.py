"""A search finds the messages that match its filter, in its sort order."""

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Order, Via
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
    archive.append_body(delivery, b'{"results":[{"messageId":7,"text":"odd"}]}')
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
        (Filter(flags=1 | 4), [9, 10]),
        (Filter(via=Via.FORWARD, text="again", flags=1), [9]),
        (Filter(via=Via.PULL, text="again"), []),
    ],
)
def test_other_conditions(filled: Reader, criteria: Filter, found: list[int]) -> None:
    """Messages must meet all conditions; of several flags, one is enough."""
    assert list(filled.find(criteria)) == found


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
