"""Reading again what was decoded before, with what today's program understands.

Nothing is ever taken away: a message keeps its row by its position in the delivery, and where
less is found than is stored, the delivery stays as it is. After each transaction everything
agrees: it can be killed anywhere, and be done again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import apsw
import msgspec

from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import Content, Reading, flags_of, read_content
from ibconsole.archive.records import Flags, RedecodingResult
from ibconsole.archive.storing import (
    Batch,
    add_to_counter,
    clean,
    element_of,
    insert,
    instant_of,
    next_id,
)

_TOGETHER = 64  # deliveries of one transaction, if their bodies have no more bytes than this:
_BYTES = 8 << 20
_REINDEXED = 10_000  # messages from which on the index is sooner made anew than thinned out

_Name: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Values:
    """A message's columns that decoding fills."""

    message_id: str
    application_code: str
    sender: str
    keyword: str
    text: str
    received_at: int | None
    flags: int
    start: int | None
    size: int | None
    element: bytes

    @property
    def name(self) -> _Name:
        return self.message_id, self.application_code

    @property
    def words(self) -> tuple[str, ...]:
        return self.text, self.sender, self.keyword, self.message_id


@dataclass(slots=True)
class _Changes:
    changed: int = 0
    added: int = 0
    fewer: list[int] = field(default_factory=list)
    names: set[_Name] = field(default_factory=set)
    reworded: list[int] = field(default_factory=list)


def read_again(db: apsw.Connection, after: int) -> tuple[RedecodingResult, dict[int, Reading]]:
    """Read the next deliveries behind that id; `rewrite` then stores what was read.

    To be called outside of a transaction, because reading takes time. `last` is `after` if
    there is nothing more.
    """
    readings: dict[int, Reading] = {}
    without_body = size = 0
    ids = fetch(
        db,
        "SELECT id FROM delivery WHERE state = 'decoded' AND id > ? ORDER BY id LIMIT ?",
        (after, _TOGETHER),
    )
    for (delivery,) in ids:
        after = delivery
        content = _content(db, delivery)
        if content is None:
            without_body += 1
            continue
        readings[delivery] = read_content(content)
        size += len(content.body)
        if size > _BYTES:
            break
    return RedecodingResult(after, len(readings), without_body=without_body), readings


def read_these(db: apsw.Connection, deliveries: Sequence[int]) -> dict[int, Reading]:
    """Read these deliveries, those without a body left out; for `rewrite`."""
    contents = {delivery: _content(db, delivery) for delivery in deliveries}
    return {one: read_content(content) for one, content in contents.items() if content}


def rewrite(
    db: apsw.Connection, progress: RedecodingResult, readings: Mapping[int, Reading]
) -> RedecodingResult:
    """Bring the rows of these deliveries up to what was read of them; what that changed.

    To be called inside a transaction that holds the write lock.
    """
    changes = _Changes()
    for delivery, reading in readings.items():
        _rewrite(db, delivery, reading, changes)
    for name in changes.names:
        _mark_duplicates(db, name)
    if changes.reworded:
        _index_again(db, min(changes.reworded))
    if changes.added:
        add_to_counter(db, "messages", changes.added)
    return replace(
        progress, changed=changes.changed, added=changes.added, fewer=tuple(changes.fewer)
    )


def _content(db: apsw.Connection, delivery: int) -> Content | None:
    rows = fetch(
        db,
        "SELECT via, status, headers, body, complete, problem FROM delivery"
        " JOIN content ON delivery = id WHERE id = ?",
        (delivery,),
    )
    for via, status, headers, body, complete, problem in rows:
        pairs = msgspec.json.decode(headers, type=list[tuple[str, str]])
        return Content(via, status, pairs, body, bool(complete), problem)
    return None


def _rewrite(db: apsw.Connection, delivery: int, reading: Reading, changes: _Changes) -> None:
    rows = fetch(
        db,
        "SELECT position, id, message_id, application_code, sender, keyword, text, received_at,"
        " flags, start, size, body FROM message JOIN element ON message = id WHERE delivery = ?",
        (delivery,),
    )
    stored = {position: (row, _Values(*values)) for position, row, *values in rows}
    found = len(reading.messages)
    if found <= max(stored, default=-1):
        changes.fewer.append(delivery)
        return
    source = _source_of(db, delivery)
    if source is None:
        return  # deleted meanwhile
    for position, (row, old) in stored.items():
        _update(db, row, old, _values(reading, position), changes)
    if missing := [position for position in range(found) if position not in stored]:
        _add(db, Batch(source, reading, missing), changes)
    _note_reading(db, delivery, reading)


def _source_of(db: apsw.Connection, delivery: int) -> tuple[int, str, str | None, int] | None:
    rows = fetch(
        db,
        "SELECT id, via, connection, coalesce(ended_at, began_at) FROM delivery"
        " WHERE id = ? AND state = 'decoded'",
        (delivery,),
    )
    return rows[0] if rows else None


def _values(reading: Reading, position: int) -> _Values:
    message = reading.messages[position]
    start, size = reading.spans[position] or (None, None)
    return _Values(
        message.message_id,
        message.application_code,
        message.sender,
        message.keyword,
        message.text,
        instant_of(message),
        flags_of(message, salvaged=reading.salvaged),
        start,
        size,
        element_of(reading, position),
    )


def _update(db: apsw.Connection, row: int, old: _Values, new: _Values, changes: _Changes) -> None:
    renamed = old.name != new.name
    if not renamed:  # whether it is a duplicate then stays as it is
        new = replace(new, flags=new.flags | old.flags & Flags.DUPLICATE)
    if new == old:
        return
    changes.changed += 1
    if renamed:
        changes.names |= {old.name, new.name}
        db.execute("UPDATE message SET duplicate_of = NULL WHERE id = ?", (row,))
    if old.words != new.words:
        changes.reworded.append(row)
    db.execute(
        "UPDATE message SET message_id = ?, application_code = ?, sender = ?, keyword = ?,"
        " text = ?, received_at = ?, flags = ?, start = ?, size = ? WHERE id = ?",
        (
            *new.name,
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
        db.execute("UPDATE element SET body = ? WHERE message = ?", (new.element, row))


def _add(db: apsw.Connection, fresh: Batch, changes: _Changes) -> None:
    insert(db, [fresh], next_id(db, "message"))
    changes.added += len(fresh.positions)
    messages = map(fresh.reading.messages.__getitem__, fresh.positions)
    changes.names |= {(message.message_id, message.application_code) for message in messages}


def _note_reading(db: apsw.Connection, delivery: int, reading: Reading) -> None:
    values: tuple[Any, ...] = (
        len(reading.messages),
        reading.count,
        reading.pending,
        int(reading.salvaged),
        clean(reading.problem),
    )
    columns = "message_count, announced, pending, salvaged, decoding_problem"
    db.execute(
        f"UPDATE delivery SET ({columns}) = (?1, ?2, ?3, ?4, ?5) WHERE id = ?6"  # noqa: S608 names
        f" AND ({columns}) IS NOT (?1, ?2, ?3, ?4, ?5)",
        (*values, delivery),
    )


def _mark_duplicates(db: apsw.Connection, name: _Name) -> None:
    """Point all messages of this name at their first; those of a deleted one stay marked."""
    if not name[0]:
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
        (*name, int(Flags.DUPLICATE)),
    )


def _index_again(db: apsw.Connection, first: int) -> None:
    """Have the words of all messages from this one on indexed again; see `schema`."""
    [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
    if first > indexed:
        return
    if indexed - first >= _REINDEXED:
        first = 1
        db.execute("INSERT INTO message_words (message_words) VALUES ('delete-all')")
    else:
        db.execute("DELETE FROM message_words WHERE rowid >= ?", (first,))
    db.execute("UPDATE counter SET value = ? WHERE name = 'indexed'", (first - 1,))
