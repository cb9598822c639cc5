"""The table of received requests."""

import pytest

from ibconsole.model import AnswerEnd, AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer
from ibconsole.ui.listener.request_table import PATH, PROBLEM, WIDTHS, request_columns
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.sample_records import delivery


@pytest.fixture
def utc(qapp: object) -> TimeDisplay:
    display = TimeDisplay()
    display.show_utc(on=True)
    return display


def test_a_request_as_a_row(utc: TimeDisplay) -> None:
    """A row has the request, the answer, and the number of messages."""
    columns = request_columns(utc)
    cells = [column.text(delivery(1)) for column in columns]

    assert cells == [" 5 Jan 2017 12:47", "POST", "/inbound/secret", "200", "3", "1.4 kB", ""]
    assert len(columns) == len(WIDTHS)
    assert (columns[PATH].header, columns[PROBLEM].header) == ("Path", "Problem")


@pytest.mark.parametrize(("state", "text"), [("received", "…"), ("decoded", "3")])
def test_messages_of_an_undecoded_request_are_unknown(
    utc: TimeDisplay, state: str, text: str
) -> None:
    """The number of messages is shown only once the request was decoded."""
    assert request_columns(utc)[4].text(delivery(1, state=state)) == text


def test_the_answer_of_a_rule(utc: TimeDisplay) -> None:
    """A request that a rule gave no answer says so, and its tooltip what was planned and sent."""
    answer = GivenAnswer(
        PlannedAnswer("s", "silent", None, end=AnswerEnd.CLOSE),
        SentAnswer(AnswerOutcome.SENT, 0, 0.04, 1),
    )
    column = request_columns(utc)[3]
    tooltip = column.tooltip or str
    closed = delivery(1, status=None, answer=answer)

    assert (column.text(closed), tooltip(delivery(1))) == ("none", "")
    assert tooltip(closed) == (
        "Rule silent: no answer, the connection is closed. As planned, after 0.0 s: 0 bytes were"
        " sent."
    )
