import pytest

from ibconsole.model import AnswerEnd, AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer
from ibconsole.ui.inspector.delivery_page import answer_summary, answered
from ibconsole.ui.viewers.facts import Summary
from tests.ui.sample_records import CODE, RECEIVED, delivery

PLANNED = PlannedAnswer(
    "Outage",
    "down",
    503,
    (("Retry-After", "60"),),
    f'{{"applicationCode":"{CODE}"}}'.encode(),
    60,
    delay=2.0,
    end=AnswerEnd.WRONG_LENGTH,
    declared_length=76,
)
HANG = PlannedAnswer("Outage", "hang", None, end=AnswerEnd.HANG, seconds=90.0)


def facts_of(summary: Summary) -> dict[str, dict[str, str]]:
    return {title: {fact.label: fact.value for fact in facts} for title, facts in summary.sections}


def test_the_rule_and_what_was_sent() -> None:
    """The page has the rule, the planned answer, and what the sender really got."""
    sent = SentAnswer(AnswerOutcome.LEFT, 0, 2.1, RECEIVED + 2_100)
    summary = answer_summary(delivery(7, status=503, answer=GivenAnswer(PLANNED, sent)))
    facts = facts_of(summary)

    assert summary.title == "Answer to request 7"
    assert facts[""]["Rule"] == "down"
    assert facts[""]["Scenario"] == "Outage"
    assert facts[""]["Sent"] == "The sender left after 2.1 s, 0 bytes were sent."
    assert [one.sentence for one in summary.remarks] == [facts[""]["Sent"]]
    assert facts["Planned"] == {
        "Status": "503",
        "After": "2 s",
        "End": "wrong-length",
        "Declared length": "76 bytes",
        "Body": "60 bytes",
    }
    assert facts["Headers of the answer"] == {"Retry-After": "60"}
    assert CODE not in facts["Body of the answer"][""]


def test_an_answer_without_a_status() -> None:
    """Where nothing is said there is no status, no header and no body."""
    given = GivenAnswer(HANG, SentAnswer(AnswerOutcome.SENT, 0, 90.0, RECEIVED + 90_000))
    summary = answer_summary(delivery(7, status=None, answer=given))

    assert facts_of(summary)["Planned"] == {"End": "hang", "Duration": "90 s"}
    assert [title for title, _ in summary.sections] == ["", "Planned"]
    assert summary.remarks == ()


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (200, None, "200"),
        (None, None, ""),
        (503, GivenAnswer(PLANNED), "503, by the rule “down”"),
        (None, GivenAnswer(HANG), "No status, by the rule “hang”"),
    ],
)
def test_the_answer_in_a_summary(
    status: int | None, answer: GivenAnswer | None, words: str
) -> None:
    """A status that a rule chose on purpose is not taken for a failure."""
    assert answered(delivery(7, status=status, answer=answer)) == words


def test_the_usual_answer() -> None:
    """Without a rule the page says that it was the usual answer."""
    facts = facts_of(answer_summary(delivery(7)))[""]

    assert facts["Answered"] == "200"
    assert facts["Rule"] == "None: the usual answer, because no rule was set or none matched."
