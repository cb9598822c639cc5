"""Searching messages: translating a filter to SQL, and listing the matches in sort order.

A search reads the indexed messages through the full-text index and the newer ones one by one,
see `indexing`; both parts apply the same conditions.
"""

import sys
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import apsw
import msgspec
from msgspec.structs import replace

from ibconsole.archive.connection import fetch, snapshot
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.indexing import IndexMatch, look_up
from ibconsole.archive.records import Filter, Listing, Order, Place
from ibconsole.text import ASCII_SPELLINGS, fold

Value = str | int | float | bytes | None

_SEARCHED = ("keyword", "text", "sender", "message_id")
_NOT_ASCII = "octet_length({0}) > length({0})"  # or with a NUL
_MAX_PATTERN = 1000  # characters; SQLite rejects patterns of more than 50,000 bytes
_CHECK_STEPS = 20_000  # instructions of SQLite's virtual machine between two cancellation checks
_UNKNOWN_TIME = -(1 << 63)
_LAST_ID = (1 << 63) - 1
# So few messages are read and sorted in some 20 ms.
_FEW = 20_000
# The number of older messages that are compared in one call, or listed if an index proposes no
# more: in 10 to 100 ms.
_PART = 1 << 15
# Short texts that begin many terms, with proposals for more than a fifth of the messages, are
# searched without the index: comparing all takes no longer.
_RARE_PART = 5
# Up to this number, terms are joined in one query, which reads their lists side by side: 40 ms
# for 400,000 messages.
_JOINED_TERMS = 48
# Numbers as one BLOB of 64 bits each: SQLite joins a million of them while the window's thread
# runs, and decoding JSON would hold it.
_JOINED = "unhex(group_concat(printf('%016X', {}), ''))"
_STEP = 1 << 16  # ids that are listed in one call: 2 ms, in which no other thread runs
# The columns of each sort order, ending with the id for equal keys. NULLs come first.
_SORT_COLUMNS = {Order.ARRIVAL: ("id",), Order.RECEIVED: ("received_at", "id")}


def register_functions(db: apsw.Connection) -> None:
    """Register the SQL function that `conditions` uses on this connection."""
    db.create_scalar_function("contains", _contains, 2, deterministic=True)


def conditions(criteria: Filter) -> tuple[str, dict[str, Value]]:
    """Translate a filter to SQL for the WHERE clause of a query on `message`, and its values.

    The SQL is empty or begins with AND.
    """
    candidates: list[tuple[bool, str, Value]] = [
        (_is_plain(criteria.application), "application_code = :application", criteria.application),
        (criteria.via is not None, "via = :via", criteria.via),
        (bool(criteria.flags), "flags & :flags", int(criteria.flags)),
        (criteria.connection is not None, "connection = :connection", criteria.connection),
        (criteria.since is not None, "arrived_at >= :since", criteria.since),
        (criteria.until is not None, "arrived_at < :until", criteria.until),
        (bool(criteria.sender), "sender = :sender", criteria.sender),
        (bool(criteria.keyword), "keyword = :keyword", criteria.keyword),
    ]
    parts = [sql for used, sql, _ in candidates if used]
    values = {sql.rpartition(":")[2]: value for used, sql, value in candidates if used}
    if criteria.ids:
        values["ids"] = msgspec.json.encode(criteria.ids).decode()
        parts.append("id IN (SELECT value FROM json_each(:ids))")
    if criteria.text:
        sql, texts = _text_condition(criteria.text)
        parts.append(sql)
        values |= texts
    if not criteria.application.isascii():
        sql, texts = _equivalents(criteria.application)
        parts.append(sql)
        values |= texts
    return "".join(f" AND {part}" for part in parts), values


def search(
    db: apsw.Connection,
    criteria: Filter,
    *,
    order: Order = Order.ARRIVAL,
    after: int = 0,
    limit: int | None = None,
    few: int = _FEW,
) -> Listing:
    """Return the messages with ids above `after` that match; see `Reader.search`.

    Up to about `few` messages are read without looking for a shorter way.
    """
    query = _Query(db, criteria, order, after, limit)
    query.few = few
    with snapshot(db):
        if _is_hopeless(db, criteria):
            return Listing(array("q"))
        if query.has_short_period():
            return query.list_table("message INDEXED BY message_arrived")
        if query.has_few_flagged(few):
            return query.list_table("message INDEXED BY message_flagged")
        query.end_with_period()
        [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
        if after >= indexed or not (criteria.text or criteria.sender or criteria.keyword):
            return query.list_all() or query.list_table()
        most, joined = max(few, indexed // _RARE_PART), _JOINED_TERMS
        if limit is not None:  # of a frequent text, the newest are found at once
            most, joined = few, 0
        others = (criteria.sender, criteria.keyword)
        match = look_up(db, criteria.text, others, most=most, joined=joined)
        return query.list_indexed(match, indexed) if match else query.list_table()


def search_older(
    db: apsw.Connection,
    criteria: Filter,
    before: Place,
    *,
    order: Order,
    newest: int,
    part: int = _PART,
) -> Listing:
    """Return the next matches before a place, up to the id `newest`; see `Reader.search_older`."""
    query = _Query(db, criteria, order, 0, None)
    with snapshot(db):
        if found := query.list_all():
            del found.ids[bisect_left(found.ids, before.id) :]
            return Listing(found.ids, newest=before.id - 1)
        query.end_before(before, newest, part)
        if query.has_short_period():
            return query.list_table("message INDEXED BY message_arrived")
        if query.has_few_flagged(part):
            return query.list_table("message INDEXED BY message_flagged")
        if query.has_few_of_application():
            return query.list_table()
        [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
        others = (criteria.sender, criteria.keyword)
        match = None
        if not before.scanned:
            match = look_up(db, criteria.text, others, most=part, joined=_JOINED_TERMS)
        if match and query.has_few_proposals(match):
            return query.list_indexed(match, indexed)
        return query.list_part(before, match, indexed)


@contextmanager
def cancellable(db: apsw.Connection, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Interrupt the block's queries on this connection once `cancelled` returns True.

    Raises JobCancelled then.
    """

    def check() -> bool:
        if cancelled():
            raise JobCancelled("The search was given up for another one.")
        return False

    db.set_progress_handler(check, _CHECK_STEPS)
    try:
        yield
    finally:
        db.set_progress_handler(None)


def _is_hopeless(db: apsw.Connection, criteria: Filter) -> bool:
    """Return whether a condition alone matches no message, as indexes and deliveries show.

    A message has way and connection of its delivery, and there are fewer deliveries.
    """
    parts = [
        f" AND {column} = :{column}"
        for column, value in (("via", criteria.via), ("connection", criteria.connection))
        if value is not None
    ]
    values: dict[str, Value] = {
        "via": criteria.via,
        "connection": criteria.connection,
        "flags": int(criteria.flags),
    }
    sources = []
    if parts:
        vias = " AND via IN ('pull', 'forward')"  # by which the index is sorted
        sources.append(
            f"delivery INDEXED BY delivery_filled WHERE message_count > 0{vias}{''.join(parts)}"
        )
    if criteria.flags:
        sources.append("message INDEXED BY message_flagged WHERE flags <> 0 AND flags & :flags")
    return any(
        not fetch(db, f"SELECT 1 FROM {source} LIMIT 1", values)  # noqa: S608 written above
        for source in sources
    )


class _Query:
    """Lists the messages with ids above `after` that match: in order, at most the last `limit`."""

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
        self._part = _PART
        self.few = _FEW

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
        [(last,)] = fetch(
            self._db,
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
        table = table or ("message NOT INDEXED" if self._after else "message")
        range_ = self._range.format("id")
        source = f"SELECT id, received_at FROM {table} WHERE {range_}{self._where}"  # noqa: S608 values are bound
        return self._list(source, self._values)

    def list_all(self) -> Listing | None:
        """List messages of all kinds, without reading them; None if some ids are missing."""
        if self._where or self._limit is not None or self._order is not Order.ARRIVAL:
            return None
        [(lowest, highest, count)] = fetch(
            self._db,
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
        found = fetch(
            self._db,
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
            late = self._list(newer, values)
            remaining = None if self._limit is None else self._limit - len(late.ids)
            early = self._list(older, values, remaining)
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
        columns = ", ".join(f"{column} DESC" for column in _SORT_COLUMNS[self._order])
        among = self._range.format("id")
        latest = f"(SELECT * FROM message WHERE {among} ORDER BY {columns} LIMIT {self.few})"  # noqa: S608
        source = f"SELECT id, received_at FROM {latest} WHERE id > :after{self._where}"  # noqa: S608
        found = self._list(source, self._values)
        return found if len(found.ids) >= self._limit else None

    def _list(self, source: str, values: Mapping[str, Value], limit: int | None = None) -> Listing:
        """Return the rows of the source query in order, only the last `limit` of them if given."""
        columns = _SORT_COLUMNS[self._order]
        limit = self._limit if limit is None else limit
        if limit is not None:
            newest_first = ", ".join(f"{column} DESC" for column in columns)
            source = f"{source} ORDER BY {newest_first} LIMIT {max(limit, 0)}"
            if "UNION" in source:
                source = f"SELECT * FROM ({source})"  # noqa: S608
        listed = _JOINED.format("id")
        if self._order is Order.RECEIVED:
            listed += f", {_JOINED.format(f'coalesce(received_at, {_UNKNOWN_TIME})')}"
        [(newest, *numbers)] = fetch(
            self._db,
            f"SELECT max(id), {listed} FROM (SELECT * FROM ({source}) ORDER BY"  # noqa: S608
            f" {', '.join(columns)})",
            values,
        )
        ids, keys = [*map(_unpack, numbers), array("q")][:2]
        return Listing(ids, keys, newest or 0)

    def _count(self, source: str, values: Mapping[str, Value], most: int) -> int:
        """Count the rows of a source, at most `most` of them."""
        query = f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {most})"  # noqa: S608
        [(count,)] = fetch(self._db, query, values)
        return int(count)


def _is_plain(text: str) -> bool:
    """Return whether this is some text that has one spelling only."""
    return bool(text) and text.isascii()


def _equivalents(code: str) -> tuple[str, dict[str, Value]]:
    """Return the SQL for an application's code in any of its Unicode spellings, and its values."""
    composed, decomposed = (unicodedata.normalize(form, code) for form in ("NFC", "NFD"))
    values: dict[str, Value] = {"code": code, "composed": composed, "decomposed": decomposed}
    return "application_code IN (:code, :composed, :decomposed)", values


def _text_condition(text: str) -> tuple[str, dict[str, Value]]:
    """Return the SQL that searches for a text in all searched columns, and its values.

    SQLite's own functions decide about texts in ASCII, and find most others that lack an ASCII
    text: for a million rows a fraction of the time. LIKE ends at a NUL, and limits the pattern's
    length.
    """
    folded = fold(text.encode(errors="replace").decode())
    values: dict[str, Value] = {"text": folded}
    ways = [f"{_NOT_ASCII} AND contains(:text, {{0}})"]
    if folded.isascii() and len(folded) <= _MAX_PATTERN:
        spellings = [one for one in ASCII_SPELLINGS if not set(fold(one)).isdisjoint(folded)]
        others = ["instr({0}, char(0))", *(f"instr({{0}}, '{one}')" for one in spellings)]
        like = "{0} LIKE :pattern ESCAPE '\\'"
        ways = [  # all columns by the first, quick one before any by the other
            f"{like} AND NOT {_NOT_ASCII}",
            f"{_NOT_ASCII} AND ({' OR '.join((like, *others))}) AND contains(:text, {{0}})",
        ]
        escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["pattern"] = f"%{escaped}%"
    elif folded.isascii():
        ways = ["contains(:text, {0})"]
    found = (f"({way})".format(column) for way in ways for column in _SEARCHED)
    return f"({' OR '.join(found)})", values


def _contains(*values: Value) -> bool:
    folded, text = values
    return str(folded) in fold(str(text))


def _unpack(numbers: bytes | None) -> "array[int]":
    unpacked = array("q")
    unpacked.frombytes(numbers or b"")
    if sys.byteorder == "little":
        unpacked.byteswap()
    return unpacked
