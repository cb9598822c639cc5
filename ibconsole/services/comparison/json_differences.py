"""Differences of two JSON values: members by name in any order, elements of arrays aligned.

What is equal is one row, however large it is; only the whole value is always shown in its parts.
"""

import json
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from ibconsole.services.comparison.alignment import Aligner
from ibconsole.services.comparison.comparison import ComparedValue, Side
from ibconsole.services.comparison.json_values import (
    Identities,
    JsonNumber,
    Members,
    is_same_number,
    kind_of_value,
    write_value,
)
from ibconsole.services.comparison.rows import RowCollector

WHOLE = "(all)"  # the place of a body that is one value
# What identifies an element of an array, as the platform names it, in this order.
_IDENTIFIERS = ("messageId", "key", "id", "applicationCode", "applicationId", "name")
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)
_SPELLING = "equal in value"


class _Place(msgspec.Struct, frozen=True):
    """The place of a value: as it is shown, and on both sides."""

    shown: str = ""
    left: str = ""
    right: str = ""

    def then(self, left: str, right: str, shown: str = "") -> "_Place":
        return _Place(self.shown + (shown or left), self.left + left, self.right + right)


def compare_values(left: Any, right: Any, rows: RowCollector) -> None:
    """Add the rows of two values, as `read_values` returned them.

    Raises NoComparableJson for what nests too deep, before a row is added.
    """
    identities = Identities()
    for value in (left, right):
        identities.number(value)
    _Comparer(identities, rows).compare(_Place(), left, right)


class _Comparer:
    def __init__(self, identities: Identities, rows: RowCollector) -> None:
        self._identities = identities
        self._rows = rows
        self._aligner = Aligner()

    def compare(self, place: _Place, left: Any, right: Any) -> None:
        is_equal = self._identities.number(left) == self._identities.number(right)
        if is_equal and place.shown:
            self._add(place, Side.EQUAL, left, right)
        elif isinstance(left, Members) and isinstance(right, Members) and (left or right):
            self._compare_members(place, left, right)
        elif type(left) is type(right) is list and (left or right):
            self._compare_elements(place, left, right)
        else:
            self._add(place, Side.EQUAL if is_equal else Side.DIFFERENT, left, right)

    def _compare_members(self, place: _Place, left: Members, right: Members) -> None:
        ours, theirs = _named(left), _named(right)
        for name in dict.fromkeys((*ours, *theirs)):
            step = _step(*name, first=not place.shown)
            inner = place.then(step, step)
            if name not in theirs:
                self._add(inner, Side.LEFT_ONLY, ours[name], None)
            elif name not in ours:
                self._add(inner, Side.RIGHT_ONLY, None, theirs[name])
            else:
                self.compare(inner, ours[name], theirs[name])

    def _compare_elements(self, place: _Place, left: list[Any], right: list[Any]) -> None:
        numbers = [[self._identities.number(one) for one in side] for side in (left, right)]
        names = (self._names(left), self._names(right))
        for mine, other in self._aligner.align(numbers[0], numbers[1], names):
            if mine is not None and other is not None:
                shown = f"[{mine}]" if mine == other else f"[{mine}→{other}]"
                inner = place.then(f"[{mine}]", f"[{other}]", shown)
                self.compare(inner, left[mine], right[other])
            elif mine is not None:
                self._add(place.then(step := f"[{mine}]", step), Side.LEFT_ONLY, left[mine], None)
            elif other is not None:
                inner = place.then(step := f"[{other}]", step)
                self._add(inner, Side.RIGHT_ONLY, None, right[other])

    def _names(self, elements: Sequence[Any]) -> list[Hashable]:
        """Return for each element what identifies it; None if nothing does."""
        found: list[Hashable] = []
        for one in elements:
            members = dict(one) if isinstance(one, Members) else {}
            name = next((each for each in _IDENTIFIERS if members.get(each) is not None), None)
            found.append(name and (name, self._identities.number(members[name])))
        return found

    def _add(self, place: _Place, side: Side, left: Any, right: Any) -> None:
        if not self._rows.wants(side):
            return
        texts = (
            "" if side is Side.RIGHT_ONLY else write_value(left),
            "" if side is Side.LEFT_ONLY else write_value(right),
        )
        note = _note(left, right) if side is Side.DIFFERENT else ""
        places = None if place.left == place.right else (place.left, place.right)
        self._rows.add(ComparedValue(place.shown or WHOLE, "", *texts, side, note, places))


def _note(left: Any, right: Any) -> str:
    if isinstance(left, JsonNumber) and isinstance(right, JsonNumber):
        return _SPELLING if is_same_number(left, right) else ""
    ours, theirs = kind_of_value(left), kind_of_value(right)
    return "" if ours == theirs else f"{ours} and {theirs}"


def _named(members: Members) -> dict[tuple[str, int], Any]:
    """Return members by name, and by a number that tells those of the same name apart."""
    seen: Counter[str] = Counter()
    found = {}
    for name, value in members:
        found[name, seen[name]] = value
        seen[name] += 1
    return found


def _step(name: str, number: int, *, first: bool) -> str:
    """Return the part of a place that a member adds, as in JavaScript; `#2` for a second one."""
    again = f"#{number + 1}" if number else ""
    if _PLAIN.fullmatch(name):
        return f"{'' if first else '.'}{name}{again}"
    quoted = write_value(name) if not name.isascii() else json.dumps(name)
    return f"[{quoted}]{again}"
