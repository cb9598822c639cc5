"""Deleting the oldest of what was received, as far as its user has said that he wants that.

Whole deliveries, the oldest first: all below one id. What is under way, or not decoded yet, and
everything behind it, stays. Size is that of what was received, bodies and messages, not that of
the file.
"""

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.indexing import forget_words
from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.archive.storing import add_to_counter

_TOGETHER = 100  # deliveries in one transaction: others want to write meanwhile;
_MESSAGES = 1_000  # fewer, once they have had so many messages


def count_messages(db: apsw.Connection, connection: str) -> int:
    """How many messages came on this connection."""
    [(count,)] = fetch(db, "SELECT count(*) FROM message WHERE connection = ?", (connection,))
    return int(count)


def delete_batch(db: apsw.Connection, connection: str) -> tuple[int, int]:
    """Delete the oldest deliveries of this connection; how many, and how many messages of them.

    To be called within a transaction, until there is nothing more. What is still under way
    stays. The duplicates of a deleted message stay marked as such.
    """
    return _forget_some(db, "connection = ? AND state IN ('decoded', 'failed')", connection)


def delete_batch_below(db: apsw.Connection, below: int) -> tuple[int, int]:
    """Delete the oldest deliveries below this id; see `delete_batch`."""
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


_DAY = 86_400_000
# The oldest that stays: deliveries in order, with how much there is from each to the newest.
_BY_COUNT = (
    "SELECT min(id) FROM (SELECT id, sum(message_count) OVER (ORDER BY id DESC) AS total"
    " FROM delivery) WHERE total <= ?"
)
_SIZE = (
    "coalesce((SELECT length(body) + coalesce(length(raw), 0) FROM content WHERE delivery = id), 0)"
    " + coalesce((SELECT sum(length(element.body)) FROM message JOIN element"
    " ON element.message = message.id WHERE message.delivery = delivery.id), 0)"
)
_BY_SIZE = (
    f"SELECT min(id) FROM (SELECT id, sum({_SIZE}) OVER (ORDER BY id DESC) AS total"  # noqa: S608 written above
    " FROM delivery) WHERE total <= ?"
)


def boundary(db: apsw.Connection, keep: RetentionPolicy, now: int) -> int:
    """The id below which everything is to go; `now` in milliseconds since the epoch."""
    [(beyond,)] = fetch(db, "SELECT coalesce(max(id), 0) + 1 FROM delivery")
    bounds = [0]
    if keep.days is not None:
        query = "SELECT min(id) FROM delivery WHERE coalesce(ended_at, began_at) >= ?"
        bounds.append(_first(db, query, now - keep.days * _DAY, beyond))
    if keep.count is not None:
        bounds.append(_first(db, _BY_COUNT, keep.count, beyond))
    if keep.size is not None:
        bounds.append(_first(db, _BY_SIZE, keep.size, beyond))
    [(under_way,)] = fetch(db, "SELECT min(id) FROM delivery WHERE state IN ('asking', 'received')")
    bound = max(bounds)
    return bound if under_way is None else min(bound, under_way)


def preview_retention(db: apsw.Connection, keep: RetentionPolicy, now: int) -> RetentionPreview:
    """What would go now; deletes nothing."""
    below = boundary(db, keep, now)
    [(deliveries, messages, size, oldest, newest)] = fetch(
        db,
        f"SELECT count(*), coalesce(sum(message_count), 0), coalesce(sum({_SIZE}), 0),"  # noqa: S608
        " min(coalesce(ended_at, began_at)), max(coalesce(ended_at, began_at))"
        " FROM delivery WHERE id < ?",
        (below,),
    )
    return RetentionPreview(below, deliveries, messages, size, oldest, newest)


def _first(db: apsw.Connection, query: str, value: int, beyond: int) -> int:
    [(found,)] = fetch(db, query, (value,))
    return beyond if found is None else int(found)
