"""Reading JSON that somebody else wrote: leniently, noting every oddity.

Two steps. `parse` turns bytes into plain objects and gives up only where no reader could
go on. `Fields` then takes the known fields out of an object one by one; what it does not
understand becomes a note, never an error, and the object itself stays available whole.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ibconsole.errors import UserError

_INT64 = 1 << 63
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 200
_NESTING = frozenset({dict, list})


class Undecodable(UserError):
    """These bytes are not JSON, however leniently one reads them."""


def parse(body: bytes) -> Any:
    """Turn bytes into plain objects (dict, list, str, int, float, bool, None).

    Accepts what strict readers refuse: a byte order mark, NaN, lone surrogates, control
    characters in strings, bytes that are not UTF-8 (each becomes U+FFFD). Raises
    Undecodable for anything else, among it nesting deeper than 200 levels, which could
    not be written out again.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        value = _parse_leniently(body)
    if _deeper_than(value, _DEEPEST):
        raise Undecodable(f"The body nests deeper than {_DEEPEST} levels.")
    return value


def encode(value: object) -> bytes:
    """Write plain objects as one line of JSON; a number that JSON lacks becomes null."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        return json.dumps(_finite(value), separators=(",", ":")).encode()


def _parse_leniently(body: bytes) -> Any:
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise Undecodable("The body nests too deeply to be read.") from None
    except ValueError as error:  # JSONDecodeError is one, and so is a number of 5,000 digits
        raise Undecodable(f"The body is not JSON: {error}.") from None


def _deeper_than(value: object, levels: int) -> bool:
    # Layers of objects and arrays alone: a body of 100,000 messages is mostly texts.
    layer: list[Any] = [value] if value.__class__ in _NESTING else []
    for _ in range(levels - 1):
        layer = [
            child
            for parent in layer
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if child.__class__ in _NESTING
        ]
        if not layer:
            return False
    return any(layer)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


class Fields:
    """Takes known fields out of a JSON object, and notes what was not as expected."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._oddities: list[str] = []

    @property
    def oddities(self) -> tuple[str, ...]:
        """What was noted so far, as sentences without a full stop, in order of reading."""
        return tuple(self._oddities)

    def text(self, name: str) -> str:
        """A string; missing and null are the empty one, anything else its JSON text."""
        value = self._raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._note(name, "is not a text")
            return encode(value).decode()
        if not value.isascii() and _LONE_SURROGATE.search(value):
            self._note(name, "has half a character")
            return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        return value

    def whole(self, name: str) -> int | None:
        """An integer of 64 bits; None if it is missing, null or something else."""
        value = self._raw.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            self._note(name, "is a number written as text")
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64:
            return value
        if value is not None:
            self._note(name, "is not a whole number")
        return None

    def flag(self, name: str) -> bool | None:
        """A boolean; None if it is missing, null or something else."""
        value = self._raw.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._note(name, "is neither true nor false")
        return None

    def object(self, name: str) -> "Fields":
        """The fields of an object inside; of an empty one if it is missing or no object."""
        value = self._raw.get(name)
        if isinstance(value, dict):
            return Fields(value)
        if value is not None:
            self._note(name, "is not an object")
        return Fields({})

    def instant(self, name: str) -> datetime | None:
        """A time in UTC (platform.md §3 lists the spellings); None if it cannot be read."""
        value = self._raw.get(name)
        if value is None or value == "":
            return None
        moment = read_instant(value) if isinstance(value, str) else None
        if moment is None:
            self._note(name, "is not a time")
        return moment

    def _note(self, name: str, what: str) -> None:
        self._oddities.append(f"{name} {what}")


def read_instant(text: str) -> datetime | None:
    """A time in UTC; None for what is none, has no offset, or lies outside years 1 to 9999."""
    try:
        # The platform's offset has no colon (+0000): not RFC 3339, but ISO 8601.
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
