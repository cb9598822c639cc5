"""Deleting deliveries: those of one connection, and those beyond a retention policy.

Whole deliveries are deleted, the oldest first, in small transactions between which others can
write. A delivery that is under way or not decoded yet is never deleted; a retention policy keeps
every newer one too, because it deletes all deliveries below one id. The size that a policy
limits is that of bodies and messages, not that of the file.
"""

import apsw

from ibconsole.archive.bodies import STORED_SIZE
from ibconsole.archive.connection import fetch
from ibconsole.archive.indexing import remove_from_index
from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.archive.storing import add_to_counter

BATCH_SIZE = 100  # deliveries in one transaction,
_BATCH_MESSAGES = 1_000  # or fewer, once more messages than this are deleted
_DAY_MS = 86_400_000
_DELETABLE = "state IN ('decoded', 'failed')"
_SIZE = (
    f"{STORED_SIZE} + coalesce((SELECT sum(length(element.body)) FROM message JOIN element"  # noqa: S608 written above
    " ON element.message = message.id WHERE message.delivery = delivery.id), 0)"
)
# The oldest delivery within a limit: `total` is the amount from each delivery to the newest.
_FIRST_BY_DAYS = "SELECT min(id) FROM delivery WHERE coalesce(ended_at, began_at) >= ?"
_FIRST_BY_COUNT = (
    "SELECT min(id) FROM (SELECT id, sum(message_count) OVER (ORDER BY id DESC) AS total"
    " FROM delivery) WHERE total <= ?"
)
_FIRST_BY_SIZE = (
    f"SELECT min(id) FROM (SELECT id, sum({_SIZE}) OVER (ORDER BY id DESC) AS total"  # noqa: S608 written above
    " FROM delivery) WHERE total <= ?"
)


def count_messages(db: apsw.Connection, connection: str) -> int:
    """Return the number of messages that came on this connection."""
    [(count,)] = fetch(db, "SELECT count(*) FROM message WHERE connection = ?", (connection,))
    return int(count)


def delete_batch(
    db: apsw.Connection, connection: str, *, size: int = BATCH_SIZE
) -> tuple[int, int]:
    """Delete the oldest deliveries of this connection inside a transaction, at most `size`.

    Returns the numbers of deliveries and messages deleted; (0, 0) when there are no more.
    Duplicates of a deleted message stay marked as such.
    """
    return _delete_batch(db, f"connection = ? AND {_DELETABLE}", connection, size)


def delete_batch_below(db: apsw.Connection, below: int) -> tuple[int, int]:
    """Delete the oldest deliveries with ids below `below`; see `delete_batch`."""
    return _delete_batch(db, f"id < ? AND {_DELETABLE}", below, BATCH_SIZE)


def preview_retention(db: apsw.Connection, policy: RetentionPolicy, now: int) -> RetentionPreview:
    """Return what this policy would delete; `now` is in milliseconds since the epoch."""
    below = _boundary(db, policy, now)
    [(deliveries, messages, size, oldest, newest)] = fetch(
        db,
        f"SELECT count(*), coalesce(sum(message_count), 0), coalesce(sum({_SIZE}), 0),"  # noqa: S608
        " min(coalesce(ended_at, began_at)), max(coalesce(ended_at, began_at))"
        " FROM delivery WHERE id < ?",
        (below,),
    )
    return RetentionPreview(below, deliveries, messages, size, oldest, newest)


def _delete_batch(
    db: apsw.Connection, condition: str, value: str | int, size: int
) -> tuple[int, int]:
    _record_highest_ids(db)
    rows = fetch(
        db,
        f"SELECT id, via FROM delivery WHERE {condition} ORDER BY id LIMIT ?",  # noqa: S608 written above
        (value, size),
    )
    deliveries = messages = 0
    for delivery, via in rows:
        messages += _delete(db, delivery)
        add_to_counter(db, via, -1)
        deliveries += 1
        if messages > _BATCH_MESSAGES:
            break
    add_to_counter(db, "messages", -messages)
    return deliveries, messages


def _delete(db: apsw.Connection, delivery: int) -> int:
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ?", (delivery,))
    remove_from_index(db, [message for (message,) in rows])
    db.executemany("DELETE FROM element WHERE message = ?", rows)
    db.execute("DELETE FROM message WHERE delivery = ?", (delivery,))
    messages = db.changes()
    for table in ("content", "chunk"):
        db.execute(f"DELETE FROM {table} WHERE delivery = ?", (delivery,))  # noqa: S608 two names
    db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
    return messages


def _record_highest_ids(db: apsw.Connection) -> None:
    """Record the highest ids for `next_id`, so that none is ever used twice.

    A reader that continues after an id would otherwise miss the rows with reused ids.
    """
    for table in ("message", "delivery"):
        db.execute(
            f"INSERT INTO counter VALUES (?, (SELECT max(id) FROM {table})) ON CONFLICT DO"  # noqa: S608 two names
            " UPDATE SET value = max(coalesce(value, 0), coalesce(excluded.value, 0))",
            (f"highest_{table}",),
        )


def _boundary(db: apsw.Connection, policy: RetentionPolicy, now: int) -> int:
    """Return the id below which the policy deletes every delivery."""
    [(end,)] = fetch(db, "SELECT coalesce(max(id), 0) + 1 FROM delivery")
    bounds = [0]
    for query, limit in (
        (_FIRST_BY_DAYS, None if policy.days is None else now - policy.days * _DAY_MS),
        (_FIRST_BY_COUNT, policy.count),
        (_FIRST_BY_SIZE, policy.size),
    ):
        if limit is not None:
            [(first,)] = fetch(db, query, (limit,))
            bounds.append(end if first is None else int(first))
    [(under_way,)] = fetch(db, "SELECT min(id) FROM delivery WHERE state IN ('asking', 'received')")
    bound = max(bounds)
    return bound if under_way is None else min(bound, under_way)
