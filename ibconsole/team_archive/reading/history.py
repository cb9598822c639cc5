"""The setups of an account over time as all members of a team saw them, and what members changed.

Members look at the setup at times of their own, so that their states overlap. Each state was seen
at both ends of its time: these sightings, in order, make the states of the team. Clocks of members
may differ a little: a state that one member saw last shortly after another one saw the next state
first was seen before it.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from ibconsole.archive import AuditRow
from ibconsole.archive.history import (
    HourActivity,
    MessageActivity,
    SetupPart,
    SetupPoint,
    StoredTest,
)
from ibconsole.team_archive.reading.condition_sql import storable
from ibconsole.team_archive.reading.queries import TeamQueries

_CLOCKS = 60_000  # ms by which the clocks of members may differ
_MOST_POINTS = 2_000
_MOST_MESSAGES = 100_000  # the latest ones of an application that are counted
_MOST_TESTS = 500
_MOST_CALLS = 20_000
_HOUR_MS = 3_600_000
_SOURCES = 40  # bits of a row's number that are left to its source
_POINTS = """
    SELECT source, seen_from, CASE
        WHEN seen_until IS NOT NULL THEN seen_until
        WHEN part = 'application' THEN greatest(seen_from, checked_at, (
            SELECT read_at FROM ibconsole.setup_list AS list
            WHERE list.source = point.source AND list.account = point.account
        )) ELSE greatest(seen_from, checked_at) END, object, content
    FROM ibconsole.setup_point AS point LEFT JOIN ibconsole.setup_object
    ON setup_object.account = point.account AND hash = object
    WHERE point.account = %(account)s AND application = %(code)s AND part = %(part)s
    ORDER BY seen_from DESC, number DESC LIMIT %(limit)s
"""
_CURRENT = """
    SELECT content FROM (
        SELECT DISTINCT ON (application) object FROM ibconsole.setup_point
        WHERE account = %(account)s AND part = 'application'
        ORDER BY application, coalesce(seen_until, 9223372036854775807) DESC, seen_from DESC
    ) AS latest JOIN ibconsole.setup_object ON account = %(account)s AND hash = object
"""
_HOURS = """
    SELECT arrived_at / %(hour)s * %(hour)s, min(arrived_at), max(arrived_at),
        count(*) FILTER (WHERE via = 'pull'), count(*) FILTER (WHERE via = 'forward')
    FROM (
        SELECT arrived_at, via FROM ibconsole.message
        WHERE account = %(account)s AND application_code = %(code)s
        AND arrived_at >= %(since)s AND arrived_at < %(until)s
        ORDER BY arrived_at DESC, id DESC LIMIT %(limit)s
    ) AS latest GROUP BY 1 ORDER BY 1
"""
_LAST = """
    SELECT arrived_at FROM ibconsole.message
    WHERE account = %(account)s AND application_code = %(code)s
    ORDER BY arrived_at DESC, id DESC LIMIT 1
"""
_TESTS = """
    SELECT id, at, url, status, facts FROM ibconsole.forward_test
    WHERE account = %(account)s AND url = ANY(%(urls)s) AND at >= %(since)s AND at < %(until)s
    ORDER BY at DESC, id DESC LIMIT %(limit)s
"""
_CALLS = """
    SELECT call.source, call.number, call.at, call.application, call.content, outcome.at,
        outcome.content
    FROM ibconsole.audit AS call LEFT JOIN ibconsole.audit AS outcome
    ON outcome.source = call.source AND outcome.intent = call.number
    WHERE call.account = %(account)s AND call.intent IS NULL
    AND (%(code)s::text IS NULL OR call.application = %(code)s)
    AND call.at >= %(since)s
    ORDER BY call.at DESC, call.source, call.number DESC LIMIT %(limit)s
"""


class _Verdict(msgspec.Struct):
    counts: str = ""
    sentence: str = ""


class _TestFacts(msgspec.Struct):
    verdict: _Verdict = msgspec.field(default_factory=_Verdict)


class _Sighting(msgspec.Struct, frozen=True):
    """A state of a part as one member saw it at a time; `is_first` at the first time."""

    at: int
    source: int
    object: bytes | None
    content: bytes | None
    is_first: bool


class TeamHistory:
    """The setups of one account over time, and what belongs to them, for `services`.

    The methods and values are those of `archive.history`. Every method may raise a
    TeamArchiveError.
    """

    def __init__(self, queries: TeamQueries) -> None:
        self._queries = queries

    @property
    def exists(self) -> bool:
        """True: a team's archive that cannot be opened is an error."""
        return True

    def points_of(
        self, application: str, part: SetupPart | None = None, *, since: int = 0
    ) -> Sequence[SetupPoint]:
        """Return the points of an application, or those of one part, oldest first.

        Of each part the latest 2,000 states of members at most, from the one that applied at the
        time `since`.
        """
        found = [
            point
            for one in (list(SetupPart) if part is None else [part])
            for point in _points(self._queries, application, one)
            if point.is_current or point.seen_until >= since
        ]
        return sorted(found, key=lambda point: point.seen_from)

    def point_at(
        self, application: str, part: SetupPart, at: int | None = None
    ) -> SetupPoint | None:
        """Return the point that applied at a time, or the current one; None before the first."""
        points = _points(self._queries, application, part)
        earlier = [one for one in points if at is None or one.seen_from <= at]
        return earlier[-1] if earlier else None

    def current_applications(self) -> Iterator[tuple[str, bytes]]:
        """Return connection and content of each application that any member listed last."""
        for (content,) in self._queries.fetch(_CURRENT):
            yield self._queries.connection or "", content

    def message_activity(
        self,
        application: str,
        since: int,
        until: int,
        *,
        limit: int = _MOST_MESSAGES,
    ) -> MessageActivity:
        """Count the messages of an application from `since` until before `until` by hour and way.

        At most `limit` of the latest ones.
        """
        values = {
            "code": storable(application),
            "since": since,
            "until": until,
            "hour": _HOUR_MS,
            "limit": limit,
        }
        hours = tuple(HourActivity(*row) for row in self._queries.fetch(_HOURS, values))
        if sum(one.pulled + one.forwarded for one in hours) < limit:
            return MessageActivity(hours)
        # The hour in which counting ended has only some of its messages.
        return MessageActivity(hours[1:], hours[1].at if len(hours) > 1 else until)

    def latest_arrival(self, application: str) -> int | None:
        """Return the time at which the last message of an application arrived at any member."""
        rows = self._queries.fetch(_LAST, {"code": storable(application)})
        return int(rows[0][0]) if rows else None

    def stored_tests(self, urls: Sequence[str], since: int, until: int) -> Sequence[StoredTest]:
        """Return the latest tests of these URLs by any member, as recorded, oldest first."""
        values = {"urls": list(urls), "since": since, "until": until, "limit": _MOST_TESTS}
        found = []
        for number, at, url, status, facts in reversed(self._queries.fetch(_TESTS, values)):
            verdict = _verdict(facts)
            found.append(StoredTest(number, at, url, status, verdict.counts, verdict.sentence))
        return found

    def audit(self, application: str = "", since: int = 0) -> Sequence[AuditRow]:
        """Return the latest 20,000 calls of all members, oldest first, or those of an application.

        The numbers are those of the members' own audits, each with that of its member above.
        """
        values = {"code": storable(application) or None, "since": since, "limit": _MOST_CALLS}
        connection = self._queries.connection or ""
        return [
            AuditRow((source << _SOURCES) | number, at, connection, code, content, *outcome)
            for source, number, at, code, content, *outcome in reversed(
                self._queries.fetch(_CALLS, values)
            )
        ]

    def attributable_from(self) -> int:
        """Return 0: the calls of each member are shared from the first one that it has."""
        return 0


def _points(queries: TeamQueries, application: str, part: SetupPart) -> Sequence[SetupPoint]:
    values = {"code": storable(application), "part": part.value, "limit": _MOST_POINTS}
    sightings = _sightings(queries.fetch(_POINTS, values))
    points = []
    for _, run in groupby(sightings, key=lambda one: one.object):
        seen = list(run)
        points.append(
            SetupPoint(
                application,
                part,
                seen[0].at,
                seen[-1].at,
                is_current=False,
                content=seen[0].content,
            )
        )
    if points:
        points[-1] = msgspec.structs.replace(points[-1], is_current=True)
    return points


def _sightings(rows: Sequence[Sequence[Any]]) -> Sequence[_Sighting]:
    """Return the sightings of states in the order in which they must have been."""
    found = [
        _Sighting(at, source, digest, content, is_first)
        for source, first, last, digest, content in rows
        for at, is_first in ((first, True), (last, False))
    ]
    found.sort(key=lambda one: (one.at, not one.is_first))
    return [one for place, one in enumerate(found) if one.is_first or not _is_late(found, place)]


def _is_late(found: Sequence[_Sighting], place: int) -> bool:
    """Return whether another member saw the next state shortly before."""
    last = found[place]
    for one in reversed(found[:place]):
        if last.at - one.at >= _CLOCKS:
            return False
        if one.is_first and one.source != last.source and one.object != last.object:
            return True
    return False


def _verdict(facts: str) -> _Verdict:
    try:
        return msgspec.json.decode(facts, type=_TestFacts).verdict
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _Verdict()
