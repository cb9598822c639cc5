"""Finding messages: which ones, in which order, and the newest of them before all others."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw
import msgspec

from ibconsole.archive.connection import fetch, one_state
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.indexing import proposed_by
from ibconsole.archive.records import Filter, Listing, Order

Value = str | int | float | bytes | None

_SEARCHED = ("text", "sender", "keyword", "message_id")
_LONGEST_PATTERN = 1000  # SQLite refuses patterns of more than 50,000 bytes


def conditions(wanted: Filter) -> tuple[str, dict[str, Value]]:
    """SQL to put behind a WHERE on `message`, beginning with AND or empty; and its values."""
    found: list[tuple[bool, str, Value]] = [
        (bool(wanted.application), "application_code = :application", wanted.application),
        (bool(wanted.via), "via = :via", wanted.via),
        (bool(wanted.flags), "flags & :flags", int(wanted.flags)),
        (wanted.connection is not None, "connection = :connection", wanted.connection),
        (wanted.since is not None, "arrived_at >= :since", wanted.since),
        (wanted.until is not None, "arrived_at < :until", wanted.until),
    ]
    parts = [sql for used, sql, _ in found if used]
    values = {sql.rpartition(":")[2]: value for used, sql, value in found if used}
    if wanted.text:
        sql, values["text"] = _search(wanted.text)
        parts.append(sql)
    return "".join(f" AND {part}" for part in parts), values


def register(db: apsw.Connection) -> None:
    """Give the connection what the conditions need."""
    db.create_scalar_function("contains", _contains, deterministic=True)


def _search(text: str) -> tuple[str, str]:
    """SQLite's LIKE knows the case of ASCII alone, ends at a NUL, and has a longest pattern.

    It is used where that makes next to no difference (it does not find a ß by ss, but ss by
    a ß): at a million rows the other way takes several times as long.
    """
    text = text.encode(errors="replace").decode()
    if len(text) > _LONGEST_PATTERN or "\0" in text or not all(map(_is_plain, text)):
        columns = ", ".join(_SEARCHED)
        return f"contains(:text, {columns})", text.casefold()
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    likes = " OR ".join(f"{column} LIKE :text ESCAPE '\\'" for column in _SEARCHED)
    return f"({likes})", f"%{escaped}%"


def _is_plain(character: str) -> bool:
    return character.isascii() or character.upper() == character.lower() == character.casefold()


def _contains(*values: Value) -> bool:
    folded, *columns = values
    return any(str(folded) in str(column).casefold() for column in columns)


_PULSE = 20_000  # steps of SQLite's machine between two looks whether somebody still waits
_UNKNOWN = -(1 << 63)
_PROPOSED = (
    "(SELECT rowid AS proposed FROM message_words WHERE message_words MATCH :words)"
    " CROSS JOIN message ON id = proposed"
)
# What a list is sorted by, and the id, in which it ends if two are alike. NULLs come first.
_KEYS = {Order.ARRIVAL: ("id",), Order.RECEIVED: ("received_at", "id")}


def search(
    db: apsw.Connection,
    wanted: Filter,
    *,
    order: Order = Order.ARRIVAL,
    after: int = 0,
    limit: int | None = None,
) -> Listing:
    """The messages above the id `after` that fit; see `Reader.search`."""
    where, values = conditions(wanted)
    words = proposed_by(wanted.text) if wanted.text else None
    with one_state(db):
        [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
        if words is None or after >= indexed:
            source = f"SELECT id, received_at FROM message WHERE id > :after{where}"  # noqa: S608 values are bound
            return _listing(db, source, {"after": after, **values}, order, limit)
        bound = {"after": after, "indexed": indexed, "words": words, **values}
        newer = f"SELECT id, received_at FROM message WHERE id > :indexed{where}"  # noqa: S608
        # By the index's own ids: in their order it proposes, so the newest need no sorting.
        older = (
            f"SELECT proposed AS id, received_at FROM {_PROPOSED} WHERE proposed > :after{where}"  # noqa: S608
        )
        if order is Order.ARRIVAL:
            late = _listing(db, newer, bound, order, limit)
            left = None if limit is None else limit - len(late.ids)
            early = _listing(db, older, bound, order, left)
            return Listing(early.ids + late.ids)
        return _listing(db, f"{newer} UNION ALL {older}", bound, order, limit)


@contextmanager
def stopping(db: apsw.Connection, cancelled: Callable[[], bool]) -> Iterator[None]:
    """End what this connection does in the block, with Stopped, once `cancelled` says so."""

    def pulse() -> bool:
        if cancelled():
            raise JobCancelled("The search was given up for another one.")
        return False

    db.set_progress_handler(pulse, _PULSE)
    try:
        yield
    finally:
        db.set_progress_handler(None)


def _listing(
    db: apsw.Connection, source: str, values: dict[str, Value], order: Order, limit: int | None
) -> Listing:
    """The rows of this source in order, or only the last so many of them."""
    if limit is not None:
        newest_first = ", ".join(f"{key} DESC" for key in _KEYS[order])
        source = f"{source} ORDER BY {newest_first} LIMIT {max(limit, 0)}"
        if "UNION" in source:
            source = f"SELECT * FROM ({source})"  # noqa: S608
    by = ", ".join(_KEYS[order])
    keys = f", json_group_array(coalesce(received_at, {_UNKNOWN}))"
    [found] = fetch(
        db,
        f"SELECT json_group_array(id){keys if order is Order.RECEIVED else ''}"  # noqa: S608
        f" FROM (SELECT * FROM ({source}) ORDER BY {by})",
        values,
    )
    ids, *instants = (array("q", msgspec.json.decode(one, type=list[int])) for one in found)
    return Listing(ids, *instants)
