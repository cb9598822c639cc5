"""Bounded looks at what the members of a team received: the twins of `archive.statistics`.

Each has the name, the arguments and the values of the query there, and is asked by it:
`TeamReader.ask(recent_messages, ...)`. An account has one connection, so that its UUID is ignored.
What is ordered by ids there is ordered by times of arrival here, but for `after`.

JSON is compared as text: PostgreSQL refuses to read any that has an escaped NUL. Ours has no spaces
between its tokens, and no quotes without a backslash in its strings.
"""

from collections.abc import Sequence

from ibconsole.archive import (
    AnsweredForward,
    ArrivedMessage,
    ForwardedMessage,
    PlatformObservations,
    RecentMessage,
    RecentPull,
    SentPayload,
)
from ibconsole.team_archive.reading.condition_sql import storable
from ibconsole.team_archive.reading.queries import TeamQueries

_MOST_MESSAGES = 20_000
# Pulls or forwards among which those with messages are looked for.
_MOST_DELIVERIES = 5_000
_MOST_FORWARDS = 2_000
_MOST_CODES = 2_000
_LATEST = "ORDER BY arrived_at DESC, id DESC LIMIT %(limit)s"
_OF_CODE = "FROM ibconsole.message WHERE account = %(account)s AND application_code = %(code)s"
_OF_VIA = "FROM ibconsole.delivery WHERE account = %(account)s AND via = '{0}'"
# The first copy of a message, whichever member received it.
_FIRST = """
    LEFT JOIN LATERAL (
        SELECT first.id, first.via FROM ibconsole.message AS first
        WHERE first.account = latest.account AND first.message_id = latest.message_id
        AND first.application_code = latest.application_code AND latest.message_id <> ''
        ORDER BY first.arrived_at, first.id LIMIT 1
    ) AS first ON first.id <> latest.id
"""
# An earlier copy that a rule answered so that the platform repeats it.
_PROVOKING = """
    SELECT FROM ibconsole.message AS earlier JOIN ibconsole.delivery AS refused
    ON refused.id = earlier.delivery AND refused.arrived_at = earlier.arrived_at
    WHERE earlier.account = latest.account AND earlier.message_id = latest.message_id
    AND earlier.application_code = latest.application_code
    AND (earlier.arrived_at, earlier.id) < (latest.arrived_at, latest.id)
    AND (
        refused.answer NOT LIKE '%%"status":200,%%' OR refused.answer NOT LIKE '%%"end":"normal"%%'
        OR refused.answer ~ '"delay":[1-9]'
    )
"""
_MESSAGES = f"""
    SELECT latest.id, latest.via, NULL, received_at, arrived_at, flags, first.id,
        first.id IS NOT NULL AND EXISTS ({_PROVOKING})
    FROM (SELECT * {_OF_CODE} {_LATEST}) AS latest {_FIRST} ORDER BY arrived_at DESC, latest.id DESC
"""  # noqa: S608 names above
_PULLS = f"""
    SELECT coalesce(ended_at, began_at), status, message_count, announced, pending, complete,
        interrupted, salvaged, problem || decoding_problem
    {_OF_VIA.format("pull")} AND state IN ('received', 'decoded') {_LATEST}
"""
_FILLED = f"""
    SELECT id, coalesce(ended_at, began_at) FROM (
        SELECT * {_OF_VIA} {{1}} ORDER BY arrived_at DESC, id DESC LIMIT {_MOST_DELIVERIES}
    ) AS latest WHERE message_count > 0 {_LATEST}
"""  # noqa: S608 names above
_FORWARDED = f"""
    SELECT message_id, application_code, message.delivery, message.arrived_at,
        greatest(substring(answer FROM '"endedAt":([0-9]+)')::bigint - message.arrived_at, 0)
    FROM unnest(%(ids)s::bigint[]) AS wanted(number)
    JOIN ibconsole.message ON message.delivery = number
    JOIN ibconsole.delivery
    ON delivery.id = message.delivery AND delivery.arrived_at = message.arrived_at
    WHERE message.account = %(account)s AND message_id <> ''
    ORDER BY message.arrived_at, message.delivery LIMIT {_MOST_MESSAGES}
"""  # noqa: S608 names above
_CODES = f"""
    WITH RECURSIVE found(code) AS (
        VALUES ('' COLLATE "C") UNION ALL SELECT (
            SELECT application_code FROM ibconsole.message
            WHERE account = %(account)s AND application_code > code
            ORDER BY application_code LIMIT 1
        ) FROM found WHERE code IS NOT NULL
    ) SELECT code, (
        SELECT id FROM ibconsole.message WHERE account = %(account)s AND application_code = code
        ORDER BY arrived_at DESC, id DESC LIMIT 1
    ) FROM found WHERE code > '' LIMIT {_MOST_CODES}
"""  # noqa: S608 names above
_OBSERVATIONS = f"""
    WITH latest AS MATERIALIZED (
        SELECT id, account, via, message_id, application_code, received_at, arrived_at
        FROM ibconsole.message WHERE account = %(account)s {_LATEST}
    ), twins AS (
        SELECT latest.arrived_at FROM latest {_FIRST} WHERE first.via <> latest.via
    ), pulled AS (
        SELECT arrived_at - received_at AS waited, arrived_at FROM latest
        WHERE via = 'pull' AND received_at IS NOT NULL
    ), pulls AS MATERIALIZED (
        SELECT message_count AS size, coalesce(ended_at, began_at) AS at FROM (
            SELECT * {_OF_VIA.format("pull")} {_LATEST}
        ) AS found WHERE message_count > 0
    )
    SELECT (SELECT count(*) FROM twins), (SELECT max(arrived_at) FROM twins),
        (SELECT count(*) FROM pulled), (SELECT max(waited) FROM pulled),
        (SELECT arrived_at FROM pulled ORDER BY waited DESC LIMIT 1),
        (SELECT count(*) FROM pulls), coalesce((SELECT max(size) FROM pulls), 0),
        (SELECT at FROM pulls ORDER BY size DESC LIMIT 1)
"""  # noqa: S608 names above


def recent_messages(queries: TeamQueries, code: str, limit: int) -> Sequence[RecentMessage]:
    """Return the latest messages of an application, at most `limit`, the newest first."""
    rows = queries.fetch(_MESSAGES, {"code": storable(code), "limit": limit})
    return [RecentMessage(*row) for row in rows]


def recent_pulls(queries: TeamQueries, connection: str, limit: int) -> Sequence[RecentPull]:
    """Return the latest pulls of any member whose request was sent, the newest first."""
    del connection
    return [RecentPull(*row) for row in queries.fetch(_PULLS, {"limit": limit})]


def recent_forwards(queries: TeamQueries, limit: int) -> Sequence[int]:
    """Return the ids of the latest forwards with messages, at most `limit`, the newest first."""
    rows = queries.fetch(_FILLED.format("forward", ""), {"limit": limit})
    return [number for number, _ in rows]


def forwarded_messages(
    queries: TeamQueries, deliveries: Sequence[int]
) -> Sequence[ForwardedMessage]:
    """Return the messages of these deliveries that have a message id, at most 20,000, in order."""
    rows = queries.fetch(_FORWARDED, {"ids": list(deliveries)})
    return [
        ForwardedMessage(name, code, delivery, at, waited or 0)
        for name, code, delivery, at, waited in rows
    ]


def sent_payloads(queries: TeamQueries, limit: int) -> Sequence[SentPayload]:
    """Return times and sizes of the latest tests, at most `limit`, the newest first."""
    rows = queries.fetch(
        "SELECT at, octet_length(payload) FROM ibconsole.forward_test"
        " WHERE account = %(account)s ORDER BY at DESC, id DESC LIMIT %(limit)s",
        {"limit": limit},
    )
    return [SentPayload(*row) for row in rows]


def platform_observations(queries: TeamQueries, limit: int) -> PlatformObservations:
    """Look at the latest messages, at most `limit`, and at as many pulls."""
    return PlatformObservations(*queries.fetch(_OBSERVATIONS, {"limit": limit})[0])


def newest_of_applications(queries: TeamQueries) -> Sequence[tuple[str, int]]:
    """Return the codes of all applications that sent messages, with the newest message of each."""
    return [(code, newest) for code, newest in queries.fetch(_CODES)]


def arrived_messages(
    queries: TeamQueries, code: str, after: int, limit: int
) -> Sequence[ArrivedMessage]:
    """Return the latest messages of an application with ids above `after`, the newest first."""
    rows = queries.fetch(
        f"SELECT id, arrived_at, NULL {_OF_CODE} AND id > %(after)s {_LATEST}",
        {"code": storable(code), "after": after, "limit": limit},
    )
    return [ArrivedMessage(*row) for row in rows]


def first_arrival(queries: TeamQueries, code: str) -> int | None:
    """Return the time at which the first stored message of an application arrived."""
    rows = queries.fetch(f"SELECT min(arrived_at) {_OF_CODE}", {"code": storable(code)})
    return rows[0][0] if rows else None


def filled_deliveries(queries: TeamQueries, connection: str, limit: int) -> Sequence[int]:
    """Return the times of the latest deliveries with messages, in any order.

    At most `limit` of the pulls, and as many of the forwards.
    """
    del connection
    return [
        at
        for via in ("pull", "forward")
        for _, at in queries.fetch(_FILLED.format(via, ""), {"limit": limit})
    ]


def first_filled(queries: TeamQueries, connection: str) -> int | None:
    """Return the time of the first stored delivery with messages: that of the first message."""
    del connection
    rows = queries.fetch(
        "SELECT min(arrived_at) FROM ibconsole.message WHERE account = %(account)s"
    )
    return rows[0][0] if rows else None


def arrivals_between(
    queries: TeamQueries, code: str, span: tuple[int, int], limit: int
) -> Sequence[int]:
    """Return times from `span[0]` until before `span[1]` at which an application's messages came.

    At most `limit`, in any order.
    """
    values = {"code": storable(code), "since": span[0], "until": span[1], "limit": limit}
    rows = queries.fetch(
        f"SELECT arrived_at {_OF_CODE} AND arrived_at >= %(since)s AND arrived_at < %(until)s"
        " LIMIT %(limit)s",
        values,
    )
    return [at for (at,) in rows]


def deliveries_between(
    queries: TeamQueries, connection: str, span: tuple[int, int], limit: int
) -> Sequence[int]:
    """Return times of the span at which messages came, as `arrivals_between`."""
    del connection
    period = "AND arrived_at >= %(since)s AND arrived_at < %(until)s"
    values = {"since": span[0], "until": span[1], "limit": limit}
    return [
        at
        for via in ("pull", "forward")
        for _, at in queries.fetch(_FILLED.format(via, period), values)
    ]


def answered_forwards(queries: TeamQueries) -> Sequence[AnsweredForward]:
    """Return the latest 2,000 forwarded requests that have an answer, the newest first."""
    rows = queries.fetch(
        f"SELECT began_at, status, method {_OF_VIA.format('forward')} {_LATEST}",
        {"limit": _MOST_FORWARDS},
    )
    connection = queries.connection
    return [
        AnsweredForward(at, status, connection, method)
        for at, status, method in rows
        if status is not None
    ]
