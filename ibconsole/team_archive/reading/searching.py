"""The listings of a search in a team's archive: ids of messages in order, a part at a time.

Messages are in the order of (time of arrival, id), or of (time of receipt, id). What is new is
found by marks, see `marks`.

A part compares the next messages before a place, which takes the same short time in an archive of
any size; texts are looked up in their index first, if there is one, as long as it proposes few.
"""

import sys
import time
from array import array
from collections.abc import Callable
from typing import Any

import msgspec

from ibconsole.archive import Filter, JobCancelled, Listing, Order, Place
from ibconsole.archive.conditions import matches, reads_json
from ibconsole.team_archive.reading.filter_sql import Conditions, conditions
from ibconsole.team_archive.reading.marks import NEW, SNAPSHOT, VISIBLE_NOW, VISIBLE_THEN
from ibconsole.team_archive.reading.messages import read_pages
from ibconsole.team_archive.reading.queries import TeamQueries

PART = 1 << 15  # messages that are compared at a time
_FIRST_PART = 1 << 12  # of a search: in some 10 ms
_GROWTH = 4
_BUDGET = 0.2  # seconds after which a search returns what it found, and where to go on
# Messages that the index of texts may propose at a time: reading as many takes as long as comparing
# those among which as many matches of a text are found as a search wants first.
_MOST_PROPOSED = 6_000
# Messages whose JSON is read and tested at a time: a few MB.
_JSON_PART = 1 << 12
_FIRST_JSON_PART = 1 << 9
_JSON_SIZE = 1 << 20  # bytes of JSON that are read at once
_FREQUENT = 64  # one match in as many messages: comparing finds enough soon
_MONTH = 31 * 86_400_000  # ms
_MOST_MONTHS = 1 << 10
# The sort keys; of one without a time of receipt, a number below every time.
_KEYS = {
    Order.ARRIVAL: "arrived_at",
    Order.RECEIVED: "coalesce(received_at, '-9223372036854775808'::bigint)",
}
# Numbers as 64 bits each: decoding them one by one would hold the thread of the window.
_PACKED = (
    "coalesce(string_agg(int8send(id), ''::bytea) FILTER (WHERE matches), ''::bytea),"
    " coalesce(string_agg(int8send(key), ''::bytea) FILTER (WHERE matches), ''::bytea)"
)
_PART = """
    WITH part AS MATERIALIZED (
        SELECT message.id, {key} AS key, ({tests}) AS matches FROM {source}
        WHERE account = %(account)s AND {visible}{ranges}
        ORDER BY {key} DESC, message.id DESC LIMIT %(part)s
    )
    SELECT {snapshot}, {packed}, count(*), (SELECT ARRAY[key, id] FROM part ORDER BY key, id
        LIMIT 1)
    FROM (SELECT * FROM part ORDER BY key DESC, id DESC) AS sorted
"""
_NEW = """
    SELECT {snapshot}, {packed} FROM (
        SELECT message.id, {key} AS key, ({tests}) AS matches FROM ibconsole.message
        WHERE account = %(account)s AND {visible}{ranges} ORDER BY 2 DESC, 1 DESC
    ) AS new
"""
_THESE = """
    SELECT id FROM ibconsole.message
    WHERE account = %(account)s AND id = ANY(%(wanted)s) AND ({tests})
"""
# The period once more: the planner leaves out the months of other ones.
_PERIOD = " AND arrived_at >= %(from_at)s AND arrived_at < %(until_at)s"
_PROPOSED = (
    "ibconsole.propose_messages(%(account)s, %(patterns)s, %(from_at)s, %(until_at)s, %(most)s)"
    " JOIN ibconsole.message ON message.id = proposed_id AND arrived_at = proposed_at"
)


class _Compared(msgspec.Struct, frozen=True):
    """The matches among some messages, the newest first; `end` is the place of the oldest one."""

    ids: "array[int]"
    keys: "array[int]"
    count: int
    end: Place | None


class Search:
    """One search: a filter in an order. `cancelled` is as in `TeamQueries.fetch`.

    With `has_text_index` texts are looked up, as long as that proposes at most `most` messages.
    """

    def __init__(
        self,
        queries: TeamQueries,
        criteria: Filter,
        order: Order,
        cancelled: Callable[[], bool],
        *,
        has_text_index: bool = False,
        most: int = _MOST_PROPOSED,
    ) -> None:
        self._queries = queries
        self._marks = queries.marks
        self._order = order
        self._cancelled = cancelled
        self._conditions: Conditions = conditions(criteria)
        self._condition = criteria.condition
        self._tests_json = reads_json(criteria.condition)
        self._since = criteria.since
        self._until = criteria.until
        self._uses_index = has_text_index and bool(self._conditions.patterns)
        self._uses_index &= order is Order.ARRIVAL and not criteria.ids
        self._most = most
        self._mark = 0

    def newer(self, after: int) -> Listing:
        """List everything that was written since a mark."""
        query = self._format(_NEW, NEW, self._conditions.tests)
        [(snapshot, ids, keys)] = self._fetch(query, self._marks.since(after))
        found, found_keys = self._compare_json(_unpack(ids), _unpack(keys))
        return Listing(found, found_keys, self._marks.add(snapshot))

    def latest(self, limit: int | None, *, budget: float = _BUDGET) -> Listing:
        """List the last `limit` matches, or all; `rest` is set if there may be more.

        With a limit, the search ends after about `budget` seconds, with fewer perhaps.
        """
        deadline = time.monotonic() + budget
        size = PART if limit is None else max(limit, 1)
        if limit is not None and self._conditions.tests != "TRUE":
            size = max(size, _FIRST_PART)
        if self._tests_json:
            size = _FIRST_JSON_PART
        found = self._scan(None, size)
        parts = [found]
        rest = found.rest
        if rest and len(found.ids) * _FREQUENT > size:
            rest = msgspec.structs.replace(rest, scanned=True)
        count = len(found.ids)
        while rest and (limit is None or (count < limit and time.monotonic() < deadline)):
            found = self.older(rest, self._mark, size=min(size := size * _GROWTH, self._part))
            parts.append(found)
            rest = found.rest
            count += len(found.ids)
        return _last(_joined(parts, self._mark), limit, rest)

    @property
    def _part(self) -> int:
        """The number of messages that are compared at a time."""
        return _JSON_PART if self._tests_json else PART

    def older(self, before: Place, mark: int, *, size: int = 0) -> Listing:
        """List matches next to a place; `rest` of the result is where to go on.

        Up to `size` messages are compared, or as many as take a short time.
        """
        self._mark = mark
        size = size or self._part
        if self._uses_index and not before.scanned:
            found = self._look_up(before)
            if found is not None:
                return found
            before = msgspec.structs.replace(before, scanned=True)
        return self._scan(before, size)

    def _scan(self, before: Place | None, size: int) -> Listing:
        """Compare the next messages before a place."""
        ranges, values = self._before(before)
        part = self._read("ibconsole.message", ranges, {**values, "part": size})
        rest = part.end if part.count == size else None
        if rest and before and before.scanned:
            rest = msgspec.structs.replace(rest, scanned=True)
        return self._listing(part, rest)

    def _before(self, before: Place | None) -> tuple[str, dict[str, Any]]:
        """Return the condition for messages before a place, and its values."""
        if before is None:
            return "", {}
        where = f" AND ({_KEYS[self._order]}, message.id) < (%(key)s, %(id)s)"
        if self._order is Order.ARRIVAL:  # only a single comparison leaves out months
            where = f" AND arrived_at <= %(key)s{where}"
        return where, {"key": before.key, "id": before.id}

    def _look_up(self, before: Place) -> Listing | None:
        """Look matches up through the index of texts, in months before a place.

        None if it proposes too many: then the next messages have matches enough.
        """
        months, until = 1, before.key + (before.id > 0)
        most = min(self._most, self._part)
        oldest = self._oldest()
        while until > oldest and months < _MOST_MONTHS:
            start = max(until - months * _MONTH, oldest)
            values = {
                "patterns": list(self._conditions.patterns),
                "from_at": start,
                "until_at": until,
                "most": most + 1,
                "part": most + 1,
            }
            ranges, place = self._before(before)
            part = self._read(_PROPOSED, f"{ranges}{_PERIOD}", {**values, **place})
            if part.count > most:
                return None
            until, months = start, months * 2
            if part.ids or until <= oldest:
                return self._listing(part, Place(0, until) if until > oldest else None)
        return Listing(array("q"), newest=self._mark)

    def _listing(self, part: _Compared, rest: Place | None) -> Listing:
        return Listing(part.ids, part.keys, self._mark, rest)

    def _oldest(self) -> int:
        """Return the time of the oldest message of the period."""
        [(oldest,)] = self._fetch(
            "SELECT min(arrived_at) FROM ibconsole.message WHERE account = %(account)s", {}
        )
        if oldest is None:
            return sys.maxsize
        return max(int(oldest), self._since or 0)

    def _read(self, source: str, ranges: str, values: dict[str, Any]) -> _Compared:
        visible = VISIBLE_NOW
        if self._mark:
            visible = VISIBLE_THEN
            values = {**values, "mark": self._marks.snapshot(self._mark)}
        # What is proposed was compared with the text already.
        tests = self._conditions.others if source == _PROPOSED else self._conditions.tests
        query = self._format(_PART, visible, tests, source=source, ranges=ranges)
        [(snapshot, ids, keys, count, end)] = self._fetch(query, values)
        self._mark = self._mark or self._marks.add(snapshot)
        place = Place(end[1], end[0]) if end else None
        return _Compared(*self._compare_json(_unpack(ids), _unpack(keys)), count, place)

    def _compare_json(
        self, ids: "array[int]", keys: "array[int]"
    ) -> "tuple[array[int], array[int]]":
        """Return those of the messages that may match which do."""
        condition = self._condition
        if not ids or not self._tests_json or condition is None:
            return ids, keys
        found: set[int] = set()
        without = set(ids)
        for page in read_pages(self._queries, ids, _JSON_SIZE):
            if self._cancelled():
                raise JobCancelled("The search was given up for another one.")
            without.difference_update(one.id for one, _ in page)
            found.update(one.id for one, _ in page if matches(condition, one))
        if without:
            query = _THESE.format(tests=self._conditions.without_json)
            found.update(one for (one,) in self._fetch(query, {"wanted": list(without)}))
        kept = [place for place, one in enumerate(ids) if one in found]
        return array("q", (ids[one] for one in kept)), array("q", (keys[one] for one in kept))

    def _format(
        self, query: str, visible: str, tests: str, *, source: str = "", ranges: str = ""
    ) -> str:
        return query.format(
            key=_KEYS[self._order],
            source=source,
            ranges=ranges + self._conditions.ranges,
            visible=visible,
            tests=tests,
            packed=_PACKED,
            snapshot=SNAPSHOT,
        )

    def _fetch(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        used = {**self._conditions.values, **values}
        return self._queries.fetch(query, used, cancelled=self._cancelled)


def _joined(parts: list[Listing], mark: int) -> Listing:
    """Join parts, of which the newest is the first."""
    if len(parts) == 1:
        return parts[0]
    ids, keys = array("q"), array("q")
    for part in reversed(parts):
        ids += part.ids
        keys += part.keys
    return Listing(ids, keys, mark)


def _last(found: Listing, limit: int | None, rest: Place | None) -> Listing:
    """Return the last matches of a listing; what is left out is the rest."""
    if limit is not None and len(found.ids) > max(limit, 0):
        first = len(found.ids) - limit
        found = Listing(found.ids[first:], found.keys[first:], found.newest)
        scanned = bool(rest and rest.scanned)
        rest = Place(found.ids[0], found.keys[0], scanned) if limit else rest
    return msgspec.structs.replace(found, rest=rest)


def _unpack(numbers: bytes) -> "array[int]":
    """Return numbers of 64 bits, the newest first, as an array with the oldest first."""
    unpacked = array("q")
    unpacked.frombytes(numbers)
    if sys.byteorder == "little":
        unpacked.byteswap()
    unpacked.reverse()
    return unpacked
