"""JSON as it is compared: numbers as they are written, members in their order, all of them.

Floats would make 9007199254740993 equal to 9007199254740992, and 1.0 equal to 1.
"""

import json
import re
from collections.abc import Hashable
from typing import Any

LARGEST_JSON = 8 << 20  # bytes
MOST_VALUES = 500_000  # by commas, which are as many as the values but one for each container
DEEPEST_JSON = 200  # levels of nesting

_HALF = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,18}))?")
_WORDS = {None: "null", True: "true", False: "false"}


class JsonNumber(str):
    """A number as it is written."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """The members of an object in their order, with those of the same name."""

    __slots__ = ()


class NoComparableJson(ValueError):
    """The bytes are no JSON, or too much of it to be compared value by value."""


def read_values(text: bytes) -> Any:
    """Read JSON in UTF-8: texts, `JsonNumber`, lists, `Members`, booleans and None.

    Control characters in texts are read as they are. Raises NoComparableJson.
    """
    if len(text) > LARGEST_JSON or text.count(b",") > MOST_VALUES:
        raise NoComparableJson("too large")
    try:
        return json.loads(
            text.decode("utf-8-sig"),
            parse_int=JsonNumber,
            parse_float=JsonNumber,
            parse_constant=JsonNumber,
            object_pairs_hook=Members,
            strict=False,
        )
    except (ValueError, RecursionError) as error:
        raise NoComparableJson("not JSON") from error


class Identities:
    """Numbers for values, the same for equal ones, so that equal parts are recognized at once.

    The values must live as long as this.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[int, int] = {}  # of containers, by id()

    def number(self, value: Any, depth: int = 0) -> int:
        """Return the number of a value. The order of members does not matter, unless names repeat.

        Raises NoComparableJson for what nests too deep.
        """
        if not isinstance(value, list):
            return self._number((type(value), value))
        if (known := self._known.get(id(value))) is not None:
            return known
        if depth >= DEEPEST_JSON:
            raise NoComparableJson("nests too deep")
        content: list[Any]
        if isinstance(value, Members):
            content = [(name, self.number(one, depth + 1)) for name, one in value]
            content.sort(key=_name)
        else:
            content = [self.number(one, depth + 1) for one in value]
        self._known[id(value)] = found = self._number((type(value), *content))
        return found

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def write_value(value: Any) -> str:
    """Return a value as JSON on one line, with its numbers as they were written."""
    if isinstance(value, JsonNumber):
        return str(value)
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", quoted)
    if isinstance(value, Members):
        members = (f"{write_value(name)}: {write_value(one)}" for name, one in value)
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(write_value, value))}]"
    return _WORDS[value]


def is_same_number(left: str, right: str) -> bool:
    """Return whether two numbers are equal, however they are written."""
    ours, theirs = _normal(left), _normal(right)
    return ours is not None and ours == theirs


def kind_of_value(value: Any) -> str:
    """Return the kind of a value, as a noun with its article."""
    if isinstance(value, JsonNumber):
        return "a number"
    if isinstance(value, Members):
        return "an object"
    kinds = {str: "a text", list: "an array", bool: "a boolean"}
    return kinds.get(type(value), "null")


def _normal(number: str) -> tuple[str, str, int] | None:
    """Return sign, digits without zeros around them, and exponent; None for NaN and the like."""
    found = _NUMBER.fullmatch(number)
    if not found:
        return None
    sign, whole, fraction, exponent = found.groups(default="")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "", "", 0
    stripped = digits.rstrip("0")
    power = int(exponent or 0) - len(fraction) + len(digits) - len(stripped)
    return sign, stripped, power


def _name(member: tuple[str, int]) -> str:
    return member[0]
