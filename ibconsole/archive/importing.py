"""What another archive, or this one, had exported: taken in once, however often it comes.

A delivery is known by its origin, "archive:delivery" of where it was received, and a message by
its position in it: so parts of an export add up, in any order, and nothing comes in twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import flags_of
from ibconsole.archive.intake import headers_text
from ibconsole.archive.records import Flags, ImportedDelivery, ImportedMessage, ImportResult
from ibconsole.archive.storing import INSERT, add_to_counter, clean, firsts_of, instant_of, next_id
from ibconsole.model import Message, parse, read_message


def identity(db: apsw.Connection) -> str:
    """What this archive is called in the origins of what it exported."""
    [(uuid,)] = fetch(db, "SELECT value FROM fact WHERE name = 'archive'")
    return str(uuid)


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in: what is to be `decoded` now, and what is to be `completed` from its body."""

    taken: ImportResult
    decoded: Sequence[int]
    completed: Sequence[int]


def import_deliveries(db: apsw.Connection, owner: str, some: Sequence[ImportedDelivery]) -> Intake:
    """Take in what is not there; the ids of deliveries whose bodies are to be read now.

    To be called inside a transaction that holds the write lock.
    """
    own = identity(db)
    deliveries = messages = known = 0
    decoded, completed = [], []
    for one in some:
        row = _row_of(db, own, one.origin)
        if row is None:
            row = _add(db, owner, one)
            deliveries += 1
            if one.body is not None:
                decoded.append(row)
                continue
        elif _attach(db, row, one):
            completed.append(row)
        fresh = _fresh(db, row, one.messages)
        _insert(db, row, one, fresh)
        messages += len(fresh)
        known += len(one.messages) - len(fresh)
    return Intake(ImportResult(deliveries, messages, known), decoded, completed)


def _row_of(db: apsw.Connection, own: str, origin: str) -> int | None:
    """The delivery of this origin that is there; None if it is not."""
    archive, _, delivery = origin.rpartition(":")
    rows = fetch(db, "SELECT id FROM delivery WHERE origin = ?", (origin,))
    if not rows and archive == own:
        rows = fetch(db, "SELECT id FROM delivery WHERE id = ? AND origin IS NULL", (delivery,))
    return int(rows[0][0]) if rows else None


def _add(db: apsw.Connection, owner: str, one: ImportedDelivery) -> int:
    row = next_id(db, "delivery")
    values: dict[str, Any] = {
        "id": row,
        "via": one.via,
        "state": "decoded" if one.body is None else "received",
        "connection": one.connection,
        "base_url": clean(one.base_url),
        "owner": owner,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "limit_asked": one.limit_asked,
        "method": clean(one.method),
        "target": clean(one.target),
        "peer": clean(one.peer),
        "status": one.status,
        "headers": headers_text(one.headers),
        "sha256": one.sha256 if one.body is None else sha256(one.body).hexdigest(),
        "complete": int(one.complete),
        "problem": clean(one.problem),
        "interrupted": int(one.interrupted),
        "announced": one.announced,
        "pending": one.pending,
        "salvaged": int(one.salvaged),
        "origin": one.origin,
    }
    db.execute(
        f"INSERT INTO delivery ({', '.join(values)})"  # noqa: S608 the names above
        f" VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )
    add_to_counter(db, one.via, 1)
    if one.body is not None:
        db.execute("INSERT INTO content VALUES (?, ?, ?)", (row, one.raw, one.body))
    return row


def _attach(db: apsw.Connection, delivery: int, one: ImportedDelivery) -> bool:
    """Give a delivery that came without its body the body; whether it lacked one."""
    if one.body is None:
        return False
    db.execute(
        "INSERT INTO content SELECT id, ?, ? FROM delivery WHERE id = ? AND origin IS NOT NULL"
        " AND state = 'decoded' AND NOT EXISTS (SELECT 1 FROM content WHERE delivery = id)",
        (one.raw, one.body, delivery),
    )
    if not db.changes():
        return False
    db.execute(
        "UPDATE delivery SET sha256 = ?, headers = ? WHERE id = ?",
        (sha256(one.body).hexdigest(), headers_text(one.headers), delivery),
    )
    return True


def _fresh(
    db: apsw.Connection, delivery: int, messages: Sequence[ImportedMessage]
) -> list[ImportedMessage]:
    """Those that are not there, each position once."""
    rows = fetch(db, "SELECT position FROM message WHERE delivery = ?", (delivery,))
    there = {position for (position,) in rows}
    fresh = {one.position: one for one in messages if one.position not in there}
    return list(fresh.values())


def _insert(
    db: apsw.Connection, delivery: int, one: ImportedDelivery, fresh: Sequence[ImportedMessage]
) -> None:
    if not fresh:
        return
    first = next_id(db, "message")
    read: list[Message] = [read_message(parse(message.element)) for message in fresh]
    firsts = firsts_of(db, [(each.message_id, each.application_code) for each in read], first)
    arrived_at = one.began_at if one.ended_at is None else one.ended_at
    db.executemany(
        INSERT,
        [
            (
                row,
                delivery,
                one.via,
                one.connection,
                arrived_at,
                stored.position,
                message.message_id,
                message.application_code,
                message.sender,
                message.keyword,
                message.text,
                instant_of(message),
                flags_of(message, salvaged=one.salvaged)
                | (0 if of is None else int(Flags.DUPLICATE)),
                of,
                stored.start,
                stored.size,
            )
            for row, (stored, message, of) in enumerate(
                zip(fresh, read, firsts, strict=True), start=first
            )
        ],
    )
    db.executemany(
        "INSERT INTO element VALUES (?, ?)",
        [(row, stored.element) for row, stored in enumerate(fresh, start=first)],
    )
    db.execute(
        "UPDATE delivery SET message_count = message_count + ? WHERE id = ?",
        (len(fresh), delivery),
    )
    add_to_counter(db, "messages", len(fresh))
