"""Tests of values in the JSON of one message."""

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from ibconsole.archive.conditions.json_paths import compiled_path
from ibconsole.archive.conditions.values import ByJson, Relation
from ibconsole.model import Undecodable, parse
from ibconsole.text import fold

LARGEST_JSON = 1 << 20  # bytes of a message; of larger ones nothing is found
_NOTHING = object()
_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_ORDERS: Mapping[Relation, Callable[[Any, Any], bool]] = {
    Relation.LESS: operator.lt,
    Relation.AT_MOST: operator.le,
    Relation.GREATER: operator.gt,
    Relation.AT_LEAST: operator.ge,
}

ValueTest = Callable[[Iterable[Any]], bool]


def may_lead_somewhere(path: str, body: bytes) -> bool:
    """Return whether a path may lead to a value, before the JSON is read: else a name is missing.

    Every test needs a value, so most messages without a rare name need not be read.
    """
    # With a backslash a name may be written otherwise.
    return b"\\" in body or all(name in body for name in compiled_path(path).names)


def read_json(body: bytes | None) -> Any:
    """Return the JSON of a message, or a value that no test finds anything in."""
    if body is None or len(body) > LARGEST_JSON:
        return _NOTHING
    try:
        return parse(body)
    except Undecodable:
        return _NOTHING


def json_values(path: str, value: Any, most: int) -> list[Any]:
    """Return the values at a path in the JSON of a message, as `read_json` returns it.

    At most `most`, in the order of the document for most paths. Raises InvalidJsonPath.
    """
    if value is _NOTHING:
        return []
    try:
        return list(islice(compiled_path(path).select(value), most))
    except RecursionError:
        return []


def is_json_match(test: ByJson, value: Any) -> bool:
    """Return whether the JSON of a message, as `read_json` returns it, passes a test.

    A path may lead to several values. One of them has to be equal, contain, or be in order; none
    may be equal for !=, of at least one. Numbers are compared with numbers, unless the value
    `is_text`; `true`, `false` and `null` are these; everything else with texts, which are in the
    order of their characters. A text contains a text, ignoring case, an array an equal element.
    Raises InvalidJsonPath.
    """
    return json_test(test)(value)


@lru_cache(maxsize=64)
def json_test(test: ByJson) -> Callable[[Any], bool]:
    """Return the function that tests the JSON of a message; see `is_json_match`."""
    select = compiled_path(test.path).select
    holds = _value_test(test)

    def passes(value: Any) -> bool:
        if value is _NOTHING:
            return False
        try:
            return holds(select(value))
        except RecursionError:
            return False

    return passes


def _value_test(test: ByJson) -> ValueTest:
    number = None if test.is_text else _number(test.value)
    is_equal = _equality(test, number)
    match test.comparison:
        case Relation.EXISTS:
            return lambda values: any(True for _ in values)
        case Relation.EQUAL:
            return lambda values: any(map(is_equal, values))
        case Relation.DIFFERENT:
            return lambda values: _is_other(is_equal, values)
        case Relation.CONTAINS:
            wanted = fold(test.value)
            return lambda values: any(_holds(value, wanted, is_equal) for value in values)
        case _:
            compare = _ORDERS[test.comparison]
            return lambda values: any(_in_order(compare, value, test, number) for value in values)


def _equality(test: ByJson, number: float | None) -> Callable[[Any], bool]:
    literal = _NOTHING if test.is_text else _LITERALS.get(test.value, _NOTHING)

    def is_equal(value: Any) -> bool:
        if isinstance(value, str):
            return value == test.value
        if value is None or isinstance(value, bool):
            return value is literal
        return number is not None and isinstance(value, int | float) and value == number

    return is_equal


def _is_other(is_equal: Callable[[Any], bool], values: Iterable[Any]) -> bool:
    found = [is_equal(value) for value in values]
    return bool(found) and not any(found)


def _holds(value: Any, wanted: str, is_equal: Callable[[Any], bool]) -> bool:
    if isinstance(value, str):
        return wanted in fold(value)
    return isinstance(value, list) and any(map(is_equal, value))


def _in_order(
    compare: Callable[[Any, Any], bool], value: Any, test: ByJson, number: float | None
) -> bool:
    if number is None:
        return isinstance(value, str) and compare(value, test.value)
    return isinstance(value, int | float) and not isinstance(value, bool) and compare(value, number)


def _number(text: str) -> float | None:
    """Return the number that a text is in JSON; None if it is none."""
    if not text[:1].isdigit() and text[:1] != "-":
        return None
    try:
        found = parse(text.encode(errors="replace"))
    except Undecodable:
        return None
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return found if is_number and found - found == 0 else None
