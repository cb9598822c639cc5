"""Answers that were given on purpose."""

import pytest

from ibconsole.model.answers import (
    AnswerEnd,
    AnswerOutcome,
    GivenAnswer,
    PlannedAnswer,
    SentAnswer,
)


def test_planned_answers_in_words() -> None:
    """A planned answer says what the sender should get."""
    assert PlannedAnswer("s", "r", 503, delay=2.0).phrase == "status 503 after 2 s"
    assert (
        PlannedAnswer("s", "r", None, end=AnswerEnd.CLOSE).phrase
        == "no answer, the connection is closed"
    )


@pytest.mark.parametrize("outcome", AnswerOutcome)
def test_what_was_sent_in_words(outcome: AnswerOutcome) -> None:
    """Every outcome says how many bytes were sent."""
    assert "1 byte was sent" in SentAnswer(outcome, 1, 2.14, 0).sentence


def test_an_unknown_outcome_is_said() -> None:
    """Nothing is claimed about an answer that was interrupted by the end of the program."""
    planned = PlannedAnswer("s", "r")

    assert GivenAnswer(planned).sentence.startswith("What was sent is not known")
    assert (
        GivenAnswer(planned, SentAnswer(AnswerOutcome.LEFT, 0, 2.14, 0)).sentence
        == "The sender left after 2.1 s, 0 bytes were sent."
    )
