"""Importing deliveries that this or another archive exported, each at most once.

A delivery is identified by its origin, "archive:delivery" of the archive that received it, and a
message by its position in the delivery. Partial exports therefore add up, in any order, and
repeated imports change nothing.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import apsw
import msgspec

from ibconsole.archive.answers import add_given
from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import flags_of
from ibconsole.archive.records import (
    DeliveryState,
    Flags,
    Via,
)
from ibconsole.archive.storing import (
    INSERT_MESSAGE,
    add_to_counter,
    find_originals,
    headers_text,
    next_id,
    replace_surrogates,
)
from ibconsole.model import GivenAnswer, MessageFields, fields_of, parse, read_message

_ACCEPTED = 200


class ImportedMessage(msgspec.Struct, frozen=True):
    """A message to be imported: its position in its delivery, and its JSON as received.

    `odd` is true if it was flagged as ODD for a reason that its JSON does not show: the encoding
    or the wrapping of its body.
    """

    position: int
    element: bytes
    start: int | None = None
    size: int | None = None
    odd: bool = False


class ImportedDelivery(msgspec.Struct, frozen=True):
    """A delivery to be imported, with those of its messages that were exported.

    The fields are those of `Delivery`. If it has its `body` (and for a forward its `raw`
    request), the body is decoded again and `messages` may be empty.
    """

    origin: str
    via: Via
    began_at: int
    messages: tuple[ImportedMessage, ...] = ()
    connection: str | None = None
    base_url: str = ""
    ended_at: int | None = None
    limit_asked: int | None = None
    method: str = ""
    target: str = ""
    peer: str = ""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    sha256: str = ""
    complete: bool = True
    interrupted: bool = False
    salvaged: bool = False
    problem: str = ""
    announced: int | None = None
    pending: int | None = None
    body: bytes | None = None
    raw: bytes | None = None
    answer: GivenAnswer | None = None


class ImportResult(msgspec.Struct, frozen=True):
    """The outcome of an import: deliveries and messages added, and messages already stored."""

    deliveries: int = 0
    messages: int = 0
    existing: int = 0


class ImportedBatch(msgspec.Struct, frozen=True):
    """The outcome of `import_deliveries`: counts, and the deliveries whose bodies are to be read.

    New deliveries with a body are `to_decode`; deliveries that were stored without one and
    now have theirs are `to_redecode`.
    """

    result: ImportResult
    to_decode: Sequence[int]
    to_redecode: Sequence[int]


def identity(db: apsw.Connection) -> str:
    """Return the UUID by which origins name this archive."""
    [(uuid,)] = fetch(db, "SELECT value FROM fact WHERE name = 'archive'")
    return str(uuid)


def import_deliveries(
    db: apsw.Connection, owner: str, imported: Sequence[ImportedDelivery]
) -> ImportedBatch:
    """Insert the deliveries and messages that are not stored yet.

    To be called inside a transaction that holds the write lock. Bodies are only stored; the
    caller decodes them as the result says.
    """
    own = identity(db)
    deliveries = messages = existing = 0
    to_decode, to_redecode = [], []
    for each in imported:
        delivery = find_delivery(db, own, each.origin)
        if delivery is None:
            delivery = _insert_delivery(db, owner, each)
            deliveries += 1
            if each.body is not None:
                to_decode.append(delivery)
                continue
        elif each.body is not None:
            existing += _count_messages(db, delivery)
            if _add_body(db, delivery, each):
                to_redecode.append(delivery)
        new = _new_messages(db, delivery, each.messages)
        _insert_messages(db, delivery, each, new)
        messages += len(new)
        existing += len(each.messages) - len(new)
    return ImportedBatch(ImportResult(deliveries, messages, existing), to_decode, to_redecode)


def find_delivery(db: apsw.Connection, own: str, origin: str) -> int | None:
    """Return the id of the stored delivery with this origin; None if there is none."""
    archive, _, delivery = origin.rpartition(":")
    rows = fetch(db, "SELECT id FROM delivery WHERE origin = ?", (origin,))
    if not rows and archive == own:
        rows = fetch(db, "SELECT id FROM delivery WHERE id = ? AND origin IS NULL", (delivery,))
    return int(rows[0][0]) if rows else None


def _count_messages(db: apsw.Connection, delivery: int) -> int:
    [(count,)] = fetch(db, "SELECT count(*) FROM message WHERE delivery = ?", (delivery,))
    return int(count)


def _insert_delivery(db: apsw.Connection, owner: str, imported: ImportedDelivery) -> int:
    delivery = next_id(db, "delivery")
    values: dict[str, Any] = {
        "id": delivery,
        "via": imported.via,
        "state": DeliveryState.DECODED if imported.body is None else DeliveryState.RECEIVED,
        "connection": imported.connection,
        "base_url": replace_surrogates(imported.base_url),
        "owner": owner,
        "began_at": imported.began_at,
        "ended_at": imported.ended_at,
        "limit_asked": imported.limit_asked,
        "method": replace_surrogates(imported.method),
        "target": replace_surrogates(imported.target),
        "peer": replace_surrogates(imported.peer),
        "status": _ACCEPTED if imported.answer else imported.status,  # see `answers`
        "headers": headers_text(imported.headers),
        "sha256": imported.sha256 if imported.body is None else sha256(imported.body).hexdigest(),
        "complete": int(imported.complete),
        "problem": replace_surrogates(imported.problem),
        "interrupted": int(imported.interrupted),
        "announced": imported.announced,
        "pending": imported.pending,
        "salvaged": int(imported.salvaged),
        "origin": imported.origin,
    }
    db.execute(
        f"INSERT INTO delivery ({', '.join(values)})"  # noqa: S608 names above
        f" VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )
    add_to_counter(db, imported.via, 1)
    if imported.answer:
        add_given(db, delivery, imported.answer)
    if imported.body is not None:
        db.execute("INSERT INTO content VALUES (?, ?, ?)", (delivery, imported.raw, imported.body))
    return delivery


def _add_body(db: apsw.Connection, delivery: int, imported: ImportedDelivery) -> bool:
    """Store the body of a delivery that was imported without it; True if that is the case."""
    if imported.body is None:
        return False
    db.execute(
        "INSERT INTO content SELECT id, ?, ? FROM delivery WHERE id = ? AND origin IS NOT NULL"
        " AND state = 'decoded' AND NOT EXISTS (SELECT 1 FROM content WHERE delivery = id)",
        (imported.raw, imported.body, delivery),
    )
    if not db.changes():
        return False
    db.execute(
        "UPDATE delivery SET sha256 = ?, headers = ? WHERE id = ?",
        (sha256(imported.body).hexdigest(), headers_text(imported.headers), delivery),
    )
    return True


def _new_messages(
    db: apsw.Connection, delivery: int, messages: Sequence[ImportedMessage]
) -> list[ImportedMessage]:
    """Return the messages whose positions are not stored yet, one for each position."""
    rows = fetch(db, "SELECT position FROM message WHERE delivery = ?", (delivery,))
    stored = {position for (position,) in rows}
    new = {each.position: each for each in messages if each.position not in stored}
    return list(new.values())


def _insert_messages(
    db: apsw.Connection,
    delivery: int,
    imported: ImportedDelivery,
    new: Sequence[ImportedMessage],
) -> None:
    if not new:
        return
    first = next_id(db, "message")
    messages = [_fields_of(each) for each in new]
    originals = find_originals(db, [message[:2] for message in messages], first)
    arrived_at = imported.began_at if imported.ended_at is None else imported.ended_at
    db.executemany(
        INSERT_MESSAGE,
        [
            (
                number,
                delivery,
                imported.via,
                imported.connection,
                arrived_at,
                stored.position,
                *message[:6],
                flags_of(message, salvaged=imported.salvaged)
                | (0 if original is None else int(Flags.DUPLICATE)),
                original,
                stored.start,
                stored.size,
            )
            for number, (stored, message, original) in enumerate(
                zip(new, messages, originals, strict=True), start=first
            )
        ],
    )
    db.executemany(
        "INSERT INTO element VALUES (?, ?)",
        [(number, stored.element) for number, stored in enumerate(new, start=first)],
    )
    db.execute(
        "UPDATE delivery SET message_count = message_count + ? WHERE id = ?",
        (len(new), delivery),
    )
    add_to_counter(db, "messages", len(new))


def _fields_of(imported: ImportedMessage) -> MessageFields:
    fields = fields_of(read_message(parse(imported.element)))
    return fields._replace(odd=True) if imported.odd else fields
