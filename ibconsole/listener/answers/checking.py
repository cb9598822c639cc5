"""The rules that a scenario itself obeys: bounds, and what contradicts itself."""

import re
from collections.abc import Iterator

import msgspec

from ibconsole.errors import UserError
from ibconsole.listener.answers.templates import FIELDS, AnswerTemplate, unknown_fields
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd

MOST_RULES = 200
MOST_BODY = 1 << 20  # bytes
# Characters of a body with fields: unlike a fixed one it takes memory for each request.
MOST_RENDERED = MOST_BODY // 4
MOST_SECONDS = 3600.0
MOST_HEADERS = 50
_MOST_NAME = 100  # characters
_NO_NAME = f"A name has 1 to {_MOST_NAME} printable characters."
_MOST_VALUE = 8192  # characters
_SPEEDS = (0.001, 100_000.0)
_LONGEST_WINDOW = 1e9  # seconds; also at the least speed its end is a possible time
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_FRAMING = {"content-length", "connection", "transfer-encoding"}
_WITHOUT_BODY = {204, 304}
_WITH_BODY_ONLY = {AnswerEnd.HALF_BODY, AnswerEnd.WRONG_LENGTH, AnswerEnd.SLOW_DRIP}


class ScenarioProblem(msgspec.Struct, frozen=True):
    """A problem of a scenario.

    `rule` is the place of the rule from 0, None if the scenario itself is meant. `field` is the
    attribute, such as `when.share`, `answer.headers.0` or `speed`; empty for the whole.
    """

    sentence: str
    rule: int | None = None
    field: str = ""


class InvalidScenario(UserError):
    """A scenario cannot be set; `problems` has all reasons."""

    def __init__(self, scenario: AnswerScenario, problems: tuple[ScenarioProblem, ...]) -> None:
        self.problems = problems
        first = problems[0]
        where = "" if first.rule is None else f'Rule "{scenario.rules[first.rule].name}": '
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"The answer rules were not set, the listener answers as before. {where}"
            f"{first.sentence}{more}"
        )


def require_valid(scenario: AnswerScenario) -> None:
    """Raise InvalidScenario if there is any problem."""
    if problems := tuple(check_scenario(scenario)):
        raise InvalidScenario(scenario, problems)


def check_scenario(scenario: AnswerScenario) -> Iterator[ScenarioProblem]:
    """Yield the problems of a scenario, in the order of its rules."""
    if len(scenario.rules) > MOST_RULES:
        yield ScenarioProblem(
            f"A scenario has at most {MOST_RULES} rules; this one has {len(scenario.rules)}.",
            field="rules",
        )
    if not _SPEEDS[0] <= scenario.speed <= _SPEEDS[1]:
        yield ScenarioProblem(
            f"The speed is from {_SPEEDS[0]} to {_SPEEDS[1]:,.0f}.", field="speed"
        )
    if not _is_name(scenario.name):
        yield ScenarioProblem(_NO_NAME, field="name")
    names: set[str] = set()
    for place, rule in enumerate(scenario.rules[:MOST_RULES]):
        if rule.name in names:
            yield ScenarioProblem(f'Another rule is called "{rule.name}".', place, "name")
        names.add(rule.name)
        for field, sentence in _check_rule(rule):
            yield ScenarioProblem(sentence, place, field)


def _check_rule(rule: AnswerRule) -> Iterator[tuple[str, str]]:
    if not _is_name(rule.name):
        yield "name", _NO_NAME
    yield from _check_condition(rule.when)
    yield from _check_answer(rule.answer)
    yield from _check_end(rule.answer)
    yield from _check_body(rule.answer)
    yield from _check_headers(rule.answer)


def _is_name(name: str) -> bool:
    return bool(name.strip()) and len(name) <= _MOST_NAME and name.isprintable()


def _check_condition(when: RuleCondition) -> Iterator[tuple[str, str]]:
    if when.path and not when.path.startswith(("/", "*")):
        yield "when.path", "A path begins with a slash."
    if any(sign in when.path for sign in "?#"):
        yield "when.path", "A path has no query and no fragment."
    if when.header and not _TOKEN.fullmatch(when.header.name):
        yield "when.header", f'"{when.header.name}" is not the name of a header.'
    if not 0 <= when.share <= 1:
        yield "when.share", "A share is a number from 0 to 1."
    if (numbers := when.numbers) and (
        numbers.first < 1
        or numbers.every < 1
        or (numbers.last is not None and numbers.last < numbers.first)
    ):
        yield "when.numbers", "Numbers of requests begin with 1, and the last is not the smaller."
    if when.window:
        yield from _check_window(when.window)


def _check_window(window: TimeWindow) -> Iterator[tuple[str, str]]:
    if not 0 <= window.after <= _LONGEST_WINDOW or (
        window.before is not None and not window.after < window.before <= _LONGEST_WINDOW
    ):
        yield "when.window", "A time window begins at 0 s or later, and ends after that."
    if window.since is not None and window.until is not None and window.until <= window.since:
        yield "when.window", "A time window ends after it has begun."


def _check_answer(answer: RuleAnswer) -> Iterator[tuple[str, str]]:
    if not 200 <= answer.status <= 599:
        yield "answer.status", f"A status is from 200 to 599, not {answer.status}."
    if answer.status in _WITHOUT_BODY and (answer.body or answer.end in _WITH_BODY_ONLY):
        yield "answer.status", f"An answer with status {answer.status} has no body."
    if not 0 <= answer.delay <= MOST_SECONDS:
        yield "answer.delay", f"A delay is from 0 to {MOST_SECONDS:,.0f} s."


def _check_end(answer: RuleAnswer) -> Iterator[tuple[str, str]]:
    if answer.duration is not None:
        if answer.end not in {AnswerEnd.HANG, AnswerEnd.SLOW_DRIP}:
            yield "answer.duration", "Only a hang and a slow drip have a duration."
        elif not 0 <= answer.duration <= MOST_SECONDS:
            yield "answer.duration", f"A duration is from 0 to {MOST_SECONDS:,.0f} s."
    if answer.declared_length is not None:
        if answer.end is not AnswerEnd.WRONG_LENGTH:
            yield "answer.declared_length", "Only a wrong length declares a length."
        elif not 0 <= answer.declared_length <= 1 << 40:
            yield "answer.declared_length", "A length is 0 or more bytes."


def _check_body(answer: RuleAnswer) -> Iterator[tuple[str, str]]:
    if len(answer.body) > MOST_BODY or len(answer.body.encode(errors="replace")) > MOST_BODY:
        yield "answer.body", f"A body has at most {MOST_BODY:,} bytes."
    elif len(answer.body) > MOST_RENDERED and AnswerTemplate(answer.body).fixed is None:
        yield "answer.body", f"A body with fields has at most {MOST_RENDERED:,} characters."
    if unknown := unknown_fields(answer.body):
        yield "answer.body", _unknown(unknown[0])


def _check_headers(answer: RuleAnswer) -> Iterator[tuple[str, str]]:
    if len(answer.headers) > MOST_HEADERS:
        yield "answer.headers", f"An answer has at most {MOST_HEADERS} headers."
    for place, (name, value) in enumerate(answer.headers):
        field = f"answer.headers.{place}"
        if not _TOKEN.fullmatch(name):
            yield field, f'"{name}" is not the name of a header.'
        if name.lower() in _FRAMING:
            yield field, f"The listener writes {name} itself; the end of an answer can change it."
        if len(value) > _MOST_VALUE or any(sign in value for sign in "\r\n\0"):
            yield field, f"The value of {name} has a line break, or over {_MOST_VALUE} characters."
        if unknown := unknown_fields(value):
            yield field, _unknown(unknown[0])


def _unknown(name: str) -> str:
    return (
        f"{{{name}}} is no field of a request. Fields are {', '.join(FIELDS)} and header.NAME;"
        f" {{{{{name}}}}} writes the braces themselves."
    )
