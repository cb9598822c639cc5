"""Storing forwarded requests: many in one transaction, in the order of their arrival.

The sender of each request waits for the commit. With ids assigned in advance, and many rows in a
statement, a group takes few statements: after each one apsw waits for the interpreter's lock,
which the event loop's thread holds most of the time under load.
"""

import functools
from collections.abc import Sequence
from hashlib import sha256
from itertools import chain

import apsw
import msgspec

from ibconsole.archive.answers import add_planned, delete_given
from ibconsole.archive.bodies import start_of
from ibconsole.archive.connection import fetch
from ibconsole.archive.records import DeliveryState, Via
from ibconsole.archive.storing import add_to_counter, headers_text, next_id, replace_surrogates
from ibconsole.model import Arrival, encode

UNMATCHED_KEPT = 500  # requests on unknown paths that are kept; older ones are deleted
_UNMATCHED_FACT = "strangers"  # as archives of 0.1.0 have it
_INSERT_DELIVERY = (
    "INSERT INTO delivery (id, state, connection, began_at, ended_at, method, target, peer,"
    " status, headers, sha256, complete, problem, body_start, owner, via) VALUES"
)
_INSERT_CONTENT = "INSERT INTO content VALUES"
# Rows in one statement. A power of two: a group of any size takes few different statements, which
# all stay prepared.
_MOST_ROWS = 64
# hashlib releases the interpreter's lock for more bytes than this, and waits for it afterwards.
_HASHED_AT_ONCE = 2047
_SMALL_BODY = 32 * 1024


def add_forwards(
    db: apsw.Connection, owner: str, arrivals: Sequence[Arrival], *, unmatched_kept: int
) -> list[int]:
    """Insert forwarded requests inside a transaction, and return their ids in order.

    Unmatched requests are marked as decoded, because they never are; only the latest
    `unmatched_kept` of the whole archive stay.
    """
    add_to_counter(db, Via.FORWARD, len(arrivals))
    first = next_id(db, "delivery")
    numbered = list(enumerate(arrivals, start=first))
    _insert(
        db,
        _INSERT_DELIVERY,
        [(delivery, *_columns(arrival), owner, Via.FORWARD) for delivery, arrival in numbered],
    )
    _insert(
        db,
        _INSERT_CONTENT,
        [
            (delivery, each.raw, each.body if start_of(each.body, each.raw) is None else b"")
            for delivery, each in numbered
        ],
    )
    if planned := [(delivery, each.answer) for delivery, each in numbered if each.answer]:
        add_planned(db, planned)
    if unmatched := [delivery for delivery, arrival in numbered if arrival.unmatched]:
        _limit_unmatched(db, unmatched, unmatched_kept)
    return [delivery for delivery, _ in numbered]


def _insert(db: apsw.Connection, insert: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert the rows with as few statements as possible."""
    start, count = 0, _MOST_ROWS
    while start < len(rows):
        while count > len(rows) - start:
            count //= 2
        db.execute(
            _statement(insert, len(rows[start]), count),
            tuple(chain.from_iterable(rows[start : start + count])),
        )
        start += count


@functools.cache
def _statement(insert: str, columns: int, count: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"{insert} {', '.join([row] * count)}"


def _limit_unmatched(db: apsw.Connection, new: Sequence[int], kept: int) -> None:
    """Record new unmatched requests, and delete the oldest beyond the number to be kept."""
    rows = fetch(db, "SELECT value FROM fact WHERE name = ?", (_UNMATCHED_FACT,))
    recorded = msgspec.json.decode(rows[0][0], type=list[int]) if rows else []
    recorded += new
    for delivery in recorded[:-kept]:
        # The highest id of the table is never among these, so `next_id` repeats none.
        db.execute("DELETE FROM content WHERE delivery = ?", (delivery,))
        delete_given(db, delivery)
        db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
        add_to_counter(db, Via.FORWARD, -db.changes())
    db.execute(
        "INSERT INTO fact VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        (_UNMATCHED_FACT, encode(recorded[-kept:]).decode()),
    )


def _columns(arrival: Arrival) -> tuple[str | int | None, ...]:
    return (
        DeliveryState.DECODED if arrival.unmatched else DeliveryState.RECEIVED,
        arrival.connection,
        arrival.arrived_at,
        arrival.arrived_at,
        replace_surrogates(arrival.method),
        replace_surrogates(arrival.target),
        replace_surrogates(arrival.peer),
        arrival.status,
        headers_text(arrival.headers),
        _sha256(arrival.body),
        arrival.method != "",  # without a method it is not an HTTP request
        replace_surrogates(arrival.problem),
        start_of(arrival.body, arrival.raw),
    )


def _sha256(body: bytes) -> str:
    if len(body) > _SMALL_BODY:
        return sha256(body).hexdigest()
    digest = sha256()
    for start in range(0, len(body), _HASHED_AT_ONCE):
        digest.update(body[start : start + _HASHED_AT_ONCE])
    return digest.hexdigest()
