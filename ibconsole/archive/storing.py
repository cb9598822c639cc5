"""From a reading to rows, inside a transaction of the writer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import Reading, flags_of
from ibconsole.archive.records import Decoded, Flags
from ibconsole.model import Message, Place, encode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Found:
    """A message on its way to its row."""

    message: Message
    place: Place | None
    flags: Flags
    source: tuple[int, str, str | None, int, int]


def store(db: apsw.Connection, readings: Mapping[int, Reading | None]) -> dict[int, Decoded]:
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
    found = [
        Found(
            message,
            place,
            flags_of(message, salvaged=reading.salvaged),
            (*sources[delivery][1:], position),
        )
        for delivery, reading in fresh.items()
        for position, (message, place) in enumerate(
            zip(reading.messages, reading.places, strict=True)
        )
    ]
    first = next_id(db, "message")
    insert(db, found, first)
    stored = _decoded_now(fresh, first)
    _note_decoded(db, list(stored.values()))
    add_to_counter(db, "messages", len(found))
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


def insert(db: apsw.Connection, found: Sequence[Found], first: int) -> None:
    """The messages as rows with ids from `first`, in their order."""
    firsts = _firsts(db, found, first)
    db.executemany(
        "INSERT INTO message (id, delivery, via, connection, arrived_at, position, message_id,"
        " application_code, sender, keyword, text, received_at, flags, duplicate_of, start, size)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                *one.source,
                one.message.message_id,
                one.message.application_code,
                one.message.sender,
                one.message.keyword,
                one.message.text,
                instant_of(one.message),
                int(one.flags if of is None else one.flags | Flags.DUPLICATE),
                of,
                *(one.place or (None, None)),
            )
            for row, (one, of) in enumerate(zip(found, firsts, strict=True), start=first)
        ),
    )
    db.executemany(
        "INSERT INTO element VALUES (?, ?)",
        ((row, encode(one.message.raw)) for row, one in enumerate(found, start=first)),
    )


def _firsts(db: apsw.Connection, found: Sequence[Found], first: int) -> list[int | None]:
    """The first message of each one's name in its application; one without a name has none."""
    names = [(one.message.message_id, one.message.application_code) for one in found]
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


def _decoded_now(readings: Mapping[int, Reading], first: int) -> dict[int, Decoded]:
    """What becomes of these readings, whose messages have ids from `first`."""
    decoded = {}
    for delivery, reading in readings.items():
        ids = tuple(range(first, first + len(reading.messages)))
        first += len(ids)
        decoded[delivery] = Decoded(
            delivery, ids, reading.count, reading.pending, reading.salvaged, reading.problem
        )
    return decoded


def _note_decoded(db: apsw.Connection, deliveries: Sequence[Decoded]) -> None:
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


def _decoded_before(db: apsw.Connection, delivery: int) -> Decoded:
    [(count, pending, salvaged, problem)] = fetch(
        db,
        "SELECT announced, pending, salvaged, decoding_problem FROM delivery WHERE id = ?",
        (delivery,),
    )
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ? ORDER BY position", (delivery,))
    ids = tuple(int(row) for (row,) in rows)
    return Decoded(delivery, ids, count, pending, bool(salvaged), problem)
