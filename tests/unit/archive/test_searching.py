"""Which messages a filter finds."""

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from tests.unit.archive.processes import arrival, batch

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
    messages = [{"messageId": f"id{place}", "text": text} for place, text in enumerate(TEXTS, 1)]
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
    """A text is found in text, sender, keyword and id, in either case, taken literally."""
    assert list(filled.find(Filter(text=text))) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), list(range(1, 11))),
        (Filter(application="app"), [8]),
        (Filter(via="pull"), [10]),
        (Filter(connection="c"), [10]),
        (Filter(connection="other"), []),
        (Filter(flags=1), [9]),
        (Filter(flags=1 | 4), [9, 10]),
        (Filter(via="forward", text="again", flags=1), [9]),
        (Filter(via="pull", text="again"), []),
    ],
)
def test_other_conditions(filled: Reader, wanted: Filter, found: list[int]) -> None:
    """Conditions narrow each other down; of flags, one suffices."""
    assert list(filled.find(wanted)) == found
