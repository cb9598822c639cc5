"""A scenario that is set."""

import pytest

from ibconsole.http1 import Fault, Request
from ibconsole.listener.answers.checking import MOST_RENDERED, InvalidScenario
from ibconsole.listener.answers.running import ActiveScenario, response_to
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd, MessageFields, PlannedAnswer

REQUEST = Request("POST", "/in", "1.1", ((b"X-Id", b"a\x01b"),), b"", "127.0.0.1", b"")
MESSAGE = MessageFields("m-1", "APP", "", "", "x" * 300_000, None, odd=False, known=True)


class Clock:
    """A clock that a test moves, in milliseconds."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now


def active(*rules: AnswerRule, speed: float = 1.0, clock: Clock | None = None) -> ActiveScenario:
    clock = clock or Clock()
    scenario = AnswerScenario("s", rules, speed)
    return ActiveScenario(scenario, lambda _: (MESSAGE,), elapsed=clock, now=clock)


def planned(answer: RuleAnswer, speed: float = 1.0) -> PlannedAnswer:
    plan, remark = active(AnswerRule("r", answer=answer), speed=speed).plan(REQUEST)
    assert plan
    assert remark == ""
    return plan


def test_a_plan_has_the_fields_of_the_request() -> None:
    """Body and headers are rendered, and a field starts no header of its own."""
    answer = RuleAnswer(
        418, (("X-Same", "{header.x-id}"),), '{"id":"{messageId}","at":"{now}"}', delay=60.0
    )

    assert planned(answer, speed=60.0) == PlannedAnswer(
        "s",
        "r",
        418,
        (("X-Same", "a b"),),
        b'{"id":"m-1","at":"1970-01-01T00:16:40.000+00:00"}',
        49,
        delay=1.0,
    )


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (RuleAnswer(body="12345"), Fault()),
        (RuleAnswer(end=AnswerEnd.HANG, delay=1.0), Fault(delay=1.0, hang=3600.0)),
        (RuleAnswer(end=AnswerEnd.CLOSE), Fault(hang=0.0)),
        (RuleAnswer(end=AnswerEnd.RESET_BEFORE_HEAD), Fault(reset=True)),
        (RuleAnswer(end=AnswerEnd.RESET_AFTER_HEAD), Fault(reset=True, cut_after=0)),
        (
            RuleAnswer(body="12345", end=AnswerEnd.HALF_BODY),
            Fault(cut_after=2, declared_length=5),
        ),
        (RuleAnswer(end=AnswerEnd.HALF_BODY), Fault(cut_after=0, declared_length=1)),
        (RuleAnswer(body="12345", end=AnswerEnd.WRONG_LENGTH), Fault(declared_length=21)),
        (
            RuleAnswer(body="1", end=AnswerEnd.WRONG_LENGTH, declared_length=0),
            Fault(declared_length=0),
        ),
        (RuleAnswer(body="12345", end=AnswerEnd.SLOW_DRIP, duration=18.0), Fault(drip=2.0)),
    ],
)
def test_every_end_is_a_fault_of_the_server(answer: RuleAnswer, fault: Fault) -> None:
    """Each kind of end is carried out by the server."""
    assert response_to(planned(answer), lambda _: None).fault == fault


def test_an_answer_without_a_head_has_no_status() -> None:
    """What is not sent is not planned either."""
    plan = planned(RuleAnswer(500, (("A", "b"),), "body", end=AnswerEnd.CLOSE))

    assert (plan.status, plan.headers, plan.body) == (None, (), b"")


def test_a_fixed_body_is_made_once() -> None:
    """The same large answer to many requests takes its memory once."""
    scenario = active(AnswerRule("r", answer=RuleAnswer(body="x" * 1000)))
    (first, _), (second, _) = scenario.plan(REQUEST), scenario.plan(REQUEST)

    assert first
    assert second
    assert first.body is second.body


def test_a_rendered_body_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Fields that make an answer too large are no reason to fail for the request."""
    scenario = active(AnswerRule("r", answer=RuleAnswer(body="{text}")))

    assert len(MESSAGE.text) > MOST_RENDERED
    assert scenario.plan(REQUEST) == (
        None,
        "The answer rules failed (TooLargeAnswer): answered as usual.",
    )
    caplog.clear()


def test_messages_that_cannot_be_read() -> None:
    """A condition on a body that is not read is not met, and the delivery says why."""
    rule = AnswerRule("r", RuleCondition(text="x"))
    scenario = ActiveScenario(AnswerScenario("s", (rule,)), lambda _: None)

    assert scenario.plan(REQUEST) == (
        None,
        "The answer rules could not look into the messages of this body.",
    )


def test_the_time_begins_when_it_is_set() -> None:
    """A window is counted from the setting of the scenario, by a clock that cannot be set."""
    clock = Clock()
    rule = AnswerRule("down", RuleCondition(window=TimeWindow(before=600.0)))
    scenario = active(rule, clock=clock, speed=60.0)

    assert (scenario.since, scenario.ends_at) == (1_000_000, 1_010_000)
    assert scenario.upcoming() == rule
    assert scenario.plan(REQUEST)[0]
    clock.now += 10_000
    assert scenario.plan(REQUEST) == (None, "")
    assert scenario.upcoming() is None
    assert scenario.answered == (("down", 1),)


def test_paths_of_rules() -> None:
    """A path that a rule names belongs to the listener in every spelling; a pattern does not."""
    scenario = active(
        AnswerRule("a", RuleCondition(path="/case/a")), AnswerRule("b", RuleCondition(path="/b*"))
    )

    assert [scenario.has_path(path) for path in ("/case/a", "//case/%61/", "/b", "/b*")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_invalid_scenario_is_refused() -> None:
    """Nothing begins with a rule that cannot be followed."""
    with pytest.raises(InvalidScenario):
        active(AnswerRule("r", answer=RuleAnswer(99)))
