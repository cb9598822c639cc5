"""Values of answer rules: what the listener says on purpose instead of the usual 200.

Times are in seconds, and wall-clock times in milliseconds since the epoch, UTC. A value may be out
of bounds: `check_scenario` says so.
"""

import msgspec
from msgspec.structs import replace

from ibconsole.model import AnswerEnd

PROMPT = 1.0  # seconds; the shortest read time-out of sibling profiles (platform.md §5)
HANG_SECONDS = 3600.0  # the default of a hang
DRIP_SECONDS = 10.0  # the default of a slow drip


class HeaderCondition(msgspec.Struct, frozen=True):
    """A condition on a header: its name in any case, and its value, where `*` is any text."""

    name: str
    value: str = "*"


class RequestNumbers(msgspec.Struct, frozen=True):
    """A condition on the number of a request, from 1, among those that the rule is about.

    Numbers are from `first` to `last`, both included; of these every `every`-th matches: with 3
    the third, the sixth, and so on.
    """

    first: int = 1
    last: int | None = None
    every: int = 1

    def include(self, number: int) -> bool:
        """Return whether the number matches."""
        if number < self.first or (self.last is not None and number > self.last):
            return False
        return (number - self.first + 1) % self.every == 0


class TimeWindow(msgspec.Struct, frozen=True):
    """A condition on the time, the ends of which are not included; None is no limit.

    `after` and `before` are seconds since the scenario was set, at its speed. `since` and `until`
    are wall-clock times.
    """

    after: float = 0.0
    before: float | None = None
    since: int | None = None
    until: int | None = None

    def includes(self, elapsed: float, now: int) -> bool:
        """Return whether it is open: `elapsed` in the scenario's seconds, `now` in milliseconds."""
        return (
            self.after <= elapsed
            and (self.before is None or elapsed < self.before)
            and (self.since is None or self.since <= now)
            and (self.until is None or now < self.until)
        )

    def is_over(self, elapsed: float, now: int) -> bool:
        """Return whether it will not be open again."""
        return (self.before is not None and elapsed >= self.before) or (
            self.until is not None and now >= self.until
        )


class RuleCondition(msgspec.Struct, frozen=True):
    """Conditions that a request must meet together; the default matches every request.

    `path` is that of the request without its query, where `*` is any text. Without a `*` the
    listener has this path as well while the rule is set. `application` and `keyword` are exact, and
    `text` is contained in the message's text in either case; one message of the request has to
    meet all three. `share`, from 0 to 1, and `numbers` choose among the requests that meet all
    other conditions, whether or not an earlier rule answers them.
    """

    path: str = ""
    application: str = ""
    keyword: str = ""
    text: str = ""
    header: HeaderCondition | None = None
    share: float = 1.0
    numbers: RequestNumbers | None = None
    window: TimeWindow | None = None

    @property
    def reads_messages(self) -> bool:
        """True if the messages of a request have to be read."""
        return bool(self.application or self.keyword or self.text)

    @property
    def counts(self) -> bool:
        """True if the number of the request matters."""
        return self.share < 1 or self.numbers is not None


class RuleAnswer(msgspec.Struct, frozen=True):
    """An answer. `body` and the values of `headers` are templates, see `templates`.

    `delay` is the time before the answer. `duration` is the time that a hang or a slow drip
    takes; None is an hour for a hang, and ten seconds for a drip. `declared_length` is the
    Content-Length of a wrong length; None is 16 bytes more than the body.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    delay: float = 0.0
    end: AnswerEnd = AnswerEnd.NORMAL
    duration: float | None = None
    declared_length: int | None = None

    @property
    def seconds(self) -> float:
        """The duration of a hang or a slow drip, 0 for another end."""
        defaults = {AnswerEnd.HANG: HANG_SECONDS, AnswerEnd.SLOW_DRIP: DRIP_SECONDS}
        if self.end not in defaults:
            return 0.0
        return defaults[self.end] if self.duration is None else self.duration

    @property
    def is_accepting(self) -> bool:
        """True if a platform takes it for delivered: 200, whole, and at once."""
        return (
            self.status == 200
            and self.delay < PROMPT
            and (
                self.end is AnswerEnd.NORMAL
                or (self.end is AnswerEnd.SLOW_DRIP and self.delay + self.seconds < PROMPT)
            )
        )


class AnswerRule(msgspec.Struct, frozen=True):
    """A rule: a request that meets the conditions gets the answer."""

    name: str
    when: RuleCondition = RuleCondition()
    answer: RuleAnswer = RuleAnswer()


class AnswerScenario(msgspec.Struct, frozen=True):
    """Rules in order: the first that matches a request decides; without one the answer is 200.

    At a `speed` of 60 a minute passes in a second, for delays, durations, and the seconds of time
    windows. `seed` makes shares repeatable.
    """

    name: str
    rules: tuple[AnswerRule, ...]
    speed: float = 1.0
    seed: int = 0

    @property
    def ends_after(self) -> float | None:
        """The seconds after which no rule can match any more, None if there is no such end."""
        ends = [rule.when.window.before if rule.when.window else None for rule in self.rules]
        known = [end / self.speed for end in ends if end is not None]
        return max(known, default=0.0) if len(known) == len(ends) else None


def retries_expected(scenario: AnswerScenario) -> tuple[AnswerRule, ...]:
    """Return the rules whose answer makes a platform repeat the message.

    That is every answer but a prompt 200 (platform.md §5). A rule that can never match is none.
    """
    return tuple(
        rule
        for rule in scenario.rules
        if rule.when.share > 0 and not _at_speed(rule.answer, scenario.speed).is_accepting
    )


def _at_speed(answer: RuleAnswer, speed: float) -> RuleAnswer:
    return replace(answer, delay=answer.delay / speed, duration=answer.seconds / speed)


def describe_answer(answer: RuleAnswer) -> str:
    """Describe an answer in a phrase: `status 503 after 2 s`."""
    phrase = answer.end.describe(answer.status, answer.seconds)
    return f"{phrase} after {answer.delay:g} s" if answer.delay else phrase
