"""Filters as SQL for the team's table of messages, in the ways in which a search uses them."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ibconsole.archive import Filter, replace_surrogates
from ibconsole.text import fold

_INDEXED = 3  # characters of a word from which the index of texts finds it


class Conditions(msgspec.Struct, frozen=True):
    """A filter in parts of a WHERE clause.

    `ranges` are conditions that an index in the order of a list follows, and begin with AND;
    `tests` are looked at for each message that remains, and are TRUE if there are none; `others`
    are those but for a text that the index of texts compares. `patterns` are for LIKE: texts that a
    match contains, for that index.
    """

    ranges: str
    tests: str
    others: str
    values: Mapping[str, Any]
    patterns: tuple[str, ...]


def conditions(criteria: Filter) -> Conditions:
    """Translate a filter, without its connection: the account of a reader is all there is."""
    ranges: list[tuple[bool, str, Any]] = [
        (bool(criteria.application), "application_code = ANY(%(codes)s)", spellings(criteria)),
        (bool(criteria.flags), "flags <> 0", None),
        (criteria.since is not None, "arrived_at >= %(since)s", criteria.since),
        (criteria.until is not None, "arrived_at < %(until)s", criteria.until),
        (bool(criteria.ids), "message.id = ANY(%(ids)s)", list(criteria.ids)),
    ]
    tests: list[tuple[bool, str, Any]] = [
        (criteria.via is not None, "via = %(via)s", criteria.via and criteria.via.value),
        (bool(criteria.flags), "flags & %(flags)s <> 0", int(criteria.flags)),
        (bool(criteria.sender), "sender = %(sender)s", storable(criteria.sender)),
        (bool(criteria.keyword), "keyword = %(keyword)s", storable(criteria.keyword)),
        (bool(criteria.text), "searched LIKE %(text)s", pattern(criteria.text)),
    ]
    values = {
        sql.partition("%(")[2].partition(")")[0]: value
        for used, sql, value in (*ranges, *tests)
        if used and "%(" in sql
    }
    if isinstance(values.get("codes"), str):
        ranges[0] = (True, "application_code = %(codes)s", values["codes"])
    texts = (criteria.text, criteria.sender, criteria.keyword)
    is_indexed = _is_indexed(criteria.text)
    return Conditions(
        ranges="".join(f" AND {sql}" for used, sql, _ in ranges if used),
        tests=_joined(sql for used, sql, _ in tests if used),
        others=_joined(sql for used, sql, _ in (tests[:-1] if is_indexed else tests) if used),
        values=values,
        patterns=tuple(pattern(text) for text in texts if _is_indexed(text)),
    )


def spellings(criteria: Filter) -> str | list[str]:
    """Return an application's code, or its spellings in Unicode if there are several."""
    code = storable(criteria.application)
    if code.isascii():
        return code
    forms = (unicodedata.normalize(form, code) for form in ("NFC", "NFD"))
    return list(dict.fromkeys((code, *forms)))


def pattern(text: str) -> str:
    """Return the pattern of LIKE for texts that contain this one, in either case."""
    folded = fold(storable(text))
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def storable(text: str) -> str:
    """Return a text as PostgreSQL can store it: without NUL and halves of a character."""
    return replace_surrogates(text).replace("\0", "\ufffd")


def _joined(tests: Iterable[str]) -> str:
    return " AND ".join(tests) or "TRUE"


def _is_indexed(text: str) -> bool:
    """Return whether the index of texts narrows down what contains this."""
    run = 0
    for character in fold(text):
        run = run + 1 if character.isalnum() else 0
        if run == _INDEXED:
            return True
    return False
