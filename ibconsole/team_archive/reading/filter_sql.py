"""Filters as SQL for the team's table of messages, in the ways in which a search uses them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ibconsole.archive import Filter
from ibconsole.archive.conditions import AllOf, Condition, Contains, code_spellings, reads_json
from ibconsole.team_archive.reading.condition_sql import TeamConditionSql, pattern, storable
from ibconsole.text import fold

_INDEXED = 3  # characters of a word from which the index of texts finds it
_MOST_PATTERNS = 3  # that a look-up takes


class Conditions(msgspec.Struct, frozen=True):
    """A filter in parts of a WHERE clause.

    `ranges` are conditions that an index in the order of a list follows, and begin with AND;
    `tests` are looked at for each message that remains, and are TRUE if there are none; `others`
    are those but for a text that the index of texts compares. `patterns` are for LIKE: texts that a
    match contains, for that index. If the JSON of messages is to be tested, `tests` find all that
    may match, and `without_json` those that match although they have none.
    """

    ranges: str
    tests: str
    others: str
    values: Mapping[str, Any]
    patterns: tuple[str, ...]
    without_json: str = ""


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
    texts = (criteria.text, criteria.sender, criteria.keyword, *_required(criteria.condition))
    others = tests[:-1] if _is_indexed(criteria.text) else tests
    possible = TeamConditionSql(values).sql_of(criteria.condition)
    certain = ""
    if reads_json(criteria.condition):
        certain = TeamConditionSql(values, json_matches=False).sql_of(criteria.condition)
    return Conditions(
        ranges="".join(f" AND {sql}" for used, sql, _ in ranges if used),
        tests=_joined((*(sql for used, sql, _ in tests if used), possible)),
        others=_joined((*(sql for used, sql, _ in others if used), possible)),
        values=values,
        patterns=tuple(pattern(text) for text in texts if _is_indexed(text))[:_MOST_PATTERNS],
        without_json=certain,
    )


def _required(condition: Condition | None) -> Iterable[str]:
    """Return the texts that every match of a condition contains."""
    parts = condition.conditions if isinstance(condition, AllOf) else (condition,)
    return [part.text for part in parts if isinstance(part, Contains)]


def spellings(criteria: Filter) -> str | list[str]:
    """Return an application's code, or its spellings in Unicode if there are several."""
    code = storable(criteria.application)
    if code.isascii():
        return code
    return list(dict.fromkeys(code_spellings(code)))


def _joined(tests: Iterable[str]) -> str:
    return " AND ".join(filter(None, tests)) or "TRUE"


def _is_indexed(text: str) -> bool:
    """Return whether the index of texts narrows down what contains this."""
    run = 0
    for character in fold(text):
        run = run + 1 if character.isalnum() else 0
        if run == _INDEXED:
            return True
    return False
