"""Values of `archive` from rows of the team's tables: the only module that knows which columns."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ibconsole.archive import (
    Delivery,
    DeliveryFacts,
    DeliveryState,
    Flags,
    ForwardTestRecord,
    MessageRow,
    MessageValues,
    StoredMessage,
    Via,
)
from ibconsole.model import GivenAnswer

LISTED_CHARACTERS = 1000  # of a text in MessageRow
ROW = (
    "message.id, delivery, via, application_code, sender, keyword,"
    f" left(text, {LISTED_CHARACTERS}), received_at, arrived_at, flags, coalesce(label, '')"
)
# What follows the columns of `MessageValues`: the label of the source.
VALUES = (
    "message.id, delivery, via, application_code, sender, keyword, text, received_at, arrived_at,"
    " flags, position, message_id, body, start, size, coalesce(label, '')"
)
_LABELS = "(SELECT id AS source, label FROM ibconsole.source) AS labels USING (source)"
MESSAGES = f"ibconsole.message LEFT JOIN {_LABELS}"
DELIVERY = (
    "delivery.id, via, state, base_url, began_at, ended_at, limit_asked, method, target, peer,"
    " status, sha256, message_count, announced, pending, body_size, headers, complete, interrupted,"
    " salvaged, problem, decoding_problem, origin, answer, coalesce(label, '')"
)
FACTS = (
    "delivery.id, origin, via, began_at, base_url, ended_at, limit_asked, method, status, sha256,"
    " announced, pending, complete, interrupted, salvaged,"
    " btrim(problem || ' ' || decoding_problem), answer"
)
DELIVERIES = f"ibconsole.delivery LEFT JOIN {_LABELS}"
FORWARD_TEST = "id, at, url, status, payload, answer, facts"

decode_headers = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode
_decode_answer = msgspec.json.Decoder(GivenAnswer).decode


def row_of(values: Sequence[Any]) -> MessageRow:
    """Return the values of ROW as a message of a list."""
    return MessageRow(
        id=values[0],
        delivery=values[1],
        via=Via(values[2]),
        application_code=values[3],
        sender=values[4],
        keyword=values[5],
        text=values[6],
        received_at=values[7],
        arrived_at=values[8],
        flags=Flags(values[9]),
        source=values[10],
    )


def values_of(
    values: Sequence[Any], body: bytes, connection: str | None, first: int | None
) -> MessageValues:
    """Return the columns VALUES as such, with the JSON of the message.

    `first` is the id of the first message with the same message id, None if it is this one.
    """
    position, message_id, _, start, size = values[10:15]
    return MessageValues._make(
        (*values[:10], connection, position, message_id, first, body, start, size)
    )


def message_of(values: MessageValues, source: str) -> StoredMessage:
    """Return the values of a message as such, received by this source."""
    repeats = 0 if values.duplicate_of is None else Flags.DUPLICATE
    return StoredMessage(
        id=values.id,
        delivery=values.delivery,
        via=Via(values.via),
        application_code=values.application_code,
        sender=values.sender,
        keyword=values.keyword,
        text=values.text,
        received_at=values.received_at,
        arrived_at=values.arrived_at,
        flags=Flags(values.flags | repeats),
        connection=values.connection,
        position=values.position,
        message_id=values.message_id,
        duplicate_of=values.duplicate_of,
        body=values.body,
        start=values.start,
        size=values.size,
        source=source,
    )


def delivery_of(values: Sequence[Any], connection: str | None) -> Delivery:
    """Return the values of DELIVERY as such."""
    number, via, state, *plain = values[:16]
    headers, complete, interrupted, salvaged, problem, decoding_problem = values[16:22]
    origin, answer, source = values[22:]
    given = _decode_answer(answer) if answer else None
    sentences = " ".join(sentence for sentence in (problem, decoding_problem) if sentence)
    kinds = (Via(via), DeliveryState(state))
    booleans = (complete, interrupted, salvaged)
    row = (number, *kinds, connection, *plain, decode_headers(headers), *booleans, sentences)
    found = Delivery(*row, origin, given, source)  # type: ignore[call-arg]  # as many as it has
    if given:
        return msgspec.structs.replace(found, status=given.planned.status)
    return found


def facts_of(values: Sequence[Any], connection: str | None) -> DeliveryFacts:
    """Return the values of FACTS as such; see `DeliveryFacts` for what is left out of an answer."""
    number, origin, via, began_at, *plain, answer = values
    found = DeliveryFacts(number, origin, Via(via), began_at, connection, *plain)
    if not answer:
        return found
    given = _decode_answer(answer)
    planned = msgspec.structs.replace(given.planned, headers=(), body=b"")
    given = msgspec.structs.replace(given, planned=planned)
    return found._replace(status=planned.status, answer=given)


def record_of(values: Sequence[Any]) -> ForwardTestRecord:
    """Return the values of FORWARD_TEST as such."""
    return ForwardTestRecord(*values)
