"""Batches of messages as the archive stores them, read in a fraction of the time of `message`.

A body of the documented shape is read strictly: each message is a typed struct, of which only the
stored fields are kept, and which is decoded when it is asked for. What differs from the shape is
read as `message` reads it: a single message if only that differs, else the whole body. Both ways
give equal values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple, overload

import msgspec

from ibconsole.model.instants import read_instant
from ibconsole.model.json_spans import Span, span_of_member
from ibconsole.model.message import Envelope, Message, read_envelope, read_message, salvage_envelope
from ibconsole.model.reading import Undecodable, encode_as_read, parse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_IDENTIFYING = frozenset({"messageId", "text", "cleanText", "from", "customPayload"})
_RESULTS = re.compile(rb'"results"\s*:\s*(?=\[)')
_DOCUMENTED_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+00:?00)"
)
_BETWEEN = b", \t\r\n"
_WHOLE_NUMBER = re.compile(rb"-?[0-9]{1,18}")
_BRACKETS = 180  # fewer cannot nest as deeply as `parse` refuses
_FLAT_SIZE = 2 * _BRACKETS  # bytes; a shorter part cannot have this number of brackets
_GROUP = 64  # messages that are checked together; one has two brackets or three
_DIGITS = 4_000  # fewer are a number that Python reads; see sys.set_int_max_str_digits
_MANY_DIGITS = re.compile(rb"[0-9]{%d}" % _DIGITS)


class MessageFields(NamedTuple):
    """The fields of a message that are stored; empty strings for those that are missing.

    `received_ms` is in milliseconds since the epoch, None if the time is missing or unreadable.
    `odd` messages differ from the documented format; `known` ones have a field of a message.
    """

    message_id: str
    application_code: str
    sender: str
    keyword: str
    text: str
    received_ms: int | None
    odd: bool
    known: bool


class Batch(msgspec.Struct):
    """The messages of one body, in the platform's order; see `Envelope` for the other fields.

    `elements` has the JSON of each message whose span is None, by its position.
    """

    messages: Sequence[MessageFields] = ()
    spans: Sequence[Span | None] = ()
    count: int | None = None
    pending: int | None = None
    oddities: tuple[str, ...] = ()
    elements: Mapping[int, bytes] = msgspec.field(default_factory=dict)


class _Message(msgspec.Struct, rename="camel", gc=False):
    message_id: str | None = None
    paired_message_id: str | None = None
    sender: str | None = msgspec.field(default=None, name="from")
    subscriber_id: str | None = None
    to: str | None = None
    application_code: str | None = None
    received_at: str | int | None = None
    callback_data: str | None = None
    text: str | None = None
    clean_text: str | None = None
    keyword: str | None = None
    custom_payload: msgspec.Raw = msgspec.Raw(b"{}")
    bulk_id: str | None = None
    initial_message_id: str | None = None


class _Envelope(msgspec.Struct, rename="camel"):
    results: msgspec.Raw
    message_count: msgspec.Raw = msgspec.Raw(b"null")
    pending_message_count: msgspec.Raw = msgspec.Raw(b"null")


_decode_message = msgspec.json.Decoder(_Message).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def read_batch(body: bytes) -> Batch:
    """Read a batch from the bytes of a body, with the values of `read_envelope`.

    Raises Undecodable if the bytes are not JSON; `salvage_batch` is for those.
    """
    return read_documented(body) or _batch_of(read_envelope(body))


def salvage_batch(body: bytes) -> Batch:
    """Recover every complete message from a damaged body; see `salvage_envelope`."""
    return _batch_of(salvage_envelope(body))


def read_documented(body: bytes) -> Batch | None:
    """Read a body of the documented shape; None for another, which `read_envelope` reads."""
    try:
        envelope = _decode_envelope(body)
        elements = _decode_list(envelope.results)
        counts = _count(envelope.message_count), _count(envelope.pending_message_count)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    span = _span_of_results(body, len(envelope.results))
    if span is None:
        return None
    start, size = span
    if _is_extreme(body[:start] + body[start + size :]):
        return None
    spans = _spans(body, span, elements)
    if _any_extreme(body, spans):
        return None
    return Batch(_DocumentedMessages(body, spans) if spans else (), spans, *counts)


def fields_of(message: Message) -> MessageFields:
    """Return the stored fields of a message."""
    received = message.received_at
    return MessageFields(
        message.message_id,
        message.application_code,
        message.sender,
        message.keyword,
        message.text,
        None if received is None else (received - _EPOCH) // _MILLISECOND,
        bool(message.oddities),
        isinstance(message.raw, dict) and not _IDENTIFYING.isdisjoint(message.raw),
    )


class _DocumentedMessages(Sequence[MessageFields]):
    """The messages at these spans of a body, each decoded when it is asked for."""

    def __init__(self, body: bytes, spans: Sequence[Span]) -> None:
        self._body = body
        self._spans = spans

    def __len__(self) -> int:
        return len(self._spans)

    def __iter__(self) -> Iterator[MessageFields]:
        return map(_read_fields, self._elements(self._spans))

    @overload
    def __getitem__(self, position: int) -> MessageFields: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[MessageFields]: ...
    def __getitem__(self, position: int | slice) -> MessageFields | Sequence[MessageFields]:
        if isinstance(position, slice):
            return [*map(_read_fields, self._elements(self._spans[position]))]
        [element] = self._elements([self._spans[position]])
        return _read_fields(element)

    def _elements(self, spans: Sequence[Span]) -> Iterator[bytes]:
        return (self._body[start : start + size] for start, size in spans)


def _read_fields(element: bytes) -> MessageFields:
    try:
        message = _decode_message(element)
    except (msgspec.DecodeError, ValueError):  # the latter for invalid UTF-8
        return _read_leniently(element)
    payload = bytes(message.custom_payload)
    if not message.message_id or payload[:1] not in {b"{", b"n"}:
        return _read_leniently(element)
    received_ms, is_plain = _received(message.received_at)
    return MessageFields(
        message.message_id,
        message.application_code or "",
        message.sender or "",
        message.keyword or "",
        message.text or "",
        received_ms,
        not is_plain,
        True,  # noqa: FBT003 by keyword it takes longer
    )


def _read_leniently(element: bytes) -> MessageFields:
    try:
        return fields_of(read_message(parse(element)))
    except Undecodable as error:  # not for JSON that `read_documented` has checked
        return fields_of(Message(oddities=(str(error),)))


def _received(value: str | int | None) -> tuple[int | None, bool]:
    """Return the time in milliseconds, and whether it was read without doubt, or is missing."""
    if value is None or value == "":
        return None, True
    if isinstance(value, str) and _DOCUMENTED_TIME.fullmatch(value):
        with suppress(ValueError):
            return (datetime.fromisoformat(value) - _EPOCH) // _MILLISECOND, True
    moment, assumption = read_instant(value)
    if moment is None:
        return None, False
    return (moment - _EPOCH) // _MILLISECOND, not assumption


def _batch_of(envelope: Envelope) -> Batch:
    messages = envelope.messages
    return Batch(
        tuple(map(fields_of, messages)),
        envelope.spans,
        envelope.count,
        envelope.pending,
        envelope.oddities,
        {
            position: encode_as_read(messages[position].raw)
            for position, span in enumerate(envelope.spans)
            if span is None
        },
    )


def _count(raw: msgspec.Raw) -> int | None:
    text = bytes(raw)
    if text == b"null":
        return None
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValueError("not a count as it is documented")
    return int(text)


def _span_of_results(body: bytes, size: int) -> Span | None:
    """Return the span of the value of "results", which is an array of `size` bytes."""
    # Once, and followed by an array, it is the name of the member: in a text its quotes would be
    # escaped. The name can also be written with escapes, as "result\u0073".
    escaped = b"\\u00" in body and (b"\\u006" in body or b"\\u007" in body)
    found = None if escaped or body.count(b'"results"') != 1 else _RESULTS.search(body)
    return (found.end(), size) if found else span_of_member(body, "results")


def _spans(body: bytes, results: Span, elements: Sequence[msgspec.Raw]) -> list[Span]:
    """Return the spans of the elements of an array, of which `results` is the span."""
    at, size = results[0] + 1, results[1] - 2
    sizes = list(map(len, elements))
    if size == sum(sizes) + len(sizes) - 1:  # nothing but a comma between two elements
        return list(
            zip(
                accumulate(sizes, lambda start, one: start + one + 1, initial=at),
                sizes,
                strict=False,
            )
        )
    spans = []
    for size in sizes:
        while body[at] in _BETWEEN:
            at += 1
        spans.append((at, size))
        at += size
    return spans


def _any_extreme(body: bytes, spans: Sequence[Span]) -> bool:
    """Return whether one of these parts of a body is extreme; see `_is_extreme`."""
    for first in range(0, len(spans), _GROUP):
        group = spans[first : first + _GROUP]
        start, end = group[0][0], sum(group[-1])
        nested = body.count(b"{", start, end) + body.count(b"[", start, end) > _BRACKETS
        for at, size in group:
            if (nested or size > _DIGITS) and _is_extreme(body[at : at + size]):
                return True
    return False


def _is_extreme(part: bytes) -> bool:
    """Return whether `parse` may refuse this part of a body, although it is JSON."""
    if len(part) < _FLAT_SIZE:
        return False
    brackets = part.count(b"{") + part.count(b"[")
    return brackets > _BRACKETS or (len(part) > _DIGITS and bool(_MANY_DIGITS.search(part)))
