"""The totals of an account, counted once and then by what is new: rows are only ever added.

Retention removes whole months; then they are counted again.
"""

import msgspec

from ibconsole.archive import ArchiveCounts
from ibconsole.team_archive.reading.queries import TeamQueries
from ibconsole.team_archive.reading.searching import MARK, NUMBER

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


_FACTS = f"{MARK}{NUMBER}, {_OLDEST}, {_LAST_PULL}"
# Without a condition on xid the indexes alone are read; what may not be counted yet is few.
_ALL = f"SELECT {_FACTS}, {_counts('')}, {_counts(f' AND xid >= {MARK}')}"
_NEW = f"SELECT {_FACTS}, {_counts(f' AND xid >= %(after)s::text::xid8 AND xid < {MARK}')}"


class _CountedRows(msgspec.Struct, frozen=True):
    mark: int
    oldest: int | None
    counts: tuple[int, ...]


class TeamTotals:
    """The totals of an account; counts a million messages in some 100 ms once."""

    def __init__(self, queries: TeamQueries) -> None:
        self._queries = queries
        self._counted: _CountedRows | None = None

    def read(self) -> ArchiveCounts:
        """Return the totals; the highest ids are the mark up to which was counted."""
        former = self._counted
        values = {"after": str(former.mark if former else 0)}
        query = _NEW if former else _ALL
        [(mark, oldest, pulled_at, *found)] = self._queries.fetch(query, values)
        if former is None:
            counts = tuple(whole - late for whole, late in zip(found[:3], found[3:], strict=True))
        elif _was_shortened(former.oldest, oldest):
            self._counted = None
            return self.read()
        else:
            counts = tuple(map(sum, zip(former.counts, found, strict=True)))
        self._counted = _CountedRows(mark, oldest, counts)
        messages, pulls, forwards = counts
        return ArchiveCounts(messages, pulls, forwards, pulled_at, mark, mark)


def _was_shortened(former: int | None, oldest: int | None) -> bool:
    return former is not None and (oldest is None or oldest > former)
