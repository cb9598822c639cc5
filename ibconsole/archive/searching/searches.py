"""The shortest way to the matches of a filter: through an index, or message by message.

A search reads the indexed messages through the full-text index and the newer ones one by one,
see `indexing`; both parts apply the same conditions. Each is to be called inside a snapshot.
"""

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw
from msgspec.structs import replace

from ibconsole.archive import Filter, JobCancelled, Listing, Order, Place
from ibconsole.archive.conditions import reads_json
from ibconsole.archive.searching.condition_sql import Value, index_query
from ibconsole.archive.searching.indexing import IndexMatch, last_indexed, look_up
from ibconsole.archive.searching.query import FEW, NEWEST, PART, Query

# Testing the JSON of a message takes 20 us in the order of arrival, and up to 300 us if an index
# has proposed it alone: then the body of its pull is opened for it.
_JSON_PART = 1 << 10
# Of a search by a condition; each part that follows has four times as many.
_FIRST_PART = 1 << 8
_BUDGET = 0.12  # seconds after which such a search returns what it found, and where to go on
_CHECK_STEPS = 20_000  # instructions of SQLite's virtual machine between two cancellation checks
_JSON_STEPS = 500  # of some ten messages whose JSON is tested
# Short texts that begin many terms, with proposals for more than a fifth of the messages, are
# searched without the index: comparing all takes no longer.
_RARE_PART = 5
# Up to this number, terms are joined in one query, which reads their lists side by side: 40 ms
# for 400,000 messages.
_JOINED_TERMS = 48


def search(
    db: apsw.Connection,
    criteria: Filter,
    *,
    order: Order = Order.ARRIVAL,
    after: int = 0,
    limit: int | None = None,
    few: int = FEW,
) -> Listing:
    """Return the messages with ids above `after` that match; see `Reader.search`.

    Up to about `few` messages are read without looking for a shorter way. With a condition and a
    limit, what takes long is given as `rest`.
    """
    query = Query(db, criteria, order, after, limit)
    query.few = few
    if _is_hopeless(db, criteria):
        return Listing(array("q"))
    if criteria.condition is not None and limit is not None and not after:
        return _search_latest(db, criteria, order, limit)
    if query.has_short_period():
        return query.list_table("message INDEXED BY message_arrived")
    if query.has_few_flagged(few):
        return query.list_table("message INDEXED BY message_flagged")
    query.end_with_period()
    indexed = last_indexed(db)
    if after >= indexed or not _is_indexed(criteria):
        return query.list_all() or query.list_table()
    most, joined = max(few, indexed // _RARE_PART), _JOINED_TERMS
    if limit is not None:  # of a frequent text, the newest are found at once
        most, joined = few, 0
    match = _look_up(db, criteria, most, joined)
    return query.list_indexed(match, indexed) if match else query.list_table()


def search_older(
    db: apsw.Connection,
    criteria: Filter,
    before: Place,
    *,
    order: Order,
    newest: int,
    part: int = 0,
) -> Listing:
    """Return the next matches before a place, up to the id `newest`; see `Reader.search_older`.

    Up to `part` messages are compared, or else as many as take a tenth of a second.
    """
    part = part or (_JSON_PART if reads_json(criteria.condition) else PART)
    query = Query(db, criteria, order, 0, None)
    query.few = min(query.few, part)
    if found := query.list_all():
        del found.ids[bisect_left(found.ids, before.id) :]
        return Listing(found.ids, newest=before.id - 1)
    query.end_before(before, newest, part)
    if query.has_short_period():
        return query.list_table("message INDEXED BY message_arrived")
    if query.has_few_flagged(part):
        return query.list_table("message INDEXED BY message_flagged")
    if query.has_few_of_application():
        return query.list_table()
    indexed = last_indexed(db)
    match = None
    if not before.scanned:
        match = _look_up(db, criteria, part, _JOINED_TERMS)
    if match and query.has_few_proposals(match):
        return query.list_indexed(match, indexed)
    return query.list_part(before, match, indexed)


def search_newer(
    db: apsw.Connection, criteria: Filter, after: int, limit: int, *, few: int = FEW
) -> "array[int] | None":
    """Return the ids above `after` of the oldest messages that match, at most `limit` of them.

    None if no index narrows the search down: then all messages are to be compared.
    """
    query = Query(db, criteria, Order.ARRIVAL, after, limit)
    query.few = few
    query.is_oldest = True
    if _is_hopeless(db, criteria):
        return array("q")
    if query.has_short_period():
        return query.list_table("message INDEXED BY message_arrived").ids
    if query.has_few_flagged(few):
        return query.list_table("message INDEXED BY message_flagged").ids
    indexed = last_indexed(db)
    match = None
    if after < indexed and _is_indexed(criteria):
        match = _look_up(db, criteria, few, _JOINED_TERMS)
    return query.list_indexed(match, indexed).ids if match else None


def _search_latest(db: apsw.Connection, criteria: Filter, order: Order, limit: int) -> Listing:
    """Return the last `limit` matches, or those that were found in time; `rest` says if not all."""
    query = Query(db, criteria, order, 0, limit)
    if query.has_few_identified():
        listed = query.list_table("message INDEXED BY message_identity")
        return replace(listed, rest=listed.place if limit and len(listed.ids) == limit else None)
    deadline = time.monotonic() + _BUDGET
    most = _JSON_PART if reads_json(criteria.condition) else PART
    part = _FIRST_PART
    found = Listing(array("q"))
    place: Place | None = NEWEST
    while place and len(found.ids) < limit and time.monotonic() < deadline:
        older = search_older(db, criteria, place, order=order, newest=NEWEST.id, part=part)
        found = Listing(older.ids + found.ids, older.keys + found.keys)
        place, part = older.rest, min(4 * part, most)
    if len(found.ids) > limit:
        scanned = bool(place and place.scanned)
        found = Listing(found.ids[-limit:], found.keys[-limit:])
        place = replace(found.place, scanned=scanned)
    return replace(found, newest=max(found.ids, default=0), rest=place)


def _is_indexed(criteria: Filter) -> bool:
    """Return whether the index of texts may narrow down what matches."""
    texts = (criteria.text, criteria.sender, criteria.keyword)
    return any(texts) or bool(index_query(criteria.condition))


def _look_up(db: apsw.Connection, criteria: Filter, most: int, joined: int) -> IndexMatch | None:
    return look_up(
        db,
        criteria.text,
        (criteria.sender, criteria.keyword),
        also=index_query(criteria.condition),
        most=most,
        joined=joined,
    )


@contextmanager
def cancellable(
    db: apsw.Connection, cancelled: Callable[[], bool], criteria: Filter | None = None
) -> Iterator[None]:
    """Interrupt the block's queries on this connection once `cancelled` returns True.

    `criteria` is the filter that they search by. Raises JobCancelled then.
    """
    tests_json = criteria is not None and reads_json(criteria.condition)

    def check() -> bool:
        if cancelled():
            raise JobCancelled("The search was given up for another one.")
        return False

    db.set_progress_handler(check, _JSON_STEPS if tests_json else _CHECK_STEPS)
    try:
        yield
    finally:
        db.set_progress_handler(None)


def _is_hopeless(db: apsw.Connection, criteria: Filter) -> bool:
    """Return whether a condition alone matches no message, as indexes and deliveries show.

    A message has way and connection of its delivery, and there are fewer deliveries.
    """
    parts = [
        f" AND {column} = :{column}"
        for column, value in (("via", criteria.via), ("connection", criteria.connection))
        if value is not None
    ]
    values: dict[str, Value] = {
        "via": criteria.via,
        "connection": criteria.connection,
        "flags": int(criteria.flags),
    }
    sources = []
    if parts:
        vias = " AND via IN ('pull', 'forward')"  # by which the index is sorted
        sources.append(
            f"delivery INDEXED BY delivery_filled WHERE message_count > 0{vias}{''.join(parts)}"
        )
    if criteria.flags:
        sources.append("message INDEXED BY message_flagged WHERE flags <> 0 AND flags & :flags")
    return any(
        not db.execute(f"SELECT 1 FROM {source} LIMIT 1", values).fetchall()  # noqa: S608 written above
        for source in sources
    )
