"""From a reading to rows, inside a transaction of the writer."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import Reading, flags_of
from ibconsole.archive.records import DecodingResult, Flags
from ibconsole.model import Message, encode


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the collector in the block: making 100,000 messages takes a fifth less time.

    Whoever has it switched off for good keeps it so.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DUPLICATE = int(Flags.DUPLICATE)
INSERT = (
    "INSERT INTO message (id, delivery, via, connection, arrived_at, position, message_id,"
    " application_code, sender, keyword, text, received_at, flags, duplicate_of, start, size)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one delivery on their way to their rows: those at these positions.

    `source` is what they have from the delivery: id, via, connection, arrival.
    """

    source: tuple[int, str, str | None, int]
    reading: Reading
    positions: Sequence[int]


def store(db: apsw.Connection, readings: Mapping[int, Reading | None]) -> dict[int, DecodingResult]:
    """Store what was read of deliveries, unless decoded already; what is stored of each.

    To be called inside a transaction that holds the write lock: another process may have
    decoded some since they were read. Raises LookupError if there is no such delivery.
    """
    sources = _sources_of(db, readings)
    fresh = {
        delivery: reading
        for delivery, reading in readings.items()
        if reading is not None and sources[delivery][0] == "received"
    }
    first = next_id(db, "message")
    stored = _decoded_now(fresh, first)
    batches = [
        Batch(sources[delivery][1:], reading, range(len(reading.messages)))
        for delivery, reading in fresh.items()
    ]
    insert(db, batches, first)
    _note_decoded(db, list(stored.values()))
    add_to_counter(db, "messages", sum(len(one.message_ids) for one in stored.values()))
    return {
        delivery: stored.get(delivery) or _decoded_before(db, delivery) for delivery in readings
    }


def state_of(db: apsw.Connection, delivery: int) -> str:
    """Where a delivery is on its way. Raises LookupError if there is none of this id."""
    rows = fetch(db, "SELECT state FROM delivery WHERE id = ?", (delivery,))
    if not rows:
        raise LookupError(f"There is no delivery {delivery}.")
    return str(rows[0][0])


def add_to_counter(db: apsw.Connection, name: str, more: int) -> None:
    """Keep the count that nobody could make by counting a million rows."""
    db.execute("UPDATE counter SET value = value + ? WHERE name = ?", (more, name))


def next_id(db: apsw.Connection, table: str) -> int:
    """An id above all that were ever given in this table, those of deleted rows included."""
    [(highest,)] = fetch(
        db,
        f"SELECT max(coalesce((SELECT max(id) FROM {table}), 0), coalesce("  # noqa: S608 two names
        "(SELECT value FROM counter WHERE name = ?), 0))",
        (f"highest_{table}",),
    )
    return int(highest) + 1


def clean(text: str) -> str:
    """Half a character (a lone surrogate) cannot be written; it becomes a question mark."""
    return text.encode(errors="replace").decode()


def instant_of(message: Message) -> int | None:
    """When the platform received a message, as the archive writes times."""
    received = message.received_at
    return None if received is None else (received - _EPOCH) // _MILLISECOND


def _sources_of(
    db: apsw.Connection, deliveries: Iterable[int]
) -> dict[int, tuple[str, int, str, str | None, int]]:
    """Each delivery's state, and what its messages have from it: id, via, connection, arrival."""
    wanted = list(deliveries)
    rows = fetch(
        db,
        "SELECT state, id, via, connection, coalesce(ended_at, began_at) FROM delivery"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (encode(wanted).decode(),),
    )
    found = {row[1]: row for row in rows}
    if missing := [delivery for delivery in wanted if delivery not in found]:
        raise LookupError(f"There is no delivery {missing[0]}.")
    return found


def insert(db: apsw.Connection, batches: Sequence[Batch], first: int) -> None:
    """The messages as rows with ids from `first`, in their order."""
    ids = count(first)
    names = [
        (message.message_id, message.application_code)
        for batch in batches
        for message in map(batch.reading.messages.__getitem__, batch.positions)
    ]
    firsts = iter(firsts_of(db, names, first))
    db.executemany(
        INSERT,
        (
            (
                next(ids),
                *batch.source,
                position,
                (message := batch.reading.messages[position]).message_id,
                message.application_code,
                message.sender,
                message.keyword,
                message.text,
                instant_of(message),
                flags_of(message, salvaged=batch.reading.salvaged)
                | (_DUPLICATE if (of := next(firsts)) is not None else 0),
                of,
                *(batch.reading.spans[position] or (None, None)),
            )
            for batch in batches
            for position in batch.positions
        ),
    )
    elements = (
        element_of(batch.reading, position) for batch in batches for position in batch.positions
    )
    db.executemany("INSERT INTO element VALUES (?, ?)", enumerate(elements, start=first))


def element_of(reading: Reading, position: int) -> bytes:
    """A message's JSON as it came; where its place is not known, as it was understood."""
    if place := reading.spans[position]:
        start, size = place
        return reading.body[start : start + size]
    return encode(reading.messages[position].raw)


def firsts_of(
    db: apsw.Connection, names: Sequence[tuple[str, str]], first: int
) -> list[int | None]:
    """For messages of these names, with ids from `first`: the first of each name there is.

    None for the first itself, and for one without a message id.
    """
    distinct = dict.fromkeys(name for name in names if name[0])
    stored = db.executemany(
        "SELECT min(id) FROM message WHERE message_id = ? AND application_code = ?", distinct
    )
    known = {name: of for name, (of,) in zip(distinct, stored, strict=True)}
    firsts: list[int | None] = []
    for row, name in enumerate(names, start=first):
        firsts.append(of := known.get(name))
        if name[0] and of is None:
            known[name] = row
    return firsts


def _decoded_now(readings: Mapping[int, Reading], first: int) -> dict[int, DecodingResult]:
    """What becomes of these readings, whose messages have ids from `first`."""
    decoded = {}
    for delivery, reading in readings.items():
        ids = tuple(range(first, first + len(reading.messages)))
        first += len(ids)
        decoded[delivery] = DecodingResult(
            delivery, ids, reading.count, reading.pending, reading.salvaged, reading.problem
        )
    return decoded


def _note_decoded(db: apsw.Connection, deliveries: Sequence[DecodingResult]) -> None:
    db.executemany(
        "UPDATE delivery SET state = 'decoded', message_count = ?, announced = ?, pending = ?,"
        " salvaged = ?, decoding_problem = ? WHERE id = ?",
        (
            (
                len(one.message_ids),
                one.count,
                one.pending,
                one.salvaged,
                clean(one.problem),
                one.delivery,
            )
            for one in deliveries
        ),
    )


def _decoded_before(db: apsw.Connection, delivery: int) -> DecodingResult:
    [(count, pending, salvaged, problem)] = fetch(
        db,
        "SELECT announced, pending, salvaged, decoding_problem FROM delivery WHERE id = ?",
        (delivery,),
    )
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ? ORDER BY position", (delivery,))
    ids = tuple(int(row) for (row,) in rows)
    return DecodingResult(delivery, ids, count, pending, bool(salvaged), problem)
