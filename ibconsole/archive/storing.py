"""From a reading to rows, inside a transaction of the writer."""

from datetime import UTC, datetime, timedelta

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import Reading, flags_of
from ibconsole.archive.records import Decoded, Flags
from ibconsole.model import Message, encode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def store(db: apsw.Connection, delivery: int, reading: Reading | None) -> Decoded:
    """Store what was read of a delivery, unless it is decoded already; what is stored of it.

    To be called inside a transaction that holds the write lock: another process may have
    decoded it since it was read. Raises LookupError if there is no such delivery.
    """
    if state_of(db, delivery) != "received" or reading is None:
        return _decoded_before(db, delivery)
    [source] = fetch(
        db,
        "SELECT id, via, connection, coalesce(ended_at, began_at) FROM delivery WHERE id = ?",
        (delivery,),
    )
    ids = []
    for position, message in enumerate(reading.messages):
        flags = flags_of(message, salvaged=reading.salvaged)
        ids.append(_insert(db, message, flags, (*source, position)))
    values = (reading.count, reading.pending, reading.salvaged, clean(reading.problem), delivery)
    db.execute(
        "UPDATE delivery SET state = 'decoded', message_count = ?, announced = ?, pending = ?,"
        " salvaged = ?, decoding_problem = ? WHERE id = ?",
        (len(ids), *values),
    )
    add_to_counter(db, "messages", len(ids))
    return Decoded(
        delivery, tuple(ids), reading.count, reading.pending, reading.salvaged, reading.problem
    )


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


def _insert(
    db: apsw.Connection,
    message: Message,
    flags: Flags,
    source: tuple[int, str, str | None, int, int],
) -> int:
    first = _first_of(db, message)
    db.execute(
        "INSERT INTO message (id, delivery, via, connection, arrived_at, position, message_id,"
        " application_code, sender, keyword, text, received_at, flags, duplicate_of)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            next_id(db, "message"),
            *source,
            message.message_id,
            message.application_code,
            message.sender,
            message.keyword,
            message.text,
            message.received_at and (message.received_at - _EPOCH) // _MILLISECOND,
            int(flags if first is None else flags | Flags.DUPLICATE),
            first,
        ),
    )
    row = db.last_insert_rowid()
    db.execute("INSERT INTO element VALUES (?, ?)", (row, encode(message.raw)))
    return row


def _first_of(db: apsw.Connection, message: Message) -> int | None:
    """The first message of that name in its application; one without a name has none."""
    if not message.message_id:
        return None
    [(first,)] = fetch(
        db,
        "SELECT min(id) FROM message WHERE message_id = ? AND application_code = ?",
        (message.message_id, message.application_code),
    )
    return None if first is None else int(first)


def _decoded_before(db: apsw.Connection, delivery: int) -> Decoded:
    [(count, pending, salvaged, problem)] = fetch(
        db,
        "SELECT announced, pending, salvaged, decoding_problem FROM delivery WHERE id = ?",
        (delivery,),
    )
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ? ORDER BY position", (delivery,))
    ids = tuple(int(row) for (row,) in rows)
    return Decoded(delivery, ids, count, pending, bool(salvaged), problem)
