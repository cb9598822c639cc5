"""The record of every test of a forward URL."""

from collections.abc import Sequence

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.records import ForwardTestRecord

_COLUMNS = "id, at, url, status, payload, answer, facts"


def add_test(db: apsw.Connection, record: ForwardTestRecord) -> int:
    """Write a record, whatever its id says; its id. Within the caller's transaction."""
    values = (
        record.at, record.url, record.status, record.payload, record.answer, record.facts,
    )  # fmt: skip
    fetch(
        db,
        "INSERT INTO forward_test (at, url, status, payload, answer, facts)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        values,
    )
    return db.last_insert_rowid()


def read_tests(db: apsw.Connection, most: int) -> Sequence[ForwardTestRecord]:
    """The latest records, at most so many, the newest first."""
    rows = fetch(db, f"SELECT {_COLUMNS} FROM forward_test ORDER BY id DESC LIMIT ?", (most,))  # noqa: S608 no value is in it
    return [ForwardTestRecord(*row) for row in rows]
