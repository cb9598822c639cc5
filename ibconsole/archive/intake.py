"""Forwarded requests on their way into the archive: many in one transaction, row behind row.

Set-wise, because the sender of each one waits: with the ids given out beforehand a group takes
two statements, and not three for every request.
"""

from collections.abc import Sequence
from hashlib import sha256

import apsw
import msgspec

from ibconsole.archive.connection import fetch
from ibconsole.archive.storing import add_to_counter, clean, next_id
from ibconsole.model import Arrival, encode

STRANGERS = 500
_FACT = "strangers"


def keep_latest(db: apsw.Connection, new: Sequence[int]) -> None:
    """Note these as strangers' deliveries, and delete the oldest beyond the number kept.

    To be called in the transaction that adds them.
    """
    if not new:
        return
    rows = fetch(db, "SELECT value FROM fact WHERE name = ?", (_FACT,))
    known = msgspec.json.decode(rows[0][0], type=list[int]) if rows else []
    listed = [*known, *new]
    for delivery in listed[:-STRANGERS]:
        # The highest id of all is never among them, so none is given twice.
        db.execute("DELETE FROM content WHERE delivery = ?", (delivery,))
        db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
        add_to_counter(db, "forward", -db.changes())
    db.execute(
        "INSERT INTO fact VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        (_FACT, encode(listed[-STRANGERS:]).decode()),
    )


def take_in(db: apsw.Connection, owner: str, arrivals: Sequence[Arrival]) -> list[int]:
    """Add forwarded requests inside a transaction; their ids, in order.

    Those of strangers are not to be decoded, and their oldest make room; see `strangers`.
    """
    add_to_counter(db, "forward", len(arrivals))
    first = next_id(db, "delivery")
    ids = list(range(first, first + len(arrivals)))
    db.executemany(
        "INSERT INTO delivery (id, state, connection, began_at, ended_at, method, target, peer,"
        " status, headers, sha256, complete, problem, via, owner)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'forward', ?)",
        [(one, *_row(arrival), owner) for one, arrival in zip(ids, arrivals, strict=True)],
    )
    db.executemany(
        "INSERT INTO content VALUES (?, ?, ?)",
        [(one, arrival.raw, arrival.body) for one, arrival in zip(ids, arrivals, strict=True)],
    )
    keep_latest(db, [one for one, arrival in zip(ids, arrivals, strict=True) if arrival.unmatched])
    return ids


def headers_text(headers: Sequence[tuple[str, str]]) -> str:
    """Headers as the archive keeps them."""
    return encode([(clean(name), clean(value)) for name, value in headers]).decode()


def _row(arrival: Arrival) -> tuple[str | int | None, ...]:
    return (
        "decoded" if arrival.unmatched else "received",
        arrival.connection,
        arrival.arrived_at,
        arrival.arrived_at,
        clean(arrival.method),
        clean(arrival.target),
        clean(arrival.peer),
        arrival.status,
        headers_text(arrival.headers),
        sha256(arrival.body).hexdigest(),
        arrival.method != "",  # without one, it was not understood as a request
        clean(arrival.problem),
    )
