"""The messages of an application by hour, and the tests of its URLs, for its timeline.

No query reads more than its limit of rows through an index, however large the archive is.
"""

from collections.abc import Sequence
from pathlib import Path

import apsw
import msgspec

from ibconsole.archive import archive_snapshot, fetch

_HOUR_MS = 3_600_000
_MOST_MESSAGES = 100_000  # the latest ones of an application that are counted
_MOST_TESTS = 500
_ENDS = 20  # rows at the beginning of a period, of which one may have been imported
_HOURS = """
    WITH latest AS MATERIALIZED (
        SELECT arrived_at, via FROM message INDEXED BY message_application
        WHERE application_code = :code AND id >= :first ORDER BY id DESC LIMIT :limit
    )
    SELECT arrived_at / :hour * :hour, min(arrived_at), max(arrived_at), sum(via = 'pull'),
        sum(via = 'forward')
    FROM latest WHERE arrived_at >= :since AND arrived_at < :until GROUP BY 1 ORDER BY 1
"""
_TESTS = """
    SELECT id, at, url, status, coalesce(json_extract(facts, '$.verdict.counts'), ''),
        coalesce(json_extract(facts, '$.verdict.sentence'), '')
    FROM forward_test
    WHERE url IN (SELECT value FROM json_each(?)) AND at >= ? AND at < ?
    ORDER BY id DESC LIMIT ?
"""


class HourActivity(msgspec.Struct, frozen=True):
    """The messages that arrived in an hour, which begins at `at`; `first` and `last` are times."""

    at: int
    first: int
    last: int
    pulled: int
    forwarded: int


class MessageActivity(msgspec.Struct, frozen=True):
    """The hours with messages, oldest first.

    `complete_from` is the time from which all messages were counted, None if all were.
    """

    hours: tuple[HourActivity, ...] = ()
    complete_from: int | None = None


class StoredTest(msgspec.Struct, frozen=True):
    """The result of a forward test: `counts` and `sentence` are those of its verdict."""

    id: int
    at: int
    url: str
    status: int | None
    counts: str
    sentence: str


def message_activity(
    path: Path, application: str, since: int, until: int, *, limit: int = _MOST_MESSAGES
) -> MessageActivity:
    """Count the messages of an application from `since` until before `until` by hour and way.

    At most `limit` of the latest ones. Raises ArchiveError.
    """
    with archive_snapshot(path) as db:
        values = {
            "code": application,
            "first": _first_id(db, since),
            "limit": limit,
            "hour": _HOUR_MS,
            "since": since,
            "until": until,
        }
        hours = tuple(HourActivity(*row) for row in fetch(db, _HOURS, values))
        older = fetch(
            db,
            "SELECT arrived_at FROM message INDEXED BY message_application"
            " WHERE application_code = :code AND id >= :first ORDER BY id DESC LIMIT 1"
            " OFFSET :limit",
            values,
        )
        if not older:
            return MessageActivity(hours)
        # The hour in which counting ended has only some of its messages.
        return MessageActivity(hours[1:], hours[1].at if len(hours) > 1 else until)


def latest_arrival(path: Path, application: str) -> int | None:
    """Return the time at which the last message of an application arrived. Raises ArchiveError."""
    with archive_snapshot(path) as db:
        [(found,)] = fetch(
            db,
            "SELECT max(arrived_at) FROM (SELECT arrived_at FROM message"
            " INDEXED BY message_application WHERE application_code = ? ORDER BY id DESC LIMIT ?)",
            (application, _ENDS),
        )
        return found if found is None else int(found)


def stored_tests(path: Path, urls: Sequence[str], since: int, until: int) -> Sequence[StoredTest]:
    """Return the latest tests of these URLs, as recorded, oldest first. Raises ArchiveError."""
    wanted = msgspec.json.encode(list(urls)).decode()
    with archive_snapshot(path) as db:
        rows = fetch(db, _TESTS, (wanted, since, until, _MOST_TESTS))
    return [StoredTest(*row) for row in rows[::-1]]


def _first_id(db: apsw.Connection, since: int) -> int:
    """Return an id below which no message arrived since then: ids grow with time, nearly."""
    if since <= 0:
        return 0
    [(found,)] = fetch(
        db,
        "SELECT min(id) FROM (SELECT id FROM message INDEXED BY message_arrived"
        " WHERE arrived_at >= ? ORDER BY arrived_at LIMIT ?)",
        (since, _ENDS),
    )
    return int(found or 0)
