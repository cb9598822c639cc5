"""Decoding stored bodies again, with what this version of the program understands.

Nothing is ever deleted: a message keeps its row by its position in the delivery, and a delivery
in which fewer messages are found than are stored stays as it is. The archive is consistent after
every transaction, so the job can be killed at any time and repeated.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import apsw
import msgspec
from msgspec.structs import replace

from ibconsole.archive.bodies import read_body
from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import DecodedBody, DecodingInput, decode_body, flags_of
from ibconsole.archive.records import Flags, RedecodingResult
from ibconsole.archive.storing import (
    MessageBatch,
    add_to_counter,
    insert_messages,
    next_id,
    replace_surrogates,
)

_BATCH = 64  # deliveries in one transaction,
_BATCH_BYTES = 8 << 20  # or fewer, once their bodies have more bytes than this
_REINDEXED = 10_000  # messages from which on rebuilding the index is faster than thinning it out

_Key: TypeAlias = tuple[str, str]  # message id and application code


class _MessageColumns(msgspec.Struct, frozen=True):
    """The columns of a message that decoding determines."""

    message_id: str
    application_code: str
    sender: str
    keyword: str
    text: str
    received_at: int | None
    flags: int
    start: int | None
    size: int | None
    element: bytes | None

    @property
    def key(self) -> _Key:
        return self.message_id, self.application_code

    @property
    def indexed_texts(self) -> tuple[str, ...]:
        return self.text, self.sender, self.keyword, self.message_id


class _Changes(msgspec.Struct):
    changed: int = 0
    added: int = 0
    fewer: list[int] = msgspec.field(default_factory=list)
    keys: set[_Key] = msgspec.field(default_factory=set)
    to_reindex: list[int] = msgspec.field(default_factory=list)


def decode_next(db: apsw.Connection, after: int) -> tuple[RedecodingResult, dict[int, DecodedBody]]:
    """Decode the next deliveries with ids above `after`, for `update_stored`.

    To be called outside of a transaction, because decoding takes time. The result's `last` is
    `after` if there are no more.
    """
    bodies: dict[int, DecodedBody] = {}
    without_body = size = 0
    ids = fetch(
        db,
        "SELECT id FROM delivery WHERE state = 'decoded' AND id > ? ORDER BY id LIMIT ?",
        (after, _BATCH),
    )
    for (delivery,) in ids:
        after = delivery
        stored = _read_input(db, delivery)
        if stored is None:
            without_body += 1
            continue
        bodies[delivery] = decode_body(stored)
        size += len(stored.body)
        if size > _BATCH_BYTES:
            break
    return RedecodingResult(after, len(bodies), without_body=without_body), bodies


def decode_again(db: apsw.Connection, deliveries: Sequence[int]) -> dict[int, DecodedBody]:
    """Decode these deliveries, for `update_stored`; those without a body are left out."""
    inputs = {delivery: _read_input(db, delivery) for delivery in deliveries}
    return {delivery: decode_body(stored) for delivery, stored in inputs.items() if stored}


def update_stored(
    db: apsw.Connection, progress: RedecodingResult, bodies: Mapping[int, DecodedBody]
) -> RedecodingResult:
    """Bring the rows of these deliveries up to date, and return `progress` with the changes.

    To be called inside a transaction that holds the write lock.
    """
    changes = _Changes()
    for delivery, decoded in bodies.items():
        _update_delivery(db, delivery, decoded, changes)
    for key in changes.keys:
        _mark_duplicates(db, key)
    if changes.to_reindex:
        _index_again(db, min(changes.to_reindex))
    if changes.added:
        add_to_counter(db, "messages", changes.added)
    return replace(
        progress, changed=changes.changed, added=changes.added, fewer=tuple(changes.fewer)
    )


def _read_input(db: apsw.Connection, delivery: int) -> DecodingInput | None:
    body = read_body(db, delivery)
    rows = fetch(db, f"SELECT {DecodingInput.COLUMNS} FROM delivery WHERE id = ?", (delivery,))  # noqa: S608 names
    return None if body is None or not rows else DecodingInput.from_row(body, *rows[0])


def _update_delivery(
    db: apsw.Connection, delivery: int, decoded: DecodedBody, changes: _Changes
) -> None:
    rows = fetch(
        db,
        "SELECT position, id, message_id, application_code, sender, keyword, text, received_at,"
        " flags, start, size, body FROM message LEFT JOIN element ON message = id"
        " WHERE delivery = ?",
        (delivery,),
    )
    stored = {position: (row, _MessageColumns(*values)) for position, row, *values in rows}
    count = len(decoded.messages)
    if count <= max(stored, default=-1):
        changes.fewer.append(delivery)
        return
    source = _source_of(db, delivery)
    if source is None:
        return  # deleted meanwhile
    for position, (row, old) in stored.items():
        _update_message(db, row, old, _columns(decoded, position, old.element), changes)
    if missing := [position for position in range(count) if position not in stored]:
        _add_messages(db, MessageBatch(source, decoded, missing), changes)
    _update_figures(db, delivery, decoded)


def _source_of(db: apsw.Connection, delivery: int) -> tuple[int, str, str | None, int] | None:
    rows = fetch(
        db,
        "SELECT id, via, connection, coalesce(ended_at, began_at) FROM delivery"
        " WHERE id = ? AND state = 'decoded'",
        (delivery,),
    )
    return rows[0] if rows else None


def _columns(decoded: DecodedBody, position: int, stored: bytes | None) -> _MessageColumns:
    """Return the columns of a message; its JSON only if that has to be stored, or is `stored`."""
    message = decoded.messages[position]
    start, size = decoded.spans[position] or (None, None)
    return _MessageColumns(
        *message[:6],
        flags_of(message, salvaged=decoded.salvaged),
        start,
        size,
        stored if stored == decoded.element(position) else decoded.copy(position),
    )


def _update_message(
    db: apsw.Connection, row: int, old: _MessageColumns, new: _MessageColumns, changes: _Changes
) -> None:
    rekeyed = old.key != new.key
    if not rekeyed:  # then it is a duplicate if it was one
        new = replace(new, flags=new.flags | old.flags & Flags.DUPLICATE)
    if new == old:
        return
    changes.changed += 1
    if rekeyed:
        changes.keys |= {old.key, new.key}
        db.execute("UPDATE message SET duplicate_of = NULL WHERE id = ?", (row,))
    if old.indexed_texts != new.indexed_texts:
        changes.to_reindex.append(row)
    db.execute(
        "UPDATE message SET message_id = ?, application_code = ?, sender = ?, keyword = ?,"
        " text = ?, received_at = ?, flags = ?, start = ?, size = ? WHERE id = ?",
        (
            *new.key,
            new.sender,
            new.keyword,
            new.text,
            new.received_at,
            new.flags,
            new.start,
            new.size,
            row,
        ),
    )
    if old.element != new.element:
        db.execute("DELETE FROM element WHERE message = ?", (row,))
        if new.element is not None:
            db.execute("INSERT INTO element VALUES (?, ?)", (row, new.element))


def _add_messages(db: apsw.Connection, batch: MessageBatch, changes: _Changes) -> None:
    insert_messages(db, [batch], next_id(db, "message"))
    changes.added += len(batch.positions)
    changes.keys |= {message[:2] for message in batch.messages()}


def _update_figures(db: apsw.Connection, delivery: int, decoded: DecodedBody) -> None:
    values: tuple[Any, ...] = (
        len(decoded.messages),
        decoded.count,
        decoded.pending,
        int(decoded.salvaged),
        replace_surrogates(decoded.problem),
    )
    columns = "message_count, announced, pending, salvaged, decoding_problem"
    db.execute(
        f"UPDATE delivery SET ({columns}) = (?1, ?2, ?3, ?4, ?5) WHERE id = ?6"  # noqa: S608 names
        f" AND ({columns}) IS NOT (?1, ?2, ?3, ?4, ?5)",
        (*values, delivery),
    )


def _mark_duplicates(db: apsw.Connection, key: _Key) -> None:
    """Make all messages with this key duplicates of the first one.

    Duplicates of a message that was deleted stay marked as such.
    """
    if not key[0]:
        return
    db.execute(
        "WITH same AS (SELECT id, duplicate_of, min(id) OVER () AS first FROM message"
        " WHERE message_id = ?1 AND application_code = ?2)"
        " UPDATE message SET duplicate_of = nullif(same.first, same.id),"
        " flags = iif(same.first = same.id, flags & ~?3, flags | ?3) FROM same"
        " WHERE message.id = same.id"
        " AND same.duplicate_of IS NOT nullif(same.first, same.id)"
        " AND (same.duplicate_of IS NULL"
        " OR EXISTS (SELECT 1 FROM message AS first WHERE first.id = same.duplicate_of))",
        (*key, int(Flags.DUPLICATE)),
    )


def _index_again(db: apsw.Connection, first: int) -> None:
    """Remove all messages from this one on from the index, so that they are indexed again."""
    [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
    if first > indexed:
        return
    if indexed - first >= _REINDEXED:
        first = 1
        db.execute("INSERT INTO message_words (message_words) VALUES ('delete-all')")
    else:
        db.execute("DELETE FROM message_words WHERE rowid >= ?", (first,))
    db.execute("UPDATE counter SET value = ? WHERE name = 'indexed'", (first - 1,))
