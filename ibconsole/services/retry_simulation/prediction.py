"""Prediction of deliveries: a retry law, the behaviour of an endpoint, and arrivals.

Pure: no clock, no socket. What it assumes about the sender is in `SenderTraits`.
"""

import heapq
from collections.abc import Sequence
from statistics import median

import msgspec

from ibconsole.errors import UserError
from ibconsole.listener.answers import AnswerScenario, MatchedRequest, RuleAnswer, ScenarioMatcher
from ibconsole.model import AnswerEnd
from ibconsole.plural import counted
from ibconsole.services.retry_law import PUBLISHED_LAW, RetryLaw
from ibconsole.services.retry_simulation.behaviour import LONGEST, usable_scenario

MOST_MESSAGES = 10_000
MOST_ATTEMPTS = 300_000
MOST_CHECKS = 3_000_000  # of rules, by attempts: some seconds
_REQUEST = MatchedRequest()


class TooMuchToSimulate(UserError):
    """The messages or attempts are more than a simulation handles."""


class SenderTraits(msgspec.Struct, frozen=True):
    """The sender that is assumed. For forwards of mobile push nothing of this is documented.

    `law` waits from the end of an attempt. An answer that is not whole after `timeout` seconds is a
    failure. At most `connections` attempts are made at once.
    """

    law: RetryLaw = PUBLISHED_LAW
    timeout: float = 10.0
    connections: int = 20


class RetryQuestion(msgspec.Struct, frozen=True):
    """The subject of a simulation; the arrivals are seconds after the behaviour began."""

    scenario: AnswerScenario
    sender: SenderTraits = SenderTraits()
    arrivals: tuple[float, ...] = (0.0,)


class RetryAttempt(msgspec.Struct, frozen=True):
    """An attempt: its begin and its end in seconds, and the answer in words.

    `rule` is the name of the rule that decides, empty for the usual 200.
    """

    at: float
    ended: float
    answer: str
    rule: str = ""
    accepted: bool = False


class MessageFate(msgspec.Struct, frozen=True):
    """The fate of a message that arrived at `at`; the last attempt is accepted, or it is lost."""

    number: int
    at: float
    attempts: tuple[RetryAttempt, ...]

    @property
    def delivered_at(self) -> float | None:
        """The time of the answer 200; None if the message is lost."""
        last = self.attempts[-1]
        return last.ended if last.accepted else None

    @property
    def late(self) -> float | None:
        """The seconds from its arrival to the answer 200; None if it is lost."""
        return None if self.delivered_at is None else self.delivered_at - self.at

    @property
    def ended(self) -> float:
        """The end of the last attempt."""
        return self.attempts[-1].ended


class Prediction(msgspec.Struct, frozen=True):
    """The fate of every message, in the order of arrival.

    `left_out` are the names of rules that are not simulated.
    """

    scenario: AnswerScenario
    sender: SenderTraits
    messages: tuple[MessageFate, ...]
    left_out: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[MessageFate, ...]:
        """The messages that are lost."""
        return tuple(one for one in self.messages if one.delivered_at is None)

    @property
    def ended(self) -> float:
        """The end of the last attempt of all."""
        return max((one.ended for one in self.messages), default=0.0)

    @property
    def sentence(self) -> str:
        """The outcome for the user."""
        if not self.messages:
            return "There is no message."
        late = [one.late for one in self.messages if one.late is not None]
        at_once = sum(len(one.attempts) == 1 for one in self.messages if one.late is not None)
        parts = [f"Of {counted(len(self.messages), 'message')} {len(late):,} are delivered"]
        if late:
            parts.append(
                f", {at_once:,} by the first attempt, half of them within"
                f" {show_seconds(median(late))} and all within {show_seconds(max(late))}"
            )
        lost = len(self.messages) - len(late)
        parts.append(
            f"; {lost:,} {'is' if lost == 1 else 'are'} lost." if lost else "; none is lost."
        )
        return "".join(parts)


def spread_arrivals(count: int, every: float, start: float = 0.0) -> tuple[float, ...]:
    """Return the times of messages that arrive regularly. Raises TooMuchToSimulate."""
    if not 0 < count <= MOST_MESSAGES:
        raise TooMuchToSimulate(f"Simulate 1 to {MOST_MESSAGES:,} messages, not {count:,}.")
    return tuple(start + number * every for number in range(count))


def predict(
    scenario: AnswerScenario,
    sender: SenderTraits,
    arrivals: Sequence[float],
    *,
    starts_at: int = 0,
) -> Prediction:
    """Return the fate of messages that arrive at these seconds after the behaviour began.

    `starts_at` is the time of that begin in milliseconds since the epoch, for rules by the wall
    clock. Raises TooMuchToSimulate.
    """
    usable, left_out = usable_scenario(scenario)
    _require_bounds(sender, arrivals, len(usable.rules))
    matcher = ScenarioMatcher(usable)
    attempts: list[list[RetryAttempt]] = [[] for _ in arrivals]
    due = [(at, number, number) for number, at in enumerate(arrivals)]
    heapq.heapify(due)
    busy: list[float] = []  # ends of the attempts that occupy connections
    order = len(due)
    while due:
        at, _, number = heapq.heappop(due)
        if len(busy) >= sender.connections:
            at = max(at, heapq.heappop(busy))
        attempt = _attempt(matcher, sender, at, starts_at)
        heapq.heappush(busy, attempt.ended)
        attempts[number].append(attempt)
        wait = None if attempt.accepted else sender.law.delay(len(attempts[number]))
        if wait is not None:
            order += 1
            heapq.heappush(due, (attempt.ended + wait, order, number))
    messages = tuple(
        MessageFate(number + 1, at, tuple(made))
        for number, (at, made) in enumerate(zip(arrivals, attempts, strict=True))
    )
    return Prediction(usable, sender, messages, left_out)


def show_seconds(seconds: float) -> str:
    """Return a duration in its two largest units: `3 min 12 s`, `1 d 17 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f}".rstrip("0").rstrip(".") + " s"
    for big, small, unit, other in (
        (86_400, 3_600, "d", "h"),
        (3_600, 60, "h", "min"),
        (60, 1, "min", "s"),
    ):
        if whole >= big:
            rest = whole % big // small
            return f"{whole // big} {unit}" + (f" {rest} {other}" if rest else "")
    return f"{whole} s"


def _attempt(
    matcher: ScenarioMatcher, sender: SenderTraits, at: float, starts_at: int
) -> RetryAttempt:
    choice = matcher.choose(_REQUEST, at, starts_at + round(at * 1000))
    if choice is None:
        return RetryAttempt(at, at, "200", accepted=True)
    rule, answer = choice.rule, choice.rule.answer
    took = answer.delay + answer.seconds
    text, accepted = _answer_text(answer), _is_accepted(answer)
    if took >= sender.timeout:
        took, text, accepted = sender.timeout, "time-out", False
    return RetryAttempt(at, at + took, text, rule.name, accepted)


def _answer_text(answer: RuleAnswer) -> str:
    if not answer.end.has_head:
        return "no answer"
    return f"{answer.status}, cut" if _is_cut(answer) else str(answer.status)


def _is_cut(answer: RuleAnswer) -> bool:
    """Return whether the answer has a head and is not whole."""
    if answer.end is AnswerEnd.WRONG_LENGTH:  # of a shorter length, a sender reads just that
        declared = answer.declared_length
        return declared is None or declared > len(answer.body.encode(errors="replace"))
    return answer.end in {AnswerEnd.HALF_BODY, AnswerEnd.RESET_AFTER_HEAD}


def _is_accepted(answer: RuleAnswer) -> bool:
    """Return whether it is a whole 200, whatever it took."""
    return answer.status == 200 and answer.end.has_head and not _is_cut(answer)


def _require_bounds(sender: SenderTraits, arrivals: Sequence[float], rules: int) -> None:
    if not 0 < len(arrivals) <= MOST_MESSAGES:
        raise TooMuchToSimulate(f"Simulate 1 to {MOST_MESSAGES:,} messages, not {len(arrivals):,}.")
    attempts = len(arrivals) * sender.law.attempts
    if attempts * rules > MOST_CHECKS:
        raise TooMuchToSimulate(
            f"Up to {attempts:,} attempts and {rules:,} rules are too much to simulate. Simulate"
            " fewer messages, retries, or rules."
        )
    if attempts > MOST_ATTEMPTS:
        raise TooMuchToSimulate(
            f"{len(arrivals):,} messages with up to {sender.law.attempts:,} attempts each are more"
            f" than {MOST_ATTEMPTS:,} attempts. Simulate fewer messages, or fewer retries."
        )
    if not all(0 <= at <= LONGEST for at in arrivals):
        raise TooMuchToSimulate("Messages arrive from 0 s on, within ten years.")
    if not 0 < sender.timeout <= 3_600 or not 1 <= sender.connections <= 1_000:
        raise TooMuchToSimulate(
            "A sender waits up to an hour for an answer, and has 1 to 1,000 connections."
        )
