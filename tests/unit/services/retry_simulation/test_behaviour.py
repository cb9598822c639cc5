"""The behaviour of an endpoint over time."""

import pytest

from ibconsole.listener.answers.presets import PRESETS
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.retry_simulation.behaviour import (
    BehaviourPhase,
    EndpointState,
    InvalidBehaviour,
    Segment,
    paint_segment,
    phases_of,
    read_segments,
    scenario_of,
    segments_of,
    state_of,
    usable_scenario,
    uses_wall_clock,
    window_edges,
    write_segments,
)

UP, ERROR, HANG, SLOW = EndpointState
FOREVER = float("inf")


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("up", ((UP, FOREVER),)),
        ("error 2 h, up", ((ERROR, 7200.0), (UP, FOREVER))),
        ("UP 10, hang 90 s,slow 1 min", ((UP, 10.0), (HANG, 90.0), (SLOW, 60.0))),
        ("error 10 s, error 5 s, up 0 s, error 1 s", ((ERROR, 16.0),)),
    ],
)
def test_a_behaviour_is_written_in_words(
    text: str, segments: tuple[tuple[EndpointState, float], ...]
) -> None:
    """Parts with their durations; what is written is read as the same."""
    read = read_segments(text)

    assert read == tuple(Segment(*one) for one in segments)
    assert read_segments(write_segments(read)) == read


@pytest.mark.parametrize(
    "text", ["", "down 1 h", "error, up", "error x", "up 1 h,", "error -1 s", "up 3651 d"]
)
def test_what_describes_no_behaviour_is_refused(text: str) -> None:
    """The sentence shows how to write it."""
    with pytest.raises(InvalidBehaviour, match="Write one of up, error, hang, slow"):
        read_segments(text)
    with pytest.raises(InvalidBehaviour, match="at most 100"):
        read_segments(",".join(["up 1 s"] * 101))


@pytest.mark.parametrize(
    ("start", "end", "state", "expected"),
    [
        (0, 10, ERROR, "error 10 s"),
        (5, 10, ERROR, "up 5 s, error 5 s"),
        (0, FOREVER, HANG, "hang"),
    ],
)
def test_an_empty_drawing_is_painted(
    start: float, end: float, state: EndpointState, expected: str
) -> None:
    """Where nothing is drawn the endpoint is up."""
    assert write_segments(paint_segment((), start, end, state)) == expected


def test_a_drawing_is_painted_over() -> None:
    """What is painted takes the place of what was there, also across several parts."""
    drawn = read_segments("error 10 s, up 10 s, hang 10 s")

    assert write_segments(paint_segment(drawn, 5, 25, SLOW)) == "error 5 s, slow 20 s, hang 5 s"
    assert write_segments(paint_segment(drawn, 20, 30, UP)) == "error 10 s"
    assert write_segments(paint_segment(drawn, 30, 40, HANG)) == "error 10 s, up 10 s, hang 20 s"
    forever = read_segments("up 5 s, error")
    assert write_segments(paint_segment(forever, 10, 20, UP)) == "up 5 s, error 5 s, up 10 s, error"


def test_a_drawing_is_a_scenario_and_back() -> None:
    """The listener can follow what was drawn, and what was drawn can be edited again."""
    drawn = read_segments("up 10 s, error 10 s, slow 10 s, up 5 s, hang")

    scenario = scenario_of(drawn)

    assert [one.when.window for one in scenario.rules] == [
        TimeWindow(10, 20),
        TimeWindow(20, 30),
        TimeWindow(35),
    ]
    assert segments_of(scenario) == drawn
    assert segments_of(PRESETS["flaky 20 %"]) is None
    assert segments_of(PRESETS["down for 10 minutes"]) is None  # has headers of its own


def test_rules_about_contents_are_left_out() -> None:
    """A simulated message has no text and no path, so such rules are named and not simulated."""
    conditions = {
        "text": RuleCondition(text="x"),
        "header": RuleCondition(header=HeaderCondition("x")),
        "path": RuleCondition(path="/a"),
        "any path": RuleCondition(path="*"),
    }
    rules = tuple(AnswerRule(name, one) for name, one in conditions.items())

    usable, out = usable_scenario(AnswerScenario("all", rules, speed=60))

    assert out == ("text", "header", "path")
    assert [rule.name for rule in usable.rules] == ["any path"]
    assert usable.speed == 1


def test_phases() -> None:
    """Between two edges the same rules apply; the first one decides, also if only for some."""
    rules = (
        AnswerRule("some", RuleCondition(share=0.5, window=TimeWindow(10, 20)), RuleAnswer(503)),
        AnswerRule("late", RuleCondition(window=TimeWindow(15)), RuleAnswer(delay=30)),
        AnswerRule("never", RuleCondition(share=0), RuleAnswer(500)),
    )
    scenario = AnswerScenario("s", rules)

    assert list(phases_of(scenario, timeout=10)) == [
        BehaviourPhase(0, 10, UP),
        BehaviourPhase(10, 15, ERROR, "some", is_partial=True),
        BehaviourPhase(15, 20, ERROR, "some", is_partial=True),
        BehaviourPhase(20, None, HANG, "late"),
    ]
    assert window_edges(scenario) == [10, 15, 20]
    assert not uses_wall_clock(scenario)
    by_clock = RuleCondition(window=TimeWindow(since=1))
    assert uses_wall_clock(AnswerScenario("s", (AnswerRule("r", by_clock),)))


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (RuleAnswer(), UP),
        (RuleAnswer(delay=5), SLOW),
        (RuleAnswer(delay=10), HANG),
        (RuleAnswer(404), ERROR),
        (RuleAnswer(end=AnswerEnd.HALF_BODY), ERROR),
        (RuleAnswer(end=AnswerEnd.HANG), HANG),
        (RuleAnswer(end=AnswerEnd.HANG, duration=5), ERROR),
        (RuleAnswer(body="x", end=AnswerEnd.SLOW_DRIP, duration=5), SLOW),
    ],
)
def test_the_state_that_an_answer_means(answer: RuleAnswer, state: EndpointState) -> None:
    """For a sender with a time-out of ten seconds."""
    assert state_of(answer, 10) is state
