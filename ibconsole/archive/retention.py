"""Deleting the oldest of what was received, as far as its user has said that he wants that.

Whole deliveries, the oldest first: all below one id. What is under way, or not decoded yet, and
everything behind it, stays. Size is that of what was received, bodies and messages, not that of
the file.
"""

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.records import Keep, Leaving

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


def boundary(db: apsw.Connection, keep: Keep, now: int) -> int:
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


def leaving(db: apsw.Connection, keep: Keep, now: int) -> Leaving:
    """What would go now; deletes nothing."""
    below = boundary(db, keep, now)
    [(deliveries, messages, size, oldest, newest)] = fetch(
        db,
        f"SELECT count(*), coalesce(sum(message_count), 0), coalesce(sum({_SIZE}), 0),"  # noqa: S608
        " min(coalesce(ended_at, began_at)), max(coalesce(ended_at, began_at))"
        " FROM delivery WHERE id < ?",
        (below,),
    )
    return Leaving(below, deliveries, messages, size, oldest, newest)


def _first(db: apsw.Connection, query: str, value: int, beyond: int) -> int:
    [(found,)] = fetch(db, query, (value,))
    return beyond if found is None else int(found)
