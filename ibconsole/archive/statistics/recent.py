"""The latest messages of an application, forwards, pulls on a connection, and tests of URLs."""

from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

# Messages of forwards that are compared to find repetitions.
_MOST_MESSAGES = 20_000
# Pulls of any connection among which those of one are looked for.
_MOST_PULLS = 5_000


# A column next to max() is that of the row with the maximum.
_OBSERVATIONS = """
WITH latest AS MATERIALIZED (
    SELECT id, via, message_id, received_at, arrived_at, duplicate_of
    FROM message ORDER BY id DESC LIMIT :limit
), pulled AS (
    SELECT arrived_at - received_at AS waited, arrived_at FROM latest
    WHERE via = 'pull' AND received_at IS NOT NULL
), twins AS (
    SELECT later.arrived_at FROM latest AS later JOIN message AS first
    ON first.id = later.duplicate_of WHERE first.via <> later.via AND later.message_id <> ''
), pulls AS MATERIALIZED (
    SELECT message_count, coalesce(ended_at, began_at) AS at FROM delivery WHERE id IN (
        SELECT id FROM delivery INDEXED BY delivery_via WHERE via = 'pull'
        ORDER BY id DESC LIMIT :limit
    ) AND message_count > 0
), largest AS (SELECT count(*) AS n, max(message_count) AS size, at FROM pulls)
SELECT twin.*, waiting.*, largest.n, coalesce(largest.size, 0), largest.at
FROM (SELECT count(*), max(arrived_at) FROM twins) AS twin,
    (SELECT count(*), max(waited), arrived_at FROM pulled) AS waiting, largest
"""


class RecentMessage(msgspec.Struct, frozen=True):
    """The facts about an arrival, without the message's texts; times are as in MessageRow.

    It is `provoked` if it repeats one that an answer rule refused, or answered late or not at all.
    """

    id: int
    via: str
    connection: str | None
    received_at: int | None
    arrived_at: int
    flags: int
    duplicate_of: int | None
    provoked: bool = False


class RecentPull(msgspec.Struct, frozen=True):
    """The outcome of a pull; see `Delivery`. `at` is the time at which it ended, or began."""

    at: int
    status: int | None
    messages: int
    announced: int | None
    pending: int | None
    complete: bool
    interrupted: bool
    salvaged: bool
    problem: str


# An earlier copy of a message that a rule answered so that the platform repeats it.
_PROVOKING = (
    "SELECT 1 FROM message AS earlier INDEXED BY message_identity JOIN delivery_answer AS answer"
    " ON answer.delivery = earlier.delivery WHERE earlier.message_id = message.message_id"
    " AND earlier.application_code = message.application_code AND earlier.id < message.id"
    " AND (answer.status IS NOT 200 OR answer.ending <> 'normal' OR answer.delay >= 1)"
)


class ForwardedMessage(msgspec.Struct, frozen=True):
    """A message in a forward: which one, when it arrived, and in which delivery.

    `waited` are the milliseconds for which an answer rule kept its sender waiting.
    """

    message_id: str
    application_code: str
    delivery: int
    arrived_at: int
    waited: int = 0


class SentPayload(msgspec.Struct, frozen=True):
    """The time at which a test posted a payload, and the size of it."""

    at: int
    size: int


class PlatformObservations(msgspec.Struct, frozen=True):
    """The latest messages and pulls, looked at for what the platform does not document.

    Times are in milliseconds since the epoch, None for what was not seen. `both_ways` messages
    were both pulled and forwarded. Of the `pulled` messages with a time, one came `longest_wait`
    milliseconds after it. `largest_pull` is the number of messages in the largest of the `pulls`.
    """

    both_ways: int = 0
    both_ways_at: int | None = None
    pulled: int = 0
    longest_wait: int | None = None
    longest_wait_at: int | None = None
    pulls: int = 0
    largest_pull: int = 0
    largest_pull_at: int | None = None


def recent_forwards(db: apsw.Connection, limit: int) -> Sequence[int]:
    """Return the ids of the latest forwards with messages, at most `limit`, the newest first.

    They are looked for among twice as many forwards.
    """
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT id FROM delivery WHERE id IN (SELECT id FROM delivery INDEXED BY delivery_via"
        " WHERE via = 'forward' ORDER BY id DESC LIMIT ?) AND message_count > 0"
        " ORDER BY id DESC LIMIT ?",
        (2 * limit, limit),
    ).fetchall()
    return [number for number, *_ in rows]


def forwarded_messages(
    db: apsw.Connection, deliveries: Sequence[int]
) -> Sequence[ForwardedMessage]:
    """Return the messages of these deliveries that have a message id, at most 20,000, in order."""
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT message_id, application_code, message.delivery, arrived_at,"
        " coalesce(max(answer.ended_at - arrived_at, 0), 0) FROM message"
        " INDEXED BY message_delivery LEFT JOIN delivery_answer AS answer"
        " ON answer.delivery = message.delivery"
        " WHERE message.delivery IN (SELECT value FROM json_each(?))"
        " AND message_id <> '' ORDER BY message.delivery LIMIT ?",
        (str(list(deliveries)), _MOST_MESSAGES),
    ).fetchall()
    return [ForwardedMessage(*row) for row in rows]


def sent_payloads(db: apsw.Connection, limit: int) -> Sequence[SentPayload]:
    """Return times and sizes of the latest tests, at most `limit`, the newest first."""
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT at, length(payload) FROM forward_test ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [SentPayload(*row) for row in rows]


def recent_messages(db: apsw.Connection, code: str, limit: int) -> Sequence[RecentMessage]:
    """Return the latest messages of an application, at most `limit`, the newest first."""
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT id, via, connection, received_at, arrived_at, flags, duplicate_of,"  # noqa: S608 written above
        f" duplicate_of IS NOT NULL AND EXISTS ({_PROVOKING}) FROM message"
        " INDEXED BY message_application WHERE application_code = ? ORDER BY id DESC LIMIT ?",
        (code, limit),
    ).fetchall()
    return [RecentMessage(*(*row[:-1], bool(row[-1]))) for row in rows]


def recent_pulls(db: apsw.Connection, connection: str, limit: int) -> Sequence[RecentPull]:
    """Return the latest pulls on a connection whose request was sent, the newest first.

    They are looked for among the latest 5,000 pulls.
    """
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT coalesce(ended_at, began_at), status, message_count, announced, pending, complete,"
        " interrupted, salvaged, problem || decoding_problem FROM delivery WHERE id IN (SELECT id"
        " FROM delivery INDEXED BY delivery_via WHERE via = 'pull' ORDER BY id DESC LIMIT ?)"
        " AND connection = ? AND state IN ('received', 'decoded') ORDER BY id DESC LIMIT ?",
        (_MOST_PULLS, connection, limit),
    ).fetchall()
    return [
        RecentPull(*row[:5], *map(bool, row[5:8]), row[8])  # type: ignore[call-arg]  # nine columns
        for row in rows
    ]


def platform_observations(db: apsw.Connection, limit: int) -> PlatformObservations:
    """Look at the latest messages, at most `limit`, and at as many pulls."""
    rows: list[tuple[Any, ...]] = db.execute(_OBSERVATIONS, {"limit": limit}).fetchall()
    return PlatformObservations(*rows[0])


def latest_test_ids(db: apsw.Connection, urls: Sequence[str]) -> Sequence[int]:
    """Return the ids of the latest test and of the latest ladder of each of these URLs.

    A ladder is recorded with the first of its tests; the others follow it. Both ids may be equal.
    """
    wanted = set(urls)
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT url, max(id), max(CASE WHEN json_type(facts, '$.ladder') = 'object' THEN id END)"
        " FROM forward_test GROUP BY url"
    ).fetchall()
    found = {one for url, *ids in rows if url in wanted for one in ids if one is not None}
    return sorted(found)
