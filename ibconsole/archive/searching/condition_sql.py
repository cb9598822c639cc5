"""Conditions as SQL, as queries of the full-text index, and the functions that they use."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import apsw

from ibconsole.archive import BODY, open_body
from ibconsole.archive.conditions import (
    AllOf,
    AnyOf,
    ArrivedWithin,
    ByField,
    ByFlags,
    ByJson,
    ByLag,
    ByVia,
    Condition,
    Contains,
    ExactField,
    NoneOf,
    Relation,
    code_spellings,
    json_test,
    may_lead_somewhere,
    read_json,
    reads_json,
)
from ibconsole.archive.searching.indexing import query_of_text, query_of_value
from ibconsole.text import ASCII_SPELLINGS, fold

Value = str | int | float | bytes | None

_SEARCHED = ("keyword", "text", "sender", "message_id")
_NOT_ASCII = "octet_length({0}) > length({0})"  # or with a NUL
_MAX_PATTERN = 1000  # characters; SQLite rejects patterns of more than 50,000 bytes
_SMALL = 1 << 16  # bytes of a body that SQLite reads by itself for each message
_HELD = 1 << 26  # bytes of a body that is held for its next message
_LENGTH = "iif(body_start IS NULL, length(body), length(raw) - body_start)"
# The JSON of a message that has a copy of its own, or that lies in a small body.
_BODY = (
    "coalesce((SELECT kept.body FROM element AS kept WHERE kept.message = message.id),"  # noqa: S608 written above
    f" (SELECT substr({BODY}, message.start + 1, message.size) FROM delivery AS held"
    " JOIN content ON content.delivery = held.id WHERE held.id = message.delivery"
    f" AND {_LENGTH} BETWEEN message.start + message.size AND {_SMALL}))"
)
_JSON = (
    "json_matches(:{name}path, :{name}comparison, :{name}value, :{name}is_text, :search,"
    f" {_BODY}, message.delivery, message.start, message.size)"
)
_searches = count(1)


class ConditionSql:
    """The SQL of conditions of one statement, and their values by name."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}

    def sql(self, condition: Condition) -> str:
        """Return the SQL that is true or false, never NULL, for a row of `message`."""
        match condition:
            case AllOf(conditions=parts):
                return self._joined(" AND ", parts, "TRUE")
            case AnyOf(conditions=parts):
                return self._joined(" OR ", parts, "FALSE")
            case NoneOf(condition=part):
                return f"NOT {self.sql(part)}"
            case Contains(text=text):
                sql, values = text_condition(text, self._name())
                self.values |= values
                return sql
            case ByJson():
                return self._json(condition)
            case _:
                return f"({self._plain(condition)})"

    def _joined(self, operator: str, parts: Sequence[Condition], empty: str) -> str:
        # The JSON last: SQLite looks at the parts from left to right.
        cheap_first = sorted(parts, key=reads_json)
        return f"({operator.join(map(self.sql, cheap_first))})" if parts else empty

    def _plain(self, condition: Condition) -> str:
        match condition:
            case ByField(field=field, values=values):
                if field is ExactField.APPLICATION:
                    values = tuple(one for value in values for one in code_spellings(value))
                listed = ", ".join(map(self._add, values))
                return f"message.{field.value} IN ({listed})"
            case ByVia(via=via):
                return f"message.via = {self._add(via)}"
            case ByFlags(flags=flags):
                return f"message.flags & {self._add(flags)} <> 0"
            case ArrivedWithin(since=since, until=until):
                limits = ((">=", since), ("<", until))
                named = [(sign, self._add(at)) for sign, at in limits if at is not None]
                return " AND ".join(f"message.arrived_at {sign} {at}" for sign, at in named) or "1"
            case ByLag(comparison=comparison, lag_ms=lag):
                lag_sql = "message.arrived_at - message.received_at"
                # A relation of numbers is written in SQL as it is typed.
                return f"coalesce({lag_sql} {comparison.value} {self._add(lag)}, FALSE)"
            case _:
                raise TypeError(f"{condition!r} has no SQL of its own.")

    def _json(self, condition: ByJson) -> str:
        name = self._name()
        self.values |= {
            f"{name}path": condition.path,
            f"{name}comparison": condition.comparison,
            f"{name}value": condition.value.encode(errors="replace").decode(),
            f"{name}is_text": condition.is_text,
        }
        self.values.setdefault("search", next(_searches))
        return _JSON.format(name=name)

    def _add(self, value: Value) -> str:
        name = self._name()
        if isinstance(value, str):  # halves of a character cannot be bound
            value = value.encode(errors="replace").decode()
        self.values[name] = value
        return f":{name}"

    def _name(self) -> str:
        return f"c{len(self.values)}_"


def text_condition(text: str, name: str = "") -> tuple[str, dict[str, Value]]:
    """Return the SQL that searches for a text in all searched columns, and its values.

    SQLite's own functions decide about texts in ASCII, and find most others that lack an ASCII
    text: for a million rows a fraction of the time. LIKE ends at a NUL, and limits the pattern's
    length. The names of the values begin with `name`.
    """
    folded = fold(text.encode(errors="replace").decode())
    values: dict[str, Value] = {f"{name}text": folded}
    ways = [f"{_NOT_ASCII} AND contains(:{name}text, {{0}})"]
    if folded.isascii() and len(folded) <= _MAX_PATTERN:
        spellings = [one for one in ASCII_SPELLINGS if not set(fold(one)).isdisjoint(folded)]
        others = ["instr({0}, char(0))", *(f"instr({{0}}, '{one}')" for one in spellings)]
        like = f"{{0}} LIKE :{name}pattern ESCAPE '\\'"
        ways = [  # all columns by the first, quick one before any by the other
            f"{like} AND NOT {_NOT_ASCII}",
            f"{_NOT_ASCII} AND ({' OR '.join((like, *others))}) AND contains(:{name}text, {{0}})",
        ]
        escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values[f"{name}pattern"] = f"%{escaped}%"
    elif folded.isascii():
        ways = [f"contains(:{name}text, {{0}})"]
    found = (f"({way})".format(column) for way in ways for column in _SEARCHED)
    return f"({' OR '.join(found)})", values


def contains(*values: Value) -> bool:
    """Return whether a folded text, the first value, is in the other one."""
    folded, text = values
    return str(folded) in fold(str(text))


def index_query(condition: Condition | None) -> str:
    """Return the index query that proposes all messages which meet a condition.

    Empty if the index cannot narrow the search down.
    """
    match condition:
        case AllOf(conditions=parts):
            return " AND ".join(filter(None, map(index_query, parts)))
        case AnyOf(conditions=parts):
            return _any_of([index_query(part) for part in parts])
        case Contains(text=text):
            return query_of_text(text)
        case ByField(field=field, values=values) if field is not ExactField.APPLICATION:
            return _any_of([query_of_value(value) for value in values])
        case _:
            return ""


def _any_of(queries: Sequence[str]) -> str:
    """Return the query for what any of these propose; empty if one of them proposes everything."""
    if not queries or not all(queries):
        return ""
    return f"({' OR '.join(f'({one})' for one in queries)})"


@lru_cache(maxsize=64)
def _test(path: str, comparison: str, value: str, is_text: int) -> Callable[[Any], bool]:
    return json_test(
        ByJson(path=path, comparison=Relation(comparison), value=value, is_text=bool(is_text))
    )


class JsonRows:
    """The SQL function `json_matches` of a connection.

    It reads the JSON of a message where it is stored. What was read is kept for the next test of
    the same statement: `search` numbers statements.
    """

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._search: Value = None
        self._delivery: Value = None
        self._body: bytes | None = None
        self._bytes: bytes | None = None
        self._value: Any = None

    def matches(self, *values: Any) -> bool:
        """Return whether the JSON of a message passes the test of the first four values."""
        path, comparison, value, is_text, search, *place = values
        if search != self._search:
            self._search, self._delivery, self._body, self._bytes = search, None, None, None
        body = self._read(*place)
        if body is None or not may_lead_somewhere(path, body):
            return False
        if body != self._bytes:
            self._bytes, self._value = body, read_json(body)
        return _test(path, comparison, value, is_text)(self._value)

    def _read(
        self, body: bytes | None, delivery: int, start: int | None, size: int | None
    ) -> bytes | None:
        if body is not None or start is None or size is None:
            return body
        is_next = delivery == self._delivery
        self._delivery = delivery
        if not is_next or self._body is None:
            with open_body(self._db, delivery) as stored:
                total = stored.size
                # Whole for the second message: most of what an index proposes is alone in its body.
                self._body = stored.read(0, total) if is_next and total <= _HELD else None
                if self._body is None:
                    return stored.read(start, size) if start + size <= total else None
        return self._body[start : start + size] if start + size <= len(self._body) else None
