"""Matching of requests with the rules of a scenario.

The messages of a request are read only when the conditions before them are met. The same matcher
decides for the listener and for predictions: it knows no clock.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from random import Random

import msgspec

from ibconsole.listener import canonical_path
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RuleCondition,
)
from ibconsole.model import MessageFields
from ibconsole.text import fold

ReadMessages = Callable[[], Sequence[MessageFields]]
FindHeader = Callable[[str], str | None]


def _no_header(name: str) -> str | None:  # noqa: ARG001 a request without headers
    return None


class MatchedRequest(msgspec.Struct, frozen=True):
    """The parts of a request that rules see.

    `header` returns the first header of a name. `messages` is called whenever a rule needs them.
    """

    path: str = "/"
    header: FindHeader = _no_header
    messages: ReadMessages = tuple


class RuleChoice(msgspec.Struct, frozen=True):
    """The rule that answers a request; `number` counts its requests from 1, see RuleCondition."""

    rule: AnswerRule
    place: int
    number: int


class ScenarioMatcher:
    """Chooses the rule for each request of a scenario, and counts the requests of each rule.

    `elapsed` is always the time since the scenario was set, in seconds, which the matcher
    multiplies with the scenario's speed. `now` is the wall clock in milliseconds since the epoch.
    """

    def __init__(self, scenario: AnswerScenario) -> None:
        self._scenario = scenario
        self._rules = [
            _CountingRule(rule, place, scenario.seed) for place, rule in enumerate(scenario.rules)
        ]
        self._answered = [0] * len(scenario.rules)

    @property
    def answered(self) -> tuple[tuple[str, int], ...]:
        """The name of each rule with the number of requests that it answered."""
        names = (rule.name for rule in self._scenario.rules)
        return tuple(zip(names, self._answered, strict=True))

    def choose(self, request: MatchedRequest, elapsed: float, now: int) -> RuleChoice | None:
        """Return the first rule that matches, None if none does; every call counts.

        Rules after it are looked at only if they count requests.
        """
        choice: RuleChoice | None = None
        seen = _SeenRequest(request)
        time = elapsed * self._scenario.speed, now
        for place, rule in enumerate(self._rules):
            if choice and not rule.counts:
                continue
            number = rule.match(seen, *time)
            if number and choice is None:
                choice = RuleChoice(rule.rule, place, number)
        if choice:
            self._answered[choice.place] += 1
        return choice

    def upcoming(self, elapsed: float, now: int) -> AnswerRule | None:
        """Return the first rule that can still answer a request, now or later."""
        time = elapsed * self._scenario.speed, now
        return next((each.rule for each in self._rules if not each.is_over(*time)), None)


class _SeenRequest:
    """A request with what several rules look at, computed once."""

    def __init__(self, request: MatchedRequest) -> None:
        self._request = request

    @cached_property
    def path(self) -> str:
        return canonical_path(self._request.path)

    @cached_property
    def messages(self) -> Sequence[tuple[str, str, str]]:
        """Of each message the application, the keyword, and the text for comparisons."""
        return [
            (one.application_code, one.keyword, fold(one.text)) for one in self._request.messages()
        ]

    @cached_property
    def _all(self) -> tuple[set[str], set[str], str]:
        codes = {code for code, _, _ in self.messages}
        keywords = {keyword for _, keyword, _ in self.messages}
        return codes, keywords, "\0".join(text for _, _, text in self.messages)

    def may_have(self, application: str, keyword: str, text: str) -> bool:
        """Return false if no message has one of these: many rules find that out quickly."""
        codes, keywords, texts = self._all
        return (
            (not application or application in codes)
            and (not keyword or keyword in keywords)
            and text in texts
        )

    def has(self, wanted: HeaderCondition) -> bool:
        value = self._request.header(wanted.name)
        return value is not None and fits(wanted.value, value.strip())


class _CountingRule:
    """A rule with its patterns, and the number of requests that it has seen."""

    def __init__(self, rule: AnswerRule, place: int, seed: int) -> None:
        when = rule.when
        self.rule = rule
        self.counts = when.counts
        self._seed = f"{seed}/{place}/"
        self._seen = 0
        self._path = canonical_path(when.path)
        self._text = fold(when.text)

    def match(self, request: _SeenRequest, elapsed: float, now: int) -> int:
        """Return the number of the request if it matches, else 0."""
        when = self.rule.when
        if when.window and not when.window.includes(elapsed, now):
            return 0
        if self._path and not fits(self._path, request.path):
            return 0
        if when.header and not request.has(when.header):
            return 0
        if when.reads_messages and not self._has_message(request):
            return 0
        self._seen += 1
        return self._seen if self._includes(when, self._seen) else 0

    def is_over(self, elapsed: float, now: int) -> bool:
        """Return whether it cannot match any more."""
        when = self.rule.when
        if when.share <= 0 or (when.window and when.window.is_over(elapsed, now)):
            return True
        numbers = when.numbers
        return bool(numbers and numbers.last is not None and self._seen >= numbers.last)

    def _has_message(self, request: _SeenRequest) -> bool:
        when = self.rule.when
        return request.may_have(when.application, when.keyword, self._text) and any(
            map(self._is_wanted, request.messages)
        )

    def _is_wanted(self, message: tuple[str, str, str]) -> bool:
        when = self.rule.when
        application, keyword, text = message
        return (
            when.application in {"", application}
            and when.keyword in {"", keyword}
            and self._text in text
        )

    def _includes(self, when: RuleCondition, number: int) -> bool:
        if when.numbers and not when.numbers.include(number):
            return False
        # A generator for each number: the choice does not depend on what was asked before.
        return when.share >= 1 or Random(f"{self._seed}{number}").random() < when.share  # noqa: S311


def fits(pattern: str, text: str) -> bool:
    """Return whether a pattern fits the whole text; `*` is any text, of any length."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    end = len(text) - len(last)
    place = len(first)
    if end < place or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
