"""Prediction of deliveries."""

import pytest

from ibconsole.listener.answers.presets import PRESETS
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.retry_law import PUBLISHED_LAW, RetryLaw
from ibconsole.services.retry_simulation.behaviour import read_segments, scenario_of
from ibconsole.services.retry_simulation.prediction import (
    MessageFate,
    SenderTraits,
    TooMuchToSimulate,
    predict,
    show_seconds,
    spread_arrivals,
)

SHORT = SenderTraits(RetryLaw(delays=(10, 20)))


def fate(behaviour: str, *, sender: SenderTraits = SHORT, at: float = 0.0) -> MessageFate:
    found = predict(scenario_of(read_segments(behaviour)), sender, [at])
    return found.messages[0]


@pytest.mark.parametrize(
    ("behaviour", "attempts", "delivered"),
    [
        ("up", [0], 0),
        ("error 5 s", [0, 10], 10),
        ("error 15 s", [0, 10, 30], 30),
        ("error 10 s", [0, 10], 10),  # the end of a window does not belong to it
        ("error", [0, 10, 30], None),
        ("hang 5 s", [0, 20], 20),  # after a time-out of ten seconds
        ("slow 5 s", [0], 8),
        ("hang", [0, 20, 50], None),
    ],
)
def test_attempts_follow_the_law(
    behaviour: str, attempts: list[float], delivered: float | None
) -> None:
    """A retry waits from the end of the attempt before; after the last one a message is lost."""
    found = fate(behaviour)

    assert [one.at for one in found.attempts] == attempts
    assert found.delivered_at == found.late == delivered


def test_the_published_law_outlasts_a_day() -> None:
    """Twenty retries, the last 41 h 30 min after the first attempt."""
    sender = SenderTraits(PUBLISHED_LAW)

    assert len(fate("error", sender=sender).attempts) == 21
    assert fate("error 2 d", sender=sender).delivered_at is None
    day = fate("error 1 d", sender=sender).delivered_at
    assert day is not None
    assert 86_400 <= day < 41.5 * 3_600


@pytest.mark.parametrize(
    ("answer", "text", "accepted"),
    [
        (RuleAnswer(204), "204", False),
        (RuleAnswer(200, body="<html>"), "200", True),
        (RuleAnswer(end=AnswerEnd.CLOSE), "no answer", False),
        (RuleAnswer(end=AnswerEnd.RESET_AFTER_HEAD), "200, cut", False),
        (RuleAnswer(end=AnswerEnd.HALF_BODY), "200, cut", False),
        (RuleAnswer(body="abc", end=AnswerEnd.WRONG_LENGTH), "200, cut", False),
        (RuleAnswer(body="abc", end=AnswerEnd.WRONG_LENGTH, declared_length=2), "200", True),
        (RuleAnswer(end=AnswerEnd.HANG, duration=1), "no answer", False),
        (RuleAnswer(body="a", end=AnswerEnd.SLOW_DRIP, duration=5), "200", True),
        (RuleAnswer(body="a", end=AnswerEnd.SLOW_DRIP, duration=50), "time-out", False),
        (RuleAnswer(delay=10), "time-out", False),
    ],
)
def test_only_a_whole_200_is_a_delivery(answer: RuleAnswer, text: str, accepted: bool) -> None:
    """Every kind of answer is a delivery or is repeated."""
    scenario = AnswerScenario("s", (AnswerRule("r", answer=answer),))

    attempt = predict(scenario, SHORT, [0]).messages[0].attempts[0]

    assert (attempt.answer, attempt.accepted, attempt.rule) == (text, accepted, "r")


def test_requests_are_counted_in_the_order_of_time() -> None:
    """Rules by number and by share see requests as the listener does."""
    numbers = RuleCondition(numbers=RequestNumbers(first=2, last=3))
    scenario = AnswerScenario("s", (AnswerRule("r", numbers, RuleAnswer(500)),))

    found = predict(scenario, SHORT, [5, 0, 6])

    assert [len(one.attempts) for one in found.messages] == [2, 1, 2]
    flaky = predict(PRESETS["flaky 20 %"], SHORT, spread_arrivals(200, 1))
    assert 150 < sum(len(one.attempts) == 1 for one in flaky.messages) < 180


def test_connections_are_limited() -> None:
    """An attempt waits for a free connection, as the simulated platform does."""
    sender = SenderTraits(RetryLaw(), connections=2)

    found = predict(scenario_of(read_segments("hang 25 s")), sender, [0, 0, 0, 0, 0])

    assert [one.attempts[0].at for one in found.messages] == [0, 0, 10, 10, 20]


def test_the_outcome_is_a_sentence() -> None:
    """How many, how late, and how many are lost."""
    law = SenderTraits(RetryLaw(delays=(60,)))
    behaviour = scenario_of(read_segments("up 5 s, error 2 min"))

    found = predict(behaviour, law, [0, 10, 100])

    assert found.sentence == (
        "Of 3 messages 2 are delivered, 1 by the first attempt, half of them within 30 s and all"
        " within 1 min; 1 is lost."
    )
    assert [one.number for one in found.lost] == [2]
    assert found.ended == 160
    assert predict(behaviour, law, [0]).sentence.endswith("; none is lost.")


@pytest.mark.parametrize(
    ("sender", "arrivals"),
    [
        (SHORT, []),
        (SHORT, [0.0] * 10_001),
        (SHORT, [-1.0]),
        (SHORT, [float("nan")]),
        (SenderTraits(RetryLaw(base=1, retries=1_000)), [0.0] * 400),
        (SenderTraits(timeout=0), [0.0]),
        (SenderTraits(connections=0), [0.0]),
    ],
)
def test_too_much_is_refused(sender: SenderTraits, arrivals: list[float]) -> None:
    """A simulation is bounded, and says so before it begins."""
    with pytest.raises(TooMuchToSimulate):
        predict(scenario_of(()), sender, arrivals)


def test_arrivals_are_spread() -> None:
    """Regular arrivals; none and too many are refused."""
    assert spread_arrivals(3, 10, 5) == (5, 15, 25)
    with pytest.raises(TooMuchToSimulate):
        spread_arrivals(0, 1)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.25, "0.2 s"),
        (59.6, "1 min"),
        (192, "3 min 12 s"),
        (3_600, "1 h"),
        (149_400, "1 d 17 h"),
    ],
)
def test_durations_are_shown_in_two_units(seconds: float, shown: str) -> None:
    """The two largest units say enough."""
    assert show_seconds(seconds) == shown


def test_many_rules_are_too_much_for_many_attempts() -> None:
    """What would take minutes is refused."""
    rules = tuple(AnswerRule(str(number), answer=RuleAnswer(500)) for number in range(200))

    with pytest.raises(TooMuchToSimulate, match="200 rules"):
        predict(AnswerScenario("s", rules), SenderTraits(), spread_arrivals(1_000, 1))
