"""Inbound messages, the envelope of a batch, and the request that forwards one."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ibconsole.model.answers import PlannedAnswer
from ibconsole.model.json_spans import (
    Span,
    complete_elements,
    element_spans,
    span_of_body,
    span_of_member,
)
from ibconsole.model.reading import Fields, Undecodable, parse

_RESULTS = re.compile(rb'"results"\s*:\s*\[')


_TEXTS = (
    ("message_id", "messageId"),
    ("paired_message_id", "pairedMessageId"),
    ("sender", "from"),
    ("subscriber_id", "subscriberId"),
    ("receiver", "to"),
    ("application_code", "applicationCode"),
    ("callback_data", "callbackData"),
    ("text", "text"),
    ("clean_text", "cleanText"),
    ("keyword", "keyword"),
    ("bulk_id", "bulkId"),
    ("initial_message_id", "initialMessageId"),
)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that an app installation sent.

    Every field may be empty: missing, null and "" are equal here and differ only in `raw`.
    `received_at` is in UTC, None if it was missing or unreadable. `raw` is the element of
    `results` as received, not necessarily an object. `oddities` lists deviations from the
    documented format.
    """

    message_id: str = ""
    paired_message_id: str = ""
    sender: str = ""
    subscriber_id: str = ""
    receiver: str = ""
    application_code: str = ""
    received_at: datetime | None = None
    callback_data: str = ""
    text: str = ""
    clean_text: str = ""
    keyword: str = ""
    custom_payload: Any = None
    bulk_id: str = ""
    initial_message_id: str = ""
    raw: Any = None
    oddities: tuple[str, ...] = ()


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of messages, in the platform's order.

    `count` and `pending` are the platform's own figures: messages in this batch, and messages
    still waiting; None if not given. A `salvaged` batch was recovered from a damaged body and
    may lack messages. `spans` holds for each message its span in the body, None if unknown.
    """

    messages: tuple[Message, ...]
    spans: tuple[Span | None, ...] = ()
    count: int | None = None
    pending: int | None = None
    salvaged: bool = False
    oddities: tuple[str, ...] = ()


class Arrival(msgspec.Struct, frozen=True):
    """A request that reached the listener, as it is stored, and the `status` of its answer.

    If a rule answers it, `answer` is what it planned, and `status` the one without rules.

    `connection` is the UUID of the connection that owns the path, None if there is none.
    `arrived_at` is in milliseconds since the epoch, UTC. `raw` is head and body as received,
    `body` the part to decode. `problem` is a sentence about what was wrong with the request,
    empty if nothing was; if it could not be parsed, `method` and `target` are empty. An
    `unmatched` request came on a path that the listener does not have: it is not decoded.
    """

    connection: str | None
    arrived_at: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes
    peer: str
    status: int
    problem: str
    unmatched: bool = False
    answer: PlannedAnswer | None = None


def read_envelope(body: bytes) -> Envelope:
    """Read a batch from the bytes of a body.

    Accepts the documented envelope, a bare array of messages, and a single message. Raises
    Undecodable if the bytes are not JSON; `salvage_envelope` is for those.
    """
    answer = parse(body)
    if isinstance(answer, list):
        spans = element_spans(body, span_of_body(body))
        return _envelope(answer, spans, oddities=("no envelope, a bare array",))
    if not isinstance(answer, dict):
        return Envelope(messages=(), oddities=("the body is not an object",))
    if "results" not in answer and ("messageId" in answer or "text" in answer):
        return _envelope([answer], [span_of_body(body)], oddities=("no envelope, a bare message",))
    fields = Fields(answer)
    count, pending = fields.integer("messageCount"), fields.integer("pendingMessageCount")
    results = answer.get("results")
    notes = fields.oddities
    if results is None:
        return Envelope(
            messages=(), count=count, pending=pending, oddities=(*notes, "results is missing")
        )
    span = span_of_member(body, "results")
    spans = [span] if span else []
    if not isinstance(results, list):
        notes += ("results is not a list",)
        results = [results]
    elif span:
        spans = element_spans(body, span)
    return _envelope(results, spans, count=count, pending=pending, oddities=notes)


def salvage_envelope(body: bytes) -> Envelope:
    """Recover every complete message from a body that was cut or damaged on its way.

    Reads `results` from its start to the first incomplete element, and the counts if they
    arrived. Never raises.
    """
    found = _RESULTS.search(body)
    elements, spans = [], []
    for element, span in _complete_messages(body, found.end()) if found else ():
        elements.append(element)
        spans.append(span)
    return _envelope(
        elements,
        spans,
        count=_count(body, b"messageCount"),
        pending=_count(body, b"pendingMessageCount"),
        salvaged=True,
        oddities=("the body was not whole",),
    )


def read_message(raw: object) -> Message:
    """Read one element of `results`; deviations become `oddities`, never an error."""
    if not isinstance(raw, dict):
        return Message(raw=raw, oddities=("the message is not an object",))
    fields = Fields(raw)
    payload = raw.get("customPayload")
    values = {
        # Fast path for plain ASCII strings, nearly all values: a body may hold 100,000 messages.
        name: value
        if (value := raw.get(key)).__class__ is str and value.isascii()
        else fields.text(key)
        for name, key in _TEXTS
    }
    received_at = fields.timestamp("receivedAt")
    notes = fields.oddities
    if payload is not None and not isinstance(payload, dict):
        notes += ("customPayload is not an object",)
    return Message(
        **values, received_at=received_at, custom_payload=payload, raw=raw, oddities=notes
    )


def _envelope(elements: Sequence[Any], spans: Sequence[Span | None], **facts: Any) -> Envelope:
    if len(spans) != len(elements):
        spans = [None] * len(elements)
    return Envelope(
        messages=tuple(read_message(element) for element in elements),
        spans=tuple(spans),
        **facts,
    )


def _complete_messages(body: bytes, start: int) -> Iterator[tuple[Any, Span]]:
    for first, (at, size) in complete_elements(body, start):
        # The truncated beginning of a number or literal could be read as a complete value.
        if first not in "{[":
            return
        element = body[at : at + size]
        try:
            yield parse(element), (at, size)
        except Undecodable:  # this one nests too deeply; those behind it do not
            continue


def _count(body: bytes, name: bytes) -> int | None:
    # Before or after `results`, never inside a message: its fields have other names.
    found = re.search(rb'"%s"\s*:\s*([0-9]{1,18})\b' % name, body)
    return int(found[1]) if found else None
