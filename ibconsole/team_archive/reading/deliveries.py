"""Pulls, forwards and forward tests of a team's archive, found through their indexes."""

from array import array
from collections.abc import Mapping, Sequence

from ibconsole.archive import ForwardTestRecord, SourceActivity, Via
from ibconsole.team_archive.reading.marks import NEW
from ibconsole.team_archive.reading.queries import TeamQueries
from ibconsole.team_archive.reading.rows import (
    DELIVERIES,
    DELIVERY,
    FORWARD_TEST,
    delivery_of,
    record_of,
)

_MOST = 100_000
_MOST_REFUSED = 10_000
_LATEST = """
    SELECT id FROM ibconsole.delivery WHERE account = %(account)s AND via = %(via)s
    ORDER BY arrived_at DESC, id DESC LIMIT %(most)s
"""
_SINCE = f"""
    SELECT id FROM ibconsole.delivery WHERE account = %(account)s AND via = %(via)s AND {NEW}
    ORDER BY arrived_at DESC, id DESC
"""  # noqa: S608 names above
_LAST_PULL = f"""
    SELECT {DELIVERY} FROM {DELIVERIES} WHERE account = %(account)s AND via = 'pull'
    ORDER BY arrived_at DESC, delivery.id DESC LIMIT 1
"""  # noqa: S608 names above
# Refused requests are few: the search for the last forward that was accepted is short.
_FORWARDS = """
    SELECT began_at, status FROM ibconsole.delivery
    WHERE account = %(account)s AND via = 'forward' AND {status}
    ORDER BY arrived_at DESC, id DESC LIMIT {most}
"""
_ACCEPTED = _FORWARDS.format(status="status < 400", most=1)
_REFUSED = _FORWARDS.format(status="status >= 400 AND arrived_at >= %(since)s", most=_MOST_REFUSED)
_TESTS = f"""
    SELECT {FORWARD_TEST} FROM ibconsole.forward_test WHERE account = %(account)s
    ORDER BY at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608 names above
# PostgreSQL refuses to read JSON with an escaped NUL, so that it is compared as text.
# A ladder is recorded with the first of its tests; the others follow it.
_LATEST_TESTS = f"""
    SELECT {FORWARD_TEST} FROM (
        SELECT DISTINCT ON (url, is_ladder) * FROM (
            SELECT *, false AS is_ladder FROM ibconsole.forward_test
            WHERE account = %(account)s AND url = ANY(%(urls)s)
            UNION ALL
            SELECT *, true FROM ibconsole.forward_test
            WHERE account = %(account)s AND url = ANY(%(urls)s)
            AND facts LIKE '%%"ladder":{{%%'
        ) AS tests ORDER BY url, is_ladder, at DESC, id DESC
    ) AS latest
"""  # noqa: S608 names above


def find_deliveries(
    queries: TeamQueries, via: Via, since: Mapping[str, str] | None = None
) -> "array[int]":
    """Return ids of pulls or forwards, oldest first; see `TeamReader.find_deliveries`.

    `since` are the values of NEW.
    """
    query = _SINCE if since else _LATEST
    rows = queries.fetch(query, {"via": via.value, "most": _MOST, **(since or {})})
    return array("q", (one for (one,) in reversed(rows)))


def read_source_activity(queries: TeamQueries, connection: str | None) -> SourceActivity:
    """Return what arrived last at any member of the team."""
    pulls = queries.fetch(_LAST_PULL)
    accepted = queries.fetch(_ACCEPTED)
    since = accepted[0][0] if accepted else 0
    refused = queries.fetch(_REFUSED, {"since": since})
    refused_at, status = refused[0] if refused else (None, None)
    pull = delivery_of(pulls[0], connection) if pulls else None
    return SourceActivity(pull, since or None, len(refused), refused_at, status)


def forward_tests(queries: TeamQueries, limit: int) -> Sequence[ForwardTestRecord]:
    """Return the latest tests, at most `limit`, the newest first."""
    return [record_of(row) for row in queries.fetch(_TESTS, {"limit": limit})]


def latest_forward_tests(queries: TeamQueries, urls: Sequence[str]) -> Sequence[ForwardTestRecord]:
    """Return the latest test and the latest ladder of each of these URLs, in any order."""
    rows = queries.fetch(_LATEST_TESTS, {"urls": list(urls)})
    return [record_of(row) for row in {row[0]: row for row in rows}.values()]
