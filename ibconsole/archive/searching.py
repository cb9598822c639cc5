"""Searching messages: translating a filter to SQL, and listing the matches in sort order.

A search reads the indexed messages through the full-text index and the newer ones one by one,
see `indexing`; both parts apply the same conditions.
"""

import time
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw
import msgspec

from ibconsole.archive.connection import fetch, snapshot
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.indexing import exact_query, index_query, is_rare, short_query
from ibconsole.archive.records import Filter, Listing, Order
from ibconsole.text import ASCII_SPELLINGS, fold

Value = str | int | float | bytes | None

_SEARCHED = ("text", "sender", "keyword", "message_id")
_NOT_ASCII = "octet_length({0}) > length({0})"  # or with a NUL
_MAX_PATTERN = 1000  # characters; SQLite rejects patterns of more than 50,000 bytes
_CHECK_STEPS = 20_000  # instructions of SQLite's virtual machine between two cancellation checks
_UNKNOWN_TIME = -(1 << 63)
_PIECE = 1 << 16  # bytes of a list that are decoded at a time, some 5,000 numbers
_PAUSE = 0.0002  # seconds between two pieces
_PROPOSED = (
    "(SELECT rowid AS proposed FROM message_words WHERE message_words MATCH :words)"
    " CROSS JOIN message ON id = proposed"
)
_PROPOSED_SHORT = (
    "(SELECT DISTINCT words.rowid + 0 AS proposed FROM message_terms"
    " CROSS JOIN message_words AS words WHERE term >= :first AND term <= :last"
    " AND words.message_words MATCH '\"' || replace(term, '\"', '\"\"') || '\"'"
    " AND words.rowid > :after) CROSS JOIN message ON id = proposed"
)
# Short texts with more proposals are searched without the index: comparing a fifth of the messages
# takes as long as reading all in order, and the newest of a frequent text are found at once.
_RARE_PART = 5
_RARE = 20_000
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
) -> Listing:
    """Return the messages with ids above `after` that match; see `Reader.search`."""
    where, values = conditions(criteria)
    with snapshot(db):
        if _is_hopeless(db, criteria):
            return Listing(array("q"))
        [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
        most = _RARE if limit is not None else max(_RARE, indexed // _RARE_PART)
        proposed, words = _proposals(db, criteria, most)
        if not words or after >= indexed:
            source = f"SELECT id, received_at FROM message WHERE id > :after{where}"  # noqa: S608 values are bound
            return _list(db, source, {"after": after, **values}, order, limit)
        bound = {"after": after, "indexed": indexed, **words, **values}
        newer = f"SELECT id, received_at FROM message WHERE id > :indexed{where}"  # noqa: S608
        # By the index's own ids: it proposes in their order, so the newest need no sorting.
        older = f"SELECT proposed AS id, received_at FROM {proposed} WHERE proposed > :after{where}"  # noqa: S608
        if order is Order.ARRIVAL:
            late = _list(db, newer, bound, order, limit)
            remaining = None if limit is None else limit - len(late.ids)
            early = _list(db, older, bound, order, remaining)
            return Listing(early.ids + late.ids, newest=late.newest or early.newest)
        return _list(db, f"{newer} UNION ALL {older}", bound, order, limit)


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
    checks: tuple[tuple[bool, str, Value], ...] = (
        (criteria.via is not None, "delivery WHERE via = ?", criteria.via),
        (criteria.connection is not None, "delivery WHERE connection = ?", criteria.connection),
        (
            bool(criteria.flags),
            "message INDEXED BY message_flagged WHERE flags <> 0 AND flags & ?",
            int(criteria.flags),
        ),
    )
    return any(
        not fetch(db, f"SELECT 1 FROM {source} LIMIT 1", (value,))  # noqa: S608 written above
        for used, source, value in checks
        if used
    )


def _proposals(db: apsw.Connection, criteria: Filter, most: int) -> tuple[str, dict[str, Value]]:
    """Return the source of the messages that the index proposes for a filter, and its values.

    No values if the index does not narrow the search down: `most` are few enough proposals.
    """
    queries = (
        index_query(criteria.text),
        exact_query(criteria.sender),
        exact_query(criteria.keyword),
    )
    if words := " AND ".join(filter(None, queries)):
        return _PROPOSED, {"words": words}
    if terms := short_query(db, criteria.text):
        rare = is_rare(db, terms, most)
        return _PROPOSED_SHORT, {"first": terms[0], "last": terms[1]} if rare else {}
    return "", {}


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
    found = f"{_NOT_ASCII} AND contains(:text, {{0}})"
    if folded.isascii() and len(folded) <= _MAX_PATTERN:
        spellings = [one for one in ASCII_SPELLINGS if not set(fold(one)).isdisjoint(folded)]
        others = ["instr({0}, char(0))", *(f"instr({{0}}, '{one}')" for one in spellings)]
        found = (
            f"({{0}} LIKE :pattern ESCAPE '\\' OR {_NOT_ASCII} AND ({' OR '.join(others)}))"
            f" AND (NOT {_NOT_ASCII} OR contains(:text, {{0}}))"
        )
        escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["pattern"] = f"%{escaped}%"
    elif folded.isascii():
        found = "contains(:text, {0})"
    return f"({' OR '.join(f'({found})'.format(column) for column in _SEARCHED)})", values


def _contains(*values: Value) -> bool:
    folded, text = values
    return str(folded) in fold(str(text))


def _list(
    db: apsw.Connection, source: str, values: dict[str, Value], order: Order, limit: int | None
) -> Listing:
    """Return the rows of the source query in order, only the last `limit` of them if given."""
    columns = _SORT_COLUMNS[order]
    if limit is not None:
        newest_first = ", ".join(f"{column} DESC" for column in columns)
        source = f"{source} ORDER BY {newest_first} LIMIT {max(limit, 0)}"
        if "UNION" in source:
            source = f"SELECT * FROM ({source})"  # noqa: S608
    # As BLOBs, which are copied; the decoding of texts would hold the window's thread, too.
    times = f", CAST(json_group_array(coalesce(received_at, {_UNKNOWN_TIME})) AS BLOB)"
    [found] = fetch(
        db,
        f"SELECT CAST(json_group_array(id) AS BLOB){times if order is Order.RECEIVED else ''}"  # noqa: S608
        f" FROM (SELECT * FROM ({source}) ORDER BY {', '.join(columns)})",
        values,
    )
    ids, newest = _decode(found[0])
    keys = _decode(found[1])[0] if order is Order.RECEIVED else array("q")
    return Listing(ids, keys, newest)


def _decode(numbers: bytes) -> tuple["array[int]", int]:
    """Decode a JSON list of numbers; return them, and the highest, 0 if there is none.

    In pieces, with pauses in which other threads run: decoding a million numbers in one call would
    hold the window's thread for 60 ms, and without pauses it waits 5 ms for each cell that it
    paints.
    """
    decoded, highest, start, end = array("q"), 0, 1, len(numbers) - 1
    while start < end:
        stop = numbers.find(b",", start + _PIECE, end)
        stop = end if stop < 0 else stop
        piece = msgspec.json.decode(b"[%b]" % numbers[start:stop], type=list[int])
        decoded.extend(piece)
        highest = max(highest, *piece)
        start = stop + 1
        if start < end:
            time.sleep(_PAUSE)
    return decoded, highest
