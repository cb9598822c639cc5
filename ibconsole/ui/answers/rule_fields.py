"""A rule as the texts of a form, and back: no widget is needed to test it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

import msgspec

from ibconsole.errors import UserError
from ibconsole.services.answer_files import (
    AnswerEnd,
    AnswerRule,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
    format_share,
)
from ibconsole.services.runtime import format_duration, parse_duration, parse_time

T = TypeVar("T")

# The field of the form below which a problem of a rule's value is shown.
FIELD_OF: Mapping[str, str] = MappingProxyType(
    {
        "name": "name",
        "when.path": "path",
        "when.header": "header_name",
        "when.share": "share",
        "when.numbers": "first",
        "when.window": "after",
        "answer.status": "status",
        "answer.headers": "headers",
        "answer.body": "body",
        "answer.delay": "delay",
        "answer.duration": "duration",
        "answer.declared_length": "declared_length",
    }
)


class RuleFields(msgspec.Struct, frozen=True):
    """The texts of a rule's form; an empty one is the default."""

    name: str = ""
    path: str = ""
    application: str = ""
    keyword: str = ""
    text: str = ""
    header_name: str = ""
    header_value: str = ""
    share: str = ""
    first: str = ""
    last: str = ""
    every: str = ""
    after: str = ""
    before: str = ""
    since: str = ""
    until: str = ""
    status: str = ""
    headers: str = ""
    body: str = ""
    delay: str = ""
    end: str = AnswerEnd.NORMAL
    duration: str = ""
    declared_length: str = ""


def fields_of(rule: AnswerRule) -> RuleFields:
    """Return the texts that say what a rule does."""
    when, answer = rule.when, rule.answer
    numbers, window = when.numbers or RequestNumbers(), when.window or TimeWindow()
    return RuleFields(
        name=rule.name,
        path=when.path,
        application=when.application,
        keyword=when.keyword,
        text=when.text,
        header_name=when.header.name if when.header else "",
        header_value=when.header.value if when.header else "",
        share="" if when.share == 1 else format_share(when.share),
        first="" if numbers.first == 1 else str(numbers.first),
        last="" if numbers.last is None else str(numbers.last),
        every="" if numbers.every == 1 else str(numbers.every),
        after=format_duration(window.after) if window.after else "",
        before="" if window.before is None else format_duration(window.before),
        since=_instant(window.since),
        until=_instant(window.until),
        status=str(answer.status),
        headers="\n".join(f"{name}: {value}" for name, value in answer.headers),
        body=answer.body,
        delay=format_duration(answer.delay) if answer.delay else "",
        end=answer.end,
        duration="" if answer.duration is None else format_duration(answer.duration),
        declared_length="" if answer.declared_length is None else str(answer.declared_length),
    )


def rule_of(fields: RuleFields) -> tuple[AnswerRule, Mapping[str, str]]:
    """Return the rule that the texts say, and a sentence for each field that says nothing.

    Such a field has its default in the rule. Bounds are not checked here.
    """
    reading = _Reading(fields)
    return AnswerRule(fields.name.strip(), reading.condition(), reading.answer()), reading.problems


class _Reading:
    def __init__(self, fields: RuleFields) -> None:
        self._fields = fields
        self.problems: dict[str, str] = {}

    def condition(self) -> RuleCondition:
        fields = self._fields
        name, value = fields.header_name.strip(), fields.header_value.strip()
        if value and not name:
            self.problems["header_name"] = "A header has a name, before its value."
        return RuleCondition(
            path=fields.path.strip(),
            application=fields.application.strip(),
            keyword=fields.keyword.strip(),
            text=fields.text,
            header=HeaderCondition(name, value or "*") if name else None,
            share=self._value("share", _share, 1.0),
            numbers=self._numbers(),
            window=self._window(),
        )

    def answer(self) -> RuleAnswer:
        fields = self._fields
        return RuleAnswer(
            status=self._value("status", _whole, 200),
            headers=self._value("headers", _headers, ()),
            body=fields.body,
            delay=self._value("delay", parse_duration, 0.0),
            end=AnswerEnd(fields.end),
            duration=self._optional("duration", parse_duration),
            declared_length=self._optional("declared_length", _whole),
        )

    def _numbers(self) -> RequestNumbers | None:
        numbers = RequestNumbers(
            self._value("first", _whole, 1),
            self._optional("last", _whole),
            self._value("every", _whole, 1),
        )
        return None if numbers == RequestNumbers() else numbers

    def _window(self) -> TimeWindow | None:
        window = TimeWindow(
            self._value("after", parse_duration, 0.0),
            self._optional("before", parse_duration),
            self._optional("since", parse_time),
            self._optional("until", parse_time),
        )
        return None if window == TimeWindow() else window

    def _value(self, field: str, parse: Callable[[str], T], default: T) -> T:
        value = self._optional(field, parse)
        return default if value is None else value

    def _optional(self, field: str, parse: Callable[[str], T]) -> T | None:
        text = str(getattr(self._fields, field))
        if not text.strip():
            return None
        try:
            return parse(text)
        except UserError as error:
            self.problems[field] = str(error)
            return None


def _share(text: str) -> float:
    number = text.strip().removesuffix("%")
    try:
        share = float(number)
    except ValueError:
        raise UserError("A share is a number such as 0.2, or 20 %.") from None
    return share / 100 if "%" in text else share


def _whole(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or len(text.strip()) > 15:
        raise UserError("This is a whole number, or empty.")
    return int(text)


def _headers(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(_split_headers(text.split("\n")))


def _split_headers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise UserError(f"Line {number} has no colon: a header is written Name: value.")
        yield name.strip(), value.strip()


def _instant(time: int | None) -> str:
    if time is None:
        return ""
    return datetime.fromtimestamp(time / 1000).astimezone().isoformat()
