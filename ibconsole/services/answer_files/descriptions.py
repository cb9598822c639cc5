"""Conditions of rules in words, for tables and for what a command writes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from ibconsole.listener.answers import RequestNumbers, RuleCondition, TimeWindow
from ibconsole.services.runtime import format_duration
from ibconsole.text import mask_code

EVERY = "every request"
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


def describe_condition(when: RuleCondition) -> str:
    """Describe the requests that a rule is about: `path /in, 20 %, in the first 10 min`."""
    return ", ".join(_parts(when)) or EVERY


def _parts(when: RuleCondition) -> Iterator[str]:
    texts = {
        "path": when.path,
        "application": mask_code(when.application),
        "keyword": when.keyword,
        "text has": when.text and f"“{when.text}”",
    }
    yield from (f"{name} {text}" for name, text in texts.items() if text)
    if when.header:
        value = "" if when.header.value == "*" else f": {when.header.value}"
        yield f"header {when.header.name}{value}"
    if when.share != 1:
        yield format_share(when.share)
    if when.numbers:
        yield _numbers(when.numbers)
    if when.window:
        yield from _window(when.window)


def format_share(share: float) -> str:
    """Write a share as a percentage: `20 %`."""
    return f"{round(share * 100, 9):g} %"


def _numbers(numbers: RequestNumbers) -> str:
    first, last, every = numbers.first, numbers.last, numbers.every
    if first == last:
        return f"request {first:,}"
    which = "requests" if every == 1 else f"every {_ordinal(every)} request"
    if last is not None:
        return f"{which} {'from ' if every > 1 else ''}{first:,} to {last:,}"
    return f"{which} from {first:,}" if first > 1 else which


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 < 20
    return f"{number:,}{'th' if teens else _SUFFIXES.get(number % 10, 'th')}"


def _window(window: TimeWindow) -> Iterator[str]:
    after, before = format_duration(window.after), window.before
    if before is not None and not window.after:
        yield f"in the first {format_duration(before)}"
    elif before is not None:
        yield f"from {after} to {format_duration(before)}"
    elif window.after:
        yield f"after {after}"
    if window.since is not None:
        yield f"since {_instant(window.since)}"
    if window.until is not None:
        yield f"until {_instant(window.until)}"


def _instant(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
