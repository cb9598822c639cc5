"""Envelopes inside something else: a JSON string, a form field, base64, an array and the like.

Gateways and queues wrap what they pass on. A wrapping is undone only if exactly one reading gives
envelopes; anything else stays as it is. Depth, size and number of parts are bounded.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec
from msgspec.structs import replace

from ibconsole.model.charsets import to_utf8
from ibconsole.model.json_spans import complete_elements
from ibconsole.model.reading import Undecodable, encode, parse

MAX_SIZE = 64 << 20  # bytes of a body
_MAX_DEPTH = 5  # wrappings in one another
_MOST_READ = 8  # times the size of the body, all readings together
_OVERHEAD = 256  # bytes whose reading costs as much as beginning to read
_MAX_PARTS = 64  # of a form, a file or an object
_MAX_ENVELOPES = 20_000  # of an array or a sequence
_SHORTEST = len('{"results":[]}')
_IDENTIFYING = frozenset({"text", "cleanText", "from", "customPayload", "receivedAt"})
_MESSAGE = _IDENTIFYING | {"messageId"}
_CONTENT = frozenset({"text", "cleanText", "customPayload", "callbackData"})  # of a message
_COUNTS = frozenset({"messageCount", "pendingMessageCount"})
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
_DATA_URL = re.compile(rb"data:[^,]{0,200};base64,", re.IGNORECASE)
_FORM = re.compile(rb"[\w.\-\[\]%+]{0,200}=|%7B|%5B|%22", re.IGNORECASE)
_BOUNDARY = re.compile(r"""(?i)boundary\s*=\s*(?:"([^"]{1,200})"|([^;,\s]{1,200}))""")
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_RECORD_SEPARATOR = b"\x1e"  # RFC 7464
_SPACE = b" \t\r\n"


class Unwrapped(msgspec.Struct, frozen=True):
    """The envelopes found in a body, each as UTF-8 JSON, and its wrappings, the outermost first.

    `rest` is what follows the last envelope of a sequence that was cut or damaged.
    """

    envelopes: tuple[bytes, ...]
    wrappings: tuple[str, ...] = ()
    rest: bytes = b""


def unwrap(body: bytes, content_type: str = "") -> Unwrapped | None:
    """Find the envelopes in a UTF-8 body that is none itself. Never raises.

    The result is None if there is no wrapping, or if it is ambiguous.
    """
    if len(body) > MAX_SIZE:
        return None
    scope = _Scope(_MAX_DEPTH, [_MOST_READ * len(body) + _MAX_PARTS * _OVERHEAD])
    found = _find(body, content_type, scope)
    return found if found and found.wrappings and scope.budget[0] > 0 else None


class _Scope(msgspec.Struct, frozen=True):
    """Limits on further reading: wrappings within this one, and bytes, shared by all scopes."""

    depth: int
    budget: list[int]

    def enter(self, size: int) -> "_Scope | None":
        """Return the scope within a value of this size; None if it is not to be read."""
        self.budget[0] -= size + _OVERHEAD
        if self.depth < 0 or size < _SHORTEST or self.budget[0] <= 0:
            return None
        return _Scope(self.depth - 1, self.budget)


def _find(body: bytes, content_type: str, scope: _Scope) -> Unwrapped | None:
    inner = scope.enter(len(body))
    if not inner:
        return None
    try:
        value = parse(body)
    except Undecodable:
        found = (reading(body, content_type, inner) for reading in _READINGS)
        return next(filter(None, found), None)
    return Unwrapped((body,)) if _is_batch(value) else _find_in_json(body, value, inner)


def _find_in_json(body: bytes, value: object, scope: _Scope) -> Unwrapped | None:
    if isinstance(value, str):
        # Half a character becomes the escape that JSON has for it.
        inner = value.encode("utf-8", "backslashreplace")
        return _within("a JSON string", _find(inner, "", scope))
    if isinstance(value, list):
        return _all_of("an array", _elements(body, value), scope)
    if isinstance(value, dict) and not _is_message(value):
        return _find_in_object(body, value, scope)
    return None


def _is_batch(value: object) -> bool:
    """Return whether this is an envelope, a message, or an array of messages, beyond doubt."""
    if isinstance(value, dict) and isinstance(results := value.get("results"), list):
        return all(map(_has_fields, results)) and (bool(results) or not _COUNTS.isdisjoint(value))
    if isinstance(value, list):
        return bool(value) and all(map(_is_message, value))
    return _is_message(value)


def _has_fields(value: object) -> bool:
    return isinstance(value, dict) and not _MESSAGE.isdisjoint(value)


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and "messageId" in value and not _IDENTIFYING.isdisjoint(value)


def _find_in_object(body: bytes, value: dict[str, Any], scope: _Scope) -> Unwrapped | None:
    if len(value) > _MAX_PARTS:
        return None
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        inner = {name: bytes(raw) for name, raw in members.items()}
    except (msgspec.DecodeError, ValueError, RecursionError):
        inner = {name: encode(member) for name, member in value.items()}
    return _only_one(
        _within(f"the member {name[:_MAX_PARTS]!r}", _find(member, "", scope))
        for name, member in inner.items()
        if name not in _CONTENT and isinstance(value.get(name), dict | list | str)
    )


def _find_in_sequence(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    """Find envelopes that follow one another: JSON Lines, or without anything in between."""
    spaced = body.replace(_RECORD_SEPARATOR, b" ")
    end, values = 0, []
    for first, (start, size) in complete_elements(spaced, 0):
        if first not in '{["':
            return None
        values.append(spaced[start : start + size])
        end = start + size
    rest = spaced[end:].strip(_SPACE)
    several = len(values) > 1 or (bool(values) and b'"results"' in rest)
    if not several or (rest and not rest.startswith(b"{")):
        return None
    found = _all_of("a sequence", values, scope)
    return replace(found, rest=rest) if found else None


def _find_in_multipart(body: bytes, content_type: str, scope: _Scope) -> Unwrapped | None:
    declared = _BOUNDARY.search(content_type)
    if declared:
        boundary = b"--" + (declared[1] or declared[2]).encode("utf-8", "replace")
    else:
        boundary = body.lstrip(_SPACE)[:202].partition(b"\n")[0].strip(_SPACE)
    if len(boundary) < 3 or not boundary.startswith(b"--"):
        return None
    parts = body.split(boundary, _MAX_PARTS + 1)[1:]
    if len(parts) > _MAX_PARTS:
        return None
    return _only_one(_find_in_part(part, scope) for part in parts if not part.startswith(b"--"))


def _find_in_part(part: bytes, scope: _Scope) -> Unwrapped | None:
    part = part.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n")
    end = _HEADERS_END.search(b"\n" + part)
    if not end:
        return None
    head, content = part[: max(0, end.start() - 1)].lower(), part[end.end() - 1 :]
    if b"quoted-printable" in head:
        content = binascii.a2b_qp(content)
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    return _within("a part of a form", _find(*_in_utf8(content, _content_type(head)), scope))


def _content_type(head: bytes) -> str:
    lines = (line for line in head.split(b"\n") if line.startswith(b"content-type"))
    return next(lines, b"").decode("latin-1")


def _in_utf8(content: bytes, content_type: str) -> tuple[bytes, str]:
    return to_utf8(content, content_type).data, content_type


def _find_in_form(body: bytes, content_type: str, scope: _Scope) -> Unwrapped | None:
    if not _FORM.match(body):
        return None
    name, equals, unescaped = body.partition(b"=")
    # Sent without escaping anything, a sign like & or + belongs to a text.
    is_json = bool(equals) and unescaped[:1] in {b"{", b"[", b'"'}
    if is_json and (found := _find(unescaped, "", scope)):
        return _within(_field(name), found)
    return _only_one(
        _within(_field(name), _find(*_in_utf8(value, content_type), scope))
        for name, value in _fields(body)
    )


def _fields(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and value of each field; of one without a value, its name as the value."""
    try:
        fields = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_MAX_PARTS,
        )
    except ValueError:
        return
    for name, value in fields:
        yield (name if value else "").encode("latin-1"), (value or name).encode("latin-1")


def _field(name: bytes) -> str:
    shown = unquote_to_bytes(name[:_MAX_PARTS]).decode("utf-8", "replace")
    return f"the form field {shown!r}" if shown else "a form"


def _find_in_base64(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    prefix = _DATA_URL.match(body)
    digits = (body[prefix.end() :] if prefix else body).translate(None, _SPACE)
    if not _BASE64.fullmatch(digits):
        return None
    digits = digits.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        content = base64.b64decode(digits + b"=" * (-len(digits) % 4))
    except ValueError:
        return None
    return _within("base64", _find(to_utf8(content).data, "", scope))


def _elements(body: bytes, value: Sequence[Any]) -> Sequence[bytes]:
    try:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, ValueError, RecursionError):
        return [encode(element) for element in value]


def _all_of(wrapping: str, values: Sequence[bytes], scope: _Scope) -> Unwrapped | None:
    """Return the envelopes of values that all have some, one after the other."""
    if len(values) > _MAX_ENVELOPES:
        return None
    envelopes: list[bytes] = []
    inner: tuple[str, ...] = ()
    for value in values:
        found = _find(value, "", scope)
        if found is None or found.rest:
            return None
        envelopes += found.envelopes
        inner = found.wrappings or inner
    return Unwrapped(tuple(envelopes), (wrapping, *inner)) if envelopes else None


def _only_one(candidates: Iterable[Unwrapped | None]) -> Unwrapped | None:
    """Return the candidate that has envelopes; None if several differ."""
    found = [candidate for candidate in candidates if candidate]
    distinct = {candidate.envelopes for candidate in found}
    if len(distinct) > 1:
        distinct = {tuple(encode(parse(each)) for each in envelopes) for envelopes in distinct}
    return found[0] if len(distinct) == 1 else None


def _within(wrapping: str, found: Unwrapped | None) -> Unwrapped | None:
    return replace(found, wrappings=(wrapping, *found.wrappings)) if found else None


_READINGS = (_find_in_sequence, _find_in_multipart, _find_in_form, _find_in_base64)
