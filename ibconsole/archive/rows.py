"""From table rows to values: the one place that knows which columns make which value."""

from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import undo_encoding
from ibconsole.archive.records import Delivery, Flags, ForwardTestRecord, MessageRow, StoredMessage
from ibconsole.model import encode

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


SHOWN = 200  # characters of a text in a list

_IN_ORDER = "FROM json_each(?) AS wanted"
# A character takes up to four bytes; as bytes, because SQLite's substr ends a text at a NUL.
_ROW = (
    "message.id, delivery, via, application_code, sender, keyword,"
    f" substr(CAST(text AS BLOB), 1, {4 * SHOWN}), received_at, arrived_at, flags"
)
_MESSAGE = (
    "message.id, delivery, via, application_code, sender, keyword, text, received_at,"
    " arrived_at, flags, connection, position, message_id, duplicate_of, body, start, size"
)
_DELIVERY = (
    "id, via, state, connection, base_url, began_at, ended_at, limit_asked, method, target,"
    " peer, status, sha256, message_count, announced, pending,"
    " coalesce((SELECT length(body) FROM content WHERE delivery = id),"
    " (SELECT sum(length(bytes)) FROM chunk WHERE delivery = id), 0),"
    " headers, complete, interrupted, salvaged, problem, decoding_problem, origin"
)
MESSAGES = f"SELECT {_MESSAGE} FROM message JOIN element ON message = message.id"  # noqa: S608 no value of others


def read_rows(db: apsw.Connection, ids: Sequence[int]) -> list[MessageRow]:
    """The messages with these ids as rows of a list, in their order; others are passed over."""
    found = fetch(
        db,
        f"SELECT {_ROW} {_IN_ORDER} JOIN message ON message.id = wanted.value ORDER BY wanted.key",
        (encode(list(ids)).decode(),),
    )
    return [_row(*values) for values in found]


def read_deliveries(db: apsw.Connection, ids: Sequence[int]) -> list[Delivery]:
    """The deliveries with these ids, in their order; others are passed over."""
    found = fetch(
        db,
        f"SELECT {_DELIVERY} FROM (SELECT key AS place, value AS wanted FROM json_each(?))"  # noqa: S608 no value of others
        " JOIN delivery ON id = wanted ORDER BY place",
        (encode(list(ids)).decode(),),
    )
    return [_delivery(*values) for values in found]


def rest_of(db: apsw.Connection, delivery: int, most: int) -> bytes:
    """What stands in a cut body behind its last whole message; see `Reader.rest`."""
    found = fetch(
        db,
        "SELECT headers, body, (SELECT max(start + size) FROM message WHERE delivery = id)"
        " FROM delivery JOIN content ON delivery = id"
        " WHERE id = ? AND (salvaged OR interrupted OR NOT complete)",
        (delivery,),
    )
    for headers, body, end in found:
        unpacked, _ = undo_encoding(body, msgspec.json.decode(headers, type=list[tuple[str, str]]))
        rest: bytes = unpacked[end or 0 :][: most + 1].lstrip(b", \t\r\n")
        return rest[:most]
    return b""


def to_message(values: tuple[Any, ...]) -> StoredMessage:
    """A row that MESSAGES selected, as a value."""
    return StoredMessage(*(*values[:9], Flags(values[9]), *values[10:]))


def _row(*values: Any) -> MessageRow:
    # To SQLite, a part of no bytes is NULL.
    text = (values[6] or b"").decode(errors="ignore")[:SHOWN]
    return MessageRow(*(*values[:6], text, *values[7:9], Flags(values[9])))


def _delivery(*values: Any) -> Delivery:
    *plain, headers, complete, interrupted, salvaged, problem, decoding_problem, origin = values
    pairs = tuple(msgspec.json.decode(headers, type=list[tuple[str, str]]))
    sentences = " ".join(sentence for sentence in (problem, decoding_problem) if sentence)
    flags = (bool(complete), bool(interrupted), bool(salvaged))
    return Delivery(*(*plain, pairs, *flags, sentences, origin or ""))
