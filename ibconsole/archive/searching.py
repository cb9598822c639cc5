"""Finding messages: which ones, in which order, and the newest of them before all others."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw
import msgspec

from ibconsole.archive.connection import fetch, one_state
from ibconsole.archive.errors import Stopped
from ibconsole.archive.filtering import Value, conditions
from ibconsole.archive.indexing import proposed_by
from ibconsole.archive.records import Filter, Listing, Order

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
    most: int | None = None,
) -> Listing:
    """The messages above the id `after` that fit; see `Reader.search`."""
    where, values = conditions(wanted)
    words = proposed_by(wanted.text) if wanted.text else None
    with one_state(db):
        [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
        if words is None or after >= indexed:
            source = f"SELECT id, received_at FROM message WHERE id > :after{where}"  # noqa: S608 values are bound
            return _listing(db, source, {"after": after, **values}, order, most)
        bound = {"after": after, "indexed": indexed, "words": words, **values}
        newer = f"SELECT id, received_at FROM message WHERE id > :indexed{where}"  # noqa: S608
        # By the index's own ids: in their order it proposes, so the newest need no sorting.
        older = (
            f"SELECT proposed AS id, received_at FROM {_PROPOSED} WHERE proposed > :after{where}"  # noqa: S608
        )
        if order is Order.ARRIVAL:
            late = _listing(db, newer, bound, order, most)
            left = None if most is None else most - len(late.ids)
            early = _listing(db, older, bound, order, left)
            return Listing(early.ids + late.ids)
        return _listing(db, f"{newer} UNION ALL {older}", bound, order, most)


@contextmanager
def stopping(db: apsw.Connection, stopped: Callable[[], bool]) -> Iterator[None]:
    """End what this connection does in the block, with Stopped, once `stopped` says so."""

    def pulse() -> bool:
        if stopped():
            raise Stopped("The search was given up for another one.")
        return False

    db.set_progress_handler(pulse, _PULSE)
    try:
        yield
    finally:
        db.set_progress_handler(None)


def _listing(
    db: apsw.Connection, source: str, values: dict[str, Value], order: Order, most: int | None
) -> Listing:
    """The rows of this source in order, or only the last so many of them."""
    if most is not None:
        newest_first = ", ".join(f"{key} DESC" for key in _KEYS[order])
        source = f"{source} ORDER BY {newest_first} LIMIT {max(most, 0)}"
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
