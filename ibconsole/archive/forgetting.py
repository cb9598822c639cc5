"""Deleting for good what was received, because its user said so: of a connection, or of old."""

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.indexing import forget_words
from ibconsole.archive.storing import add_to_counter

_TOGETHER = 100  # deliveries in one transaction: others want to write meanwhile;
_MESSAGES = 1_000  # fewer, once they have had so many messages


def count_of(db: apsw.Connection, connection: str) -> int:
    """How many messages came on this connection."""
    [(count,)] = fetch(db, "SELECT count(*) FROM message WHERE connection = ?", (connection,))
    return int(count)


def forget_some(db: apsw.Connection, connection: str) -> tuple[int, int]:
    """Delete the oldest deliveries of this connection; how many, and how many messages of them.

    To be called within a transaction, until there is nothing more. What is still under way
    stays. The duplicates of a deleted message stay marked as such.
    """
    return _forget_some(db, "connection = ? AND state IN ('decoded', 'failed')", connection)


def forget_below(db: apsw.Connection, below: int) -> tuple[int, int]:
    """Delete the oldest deliveries below this id; see `forget_some`."""
    return _forget_some(db, "id < ? AND state IN ('decoded', 'failed')", below)


def _forget_some(db: apsw.Connection, where: str, value: str | int) -> tuple[int, int]:
    keep_ids_rising(db)
    rows = fetch(
        db,
        f"SELECT id, via FROM delivery WHERE {where} ORDER BY id LIMIT ?",  # noqa: S608 written above
        (value, _TOGETHER),
    )
    messages = gone = 0
    for delivery, via in rows:
        messages += _forget(db, delivery)
        add_to_counter(db, via, -1)
        gone += 1
        if messages > _MESSAGES:
            break
    add_to_counter(db, "messages", -messages)
    return gone, messages


def _forget(db: apsw.Connection, delivery: int) -> int:
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ?", (delivery,))
    forget_words(db, [message for (message,) in rows])
    db.executemany("DELETE FROM element WHERE message = ?", rows)
    db.execute("DELETE FROM message WHERE delivery = ?", (delivery,))
    messages = db.changes()
    for table in ("content", "chunk"):
        db.execute(f"DELETE FROM {table} WHERE delivery = ?", (delivery,))  # noqa: S608 two names
    db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
    return messages


def keep_ids_rising(db: apsw.Connection) -> None:
    """Note the highest ids: none is ever given twice, or who reads on behind one misses some."""
    for table in ("message", "delivery"):
        db.execute(
            f"INSERT INTO counter VALUES (?, (SELECT max(id) FROM {table})) ON CONFLICT DO"  # noqa: S608 two names
            " UPDATE SET value = max(coalesce(value, 0), coalesce(excluded.value, 0))",
            (f"highest_{table}",),
        )
