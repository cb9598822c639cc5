"""The times at which messages arrived, for the watch: latest ones, and those of a span of time.

An id is looked up by time through the index of arrival times. Ids grow with the time of arrival,
but for imported messages; of each span some rows at both ends are looked at.
"""

from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

_WAYS = ("pull", "forward")
_MOST_CODES = 2_000
_ENDS = 20  # rows at each end of a span
# Forwards among which refused ones are looked for.
_MOST_FORWARDS = 2_000
_CODES = """
    WITH RECURSIVE code(value) AS (
        SELECT min(application_code) FROM message INDEXED BY message_application
        UNION ALL
        SELECT (SELECT min(application_code) FROM message INDEXED BY message_application
            WHERE application_code > code.value)
        FROM code WHERE code.value IS NOT NULL
    )
    SELECT value,
        (SELECT max(id) FROM message INDEXED BY message_application WHERE application_code = value)
    FROM code WHERE value IS NOT NULL LIMIT ?
"""


class ArrivedMessage(msgspec.Struct, frozen=True):
    """The id of a message, the time of its arrival, and the connection that it belongs to."""

    id: int
    at: int
    connection: str | None


class AnsweredForward(msgspec.Struct, frozen=True):
    """A forwarded request and its answer; `connection` is None for a path of no connection."""

    at: int
    status: int
    connection: str | None
    method: str


def newest_of_applications(db: apsw.Connection) -> Sequence[tuple[str, int]]:
    """Return the codes of all applications that sent messages, with the newest message of each.

    At most 2,000; messages without a code are left out. Each code takes one step in the index.
    """
    rows: list[tuple[Any, ...]] = db.execute(_CODES, (_MOST_CODES,)).fetchall()
    return [(code, newest) for code, newest in rows if code]


def arrived_messages(
    db: apsw.Connection, code: str, after: int, limit: int
) -> Sequence[ArrivedMessage]:
    """Return the latest messages of an application with ids above `after`, the newest first."""
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT id, arrived_at, connection FROM message INDEXED BY message_application"
        " WHERE application_code = ? AND id > ? ORDER BY id DESC LIMIT ?",
        (code, after, limit),
    ).fetchall()
    return [ArrivedMessage(*row) for row in rows]


def first_arrival(db: apsw.Connection, code: str) -> int | None:
    """Return the time at which the first stored message of an application arrived."""
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT arrived_at FROM message WHERE id = (SELECT min(id) FROM message"
        " INDEXED BY message_application WHERE application_code = ?)",
        (code,),
    ).fetchall()
    return rows[0][0] if rows else None


def filled_deliveries(db: apsw.Connection, connection: str, limit: int) -> Sequence[int]:
    """Return the times of the latest deliveries of a connection with messages, in any order.

    At most `limit` of the pulls, and as many of the forwards.
    """
    found: list[int] = []
    for via in _WAYS:
        rows: list[tuple[Any, ...]] = db.execute(
            "SELECT coalesce(ended_at, began_at) FROM delivery INDEXED BY delivery_filled"
            " WHERE via = ? AND connection = ? AND message_count > 0 ORDER BY id DESC LIMIT ?",
            (via, connection, limit),
        ).fetchall()
        found += [at for at, *_ in rows]
    return found


def first_filled(db: apsw.Connection, connection: str) -> int | None:
    """Return the time of the first stored delivery of a connection with messages."""
    found = []
    for via in _WAYS:
        rows: list[tuple[Any, ...]] = db.execute(
            "SELECT coalesce(ended_at, began_at) FROM delivery INDEXED BY delivery_filled"
            " WHERE via = ? AND connection = ? AND message_count > 0 ORDER BY id LIMIT 1",
            (via, connection),
        ).fetchall()
        found += [at for at, *_ in rows]
    return min(found, default=None)


def arrivals_between(
    db: apsw.Connection, code: str, span: tuple[int, int], limit: int
) -> Sequence[int]:
    """Return times from `span[0]` until before `span[1]` at which an application's messages came.

    At most `limit`, in any order.
    """
    ids = _ids_between(db, span)
    if ids is None:
        return []
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT arrived_at FROM message INDEXED BY message_application"
        " WHERE application_code = ? AND id BETWEEN ? AND ? LIMIT ?",
        (code, ids[0], ids[1], limit),
    ).fetchall()
    return [at for at, *_ in rows if span[0] <= at < span[1]]


def deliveries_between(
    db: apsw.Connection, connection: str, span: tuple[int, int], limit: int
) -> Sequence[int]:
    """Return times of the span at which messages of a connection came, as `arrivals_between`."""
    ids = _ids_between(db, span)
    found: list[int] = []
    for via in _WAYS if ids else ():
        rows: list[tuple[Any, ...]] = db.execute(
            "SELECT coalesce(ended_at, began_at) FROM delivery INDEXED BY delivery_filled"
            " WHERE via = ? AND connection = ? AND message_count > 0 AND id BETWEEN ? AND ?"
            " LIMIT ?",
            (via, connection, *(ids or ())[2:], limit),
        ).fetchall()
        found += [at for at, *_ in rows]
    return [at for at in found if span[0] <= at < span[1]]


def answered_forwards(db: apsw.Connection) -> Sequence[AnsweredForward]:
    """Return the latest 2,000 forwarded requests that have an answer, the newest first."""
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT began_at, status, connection, method FROM delivery INDEXED BY delivery_via"
        " WHERE via = 'forward' ORDER BY id DESC LIMIT ?",
        (_MOST_FORWARDS,),
    ).fetchall()
    return [AnsweredForward(*row) for row in rows if row[1] is not None]


def _ids_between(db: apsw.Connection, span: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the range of message ids and that of delivery ids in a span of time."""
    rows: list[tuple[Any, ...]] = []
    for order in ("ASC", "DESC"):
        rows += db.execute(
            "SELECT id, delivery FROM message INDEXED BY message_arrived"  # noqa: S608 a constant
            f" WHERE arrived_at >= ? AND arrived_at < ? ORDER BY arrived_at {order} LIMIT ?",
            (*span, _ENDS),
        ).fetchall()
    if not rows:
        return None
    messages, deliveries = zip(*rows, strict=True)
    return min(messages), max(messages), min(deliveries), max(deliveries)
