"""Marks: numbers for the states of a database that a reader saw, to find what was written since.

A row has the transaction that wrote it. It is new if that transaction is not among those that the
snapshot of the look before shows, and is among those of now: ids say nothing about that, since they
are given out before their transactions end, in any order. Whatever else is open in the server, such
as the hour-long transaction of another program, hides nothing and delays nothing.

A mark has the number of transactions that ended, which grows with every one, so that marks of all
sessions with a server can be compared; in its lowest bits it has what bounds the search for new
rows where the snapshot itself is not known any more.
"""

from collections import OrderedDict

_REMEMBERED = 256
_BITS = 6
_MASK = (1 << _BITS) - 1
# SQL: the snapshot of the statement, evaluated once. A standby does not list its open transactions,
# so that only what is below the oldest one counts as visible there.
_NOW = (
    "(SELECT CASE WHEN pg_is_in_recovery()"
    " THEN concat(pg_snapshot_xmin(now), ':', pg_snapshot_xmin(now), ':')::pg_snapshot"
    " ELSE now END FROM pg_current_snapshot() AS now)"
)
SNAPSHOT = f"{_NOW}::text"
# SQL: the conditions for rows that are visible now, that a snapshot `mark` has, and that are new
# since the snapshot `since`, of which `since_from` is the oldest open transaction.
VISIBLE_NOW = f"pg_visible_in_snapshot(xid, {_NOW})"
VISIBLE_THEN = "pg_visible_in_snapshot(xid, (SELECT %(mark)s::text::pg_snapshot))"
NEW = (
    "xid >= %(since_from)s::text::xid8"
    " AND NOT pg_visible_in_snapshot(xid, (SELECT %(since)s::text::pg_snapshot))"
    f" AND {VISIBLE_NOW}"
)


class Marks:
    """The snapshots of the latest marks."""

    def __init__(self) -> None:
        self._snapshots: OrderedDict[int, str] = OrderedDict()

    def add(self, snapshot: str) -> int:
        """Return the mark of a snapshot, and remember it."""
        oldest, highest, open_ones = snapshot.split(":")
        ended = int(highest) - len(list(filter(None, open_ones.split(","))))
        mark = ended << _BITS | (ended - int(oldest)).bit_length()
        self._snapshots[mark] = snapshot
        self._snapshots.move_to_end(mark)
        if len(self._snapshots) > _REMEMBERED:
            self._snapshots.popitem(last=False)
        return mark

    def snapshot(self, mark: int) -> str:
        """Return the snapshot of a mark.

        If it is not known any more, one that has no more than that one: some of what was seen is
        found again then.
        """
        oldest = (mark >> _BITS) - (1 << (mark & _MASK)) + 1
        return self._snapshots.get(mark) or f"{max(oldest, 1)}:{max(oldest, 1)}:"

    def since(self, mark: int) -> dict[str, str]:
        """Return the values of NEW."""
        snapshot = self.snapshot(mark)
        return {"since": snapshot, "since_from": snapshot.partition(":")[0]}
