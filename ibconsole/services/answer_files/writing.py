"""Writing of a scenario file: the same scenario gives the same bytes.

What has its default is left out, and texts of several lines stay readable in YAML.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ibconsole.listener.answers import (
    AnswerRule,
    AnswerScenario,
    HeaderCondition,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.documents import FileFormat, flow_text, item_lines, json_document, yaml_text
from ibconsole.services.runtime import format_duration, parse_duration

_HEAD = "# Answers of the listener; `ibconsole listen --answers FILE` gives them."
_STEP = "  "
_DURATION = re.compile(r"[0-9.]+ (?:ms|s|min|h|d)")  # which no reader takes for a number


def write_answer_file(scenario: AnswerScenario, file_format: FileFormat = FileFormat.YAML) -> bytes:
    """Return a scenario as a file, in UTF-8, which says the same when it is read."""
    root = scenario_object(scenario)
    if file_format is FileFormat.JSON:
        return json_document(root)
    return "\n".join([_HEAD, *_mapping_lines(root), ""]).encode()


def scenario_object(scenario: AnswerScenario) -> dict[str, Any]:
    """Return a scenario as an object of JSON."""
    root: dict[str, Any] = {"version": 1, "name": scenario.name}
    if scenario.speed != 1:
        root["speed"] = _plain(scenario.speed)
    if scenario.seed:
        root["seed"] = scenario.seed
    return root | {"rules": [_rule(one) for one in scenario.rules]}


def _rule(rule: AnswerRule) -> dict[str, Any]:
    when = _condition(rule.when)
    return {"name": rule.name, **({"when": when} if when else {}), "answer": _answer(rule.answer)}


def _condition(when: RuleCondition) -> dict[str, Any]:
    texts = {name: getattr(when, name) for name in ("path", "application", "keyword", "text")}
    found: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if when.header:
        found["header"] = _header(when.header)
    if when.share != 1:
        found["share"] = _plain(when.share)
    if when.numbers:
        found["requests"] = _numbers(when.numbers)
    if when.window:
        found["time"] = _window(when.window)
    return found


def _header(header: HeaderCondition) -> dict[str, Any]:
    return {"name": header.name, **({"value": header.value} if header.value != "*" else {})}


def _numbers(numbers: RequestNumbers) -> int | dict[str, Any]:
    if numbers.first == numbers.last and numbers.every == 1:
        return numbers.first
    found: dict[str, Any] = {"first": numbers.first} if numbers.first != 1 else {}
    if numbers.last is not None:
        found["last"] = numbers.last
    return found | ({"every": numbers.every} if numbers.every != 1 else {})


def _window(window: TimeWindow) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if window.after:
        found["after"] = _duration(window.after)
    if window.before is not None:
        found["before"] = _duration(window.before)
    for name, instant in (("since", window.since), ("until", window.until)):
        if instant is not None:
            found[name] = _instant(instant)
    return found


def _answer(answer: RuleAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {"status": answer.status}
    if answer.headers:
        found["headers"] = _headers(answer.headers)
    if answer.body:
        found["body"] = answer.body
    if answer.delay:
        found["delay"] = _duration(answer.delay)
    if answer.end is not AnswerEnd.NORMAL:
        found["end"] = answer.end.value
    if answer.duration is not None:
        found["duration"] = _duration(answer.duration)
    if answer.declared_length is not None:
        found["declaredLength"] = answer.declared_length
    return found


def _headers(headers: Sequence[tuple[str, str]]) -> dict[str, str] | list[dict[str, str]]:
    """Return a mapping, or a list if a name is there twice."""
    by_name = dict(headers)
    if len(by_name) == len(headers):
        return by_name
    return [{"name": name, "value": value} for name, value in headers]


def _duration(seconds: float) -> str | float:
    """Return a duration with its unit if that is exact, else the seconds."""
    text = format_duration(seconds)
    return text if parse_duration(text) == seconds else seconds


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def _instant(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).isoformat().replace("+00:00", "Z")


def _mapping_lines(value: Mapping[str, Any]) -> Iterator[str]:
    for name, one in value.items():
        first, *others = _value_lines(one)
        yield f"{yaml_text(name)}:{first}"
        for line in others:
            yield _STEP + line


def _value_lines(value: object) -> Iterator[str]:
    """Yield what stands after the colon of a name, and the lines below it."""
    match value:
        case str() if _fits_in_block(value):
            yield " |"
            yield from value.splitlines()
        case str() if _DURATION.fullmatch(value):
            yield f" {value}"
        case str():
            yield f" {yaml_text(value)}"
        case dict() if value:
            yield ""
            yield from _mapping_lines(value)
        case list() if value:
            yield ""
            for item in value:
                yield from item_lines(_mapping_lines(item))
        case _:
            yield f" {flow_text(value)}"


def _fits_in_block(text: str) -> bool:
    """Return whether lines under a bar say exactly this text, and hide nothing of it."""
    lines = text.split("\n")
    return (
        len(lines) > 2
        and not lines[-1]
        and bool(lines[-2])
        and not lines[0].startswith(" ")
        and bool(lines[0])
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )
