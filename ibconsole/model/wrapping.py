"""Envelopes inside something else: a JSON string, a form field, base64, an array and the like.

Gateways and queues wrap what they pass on. A wrapping is undone only if exactly one reading gives
envelopes; anything else stays as it is. Depth, size and number of parts are bounded. Of a body that
ends too early, the wrapping of what arrived is undone.
"""

import base64
import binascii
import itertools
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec
from msgspec.structs import replace

from ibconsole.lazy import lazy_pattern
from ibconsole.model.charsets import to_utf8
from ibconsole.model.json_spans import complete_elements, cut_members, span_of_body
from ibconsole.model.reading import Undecodable, encode_as_read, parse

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
_BASE64 = lazy_pattern(rb"[A-Za-z0-9+/_-]+={0,2}")
_DATA_URL = lazy_pattern(rb"data:[^,]{0,200};base64,", re.IGNORECASE)
_FORM = lazy_pattern(rb"[\w.\-\[\]%+]{0,200}=|%7B|%5B|%22", re.IGNORECASE)
_BOUNDARY = lazy_pattern(r"""(?i)boundary\s*=\s*(?:"([^"]{1,200})"|([^;,\s]{1,200}))""")
_HEADERS_END = lazy_pattern(rb"\r?\n\r?\n")
_RESULTS = lazy_pattern(rb'"results"\s*:\s*\[')
# What of a JSON string can be read, without an escape that was cut off.
_STRING_START = lazy_pattern(rb'(?:[^"\\]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+')
_CUT_ESCAPE = lazy_pattern(rb"%[0-9A-Fa-f]?\Z")
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"x\x01": "zlib",
    b"x\x5e": "zlib",
    b"x\x9c": "zlib",
    b"x\xda": "zlib",
}
_RECORD_SEPARATOR = b"\x1e"  # RFC 7464
_SPACE = b" \t\r\n"


class Unwrapped(msgspec.Struct, frozen=True):
    """The envelopes found in a body, each as UTF-8 JSON, and its wrappings, the outermost first.

    `rest` is what follows the last envelope of something that was cut or damaged: an envelope of
    which the end is missing, or less.
    """

    envelopes: tuple[bytes, ...]
    wrappings: tuple[str, ...] = ()
    rest: bytes = b""


def unwrap(body: bytes, content_type: str = "") -> Unwrapped | None:
    """Find the envelopes in a UTF-8 body that is none itself. Never raises.

    The result is None if there is no wrapping, or if it is ambiguous.
    """
    return _unwrap(body, content_type, cut=False)


def unwrap_cut(body: bytes, content_type: str = "") -> Unwrapped | None:
    """Find the envelopes in a UTF-8 body that ends too early, as `unwrap` does in a whole one."""
    return _unwrap(body, content_type, cut=True)


def _unwrap(body: bytes, content_type: str, *, cut: bool) -> Unwrapped | None:
    if len(body) > MAX_SIZE:
        return None
    budget = _Budget(_MOST_READ * len(body) + _MAX_PARTS * _OVERHEAD)
    found = _find(body, content_type, _Scope(_MAX_DEPTH, budget, cut))
    return found if found and found.wrappings and budget.reading > 0 else None


class _Budget(msgspec.Struct):
    """Bytes that may still be read, and that may still come out of compressed data."""

    reading: int
    inflating: int = MAX_SIZE


class _Scope(msgspec.Struct, frozen=True):
    """Limits on further reading: wrappings within this one, and bytes, shared by all scopes.

    With `cut`, what is read may end too early.
    """

    depth: int
    budget: _Budget
    cut: bool

    def enter(self, size: int) -> "_Scope | None":
        """Return the scope within a value of this size; None if it is not to be read."""
        self.budget.reading -= size + _OVERHEAD
        if self.depth < 0 or size < _SHORTEST or self.budget.reading <= 0:
            return None
        return replace(self, depth=self.depth - 1)


def _find(body: bytes, content_type: str, scope: _Scope) -> Unwrapped | None:
    inner = scope.enter(len(body))
    if not inner:
        return None
    try:
        value = parse(body)
    except Undecodable:
        readings = (*_READINGS, *_CUT_READINGS) if inner.cut else _READINGS
        found = (reading(body, content_type, inner) for reading in readings)
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
        inner = {name: encode_as_read(member) for name, member in value.items()}
    return _only_one(
        _within(f"the member {name[:_MAX_PARTS]!r}", _find(member, "", scope))
        for name, member in inner.items()
        if name not in _CONTENT and isinstance(value.get(name), dict | list | str)
    )


def _find_in_sequence(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    """Find envelopes that follow one another: JSON Lines, or without anything in between."""
    spaced = body.replace(_RECORD_SEPARATOR, b" ").replace(b"\0", b" ")
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
    if scope.cut:
        body = _CUT_ESCAPE.sub(b"", body)
    name, equals, unescaped = body.partition(b"=")
    # Sent without escaping anything, a sign like & or + belongs to a text.
    is_plain = unescaped[:1] in {b"{", b"[", b'"'} or _BASE64.fullmatch(unescaped)
    if equals and is_plain and (found := _find(unescaped, "", scope)):
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
    if scope.cut and len(digits) % 4 == 1:
        digits = digits[:-1]
    try:
        content = base64.b64decode(digits + b"=" * (-len(digits) % 4))
    except ValueError:
        return None
    if content[:2] in _COMPRESSED:
        return _within("base64", _find_in_compressed(content, "", scope))
    return _within("base64", _find(to_utf8(content).data, "", scope))


def _find_in_compressed(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    name = _COMPRESSED.get(body[:2], "")
    if not name:
        return None
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)  # by its first bytes
    budget = scope.budget
    try:
        content = stream.decompress(body, max(1, budget.inflating))
    except zlib.error:
        return None
    if stream.unconsumed_tail or not (stream.eof or scope.cut):
        return None
    budget.inflating -= len(content)
    budget.reading += _MOST_READ * len(content)
    return _within(name, _find(to_utf8(content).data, "", scope))


def _find_in_cut_string(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    start, _size = span_of_body(body)
    if body[start : start + 1] != b'"':
        return None
    found = _STRING_START.match(body, start + 1)
    text = (found[0] if found else b"").decode("utf-8", "replace")
    inner = json.loads(f'"{text}"', strict=False)
    return _within("a JSON string", _find(inner.encode("utf-8", "backslashreplace"), "", scope))


def _find_in_cut_array(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    start, _size = span_of_body(body)
    if body[start : start + 1] != b"[":
        return None
    end, values = start + 1, []
    for _first, (at, size) in complete_elements(body, end):
        values.append(body[at : at + size])
        end = at + size
    rest = body[end:].strip(_SPACE + b",")
    if values and all(_is_message(parse(value)) for value in values):
        return Unwrapped((b"[%b]" % b",".join(values),), ("an array",), rest)
    whole = _all_of("an array", values, scope) if values else Unwrapped((), ("an array",))
    if whole is None:
        return None
    last = _find(rest, "", scope)
    if last is None:
        return replace(whole, rest=rest) if whole.envelopes else None
    wrappings = whole.wrappings if len(whole.wrappings) > 1 else ("an array", *last.wrappings)
    return Unwrapped((*whole.envelopes, *last.envelopes), wrappings, last.rest)


def _find_in_cut_object(body: bytes, _: str, scope: _Scope) -> Unwrapped | None:
    start, _size = span_of_body(body)
    if body[start : start + 1] != b"{":
        return None
    if _RESULTS.search(body):
        return Unwrapped((), rest=body)
    members = list(itertools.islice(cut_members(body), _MAX_PARTS + 1))
    if len(members) > _MAX_PARTS:
        return None
    return _only_one(
        _within(f"the member {name[:_MAX_PARTS]!r}", _find(body[at : at + size], "", scope))
        for name, (at, size), _whole in members
        if name not in _CONTENT
    )


def _elements(body: bytes, value: Sequence[Any]) -> Sequence[bytes]:
    try:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, ValueError, RecursionError):
        return [encode_as_read(element) for element in value]


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
    distinct = {(candidate.envelopes, candidate.rest) for candidate in found}
    if len(distinct) > 1:
        distinct = {
            (tuple(encode_as_read(parse(each)) for each in envelopes), rest)
            for envelopes, rest in distinct
        }
    return found[0] if len(distinct) == 1 else None


def _within(wrapping: str, found: Unwrapped | None) -> Unwrapped | None:
    return replace(found, wrappings=(wrapping, *found.wrappings)) if found else None


_READINGS = (
    _find_in_compressed,
    _find_in_sequence,
    _find_in_multipart,
    _find_in_form,
    _find_in_base64,
)
_CUT_READINGS = (_find_in_cut_string, _find_in_cut_array, _find_in_cut_object)
