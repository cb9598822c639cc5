"""Reading and writing the values of `records` as table rows.

The only module that knows which columns make up which value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import apsw
from msgspec.structs import replace

from ibconsole.archive.answers import read_given
from ibconsole.archive.bodies import BODY_SIZE, read_body, read_parts
from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import parse_headers, undo_content_encoding
from ibconsole.archive.records import (
    ArchiveCounts,
    Delivery,
    DeliveryState,
    Flags,
    ForwardTestRecord,
    MessageRow,
    SourceActivity,
    StoredMessage,
    Via,
)
from ibconsole.model import GivenAnswer, encode

LISTED_CHARACTERS = 1000  # of a text in MessageRow
# As bytes, because SQLite's substr ends a text at a NUL. A character takes up to four bytes.
_ROW = (
    "message.id, delivery, via, application_code, sender, keyword,"
    f" substr(CAST(text AS BLOB), 1, {4 * LISTED_CHARACTERS}), received_at, arrived_at, flags,"
    " connection"
)
_MESSAGE = (
    "message.id, delivery, via, application_code, sender, keyword, text, received_at,"
    " arrived_at, flags, connection, position, message_id, duplicate_of, body, start, size"
)
_COPY = 14  # places in _MESSAGE
_START = 15
_SIZE = 16
_DELIVERY = (
    "id, via, state, connection, base_url, began_at, ended_at, limit_asked, method, target,"
    " peer, status, sha256, message_count, announced, pending,"
    f" {BODY_SIZE},"
    " headers, complete, interrupted, salvaged, problem, decoding_problem, origin"
)
_FACTS = (
    "delivery.id, coalesce(origin, ''), via, began_at, connection, base_url, ended_at,"
    " limit_asked, method, status, sha256, announced, pending, complete, interrupted, salvaged,"
    " trim(problem || ' ' || decoding_problem)"
)
_FORWARD_TEST = "id, at, url, status, payload, answer, facts"


class MessageValues(NamedTuple):
    """A message with all its fields as plain values, read in a fraction of the time.

    The fields are those of `StoredMessage`.
    """

    id: int
    delivery: int
    via: str
    application_code: str
    sender: str
    keyword: str
    text: str
    received_at: int | None
    arrived_at: int
    flags: int
    connection: str | None
    position: int
    message_id: str
    duplicate_of: int | None
    body: bytes
    start: int | None
    size: int | None


class DeliveryFacts(NamedTuple):
    """Facts of a delivery that are exported with each of its messages; fields as in `Delivery`.

    Not among them: the path of a forward, which protects the listener from others, the headers
    and the raw bytes, nor those of the answer of a rule.
    """

    id: int
    origin: str
    via: Via
    began_at: int
    connection: str | None
    base_url: str
    ended_at: int | None
    limit_asked: int | None
    method: str
    status: int | None
    sha256: str
    announced: int | None
    pending: int | None
    complete: bool
    interrupted: bool
    salvaged: bool
    problem: str
    answer: GivenAnswer | None = None


def read_rows(db: apsw.Connection, ids: Sequence[int]) -> list[MessageRow]:
    """Read the messages with these ids, in their order; ids that do not exist are skipped."""
    found = fetch(
        db,
        f"SELECT {_ROW} FROM json_each(?) AS wanted JOIN message ON message.id = wanted.value"  # noqa: S608 names written above
        " ORDER BY wanted.key",
        (encode(list(ids)).decode(),),
    )
    return [_row(*values) for values in found]


def read_deliveries(db: apsw.Connection, ids: Sequence[int]) -> list[Delivery]:
    """Read the deliveries with these ids, in their order; ids that do not exist are skipped."""
    found = fetch(
        db,
        f"SELECT {_DELIVERY} FROM (SELECT key AS place, value AS wanted FROM json_each(?))"  # noqa: S608 names written above
        " JOIN delivery ON id = wanted ORDER BY place",
        (encode(list(ids)).decode(),),
    )
    deliveries = [_delivery(*values) for values in found]
    forwards = [one.id for one in deliveries if one.via is Via.FORWARD]
    given = read_given(db, forwards) if forwards else {}
    if not given:
        return deliveries
    return [
        replace(one, status=answer.planned.status, answer=answer)
        if (answer := given.get(one.id))
        else one
        for one in deliveries
    ]


def read_facts(db: apsw.Connection, ids: Sequence[int]) -> list[DeliveryFacts]:
    """Read the exported facts of the deliveries with these ids; missing ones are skipped."""
    found = fetch(
        db,
        f"SELECT {_FACTS} FROM json_each(?) AS wanted JOIN delivery ON delivery.id = wanted.value",  # noqa: S608 names written above
        (encode(list(ids)).decode(),),
    )
    facts = [_facts(*row) for row in found]
    forwards = [one.id for one in facts if one.via is Via.FORWARD]
    given = read_given(db, forwards) if forwards else {}
    return [_with_answer(one, given[one.id]) if one.id in given else one for one in facts]


def read_counts(db: apsw.Connection) -> ArchiveCounts:
    """Read the totals, which are stored."""
    found = dict(
        fetch(
            db,
            "SELECT name, value FROM counter"
            " UNION ALL SELECT 'newest message', coalesce(max(id), 0) FROM message"
            " UNION ALL SELECT 'newest delivery', coalesce(max(id), 0) FROM delivery",
        )
    )
    names = ("messages", "pull", "forward", "last_pull_at", "newest message", "newest delivery")
    return ArchiveCounts(*(found[name] for name in names))


def read_source_activity(db: apsw.Connection, connection: str, base_url: str) -> SourceActivity:
    """Read the last pull from an account, the last forward, and the requests refused since.

    Refused requests are few (`add_forwards`), so the search for the last forward is short.
    """
    account = " AND connection = :connection" if connection else ""
    if base_url:  # imports of older versions have none
        account = f" AND (base_url = :base_url OR (base_url = ''{account}))"
    pulls = fetch(
        db,
        f"SELECT id FROM delivery WHERE via = 'pull'{account} ORDER BY id DESC LIMIT 1",  # noqa: S608 values are bound
        {"connection": connection, "base_url": base_url},
    )
    forwards = fetch(
        db,
        "SELECT id, began_at FROM delivery WHERE via = 'forward' AND status < 400"
        " ORDER BY id DESC LIMIT 1",
    )
    last, forwarded_at = forwards[0] if forwards else (0, None)
    refused = fetch(
        db,
        "SELECT began_at, status FROM delivery WHERE via = 'forward' AND status >= 400"
        " AND id > ? ORDER BY id DESC",
        (last,),
    )
    found = read_deliveries(db, [row[0] for row in pulls])
    refused_at, status = refused[0] if refused else (None, None)
    pull = found[0] if found else None
    return SourceActivity(pull, forwarded_at, len(refused), refused_at, status)


def read_trailing_bytes(db: apsw.Connection, delivery: int, limit: int) -> bytes:
    """Read the bytes after the last whole message of a cut body; see `Reader.trailing_bytes`."""
    found = fetch(
        db,
        "SELECT headers, (SELECT max(start + size) FROM message WHERE delivery = id),"
        " EXISTS (SELECT 1 FROM message WHERE delivery = id) FROM delivery"
        " WHERE id = ? AND (salvaged OR interrupted OR NOT complete)",
        (delivery,),
    )
    for headers, end, has_messages in found:
        if has_messages and end is None:
            return b""  # converted or unwrapped: where the messages end is not known
        body = read_body(db, delivery) or b""
        plain, _ = undo_content_encoding(body, parse_headers(headers))
        trailing: bytes = plain[end or 0 :][: limit + 1].lstrip(b", \t\r\n")
        return trailing[:limit]
    return b""


def add_forward_test(db: apsw.Connection, record: ForwardTestRecord, connection: str = "") -> int:
    """Insert a record inside a transaction and return its id; the record's own id is ignored."""
    fetch(
        db,
        "INSERT INTO forward_test (at, url, status, payload, answer, facts)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (record.at, record.url, record.status, record.payload, record.answer, record.facts),
    )
    test = db.last_insert_rowid()
    if connection:
        fetch(db, "INSERT OR REPLACE INTO forward_test_owner VALUES (?, ?)", (test, connection))
    return test


def set_forward_test_facts(db: apsw.Connection, test: int, facts: str) -> None:
    """Replace the facts of a record inside a transaction; nothing happens if it was deleted."""
    fetch(db, "UPDATE forward_test SET facts = ? WHERE id = ?", (facts, test))


def read_forward_tests(db: apsw.Connection, limit: int) -> Sequence[ForwardTestRecord]:
    """Read the latest records, at most `limit`, the newest first."""
    rows = fetch(db, f"SELECT {_FORWARD_TEST} FROM forward_test ORDER BY id DESC LIMIT ?", (limit,))  # noqa: S608 names written above
    return [ForwardTestRecord(*row) for row in rows]


def read_tests(db: apsw.Connection, ids: Sequence[int]) -> Sequence[ForwardTestRecord]:
    """Read these records, in any order; missing ones are skipped."""
    rows = fetch(
        db,
        f"SELECT {_FORWARD_TEST} FROM forward_test"  # noqa: S608 names written above
        " WHERE id IN (SELECT value FROM json_each(?))",
        (encode(list(ids)).decode(),),
    )
    return [ForwardTestRecord(*row) for row in rows]


def read_values(
    db: apsw.Connection, condition: str, values: Mapping[str, Any], size: int
) -> list[MessageValues]:
    """Read the first messages that fulfil a condition, the SQL after WHERE.

    No more are read once their JSON has about this size in bytes. Those whose JSON is missing are
    skipped. To be called inside a snapshot.
    """
    rows, total = [], 0
    found = db.execute(
        f"SELECT {_MESSAGE} FROM message LEFT JOIN element ON message = message.id"  # noqa: S608 names written above
        f" WHERE {condition}",
        values,
    )
    for row in found:
        rows.append(row)
        total += row[_SIZE] or len(row[_COPY] or b"")
        if total >= size:
            break
    found.close()
    parts = read_parts(
        db, [(row[1], row[_START], row[_SIZE]) for row in rows if row[_COPY] is None]
    )
    rest = iter(parts)
    bodies = [next(rest) if row[_COPY] is None else row[_COPY] for row in rows]
    return [
        # As `_make` does, which takes twice the time.
        tuple.__new__(MessageValues, (*row[:_COPY], body, row[_START], row[_SIZE]))
        for row, body in zip(rows, bodies, strict=True)
        if body is not None
    ]


def read_delivery_applications(db: apsw.Connection, delivery: int) -> list[str]:
    """Read the codes of the applications that have messages in a delivery, in order."""
    query = "SELECT DISTINCT application_code FROM message WHERE delivery = ? ORDER BY 1"
    return [code for (code,) in fetch(db, query, (delivery,))]


def to_message(values: MessageValues) -> StoredMessage:
    """Return the values of a message as such."""
    via, flags = Via(values[2]), Flags(values[9])
    fields = (*values[:2], via, *values[3:9], flags, *values[11:])
    return StoredMessage(*fields, connection=values[10])


def _facts(*values: Any) -> DeliveryFacts:
    delivery, origin, via, *plain = values[:13]
    booleans = (bool(value) for value in values[13:16])
    return DeliveryFacts._make((delivery, origin, Via(via), *plain, *booleans, values[16], None))


def _with_answer(facts: DeliveryFacts, answer: GivenAnswer) -> DeliveryFacts:
    planned = replace(answer.planned, headers=(), body=b"")
    return facts._replace(status=planned.status, answer=replace(answer, planned=planned))


def _row(*values: Any) -> MessageRow:
    via, flags = Via(values[2]), Flags(values[9])
    # SQLite returns NULL for an empty part of a text.
    text = (values[6] or b"").decode(errors="ignore")[:LISTED_CHARACTERS]
    fields = (*values[:2], via, *values[3:6], text, *values[7:9], flags)
    return MessageRow(*fields, connection=values[10])


def _delivery(*values: Any) -> Delivery:
    delivery, via, state, *plain = values[:17]
    headers, complete, interrupted, salvaged, problem, decoding_problem, origin = values[17:]
    pairs = tuple(parse_headers(headers))
    booleans = (bool(complete), bool(interrupted), bool(salvaged))
    sentences = " ".join(sentence for sentence in (problem, decoding_problem) if sentence)
    kinds = (Via(via), DeliveryState(state))
    return Delivery(*(delivery, *kinds, *plain, pairs, *booleans, sentences, origin or ""))
