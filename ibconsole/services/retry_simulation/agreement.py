"""Comparison of a prediction with a real run: where both agree, and why they do not.

A run is late by what the computer needs for each attempt. Where that carries an attempt over the
edge of a time window, both are right: such messages are named, not hidden.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from ibconsole.plural import counted
from ibconsole.services.retry_simulation.behaviour import window_edges
from ibconsole.services.retry_simulation.prediction import (
    MessageFate,
    Prediction,
    RetryAttempt,
    show_seconds,
)

TOLERANCE = 0.1  # real seconds by which each attempt may be late
_CLOCK = 0.002  # real seconds by which two clocks of a millisecond may differ

_Ranks = Mapping[tuple[int, int], int]  # the place of an attempt among all, by message and number


class RunVerdict(StrEnum):
    """The verdicts on one message; the values are shown to users."""

    AGREES = "agrees"
    BOUNDARY = "at a boundary"
    ORDER = "in another order"
    LATE = "too late"  # by more than the tolerance: nothing is said about what follows
    DIFFERS = "differs"


class MessageAgreement(msgspec.Struct, frozen=True):
    """The comparison of one message; `sentence` explains what is not as predicted."""

    number: int
    verdict: RunVerdict
    sentence: str = ""


class Agreement(msgspec.Struct, frozen=True):
    """The comparison of a run with its prediction.

    `expected` is the prediction under the conditions of the run, `observed` what happened.
    `tolerance` is in simulated seconds for each attempt, and `latest` the most by which the begin
    of an attempt was late.
    """

    expected: Prediction
    observed: tuple[MessageFate, ...]
    speed: float
    messages: tuple[MessageAgreement, ...]
    tolerance: float
    latest: float

    @property
    def agrees(self) -> bool:
        """True if nothing contradicts the prediction, and nothing was too late to tell."""
        doubts = {RunVerdict.DIFFERS, RunVerdict.LATE}
        return all(one.verdict not in doubts for one in self.messages)

    @property
    def sentence(self) -> str:
        """The outcome for the user, with the tolerance."""
        counts = dict.fromkeys(RunVerdict, 0)
        for one in self.messages:
            counts[one.verdict] += 1
        parts = [f"{counts[RunVerdict.AGREES]:,} of {counted(len(self.messages), 'message')}"]
        parts += [
            f"{counts[one]:,} {words}"
            for one, words in (
                (RunVerdict.BOUNDARY, "at the boundary of a time window"),
                (RunVerdict.ORDER, "with requests in another order"),
                (RunVerdict.LATE, "made too late to tell"),
                (RunVerdict.DIFFERS, "against the prediction"),
            )
            if counts[one]
        ]
        advice = ""
        if counts[RunVerdict.LATE]:
            advice = " The computer was too busy: run fewer messages, or at a lower speed."
        elif counts[RunVerdict.BOUNDARY]:
            advice = " At a lower speed fewer messages are at a boundary."
        return (
            f"As predicted: {', '.join(parts)}. At {self.speed:,.0f}-fold time each attempt may add"
            f" {show_seconds(self.tolerance)} of lateness; the latest was"
            f" {show_seconds(self.latest)} late.{advice}"
        )


def compare_run(expected: Prediction, observed: Sequence[MessageFate], speed: float) -> Agreement:
    """Compare what happened at this speed with what was predicted for these conditions."""
    tolerance = TOLERANCE * speed
    edges = window_edges(expected.scenario)
    ranks = _ranks(expected.messages), _ranks(observed)
    by_number = any(rule.when.counts for rule in expected.scenario.rules)
    conditions = _Conditions(edges, tolerance, _CLOCK * speed, ranks, by_number)
    messages = tuple(
        _compare(one, other, conditions)
        for one, other in zip(expected.messages, observed, strict=True)
    )
    drifts = [
        there.at - here.at
        for one, other in zip(expected.messages, observed, strict=True)
        for here, there in zip(one.attempts, other.attempts, strict=False)
    ]
    latest = max(drifts, default=0.0)
    return Agreement(expected, tuple(observed), speed, messages, tolerance, max(latest, 0.0))


class _Conditions(msgspec.Struct, frozen=True):
    edges: Sequence[float]
    tolerance: float
    clock: float
    ranks: tuple[_Ranks, _Ranks]
    by_number: bool  # a rule chooses requests by their number


def _compare(one: MessageFate, other: MessageFate, conditions: _Conditions) -> MessageAgreement:
    pairs = zip(one.attempts, other.attempts, strict=False)
    for number, (here, there) in enumerate(pairs, start=1):
        if here.accepted != there.accepted or here.answer != there.answer:
            return _explain(one.number, number, here, there, conditions)
        allowed = number * conditions.tolerance
        if not -conditions.clock <= there.at - here.at <= allowed:
            is_late = there.at > here.at
            return MessageAgreement(
                one.number,
                RunVerdict.LATE if is_late else RunVerdict.DIFFERS,
                f"Attempt {number} was predicted at {show_seconds(here.at)}, and made at"
                f" {show_seconds(there.at)}, {'more than the tolerance' if is_late else 'too'}"
                f" {'late' if is_late else 'early'}.",
            )
    if len(one.attempts) != len(other.attempts):
        return MessageAgreement(
            one.number,
            RunVerdict.DIFFERS,
            f"{counted(len(one.attempts), 'attempt')} were predicted, and"
            f" {len(other.attempts):,} made.",
        )
    return MessageAgreement(one.number, RunVerdict.AGREES)


def _explain(
    message: int, number: int, here: RetryAttempt, there: RetryAttempt, conditions: _Conditions
) -> MessageAgreement:
    sentence = (
        f"Attempt {number}: {here.answer} was predicted at {show_seconds(here.at)}, and"
        f" {there.answer} came at {show_seconds(there.at)}"
    )
    low, high = sorted((here.at, there.at))
    low, high = low - conditions.clock, high + conditions.clock
    edges = conditions.edges
    place = bisect_left(edges, low)
    if place < len(edges) and edges[place] <= high:
        edge = show_seconds(edges[place])
        return MessageAgreement(
            message, RunVerdict.BOUNDARY, f"{sentence}, on the other side of {edge}."
        )
    before, after = (ranks.get((message, number)) for ranks in conditions.ranks)
    if conditions.by_number and before != after:
        return MessageAgreement(message, RunVerdict.ORDER, f"{sentence}: it was another request.")
    return MessageAgreement(message, RunVerdict.DIFFERS, f"{sentence}.")


def _ranks(messages: Sequence[MessageFate]) -> _Ranks:
    begun = sorted(
        (attempt.at, one.number, number)
        for one in messages
        for number, attempt in enumerate(one.attempts, start=1)
    )
    return {(message, number): rank for rank, (_, message, number) in enumerate(begun)}
