"""Values of answer rules."""

import pytest

from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
    describe_answer,
    retries_expected,
)
from ibconsole.model import AnswerEnd


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (RequestNumbers(), [1, 2, 3, 4, 5, 6, 7, 8]),
        (RequestNumbers(first=3, last=3), [3]),
        (RequestNumbers(every=3), [3, 6]),
        (RequestNumbers(first=3, last=7, every=2), [4, 6]),
    ],
)
def test_numbers(numbers: RequestNumbers, expected: list[int]) -> None:
    """A rule can be for one request, for a range, and for every k-th of it."""
    assert [number for number in range(1, 9) if numbers.include(number)] == expected


def test_a_window_excludes_its_end() -> None:
    """Two windows that follow each other never leave a gap and never overlap."""
    first, second = TimeWindow(before=10.0), TimeWindow(after=10.0, until=5_000)

    assert [(first.includes(at, 0), second.includes(at, 0)) for at in (0.0, 9.999, 10.0)] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert not second.includes(11.0, 5_000)
    assert first.is_over(10.0, 0)
    assert second.is_over(0.0, 5_000)
    assert not second.is_over(0.0, 4_999)


@pytest.mark.parametrize(
    ("answer", "repeats"),
    [
        (RuleAnswer(), False),
        (RuleAnswer(body="thanks", delay=0.5), False),
        (RuleAnswer(delay=1.0), True),
        (RuleAnswer(status=204), True),
        (RuleAnswer(status=503), True),
        (RuleAnswer(end=AnswerEnd.CLOSE), True),
        (RuleAnswer(body="abc", end=AnswerEnd.WRONG_LENGTH), True),
        (RuleAnswer(body="abc", end=AnswerEnd.SLOW_DRIP), True),
        (RuleAnswer(body="abc", end=AnswerEnd.SLOW_DRIP, duration=0.5), False),
    ],
)
def test_every_answer_but_a_prompt_200_is_repeated(answer: RuleAnswer, *, repeats: bool) -> None:
    """The caller asks first whenever a platform would repeat a message."""
    scenario = AnswerScenario("s", (AnswerRule("r", answer=answer),))

    assert bool(retries_expected(scenario)) is repeats


def test_speed_counts_for_repetitions() -> None:
    """A slow answer is prompt for the sender at a high speed; a share of 0 is none."""
    slow = AnswerRule("slow", answer=RuleAnswer(delay=30.0))
    never = AnswerRule("never", RuleCondition(share=0.0), RuleAnswer(500))

    assert retries_expected(AnswerScenario("s", (never, slow))) == (slow,)
    assert retries_expected(AnswerScenario("s", (never, slow), speed=3600.0)) == ()


def test_the_end_of_a_scenario() -> None:
    """A scenario ends with its last window, at its speed; one rule without end has none."""
    short, long = (
        AnswerRule(str(end), RuleCondition(window=TimeWindow(before=end))) for end in (60.0, 600.0)
    )

    assert AnswerScenario("s", (long, short), speed=60.0).ends_after == 10.0
    assert AnswerScenario("s", (short, AnswerRule("always"))).ends_after is None


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (RuleAnswer(503, delay=2.5), "status 503 after 2.5 s"),
        (RuleAnswer(end=AnswerEnd.HANG), "no answer, the connection is held for 3600 s"),
        (RuleAnswer(end=AnswerEnd.HALF_BODY), "status 200 with half of the body"),
        (RuleAnswer(end=AnswerEnd.SLOW_DRIP), "status 200, the body within 10 s"),
    ],
)
def test_answers_in_words(answer: RuleAnswer, phrase: str) -> None:
    """An answer is described by what the sender gets."""
    assert describe_answer(answer) == phrase
