"""Filters as SQL: the conditions of a WHERE clause on `message`, and the function they use."""

import unicodedata

import apsw
import msgspec

from ibconsole.archive import Filter
from ibconsole.text import ASCII_SPELLINGS, fold

Value = str | int | float | bytes | None

_SEARCHED = ("keyword", "text", "sender", "message_id")
_NOT_ASCII = "octet_length({0}) > length({0})"  # or with a NUL
_MAX_PATTERN = 1000  # characters; SQLite rejects patterns of more than 50,000 bytes


def register_functions(db: apsw.Connection) -> None:
    """Register the SQL function that `conditions` uses on this connection."""
    db.create_scalar_function("contains", _contains, 2, deterministic=True)


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
        sql, texts = _text_condition(criteria.text)
        parts.append(sql)
        values |= texts
    if not criteria.application.isascii():
        sql, texts = _equivalents(criteria.application)
        parts.append(sql)
        values |= texts
    return "".join(f" AND {part}" for part in parts), values


def _is_plain(text: str) -> bool:
    """Return whether this is some text that has one spelling only."""
    return bool(text) and text.isascii()


def _equivalents(code: str) -> tuple[str, dict[str, Value]]:
    """Return the SQL for an application's code in any of its Unicode spellings, and its values."""
    composed, decomposed = (unicodedata.normalize(form, code) for form in ("NFC", "NFD"))
    values: dict[str, Value] = {"code": code, "composed": composed, "decomposed": decomposed}
    return "application_code IN (:code, :composed, :decomposed)", values


def _text_condition(text: str) -> tuple[str, dict[str, Value]]:
    """Return the SQL that searches for a text in all searched columns, and its values.

    SQLite's own functions decide about texts in ASCII, and find most others that lack an ASCII
    text: for a million rows a fraction of the time. LIKE ends at a NUL, and limits the pattern's
    length.
    """
    folded = fold(text.encode(errors="replace").decode())
    values: dict[str, Value] = {"text": folded}
    ways = [f"{_NOT_ASCII} AND contains(:text, {{0}})"]
    if folded.isascii() and len(folded) <= _MAX_PATTERN:
        spellings = [one for one in ASCII_SPELLINGS if not set(fold(one)).isdisjoint(folded)]
        others = ["instr({0}, char(0))", *(f"instr({{0}}, '{one}')" for one in spellings)]
        like = "{0} LIKE :pattern ESCAPE '\\'"
        ways = [  # all columns by the first, quick one before any by the other
            f"{like} AND NOT {_NOT_ASCII}",
            f"{_NOT_ASCII} AND ({' OR '.join((like, *others))}) AND contains(:text, {{0}})",
        ]
        escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["pattern"] = f"%{escaped}%"
    elif folded.isascii():
        ways = ["contains(:text, {0})"]
    found = (f"({way})".format(column) for way in ways for column in _SEARCHED)
    return f"({' OR '.join(found)})", values


def _contains(*values: Value) -> bool:
    folded, text = values
    return str(folded) in fold(str(text))
