"""The totals of an account, counted once and then by what is new.

Retention removes whole months, and rows that are corrected look new; then all are counted again.
"""

import msgspec

from ibconsole.archive import ArchiveCounts
from ibconsole.team_archive.reading.marks import NEW, SNAPSHOT, VISIBLE_NOW
from ibconsole.team_archive.reading.queries import TeamQueries

_OF = "FROM ibconsole.{0} WHERE account = %(account)s{1}"
_PULL, _FORWARD = " AND via = 'pull'", " AND via = 'forward'"
_OLDEST = f"(SELECT min(arrived_at) {_OF.format('message', '')})"
_LAST_PULL = (
    f"(SELECT coalesce(ended_at, began_at) {_OF.format('delivery', _PULL)}"
    " AND status BETWEEN 200 AND 299 ORDER BY arrived_at DESC, id DESC LIMIT 1)"
)


def _counts(condition: str) -> str:
    counted = (("message", ""), ("delivery", _PULL), ("delivery", _FORWARD))
    return ", ".join(f"(SELECT count(*) {_OF.format(*one)}{condition})" for one in counted)


_FACTS = f"{SNAPSHOT}, {_OLDEST}, {_LAST_PULL}"
# Without a condition on xid the indexes alone are read; what may not be counted yet is few.
_LATE = f" AND xid >= pg_snapshot_xmin(pg_current_snapshot()) AND NOT {VISIBLE_NOW}"
_ALL = f"SELECT {_FACTS}, false, {_counts('')}, {_counts(_LATE)}"
_REVISED = f"EXISTS (SELECT {_OF.format('delivery', f' AND {NEW} AND revised')})"
_SINCE = f"SELECT {_FACTS}, {_REVISED}, {_counts(f' AND {NEW}')}"


class _CountedRows(msgspec.Struct, frozen=True):
    mark: int
    oldest: int | None
    counts: tuple[int, ...]


class TeamTotals:
    """The totals of an account; counts a million messages in some 100 ms once."""

    def __init__(self, queries: TeamQueries) -> None:
        self._queries = queries
        self._marks = queries.marks
        self._counted: _CountedRows | None = None

    def read(self) -> ArchiveCounts:
        """Return the totals; the highest ids are the mark up to which was counted."""
        former = self._counted
        values = self._marks.since(former.mark) if former else {}
        query = _SINCE if former else _ALL
        [(snapshot, oldest, pulled_at, revised, *found)] = self._queries.fetch(query, values)
        if former is None:
            counts = tuple(whole - late for whole, late in zip(found[:3], found[3:], strict=True))
        elif revised or _was_shortened(former.oldest, oldest):
            self._counted = None
            return self.read()
        else:
            counts = tuple(map(sum, zip(former.counts, found, strict=True)))
        mark = self._marks.add(snapshot)
        self._counted = _CountedRows(mark, oldest, counts)
        messages, pulls, forwards = counts
        return ArchiveCounts(messages, pulls, forwards, pulled_at, mark, mark)


def _was_shortened(former: int | None, oldest: int | None) -> bool:
    return former is not None and (oldest is None or oldest > former)
