"""The behaviour of an endpoint over time: drawn in segments, or a scenario of answer rules.

A drawing becomes a scenario, so that prediction and listener follow the same rules.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.listener.answers import (
    AnswerRule,
    AnswerScenario,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.runtime import format_duration, parse_duration

MOST_SEGMENTS = 100
LONGEST = 10 * 365 * 86_400.0  # seconds of a part, and of arrivals
SLOW_SECONDS = 8.0  # within most time-outs, and much longer than a prompt answer takes
DRAWING = "drawn behaviour"
_ERROR = 503


class EndpointState(StrEnum):
    """The states of an endpoint that can be drawn; the values are those that users write."""

    UP = "up"
    ERROR = "error"
    HANG = "hang"
    SLOW = "slow"


class InvalidBehaviour(UserError):
    """The text describes no behaviour of an endpoint."""


class Segment(msgspec.Struct, frozen=True):
    """A state of an endpoint for some time, in seconds."""

    state: EndpointState
    seconds: float


class BehaviourPhase(msgspec.Struct, frozen=True):
    """A time in which the rules that apply are the same; `end` is None for the last one.

    `state` is what the first rule means for a sender. `is_partial` is true if the rule answers only
    some requests of this time. `rule` is its name, empty for the usual 200.
    """

    start: float
    end: float | None
    state: EndpointState
    rule: str = ""
    is_partial: bool = False


_ANSWERS = {
    EndpointState.ERROR: RuleAnswer(_ERROR, body="Service Unavailable\n"),
    EndpointState.HANG: RuleAnswer(end=AnswerEnd.HANG),
    EndpointState.SLOW: RuleAnswer(delay=SLOW_SECONDS),
}


def read_segments(text: str) -> tuple[Segment, ...]:
    """Return the segments that a user has written, such as `up 1 h, error 2 h, hang 30 min, up`.

    Only the last one may have no duration: it never ends. After the last one the endpoint is up.
    Raises InvalidBehaviour.
    """
    segments = []
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > MOST_SEGMENTS:
        raise InvalidBehaviour(f"A behaviour has at most {MOST_SEGMENTS} parts.")
    for number, part in enumerate(parts, start=1):
        word, _, duration = part.partition(" ")
        try:
            state = EndpointState(word.lower())
            is_open = number == len(parts) and not duration.strip()
            seconds = float("inf") if is_open else _bounded(parse_duration(duration))
        except (ValueError, UserError):
            raise InvalidBehaviour(
                f"{part[:60]!r} is no part of a behaviour. Write one of {', '.join(EndpointState)}"
                " and how long it lasts: `up 1 h, error 2 h, hang 30 min, up`."
            ) from None
        segments.append(Segment(state, seconds))
    return merge_segments(segments)


def _bounded(seconds: float) -> float:
    if seconds > LONGEST:
        raise InvalidBehaviour("A part of a behaviour lasts at most ten years.")
    return seconds


def write_segments(segments: Sequence[Segment]) -> str:
    """Return segments as `read_segments` reads them."""
    return ", ".join(
        f"{one.state} {format_duration(one.seconds)}"
        if one.seconds != float("inf")
        else str(one.state)
        for one in segments
    )


def merge_segments(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Join neighbours of the same state, and leave out empty segments."""
    merged: list[Segment] = []
    for one in segments:
        if one.seconds <= 0:
            continue
        if merged and merged[-1].state is one.state:
            merged[-1] = Segment(one.state, merged[-1].seconds + one.seconds)
        else:
            merged.append(one)
    return tuple(merged)


def paint_segment(
    segments: Sequence[Segment], start: float, end: float, state: EndpointState
) -> tuple[Segment, ...]:
    """Return the segments with a state from `start` to `end`, in seconds, in place of others."""
    painted: list[Segment] = []
    begin = 0.0
    for one in (*segments, Segment(EndpointState.UP, float("inf"))):
        stop = begin + one.seconds
        painted.append(Segment(one.state, min(stop, start) - begin))
        if begin <= start < stop:
            painted.append(Segment(state, end - start))
        painted.append(Segment(one.state, stop - max(begin, end)))
        begin = stop
        if begin == float("inf"):
            break
    merged = merge_segments(painted)
    # An endpoint that is up at the end needs no segment for it.
    return merged[:-1] if merged and merged[-1].state is EndpointState.UP else merged


def scenario_of(segments: Sequence[Segment], name: str = DRAWING) -> AnswerScenario:
    """Return a scenario with a rule for each segment in which the endpoint is not up."""
    rules = []
    start = 0.0
    for number, one in enumerate(segments, start=1):
        end = start + one.seconds
        if one.state is not EndpointState.UP and one.seconds > 0:
            window = TimeWindow(after=start, before=None if end == float("inf") else end)
            when = RuleCondition(window=window)
            rules.append(AnswerRule(f"{number}: {one.state}", when, _ANSWERS[one.state]))
        start = end
    return AnswerScenario(name, tuple(rules))


def segments_of(scenario: AnswerScenario) -> tuple[Segment, ...] | None:
    """Return the segments that a scenario was drawn with; None if it says more than a drawing."""
    segments: list[Segment] = []
    end = 0.0
    for rule in scenario.rules:
        state = next((key for key, one in _ANSWERS.items() if one == rule.answer), None)
        window = rule.when.window or TimeWindow()
        plain = RuleCondition(window=rule.when.window)
        if state is None or rule.when != plain or window.after < end or window.since is not None:
            return None
        segments.append(Segment(EndpointState.UP, window.after - end))
        end = float("inf") if window.before is None else window.before
        segments.append(Segment(state, end - window.after))
    return merge_segments(segments)


def usable_scenario(scenario: AnswerScenario) -> tuple[AnswerScenario, tuple[str, ...]]:
    """Return the scenario for requests without content, at normal speed; and what is left out.

    A simulated message has no text, application or path of its own, so rules about these are not
    simulated; their names are returned.
    """
    out = tuple(rule.name for rule in scenario.rules if _is_about_content(rule.when))
    rules = tuple(rule for rule in scenario.rules if not _is_about_content(rule.when))
    return replace(scenario, rules=rules, speed=1.0), out


def phases_of(scenario: AnswerScenario, timeout: float) -> Iterator[BehaviourPhase]:
    """Yield the phases of a usable scenario, without those by the wall clock, in order."""
    edges = sorted({0.0, *window_edges(scenario)})
    for number, start in enumerate(edges):
        end = edges[number + 1] if number + 1 < len(edges) else None
        rule = next((one for one in scenario.rules if _applies(one, start)), None)
        if rule is None:
            yield BehaviourPhase(start, end, EndpointState.UP)
            continue
        yield BehaviourPhase(
            start, end, state_of(rule.answer, timeout), rule.name, rule.when.counts
        )


def window_edges(scenario: AnswerScenario) -> Sequence[float]:
    """Return the instants, in seconds, at which another rule may apply."""
    windows = [rule.when.window for rule in scenario.rules if rule.when.window]
    edges = [edge for one in windows for edge in (one.after, one.before) if edge is not None]
    return sorted({edge for edge in edges if edge > 0})


def state_of(answer: RuleAnswer, timeout: float) -> EndpointState:
    """Return the state of an endpoint that gives this answer to a sender with this time-out."""
    if answer.delay >= timeout or (answer.delay + answer.seconds >= timeout):
        return EndpointState.HANG
    if answer.status != 200 or answer.end not in {AnswerEnd.NORMAL, AnswerEnd.SLOW_DRIP}:
        return EndpointState.ERROR
    return EndpointState.UP if answer.is_accepting else EndpointState.SLOW


def uses_wall_clock(scenario: AnswerScenario) -> bool:
    """Return whether a rule depends on the time of day."""
    windows = [rule.when.window for rule in scenario.rules if rule.when.window]
    return any(one.since is not None or one.until is not None for one in windows)


def _is_about_content(when: RuleCondition) -> bool:
    return bool(when.path.strip("*") or when.reads_messages or when.header)


def _applies(rule: AnswerRule, at: float) -> bool:
    window = rule.when.window
    return rule.when.share > 0 and (
        window is None or (window.after <= at and (window.before is None or at < window.before))
    )
