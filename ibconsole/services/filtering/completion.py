"""Candidates for what is typed at a place of an expression."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ibconsole.archive import Via
from ibconsole.services.filtering.expression import FLAG_NAMES
from ibconsole.services.filtering.formatting import format_value
from ibconsole.services.filtering.scanning import OPERATORS
from ibconsole.text import fold, mask_code

_MOST = 50  # candidates
_FIELD = re.compile(r"([a-z]+):")
_FIELD_SENTENCES = {
    "app": "application: code, masked code or name",
    "via": "pull or forward",
    "from": "the sender, as a whole",
    "keyword": "the keyword, as a whole",
    "id": "the message ID, as a whole",
    "flag": "duplicate, salvaged, unusual …",
    "since": "arrived then or later: 2h, 7d, 2026-11-01",
    "until": "arrived before: 2h, 7d, 2026-11-01",
    "lag": "arrival minus receipt: >10m",
    "json": "a value in the message's JSON: $.customPayload.x=…",
}
_AGES = {"10m": "10 minutes ago", "1h": "an hour ago", "24h": "a day ago", "7d": "a week ago"}
_FIXED_VALUES: Mapping[str, Mapping[str, str]] = {
    "via": dict.fromkeys(Via, ""),
    "flag": dict.fromkeys(FLAG_NAMES, ""),
    "since": _AGES,
    "until": _AGES,
    "lag": dict.fromkeys((">1s", ">10s", ">1m", ">10m", ">1h"), ""),
    "json": {
        "$.customPayload": "what the app sent with the message",
        "$.subscriberId": "the person, as the customer names them",
        "$.callbackData": "the callback data of the action",
        "$.to": "the receiver",
        "$.receivedAt": "the time of receipt, as text",
    },
}


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A text that may stand at the place, and what it is; `is_whole` if nothing has to follow."""

    text: str
    explanation: str = ""
    is_whole: bool = True


class FilterCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates for the characters from `start` up to `end`."""

    start: int
    end: int
    candidates: tuple[Candidate, ...] = ()


class KnownValues(msgspec.Struct, frozen=True, kw_only=True):
    """Values that are offered: names of applications by code, and keywords that were seen."""

    applications: Mapping[str, str] = {}
    keywords: Sequence[str] = ()


def complete_filter(text: str, cursor: int, known: KnownValues) -> FilterCompletion:
    """Return what may stand in place of the word before the cursor; no more than 50 candidates.

    The first ones begin with what was typed. Nothing is offered inside a quoted phrase, nor for a
    word that is complete.
    """
    start = _start_of_word(text, cursor)
    typed = text[start:cursor]
    start += len(typed) - len(typed.lstrip("-("))
    typed = text[start:cursor]
    if field := _FIELD.match(typed):
        start += field.end()
        typed = typed[field.end() :]
        offered = _values(field[1], known)
    else:
        words = tuple(one for one in _words() if one.text.startswith(typed) and one.text != typed)
        return FilterCompletion(start=start, end=cursor, candidates=words)
    return FilterCompletion(start=start, end=cursor, candidates=_fitting(typed, offered))


def _start_of_word(text: str, cursor: int) -> int:
    """Return where the word that the cursor is in begins; quotation marks hold it together."""
    start, is_quoted = 0, False
    for place, letter in enumerate(text[:cursor]):
        if letter == '"':
            is_quoted = not is_quoted
        elif not is_quoted and (letter.isspace() or letter in "()"):
            start = place + 1
    return start


def _words() -> Iterable[Candidate]:
    for name, sentence in _FIELD_SENTENCES.items():
        yield Candidate(text=f"{name}:", explanation=sentence, is_whole=False)
    for operator in OPERATORS:
        yield Candidate(text=operator)


def _values(field: str, known: KnownValues) -> Iterable[Candidate]:
    if field == "app":
        return _applications(known.applications)
    if field == "keyword":
        return [Candidate(text=format_value(one)) for one in known.keywords if one]
    return [
        Candidate(text=text, explanation=sentence, is_whole=field != "json")
        for text, sentence in _FIXED_VALUES.get(field, {}).items()
    ]


def _applications(applications: Mapping[str, str]) -> Iterable[Candidate]:
    """Return applications by their names, or else by their masked codes, which stay hidden."""
    for code, name in sorted(applications.items(), key=lambda one: fold(one[1] or one[0])):
        mask = mask_code(code)
        yield Candidate(text=format_value(name or mask), explanation=mask if name else "")


def _fitting(typed: str, offered: Iterable[Candidate]) -> tuple[Candidate, ...]:
    wanted = fold(typed.lstrip('"'))
    ranked: list[tuple[bool, Candidate]] = []
    for one in offered:
        shown = fold(one.text.lstrip('"'))
        if wanted in shown and one.text != typed:
            ranked.append((not shown.startswith(wanted), one))
    ranked.sort(key=lambda one: one[0])
    return tuple(candidate for _, candidate in ranked[:_MOST])
