"""Requests of those who knew no path of the listener's: kept to be looked at, but not for ever.

They come from anybody, so whoever hammers a wrong path must not fill the disk. The latest stay:
whoever looks wants to see what came just now, as after a slip in a forward URL.
"""

from collections.abc import Sequence

import apsw
import msgspec

from ibconsole.archive.connection import fetch
from ibconsole.archive.storing import add_to_counter
from ibconsole.model import encode

STRANGERS = 500
_FACT = "strangers"


def keep_latest(db: apsw.Connection, new: Sequence[int]) -> None:
    """Note these as strangers' deliveries, and delete the oldest beyond the number kept.

    To be called in the transaction that adds them.
    """
    if not new:
        return
    rows = fetch(db, "SELECT value FROM fact WHERE name = ?", (_FACT,))
    known = msgspec.json.decode(rows[0][0], type=list[int]) if rows else []
    listed = [*known, *new]
    for delivery in listed[:-STRANGERS]:
        # The highest id of all is never among them, so none is given twice.
        db.execute("DELETE FROM content WHERE delivery = ?", (delivery,))
        db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
        add_to_counter(db, "forward", -db.changes())
    db.execute(
        "INSERT INTO fact VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        (_FACT, encode(listed[-STRANGERS:]).decode()),
    )
