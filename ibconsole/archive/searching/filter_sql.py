"""Filters as SQL: the conditions of a WHERE clause on `message`, and the functions they use."""

import apsw
import msgspec

from ibconsole.archive import Filter
from ibconsole.archive.conditions import code_spellings
from ibconsole.archive.searching.condition_sql import (
    ConditionSql,
    JsonRows,
    Value,
    contains,
    text_condition,
)


def register_functions(db: apsw.Connection) -> None:
    """Register the SQL functions that `conditions` uses on this connection."""
    db.create_scalar_function("contains", contains, 2, deterministic=True)
    db.create_scalar_function("json_matches", JsonRows(db).matches, 9)


def conditions(criteria: Filter) -> tuple[str, dict[str, Value]]:
    """Translate a filter to SQL for the WHERE clause of a query on `message`, and its values.

    The SQL is empty or begins with AND.
    """
    candidates: list[tuple[bool, str, Value]] = [
        (_is_plain(criteria.application), "application_code = :application", criteria.application),
        (criteria.via is not None, "via = :via", criteria.via),
        (bool(criteria.flags), "flags & :flags", int(criteria.flags)),
        (criteria.connection is not None, "connection = :connection", criteria.connection),
        (criteria.since is not None, "arrived_at >= :since", criteria.since),
        (criteria.until is not None, "arrived_at < :until", criteria.until),
        (bool(criteria.sender), "sender = :sender", criteria.sender),
        (bool(criteria.keyword), "keyword = :keyword", criteria.keyword),
    ]
    parts = [sql for used, sql, _ in candidates if used]
    values = {sql.rpartition(":")[2]: value for used, sql, value in candidates if used}
    if criteria.ids:
        values["ids"] = msgspec.json.encode(criteria.ids).decode()
        parts.append("id IN (SELECT value FROM json_each(:ids))")
    if criteria.text:
        sql, texts = text_condition(criteria.text)
        parts.append(sql)
        values |= texts
    if not criteria.application.isascii():
        sql, texts = _equivalents(criteria.application)
        parts.append(sql)
        values |= texts
    if criteria.condition is not None:
        made = ConditionSql()
        parts.append(made.sql(criteria.condition))
        values |= made.values
    return "".join(f" AND {part}" for part in parts), values


def _is_plain(text: str) -> bool:
    """Return whether this is some text that has one spelling only."""
    return bool(text) and text.isascii()


def _equivalents(code: str) -> tuple[str, dict[str, Value]]:
    """Return the SQL for an application's code in any of its Unicode spellings, and its values."""
    values: dict[str, Value] = dict(
        zip(("code", "composed", "decomposed"), code_spellings(code), strict=True)
    )
    return "application_code IN (:code, :composed, :decomposed)", values
