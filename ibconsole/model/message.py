"""Inbound messages and the envelope they come in, by pull and by forward alike."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ibconsole.model.json_spans import (
    Place,
    place_of_body,
    place_of_member,
    places_in_array,
    whole_elements,
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

    Every field may be empty (missing, null and "" are the same here; `raw` tells them
    apart). `received_at` is in UTC, None where it was missing or unreadable. `raw` is
    the element of `results` as received, which need not even be an object.
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

    `count` and `pending` are what the platform says of itself: messages in this batch,
    and messages still waiting; None where it did not say. `salvaged` batches were put
    together from a broken body and may lack messages. `places` says for each message where
    it stands in the body, as its first byte and its length; None where that is not known.
    """

    messages: tuple[Message, ...]
    places: tuple[Place | None, ...] = ()
    count: int | None = None
    pending: int | None = None
    salvaged: bool = False
    oddities: tuple[str, ...] = ()


def read_envelope(body: bytes) -> Envelope:
    """Read a batch from the bytes of a body.

    Accepts the documented envelope, a bare array of messages and a single message.
    Raises Undecodable if the bytes are no JSON at all; `salvage_envelope` is for those.
    """
    answer = parse(body)
    if isinstance(answer, list):
        places = places_in_array(body, place_of_body(body))
        return _envelope(answer, places, oddities=("no envelope, a bare array",))
    if not isinstance(answer, dict):
        return Envelope(messages=(), oddities=("the body is not an object",))
    if "results" not in answer and ("messageId" in answer or "text" in answer):
        return _envelope([answer], [place_of_body(body)], oddities=("no envelope, a bare message",))
    fields = Fields(answer)
    count, pending = fields.whole("messageCount"), fields.whole("pendingMessageCount")
    results = answer.get("results")
    notes = fields.oddities
    if results is None:
        return Envelope(
            messages=(), count=count, pending=pending, oddities=(*notes, "results is missing")
        )
    place = place_of_member(body, "results")
    places = [place] if place else []
    if not isinstance(results, list):
        notes += ("results is not a list",)
        results = [results]
    elif place:
        places = places_in_array(body, place)
    return _envelope(results, places, count=count, pending=pending, oddities=notes)


def salvage_envelope(body: bytes) -> Envelope:
    """Take every complete message out of a body that was cut or garbled on its way.

    Goes through `results` from its start and ends at the first element that is not
    whole. The counts are read where they arrived. Never raises.
    """
    found = _RESULTS.search(body)
    elements, places = [], []
    for element, place in _salvaged(body, found.end()) if found else ():
        elements.append(element)
        places.append(place)
    return _envelope(
        elements,
        places,
        count=_count(body, b"messageCount"),
        pending=_count(body, b"pendingMessageCount"),
        salvaged=True,
        oddities=("the body was not whole",),
    )


def read_message(raw: object) -> Message:
    """Read one element of `results`; nothing in it is an error."""
    if not isinstance(raw, dict):
        return Message(raw=raw, oddities=("the message is not an object",))
    fields = Fields(raw)
    payload = raw.get("customPayload")
    values = {
        # Nearly all are plain texts, and there may be a hundred thousand messages.
        ours: value
        if (value := raw.get(theirs)).__class__ is str and value.isascii()
        else fields.text(theirs)
        for ours, theirs in _TEXTS
    }
    received_at = fields.instant("receivedAt")
    notes = fields.oddities
    if payload is not None and not isinstance(payload, dict):
        notes += ("customPayload is not an object",)
    return Message(
        **values, received_at=received_at, custom_payload=payload, raw=raw, oddities=notes
    )


def _envelope(elements: Sequence[Any], places: Sequence[Place | None], **facts: Any) -> Envelope:
    if len(places) != len(elements):
        places = [None] * len(elements)
    return Envelope(
        messages=tuple(read_message(element) for element in elements),
        places=tuple(places),
        **facts,
    )


def _salvaged(body: bytes, start: int) -> Iterator[tuple[Any, Place]]:
    for first, (at, size) in whole_elements(body, start):
        # Half a number, or half a word, is a whole one to its reader.
        if first not in "{[":
            return
        try:
            yield parse(body[at : at + size]), (at, size)
        except Undecodable:
            return


def _count(body: bytes, name: bytes) -> int | None:
    # Before `results` or behind it; never inside a message, whose fields have other names.
    found = re.search(rb'"%s"\s*:\s*([0-9]{1,18})\b' % name, body)
    return int(found[1]) if found else None
