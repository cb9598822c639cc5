"""The comparison of a prediction with a run."""

import pytest

from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
)
from ibconsole.services.retry_law import RetryLaw
from ibconsole.services.retry_simulation.agreement import RunVerdict, compare_run
from ibconsole.services.retry_simulation.behaviour import read_segments, scenario_of
from ibconsole.services.retry_simulation.prediction import (
    MessageFate,
    RetryAttempt,
    SenderTraits,
    predict,
)

SENDER = SenderTraits(RetryLaw(delays=(1_000, 1_000)))
EXPECTED = predict(scenario_of(read_segments("error 1100 s")), SENDER, [0])  # at 0, 1000, 2000


def observed(*attempts: tuple[float, str]) -> list[MessageFate]:
    made = tuple(RetryAttempt(at, at, text, accepted=text == "200") for at, text in attempts)
    return [MessageFate(1, 0, made)]


@pytest.mark.parametrize(
    ("attempts", "verdict", "sentence"),
    [
        (((0, "503"), (1_010, "503"), (2_030, "200")), RunVerdict.AGREES, ""),
        (((0, "503"), (1_110, "200")), RunVerdict.BOUNDARY, "on the other side of 18 min 20 s"),
        (((0, "503"), (1_090, "200")), RunVerdict.DIFFERS, "Attempt 2: 503 was predicted"),
        (((0, "503"), (1_010, "404"), (2_030, "200")), RunVerdict.DIFFERS, "404 came"),
        (((0, "503"), (900, "503"), (2_030, "200")), RunVerdict.DIFFERS, "too early"),
        (((0, "503"), (1_010, "503"), (9_030, "200")), RunVerdict.LATE, "tolerance late"),
        (
            ((0, "503"), (1_010, "503")),
            RunVerdict.DIFFERS,
            "and 2 made.",
        ),
    ],
)
def test_each_message_has_a_verdict(
    attempts: tuple[tuple[float, str], ...], verdict: RunVerdict, sentence: str
) -> None:
    """A lateness over the edge of a window explains another answer, and nothing else does."""
    found = compare_run(EXPECTED, observed(*attempts), 3_600)

    assert found.messages[0].verdict is verdict
    assert sentence in found.messages[0].sentence
    assert found.agrees is (verdict not in {RunVerdict.DIFFERS, RunVerdict.LATE})
    assert ("too busy" in found.sentence) is (verdict is RunVerdict.LATE)


def test_the_order_of_requests_explains_answers_by_number() -> None:
    """A rule by number meets another message if the order was another one."""
    second = RuleCondition(numbers=RequestNumbers(first=2, last=2))
    scenario = AnswerScenario("s", (AnswerRule("r", second, RuleAnswer(500)),))
    expected = predict(scenario, SENDER, [0, 1])
    swapped = [
        MessageFate(1, 0, (RetryAttempt(3, 3, "500"), RetryAttempt(1_003, 1_003, "200"))),
        MessageFate(2, 1, (RetryAttempt(2, 2, "200", "", accepted=True),)),
    ]

    found = compare_run(expected, swapped, 3_600)

    assert [one.verdict for one in found.messages] == [RunVerdict.ORDER, RunVerdict.ORDER]
    assert "2 with requests in another order" in found.sentence


def test_the_tolerance_is_said() -> None:
    """The sentence has the counts, the tolerance, and the lateness that was measured."""
    found = compare_run(EXPECTED, observed((1, "503"), (1_030, "503"), (2_040, "200")), 3_600)

    assert found.sentence == (
        "As predicted: 1 of 1 message. At 3,600-fold time each attempt may add 6 min of lateness;"
        " the latest was 40 s late."
    )
