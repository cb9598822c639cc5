"""The rules that a scenario itself obeys."""

import pytest

from ibconsole.listener.answers.checking import (
    MOST_BODY,
    MOST_RENDERED,
    InvalidScenario,
    check_scenario,
    require_valid,
)
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd

INF, NAN = float("inf"), float("nan")


def fields_of(scenario: AnswerScenario) -> list[tuple[int | None, str]]:
    return [(problem.rule, problem.field) for problem in check_scenario(scenario)]


@pytest.mark.parametrize(
    ("when", "field"),
    [
        (RuleCondition(path="in"), "when.path"),
        (RuleCondition(path="/in?x=1"), "when.path"),
        (RuleCondition(header=HeaderCondition("a b")), "when.header"),
        (RuleCondition(share=1.5), "when.share"),
        (RuleCondition(share=NAN), "when.share"),
        (RuleCondition(numbers=RequestNumbers(first=0)), "when.numbers"),
        (RuleCondition(numbers=RequestNumbers(every=0)), "when.numbers"),
        (RuleCondition(numbers=RequestNumbers(first=3, last=2)), "when.numbers"),
        (RuleCondition(window=TimeWindow(after=-1)), "when.window"),
        (RuleCondition(window=TimeWindow(after=5, before=5)), "when.window"),
        (RuleCondition(window=TimeWindow(after=INF)), "when.window"),
        (RuleCondition(window=TimeWindow(before=NAN)), "when.window"),
        (RuleCondition(window=TimeWindow(since=5, until=5)), "when.window"),
    ],
)
def test_conditions(when: RuleCondition, field: str) -> None:
    """A condition that means nothing is named by its field."""
    assert fields_of(AnswerScenario("s", (AnswerRule("r", when),))) == [(0, field)]


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (RuleAnswer(100), "answer.status"),
        (RuleAnswer(600), "answer.status"),
        (RuleAnswer(204, body="x"), "answer.status"),
        (RuleAnswer(304, end=AnswerEnd.HALF_BODY), "answer.status"),
        (RuleAnswer(delay=-1), "answer.delay"),
        (RuleAnswer(delay=3601), "answer.delay"),
        (RuleAnswer(delay=NAN), "answer.delay"),
        (RuleAnswer(duration=3), "answer.duration"),
        (RuleAnswer(end=AnswerEnd.HANG, duration=3601), "answer.duration"),
        (RuleAnswer(declared_length=3), "answer.declared_length"),
        (RuleAnswer(end=AnswerEnd.WRONG_LENGTH, declared_length=-1), "answer.declared_length"),
        (RuleAnswer(body="ä" * (MOST_BODY // 2 + 1)), "answer.body"),
        (RuleAnswer(body="x" * MOST_RENDERED + "{text}"), "answer.body"),
        (RuleAnswer(body="{nothing}"), "answer.body"),
        (RuleAnswer(headers=(("A", "1"),) * 51), "answer.headers"),
        (RuleAnswer(headers=(("A", "1"), ("B:", "2"))), "answer.headers.1"),
        (RuleAnswer(headers=(("A", "1\r\nB: 2"),)), "answer.headers.0"),
        (RuleAnswer(headers=(("A", "{nothing}"),)), "answer.headers.0"),
        (RuleAnswer(headers=(("content-Length", "5"),)), "answer.headers.0"),
    ],
)
def test_answers(answer: RuleAnswer, field: str) -> None:
    """An answer that cannot be given, or that would last too long, is named by its field."""
    assert fields_of(AnswerScenario("s", (AnswerRule("r", answer=answer),))) == [(0, field)]


def test_the_scenario_itself() -> None:
    """Speed, name, number of rules and their names have bounds."""
    rules = tuple(AnswerRule(str(number)) for number in range(201))

    assert fields_of(AnswerScenario(" ", rules, speed=0)) == [
        (None, "rules"),
        (None, "speed"),
        (None, "name"),
    ]
    assert fields_of(AnswerScenario("a\x1b[31m", (), speed=1e-310)) == [
        (None, "speed"),
        (None, "name"),
    ]
    assert fields_of(AnswerScenario("s", (AnswerRule("a"), AnswerRule("a"), AnswerRule("")))) == [
        (1, "name"),
        (2, "name"),
    ]


def test_the_sentence() -> None:
    """The error says what stays, which rule is meant, and that there is more."""
    wrong = AnswerRule("down", answer=RuleAnswer(999, delay=-1))

    with pytest.raises(InvalidScenario) as caught:
        require_valid(AnswerScenario("s", (wrong,)))

    assert str(caught.value) == (
        'The answer rules were not set, the listener answers as before. Rule "down": A status is'
        " from 200 to 599, not 999. (1 more)"
    )
    assert len(caught.value.problems) == 2
