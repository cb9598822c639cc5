"""Conditions as SQL for the team's table of messages, as far as PostgreSQL can test them.

The JSON of messages is not tested there. It lies in bodies that may be compressed, one byte that is
no UTF-8 would end the whole query, and PostgreSQL's paths are not those of RFC 9535. So the SQL
finds what may match, and `archive.conditions.matches` compares that, as on a disk.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ibconsole.archive import replace_surrogates
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
    code_spellings,
)
from ibconsole.text import fold


class TeamConditionSql:
    """The SQL of conditions of one statement; their values are added to `values` by name.

    With `json_matches` it finds every message that may match, whatever its JSON is; without, every
    one that matches if no test of JSON passes.
    """

    def __init__(self, values: dict[str, Any], *, json_matches: bool = True) -> None:
        self._values = values
        self._json_matches = json_matches

    def sql_of(self, condition: Condition | None) -> str:
        """Return the SQL that is true or false, never NULL; empty without a condition."""
        return "" if condition is None else self._sql(condition, is_negated=False)

    def _sql(self, condition: Condition, *, is_negated: bool) -> str:
        def joined(operator: str, parts: Sequence[Condition], empty: str) -> str:
            found = [self._sql(part, is_negated=is_negated) for part in parts]
            return f"({operator.join(found)})" if found else empty

        match condition:
            case AllOf(conditions=parts):
                return joined(" AND ", parts, "TRUE")
            case AnyOf(conditions=parts):
                return joined(" OR ", parts, "FALSE")
            case NoneOf(condition=part):
                return f"(NOT {self._sql(part, is_negated=not is_negated)})"
            case ByJson():
                passes = self._json_matches and not is_negated
                return "TRUE" if passes else "FALSE"
            case _:
                return f"({self._plain(condition)})"

    def _plain(self, condition: Condition) -> str:
        match condition:
            case Contains(text=text):
                return f"searched LIKE {self._add(pattern(text))}"
            case ByField(field=field, values=values):
                spell: Callable[[str], Sequence[str]] = (
                    code_spellings if field is ExactField.APPLICATION else lambda value: (value,)
                )
                wanted = [storable(one) for value in values for one in spell(value)]
                return f"{field.value} = ANY({self._add(wanted)})"
            case ByVia(via=via):
                return f"via = {self._add(via)}"
            case ByFlags(flags=flags):
                return f"flags & {self._add(flags)} <> 0"
            case ArrivedWithin(since=since, until=until):
                limits = ((">=", since), ("<", until))
                found = [
                    f"arrived_at {sign} {self._add(at)}" for sign, at in limits if at is not None
                ]
                return " AND ".join(found) or "TRUE"
            case ByLag(comparison=comparison, lag_ms=lag):
                # A relation of numbers is written in SQL as it is typed.
                compared = f"arrived_at - received_at {comparison.value} {self._add(lag)}"
                return f"coalesce({compared}, FALSE)"
            case _:
                raise TypeError(f"{condition!r} has no SQL of its own.")

    def _add(self, value: Any) -> str:
        name = f"c{len(self._values)}"
        self._values[name] = value
        return f"%({name})s"


def pattern(text: str) -> str:
    """Return the pattern of LIKE for texts that contain this one, in either case."""
    folded = fold(storable(text))
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def storable(text: str) -> str:
    """Return a text as PostgreSQL can store it: without NUL and halves of a character."""
    return replace_surrogates(text).replace("\0", "\ufffd")
