"""Lenient reading of the platform's JSON, with a note of every deviation.

Two steps: `parse` turns bytes into plain objects and fails only if the structure of the JSON is
broken. `Fields` then reads the known fields of an object one by one; a value of the wrong type
becomes a note, never an error, and the object itself is kept unchanged.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from ibconsole.errors import UserError
from ibconsole.model.instants import read_instant

_INT64 = 1 << 63
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MAX_DEPTH = 200
_NESTING = frozenset({dict, list})
_LARGE = 1 << 17  # bytes that are decoded within 2 ms
_encode_in_order = msgspec.json.Encoder(order="sorted").encode
_decode_value = msgspec.json.Decoder().decode
_decode_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Undecodable(UserError):
    """The bytes are not JSON, even to a lenient reader."""


def parse(body: bytes) -> Any:
    """Turn bytes into plain objects (dict, list, str, int, float, bool, None).

    Accepts input that strict readers refuse: a byte order mark, NaN, lone surrogates, control
    characters in strings, invalid UTF-8 (each bad byte becomes U+FFFD). Raises Undecodable
    for anything else, including nesting deeper than 200 levels, which `encode` could not
    write again.
    """
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        value = _parse_leniently(body)
    if _exceeds_depth(value, _MAX_DEPTH):
        raise Undecodable(f"The body nests deeper than {_MAX_DEPTH} levels.")
    return value


def encode(value: object) -> bytes:
    """Encode plain objects as one line of strict JSON.

    NaN and infinities become null, and halves of a character U+FFFD.
    """
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        return json.dumps(_strict(value), separators=(",", ":")).encode()


def encode_as_read(value: object) -> bytes:
    """Encode plain objects as `encode` does, with halves of a character as their escapes.

    To be stored, and read by `parse`: strict readers refuse them.
    """
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        return json.dumps(_finite(value), separators=(",", ":")).encode()


def encode_sorted(value: object) -> bytes:
    """Encode plain objects as `encode_as_read` does, with the members of objects in one order."""
    try:
        return _encode_in_order(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        text = json.dumps(_finite(value), separators=(",", ":"), sort_keys=True)
        return text.encode()


def _decode(body: bytes | msgspec.Raw) -> Any:
    """Decode strict JSON; a large body by its parts.

    No other thread can run while one part is decoded: a list of 50,000 applications would hold
    the thread of the window for 0.1 s.
    """
    view = memoryview(body)
    first = bytes(view[:64]).lstrip()[:1] if len(view) > _LARGE else b""
    if first == b"[":
        elements = _decode_elements(view)
        decode = _decode if len(view) > len(elements) * _LARGE // 16 else _decode_value
        return [decode(element) for element in elements]
    if first == b"{":
        return {name: _decode(member) for name, member in _decode_members(view).items()}
    return _decode_value(body)


def _parse_leniently(body: bytes) -> Any:
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise Undecodable("The body nests too deeply to be read.") from None
    except ValueError as error:  # JSONDecodeError is one, and so is a number of 5,000 digits
        raise Undecodable(f"The body is not JSON: {error}.") from None


def _exceeds_depth(value: object, levels: int) -> bool:
    # Visits objects and arrays only: a body of 100,000 messages consists mostly of strings.
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


def _strict(value: Any) -> Any:
    """Return the value without what strict JSON does not have."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub(_REPLACEMENT, value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_strict(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return value


class Fields:
    """Typed access to the fields of a JSON object, with a note of every unexpected value."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._oddities: list[str] = []

    @property
    def oddities(self) -> tuple[str, ...]:
        """The notes made until now, in order of reading, each a clause without a full stop."""
        return tuple(self._oddities)

    def text(self, name: str) -> str:
        """Return a string: empty if missing or null, the JSON text of any other type."""
        value = self._raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._note(name, "is not a text")
            return encode(value).decode()
        if not value.isascii() and _LONE_SURROGATE.search(value):
            self._note(name, "has half a character")
            return _LONE_SURROGATE.sub(_REPLACEMENT, value)
        return value

    def integer(self, name: str) -> int | None:
        """Return a signed 64-bit integer; None if it is missing, null or another type."""
        value = self._raw.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            self._note(name, "is a number written as text")
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64:
            return value
        if value is not None:
            self._note(name, "is not a whole number")
        return None

    def boolean(self, name: str) -> bool | None:
        """Return a boolean; None if it is missing, null or another type."""
        value = self._raw.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._note(name, "is neither true nor false")
        return None

    def object(self, name: str) -> "Fields":
        """Return the fields of a nested object; no fields if it is missing or another type."""
        value = self._raw.get(name)
        if isinstance(value, dict):
            return Fields(value)
        if value is not None:
            self._note(name, "is not an object")
        return Fields({})

    def timestamp(self, name: str) -> datetime | None:
        """Return a time in UTC (platform.md §3 lists the spellings); None if unreadable."""
        value = self._raw.get(name)
        if value is None or value == "":
            return None
        moment, assumption = read_instant(value)
        if moment is None or assumption:
            self._note(name, assumption or "is not a time")
        return moment

    def _note(self, name: str, what: str) -> None:
        self._oddities.append(f"{name} {what}")
