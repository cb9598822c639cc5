"""The messages of an application that only other computers of a team have received."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from ibconsole.team_archive import TeamSession, translated

_PAGE = 2_000  # messages
_FIRST, _LAST = -(1 << 62), 1 << 62
_PERIOD = """
    FROM ibconsole.message
    WHERE account = %(account)s AND application_code = %(application)s
        AND arrived_at >= %(since)s AND arrived_at < %(until)s
        AND (%(via)s::text IS NULL OR via = %(via)s) AND source <> %(source)s
"""
_NAMED = f"SELECT message_id, min(source) {_PERIOD} AND message_id <> '' GROUP BY message_id"
_UNNAMED = f"SELECT source, count(*) {_PERIOD} AND message_id = '' GROUP BY source"
_LABELS = "SELECT id, label FROM ibconsole.source WHERE account = %(account)s"

# Returns those of some message ids that are stored on this disk.
StoredIds = Callable[[Sequence[str]], Collection[str]]


class ReceivedCriteria(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of an application that arrived in a period, as in `MissingCriteria`."""

    application: str
    since: int | None = None
    until: int | None = None
    via: str | None = None


def count_received_elsewhere(
    session: TeamSession, source: int, criteria: ReceivedCriteria, stored: StoredIds
) -> Counter[str]:
    """Return how many messages are in the team's archive and not on this disk, by who has them.

    One that several computers have counts once. Those without a message id cannot be compared, and
    count where they are. `source` is this disk's. Raises a TeamArchiveError, TeamRefused for a user
    who may not read messages.
    """
    values = {
        "account": session.account,
        "application": criteria.application.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        "since": _FIRST if criteria.since is None else criteria.since,
        "until": _LAST if criteria.until is None else criteria.until,
        "via": criteria.via,
        "source": source,
    }
    found: Counter[int] = Counter()
    with translated(session.address):
        labels: dict[int, str] = dict(session.db.execute(_LABELS, values).fetchall())
        for page in _pages(session, values):
            here = set(stored([message_id for message_id, _ in page]))
            found.update(other for message_id, other in page if message_id not in here)
        found.update(dict(session.db.execute(_UNNAMED, values).fetchall()))
    counts: Counter[str] = Counter()
    for other, number in found.items():
        counts[labels.get(other, "another computer")] += number
    return counts


def _pages(session: TeamSession, values: dict[str, object]) -> Iterator[list[tuple[str, int]]]:
    with session.db.transaction(), session.db.cursor(name="received") as cursor:
        cursor.execute(_NAMED, values)
        while rows := cursor.fetchmany(_PAGE):
            yield rows
