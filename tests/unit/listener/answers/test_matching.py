"""Matching of requests with rules."""

from collections.abc import Sequence

import pytest

from ibconsole.listener.answers.matching import MatchedRequest, ScenarioMatcher, fits
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RequestNumbers,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import MessageFields


def message(application: str, keyword: str, text: str) -> MessageFields:
    return MessageFields("m", application, "", keyword, text, None, odd=False, known=True)


def request(
    path: str = "/in", headers: dict[str, str] | None = None, *messages: MessageFields
) -> MatchedRequest:
    return MatchedRequest(path, (headers or {}).get, lambda: messages)


def matcher(*conditions: RuleCondition, speed: float = 1.0, seed: int = 0) -> ScenarioMatcher:
    rules = tuple(AnswerRule(str(place), when) for place, when in enumerate(conditions))
    return ScenarioMatcher(AnswerScenario("s", rules, speed, seed))


def chosen(
    rules: ScenarioMatcher, one: MatchedRequest, elapsed: float = 0.0, now: int = 0
) -> str | None:
    choice = rules.choose(one, elapsed, now)
    return choice.rule.name if choice else None


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        (RuleCondition(), True),
        (RuleCondition(path="/in/a"), True),
        (RuleCondition(path="/in/*"), True),
        (RuleCondition(path="/in"), False),
        (RuleCondition(application="A"), True),
        (RuleCondition(application="a"), False),
        (RuleCondition(keyword="STOP", application="B"), True),
        (RuleCondition(keyword="STOP", application="A"), False),
        (RuleCondition(text="ZÜRICH"), True),
        (RuleCondition(text="Bern"), False),
        (RuleCondition(header=HeaderCondition("X-Case")), True),
        (RuleCondition(header=HeaderCondition("X-Case", "se*n")), True),
        (RuleCondition(header=HeaderCondition("X-Case", "eight")), False),
        (RuleCondition(header=HeaderCondition("X-Other")), False),
    ],
)
def test_conditions(when: RuleCondition, *, matches: bool) -> None:
    """Each condition decides, and one message has to meet those on messages together."""
    one = request(
        "//in/a/", {"X-Case": " seven "}, message("A", "", "in Zürich"), message("B", "STOP", "")
    )

    assert chosen(matcher(when), one) == ("0" if matches else None)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("*", "", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*b*d*", "abcd", True),
        ("*d*b*", "abcd", False),
        ("a*bc*c", "abc", False),
        ("*a" * 50, "a" * 20_000 + "b", False),
    ],
)
def test_patterns(pattern: str, text: str, *, expected: bool) -> None:
    """A star is any text; many of them take no longer."""
    assert fits(pattern, text) is expected


def test_a_request_of_which_little_is_known() -> None:
    """A prediction needs no headers and no messages."""
    rules = matcher(RuleCondition(header=HeaderCondition("X")), RuleCondition(text="x"))

    assert chosen(rules, MatchedRequest()) is None


def test_the_first_rule_decides() -> None:
    """Rules are in order, and each request is answered by one of them at most."""
    rules = matcher(RuleCondition(path="/a"), RuleCondition(), RuleCondition())

    assert [chosen(rules, request(path)) for path in ("/b", "/a", "/b")] == ["1", "0", "1"]
    assert rules.answered == (("0", 1), ("1", 2), ("2", 0))


def test_messages_are_read_only_if_a_rule_needs_them() -> None:
    """Decoding a body costs time, which is spent only if the other conditions are met."""

    def read() -> Sequence[MessageFields]:
        raise AssertionError

    rules = matcher(RuleCondition(path="/a", text="x"), RuleCondition(path="/in"))

    assert chosen(rules, MatchedRequest("/in", messages=read)) == "1"


def test_numbers_count_what_the_rule_is_about() -> None:
    """A sequence of answers is written as rules for the first, the second, and later requests."""
    first, second = (RequestNumbers(number, number) for number in (1, 2))
    rules = matcher(
        RuleCondition(path="/a", numbers=first),
        RuleCondition(path="/a", numbers=second),
        RuleCondition(path="/a"),
    )

    answers = [chosen(rules, request(path)) for path in ("/b", "/a", "/b", "/a", "/a")]

    assert answers == [None, "0", None, "1", "2"]


def test_shares_are_repeatable() -> None:
    """The same seed chooses the same requests, and about as many as the share says."""
    half = RuleCondition(share=0.5)

    def run(seed: int) -> list[str | None]:
        rules = matcher(half, seed=seed)
        return [chosen(rules, request()) for _ in range(400)]

    assert run(1) == run(1) != run(2)
    assert 160 < run(1).count("0") < 240


def test_windows_run_at_the_speed_of_the_scenario() -> None:
    """At 60-fold speed ten minutes are over after ten seconds."""
    rules = matcher(RuleCondition(window=TimeWindow(before=600.0)), speed=60.0)

    assert chosen(rules, request(), 9.9) == "0"
    assert chosen(rules, request(), 10.0) is None
    assert chosen(matcher(RuleCondition(window=TimeWindow(since=5))), request(), 0, 4) is None


def test_the_rule_that_comes_next() -> None:
    """A rule that cannot match any more is passed over."""
    rules = matcher(
        RuleCondition(share=0),
        RuleCondition(window=TimeWindow(before=10.0)),
        RuleCondition(numbers=RequestNumbers(1, 1)),
    )

    def upcoming(elapsed: float) -> str | None:
        rule = rules.upcoming(elapsed, 0)
        return rule.name if rule else None

    assert (upcoming(0.0), upcoming(10.0)) == ("1", "2")
    rules.choose(request(), 10.0, 0)
    assert upcoming(10.0) is None
