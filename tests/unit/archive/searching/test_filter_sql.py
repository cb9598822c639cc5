"""A filter's conditions match the messages that its fields describe."""

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from tests.unit.archive.deliveries import arrival, batch, forward

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
        forward(archive, {"applicationCode": code})
    assert list(reader.find(Filter(application="z\xfc"))) == [1, 2]
    assert list(reader.find(Filter(application="zu\u0308"))) == [1, 2]
