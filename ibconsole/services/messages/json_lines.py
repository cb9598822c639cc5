"""Messages as JSON Lines: the platform's JSON with the console's own facts under `_ibconsole`.

Every line is strict JSON (RFC 8259), whatever was received, and a message that is strict JSON
itself is written as it was received. Another one is written as it was read, with its bytes in
`originalBase64`, so that an import gives them back. Lines are built as text: encoding a
dictionary for each of them takes three times as long.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from ibconsole.archive import Flags, MessageValues, StoredMessage, Via
from ibconsole.model import GivenAnswer, Undecodable, encode, parse
from ibconsole.text import mask_code

_OWN = "_ibconsole"
_TAIL = b',"_ibconsole":'
_decode = msgspec.json.Decoder().decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


LARGEST_NUMBER = 1 << 53  # that every reader of JSON reads exactly
WholeNumber = Annotated[int, msgspec.Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]


class ExportedSource(msgspec.Struct, rename="camel"):
    """The facts of a delivery in a line of an export; the fields are those of `DeliveryFacts`."""

    via: Via
    began_at: WholeNumber
    connection: str | None = None
    base_url: str = ""
    ended_at: WholeNumber | None = None
    limit: WholeNumber | None = None
    method: str = ""
    status: WholeNumber | None = None
    sha256: str = ""
    announced: WholeNumber | None = None
    pending: WholeNumber | None = None
    complete: bool = True
    interrupted: bool = False
    salvaged: bool = False
    problem: str = ""
    answer: GivenAnswer | msgspec.UnsetType = msgspec.UNSET


class _NotUnique(ValueError):
    """An object has two members of one name."""


def message_line(message: MessageValues, added: str = "", *, masked: bool = False) -> bytes:
    """Return a message as a line of strict JSON.

    `added` are further members of `_ibconsole`, each with a comma in front. If `masked`, the
    application's code is masked wherever it occurs, and the original is left out.
    """
    body, code = message.body, message.application_code if masked else ""
    own = f"{_own_members(message)}{added}"
    value, is_strict = _read_strictly(body)
    element = body if is_strict else encode(value)
    if code:
        own += ',"masked":true'
        element = _masked(element, value, code)
    elif not is_strict:
        own += f',"originalBase64":"{b64encode(body).decode()}"'
    if value.__class__ is not dict or _OWN in value:
        return b'{"_ibconsole":{%b,"value":%b}}\n' % (own.encode(), _one_line(element))
    if not value:
        return b'{"_ibconsole":{%b}}\n' % own.encode()
    return b'%b,"_ibconsole":{%b}}\n' % (_one_line(element)[:-1].rstrip(), own.encode())


def message_object(message: StoredMessage, answer: GivenAnswer | None = None) -> dict[str, Any]:
    """Return the platform's fields, unknown ones too, and the console's under `_ibconsole`.

    Times are ISO 8601 in UTC. A message that is not an object is `_ibconsole.value`. An `answer`
    of a rule to its delivery is described in words.
    """
    raw = parse(message.body)
    values = MessageValues(*(getattr(message, name) for name in MessageValues._fields))
    own = _decode(f"{{{_own_members(values)}}}")
    if message.source:
        own["receivedBy"] = message.source
    if answer:
        planned = answer.planned
        own["answer"] = {
            "scenario": planned.scenario,
            "rule": planned.rule,
            "status": planned.status,
            "planned": planned.phrase,
            "sent": answer.sentence,
        }
    if not isinstance(raw, dict) or _OWN in raw:
        return {_OWN: {**own, "value": raw}}
    return {**raw, _OWN: own}


def received_element(line: bytes, added: Mapping[str, Any]) -> bytes:
    """Return the message's JSON as received from a line of an export.

    `added` is the value of `_ibconsole` in that line. Raises Undecodable if it cannot be read.
    """
    if isinstance(original := added.get("originalBase64"), str):
        try:
            return b64decode(original, validate=True)
        except Base64Error:
            raise Undecodable("The original is not base64.") from None
    if "value" in added:
        return _value_of(line, added["value"])
    head, tail, rest = line.rstrip().rpartition(_TAIL)
    if tail and _is_whole(rest[:-1]):
        return head + b"}"
    return _without_own(line)


def masked_element(body: bytes, code: str) -> bytes:
    """Return a message's JSON with its application's code masked wherever it occurs."""
    return _masked(body, _read_leniently(body), code) if code else body


@lru_cache(maxsize=4096)
def iso_time(instant: int) -> str:
    """Format milliseconds since the epoch as ISO 8601 in UTC."""
    return f"{_iso_second(instant // 1000)}.{instant % 1000:03}+00:00"


@lru_cache(maxsize=1024)
def flag_names(flags: int) -> tuple[str, ...]:
    """Return the names of these flags, in lower case."""
    return tuple(flag.name.lower() for flag in Flags if flags & flag and flag.name)


@lru_cache(maxsize=4096)
def _iso_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")[:-6]


def _own_members(message: MessageValues) -> str:
    duplicate = message.duplicate_of
    arrival = _arrival_members(message.via, message.connection, message.arrived_at, message.flags)
    return (
        f'"id":{message.id},"delivery":{message.delivery},"position":{message.position},{arrival},'
        f'"duplicateOf":{"null" if duplicate is None else duplicate}'
    )


@lru_cache(maxsize=1024)
def _arrival_members(via: str, connection: str | None, arrived_at: int, flags: int) -> str:
    """Return the members that most messages of a pull have in common."""
    return (
        f'"via":"{via}","connection":{json_text(connection)},'
        f'"arrivedAt":"{iso_time(arrived_at)}","flags":{_flags_text(flags)}'
    )


@lru_cache(maxsize=1024)
def _flags_text(flags: int) -> str:
    return encode(flag_names(flags)).decode()


@lru_cache(maxsize=1024)
def json_text(value: str | None) -> str:
    """Return a text that recurs, or null, as JSON."""
    return encode(value).decode()


def _read_strictly(body: bytes) -> tuple[Any, bool]:
    """Return the value of a message, and whether its bytes are strict JSON."""
    try:
        value = _decode(body)
        # Equal bytes have no member twice, and decoding them took place; nearly all are.
        if msgspec.json.encode(value) != body:
            json.loads(body.decode(), object_pairs_hook=_require_unique)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return _read_leniently(body), False
    return value, True


def _read_leniently(body: bytes) -> Any:
    try:
        return parse(body)
    except Undecodable:
        return None


def _require_unique(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _NotUnique


def _masked(element: bytes, value: Any, code: str) -> bytes:
    # Without escapes every code in it is written as it is; else it is encoded again.
    # (`in` is slow for bytes: it first takes its operand for a number.)
    plain = element if element.find(b"\\") < 0 else encode(value)
    return plain.replace(*_masks(code))


@lru_cache(maxsize=1024)
def _masks(code: str) -> tuple[bytes, bytes]:
    return encode(code)[1:-1], encode(mask_code(code))[1:-1]


def _one_line(element: bytes) -> bytes:
    """Replace line breaks: between tokens they are blanks, and within strings JSON has none."""
    return element.strip().replace(b"\r", b" ").replace(b"\n", b" ")


def _is_whole(own: bytes) -> bool:
    """Return whether these bytes are one value, so that nothing of the line follows it."""
    try:
        _decode(own)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _value_of(line: bytes, value: Any) -> bytes:
    try:
        return bytes(_decode_members(_decode_members(line)[_OWN])["value"])
    except (msgspec.DecodeError, UnicodeDecodeError):  # not strict: of an earlier version
        return encode(value)


def _without_own(line: bytes) -> bytes:
    """Return the other members of a line whose members another program has written anew."""
    try:
        members = _decode_members(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Undecodable("The line is not as it was exported.") from None
    kept = (encode(name) + b":" + bytes(raw) for name, raw in members.items() if name != _OWN)
    return b"{" + b",".join(kept) + b"}"
