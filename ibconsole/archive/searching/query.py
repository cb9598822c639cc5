"""The queries of a search: each lists the matches of a filter in sort order."""

import sys
from array import array
from collections.abc import Mapping
from typing import Any

import apsw
from msgspec.structs import replace

from ibconsole.archive import Filter, Listing, Order, Place
from ibconsole.archive.conditions import AllOf, ByField, ExactField
from ibconsole.archive.searching.condition_sql import Value
from ibconsole.archive.searching.filter_sql import conditions
from ibconsole.archive.searching.indexing import IndexMatch

FEW = 20_000  # so few messages are read and sorted in some 20 ms
# The number of older messages that are compared in one call, or listed if an index proposes no
# more: in 10 to 100 ms.
PART = 1 << 15

# Up to five times as many are sorted in the time in which a million are skipped: some 60 ms.
_SORTED_PARTS = 5
_UNKNOWN_TIME = -(1 << 63)
_LAST_ID = (1 << 63) - 1
NEWEST = Place(_LAST_ID, _LAST_ID)  # after every message, in either order
# Numbers as one BLOB of 64 bits each: SQLite joins a million of them while the window's thread
# runs, and decoding JSON would hold it.
_JOINED = "unhex(group_concat(printf('%016X', {}), ''))"
_STEP = 1 << 16  # ids that are listed in one call: 2 ms, in which no other thread runs
# The columns of each sort order, ending with the id for equal keys. NULLs come first.
_SORT_COLUMNS = {Order.ARRIVAL: ("id",), Order.RECEIVED: ("received_at", "id")}


class Query:
    """Lists the messages with ids above `after` that match: in order, at most the last `limit`.

    Those are the first ones instead if it `is_oldest`, which is for the order of arrival alone.
    """

    def __init__(
        self, db: apsw.Connection, criteria: Filter, order: Order, after: int, limit: int | None
    ) -> None:
        self._db = db
        self._criteria = criteria
        self._order = order
        self._after = after
        self._limit = limit
        self._where, self._values = conditions(criteria)
        self._values["after"] = after
        self._range = "{0} > :after"
        self._part = PART
        self.few = FEW
        self.is_oldest = False

    def end_before(self, place: Place, newest: int, part: int) -> None:
        """List only messages before a place in sort order, up to the id `newest`."""
        self._part = part
        self._values |= {"key": place.key, "id": place.id, "newest": newest}
        older = "{0} < :id"
        if self._order is Order.RECEIVED:
            older = f"received_at IS NULL AND {older}"
            if place.key != _UNKNOWN_TIME:
                older = "(received_at IS NULL OR (received_at, {0}) < (:key, :id))"
        self._range = f"{{0}} <= :newest AND {older}"

    def end_with_period(self) -> None:
        """List only ids up to the highest of the period, as far as there is one and it has ended.

        What is newer would be read from its end to find the first match.
        """
        period = Filter(since=self._criteria.since, until=self._criteria.until)
        if period.until is None:
            return
        where, values = conditions(period)
        [(last,)] = self._fetch(
            "SELECT max(id) FROM message INDEXED BY message_arrived WHERE :until <="  # noqa: S608
            f" (SELECT arrived_at FROM message ORDER BY id DESC LIMIT 1){where}",
            values,
        )
        if last is not None:
            self._values["last"] = last
            self._range += " AND {0} <= :last"

    def has_few_flagged(self, most: int) -> bool:
        """Return whether the filter is by flags that few messages have; they are read by these."""
        flagged = "flags <> 0"  # by which the index of flags can be used
        source = f"message INDEXED BY message_flagged WHERE {flagged} AND flags & :flags"
        if not self._criteria.flags or self._count(source, self._values, most) >= most:
            return False
        self._where += f" AND {flagged}"
        return True

    def has_few_of_application(self) -> bool:
        """Return whether the filter is by an application that has few messages."""
        source = "message INDEXED BY message_application WHERE application_code = :application"
        return (
            "application" in self._values
            and self._count(source, self._values, self._part) < self._part
        )

    def has_few_identified(self) -> bool:
        """Return whether the filter names ids of messages, which few messages have.

        By the full-text index each would be found by its parts: 70 ms among a million.
        """
        condition = self._criteria.condition
        parts = condition.conditions if isinstance(condition, AllOf) else (condition,)
        for part in parts:
            if isinstance(part, ByField) and part.field is ExactField.MESSAGE_ID:
                where, values = conditions(Filter(condition=part))
                source = f"message INDEXED BY message_identity WHERE TRUE{where}"
                return self._count(source, values, self.few) < self.few
        return False

    def has_few_proposals(self, match: IndexMatch) -> bool:
        """Return whether the index proposes few messages."""
        most = 4 * self._part if match.exact else self._part
        return self._count(f"({match.sql})", match.values, most) < most

    def has_short_period(self) -> bool:
        """Return whether few messages arrived within the limits of time, if there are any."""
        period = Filter(since=self._criteria.since, until=self._criteria.until)
        if period == Filter():
            return False
        where, values = conditions(period)
        source = f"message INDEXED BY message_arrived WHERE TRUE{where}"
        return self._count(source, values, self.few) < self.few

    def list_table(self, table: str = "") -> Listing:
        """Read the messages one by one, through an index if `table` names one."""
        # Of few new messages: the index of an order would be read from its start.
        table = table or ("message NOT INDEXED" if self._after else self._table_in_order())
        range_ = self._range.format("id")
        source = f"SELECT id, received_at FROM {table} WHERE {range_}{self._where}"  # noqa: S608 values are bound
        return self._list(source, self._values)

    def _table_in_order(self) -> str:
        """Return the table, by receipt through its index if a period is too long to be sorted.

        The index has the ids as well, so that what is newer is skipped without being read.
        """
        last = self._values.get("last")
        is_long = isinstance(last, int) and last > _SORTED_PARTS * self.few
        if self._order is Order.ARRIVAL or self._limit is None or not is_long:
            return "message"
        return "message" if "application" in self._values else "message INDEXED BY message_received"

    def list_all(self) -> Listing | None:
        """List messages of all kinds, without reading them; None if some ids are missing."""
        if self._where or self._limit is not None or self._order is not Order.ARRIVAL:
            return None
        [(lowest, highest, count)] = self._fetch(
            "SELECT (SELECT min(id) FROM message), (SELECT max(id) FROM message), value"
            " FROM counter WHERE name = 'messages'",
        )
        if count != (highest or 0) - (lowest or 0) + 1:
            return None
        ids = array("q")
        for start in range(max(lowest, self._after + 1), highest + 1, _STEP):
            ids.extend(range(start, min(start + _STEP, highest + 1)))
        return Listing(ids, newest=ids[-1] if ids else 0)

    def list_part(self, before: Place, match: IndexMatch | None, indexed: int) -> Listing:
        """List the matches among the next messages before a place, and where to go on.

        In order of arrival, only those are read that the index proposes.
        """
        narrow = match if self._order is Order.ARRIVAL else None
        table, older, rest = self._next_part(before)
        if rest:
            rest = replace(rest, scanned=narrow is None)
        self._range = f"{older} AND {{0}} <= :newest"
        where = f"{self._range.format('id')}{self._where}"
        source = f"SELECT id, received_at FROM {table} WHERE {where}"  # noqa: S608 values are bound
        values = self._values
        if narrow and before.id <= indexed:
            source, values = self._proposed(narrow), {**values, **narrow.values}
        return replace(self._list(source, values), rest=rest)

    def _next_part(self, before: Place) -> tuple[str, str, Place | None]:
        """Return the table, the condition, and the end of the next messages before a place."""
        table, columns, older = "message NOT INDEXED", "{0}", "{0} < :id"
        end = None
        if self._order is Order.RECEIVED:
            table = "message INDEXED BY message_received"
            older = f"received_at IS NULL AND {older}"
            if before.key != _UNKNOWN_TIME:
                columns, older = "received_at, {0}", "(received_at, {0}) < (:key, :id)"
                end = Place(_LAST_ID, _UNKNOWN_TIME)
        newest_first = f"{columns} DESC".replace(",", " DESC,").format("id")
        found = self._fetch(
            f"SELECT id, coalesce(received_at, {_UNKNOWN_TIME}) FROM {table}"  # noqa: S608
            f" WHERE {older.format('id')} ORDER BY {newest_first} LIMIT 1 OFFSET {self._part - 1}",
            self._values,
        )
        if found:
            end = Place(*found[0])
            self._values |= {"last_key": end.key, "last_id": end.id}
            last = ":last_key, :last_id" if "," in columns else ":last_id"
            older = f"{older} AND ({columns}) >= ({last})"
        return table, older, end

    def list_indexed(self, match: IndexMatch, indexed: int) -> Listing:
        """List the matches: up to the id `indexed` among what the index proposes, and all newer."""
        if found := self._list_latest(match):
            return found
        values = {**self._values, **match.values, "indexed": indexed}
        # The index of an order would be read from its start.
        where = f"id > :indexed AND {self._range.format('id')}{self._where}"
        newer = f"SELECT id, received_at FROM message NOT INDEXED WHERE {where}"  # noqa: S608
        older = self._proposed(match)
        if self._order is Order.ARRIVAL:
            sources = (older, newer) if self.is_oldest else (newer, older)
            first = self._list(sources[0], values)
            remaining = None if self._limit is None else self._limit - len(first.ids)
            second = self._list(sources[1], values, remaining)
            early, late = (first, second) if self.is_oldest else (second, first)
            return Listing(early.ids + late.ids, newest=late.newest or early.newest)
        return self._list(f"{newer} UNION ALL {older}", values)

    def _proposed(self, match: IndexMatch) -> str:
        where, proposed = self._where, self._range.format("proposed")
        if match.exact:
            where, _ = conditions(replace(self._criteria, text=""))
            if not where and self._order is Order.ARRIVAL:
                return f"SELECT proposed AS id FROM ({match.sql}) WHERE {proposed}"  # noqa: S608
        # By the index's own ids: it proposes in their order, so the newest need no sorting.
        return (
            f"SELECT proposed AS id, received_at FROM ({match.sql}) CROSS JOIN message"  # noqa: S608
            f" ON id = proposed WHERE {proposed}{where}"
        )

    def _list_latest(self, match: IndexMatch) -> Listing | None:
        """Look for enough matches among the latest messages; None if there are not.

        A frequent text is found at once there, while all that the index proposes would have to
        be sorted.
        """
        if self._limit is None or self._order is Order.ARRIVAL:
            return None
        if self._count(f"({match.sql})", match.values, self.few) < self.few:
            return None
        # Their ids from the index alone, so that what is newer is skipped without being read.
        latest = (
            "SELECT id AS late FROM message INDEXED BY message_received"  # noqa: S608
            f" WHERE {self._range.format('id')} ORDER BY received_at DESC, id DESC LIMIT {self.few}"
        )
        joined = f"({latest}) CROSS JOIN message ON id = late"
        source = f"SELECT id, received_at FROM {joined} WHERE id > :after{self._where}"  # noqa: S608
        found = self._list(source, self._values)
        return found if len(found.ids) >= self._limit else None

    def _list(self, source: str, values: Mapping[str, Value], limit: int | None = None) -> Listing:
        """Return the rows of the source query in order, only the last `limit` of them if given."""
        columns = _SORT_COLUMNS[self._order]
        limit = self._limit if limit is None else limit
        if limit is not None:
            direction = "" if self.is_oldest else " DESC"
            wanted_first = ", ".join(f"{column}{direction}" for column in columns)
            source = f"{source} ORDER BY {wanted_first} LIMIT {max(limit, 0)}"
            if "UNION" in source:
                source = f"SELECT * FROM ({source})"  # noqa: S608
        listed = _JOINED.format("id")
        if self._order is Order.RECEIVED:
            listed += f", {_JOINED.format(f'coalesce(received_at, {_UNKNOWN_TIME})')}"
        [(newest, *numbers)] = self._fetch(
            f"SELECT max(id), {listed} FROM (SELECT * FROM ({source}) ORDER BY"  # noqa: S608
            f" {', '.join(columns)})",
            values,
        )
        ids, keys = [*map(_unpack, numbers), array("q")][:2]
        return Listing(ids, keys, newest or 0)

    def _fetch(self, query: str, values: Mapping[str, Value] = {}) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._db.execute(query, values).fetchall()
        return rows

    def _count(self, source: str, values: Mapping[str, Value], most: int) -> int:
        """Count the rows of a source, at most `most` of them."""
        query = f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {most})"  # noqa: S608
        [(count,)] = self._fetch(query, values)
        return int(count)


def _unpack(numbers: bytes | None) -> "array[int]":
    unpacked = array("q")
    unpacked.frombytes(numbers or b"")
    if sys.byteorder == "little":
        unpacked.byteswap()
    return unpacked
