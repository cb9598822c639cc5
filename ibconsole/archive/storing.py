"""Storing decoded messages as rows, and the SQL that every writing module shares.

Every function here that writes is called inside a transaction that holds the write lock.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import apsw
import msgspec

from ibconsole.archive.bodies import BODY, body_of
from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import DecodedBody, DecodingInput, decode_body, flags_of
from ibconsole.archive.records import DecodingResult, DeliveryState, Flags
from ibconsole.model import MessageFields, encode

INSERT_MESSAGE = (
    "INSERT INTO message (id, delivery, via, connection, arrived_at, position, message_id,"
    " application_code, sender, keyword, text, received_at, flags, duplicate_of, start, size)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
FIRST_SLICE = 2_000  # messages of a large answer that are committed first, to be seen soon
SLICE = 5_000  # messages in one transaction: other writers wait for a tenth of a second
_DUPLICATE = int(Flags.DUPLICATE)
_LOOKED_UP = 10_000  # message ids in one query; SQLite takes up to 32,766 values

Source: TypeAlias = tuple[int, str, str | None, int]


class MessageBatch(msgspec.Struct, frozen=True):
    """The messages of one delivery, at these positions, that are to be inserted.

    `source` are the columns that they take from the delivery: id, via, connection, arrival.
    """

    source: Source
    decoded: DecodedBody
    positions: Sequence[int]

    def messages(self) -> Sequence[MessageFields]:
        """Return the messages at the positions."""
        if isinstance(self.positions, range):
            return self.decoded.messages[self.positions.start : self.positions.stop]
        return [self.decoded.messages[position] for position in self.positions]


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Pause garbage collection in the block: creating 100,000 messages takes a fifth less time.

    If it was disabled before, it stays disabled afterwards.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def find_undecoded(db: apsw.Connection, owners: Sequence[str]) -> list[int]:
    """Return the ids of what these owners received and did not decode yet, oldest first."""
    rows = fetch(
        db,
        "SELECT id FROM delivery WHERE state = 'received' AND owner IN"
        " (SELECT value FROM json_each(?)) ORDER BY id",
        (encode(owners).decode(),),
    )
    return [delivery for (delivery,) in rows]


def decode_received(
    db: apsw.Connection, deliveries: Sequence[int]
) -> dict[int, DecodedBody | None]:
    """Decode those that are received and have their body; the others are None.

    To be called outside of a transaction, because decoding takes time.
    """
    bodies: dict[int, DecodedBody | None] = dict.fromkeys(deliveries)
    rows = db.execute(
        f"SELECT id, body_start, {BODY}, {DecodingInput.COLUMNS} FROM delivery"  # noqa: S608 names
        " JOIN content ON delivery = id"
        " WHERE state = 'received' AND id IN (SELECT value FROM json_each(?))",
        (encode(list(deliveries)).decode(),),
    )
    for delivery, start, stored, *values in rows:
        body = body_of(db, delivery, start, stored)
        bodies[delivery] = decode_body(DecodingInput.from_row(body, *values))
    return bodies


def store_decoded(
    db: apsw.Connection, bodies: Mapping[int, DecodedBody | None], limit: int = SLICE
) -> dict[int, DecodingResult]:
    """Store the next messages of received deliveries, at most `limit`, and mark what is complete.

    Returns what is stored of each complete delivery. The others are still received, and have
    their first `message_count` messages; to be called until all are complete. A delivery that is
    decoded already, perhaps by another process meanwhile, is left as it is, and so is one whose
    body is None. Raises LookupError for an id that does not exist.
    """
    sources = _sources_of(db, bodies)
    first = following = next_id(db, "message")
    results: dict[int, DecodingResult] = {}
    batches: list[MessageBatch] = []
    for delivery, body in bodies.items():
        state, stored, source = sources[delivery]
        if body is None or state != DeliveryState.RECEIVED:
            results[delivery] = _read_result(db, delivery)
            continue
        batch = MessageBatch(source, body, range(stored, len(body.messages))[:limit])
        batches.append(batch)
        limit -= len(batch.positions)
        if stored + len(batch.positions) < len(body.messages):
            _mark_begun(db, batch)
            break
        ids = _ids(db, delivery, stored)
        following, own = following + len(batch.positions), following
        results[delivery] = _result(body, delivery, (*ids, *range(own, following)))
    insert_messages(db, batches, first)
    _mark_decoded(db, [results[batch.source[0]] for batch in batches if batch.source[0] in results])
    add_to_counter(db, "messages", sum(len(batch.positions) for batch in batches))
    return results


def insert_messages(db: apsw.Connection, batches: Sequence[MessageBatch], first: int) -> None:
    """Insert the messages with consecutive ids from `first`, in their order."""
    messages = [message for batch in batches for message in batch.messages()]
    places = [(batch, position) for batch in batches for position in batch.positions]
    originals = find_originals(db, [message[:2] for message in messages], first)
    db.executemany(
        INSERT_MESSAGE,
        [
            (
                number,
                *batch.source,
                position,
                *message[:6],
                flags_of(message, salvaged=batch.decoded.salvaged)
                | (0 if original is None else _DUPLICATE),
                original,
                *(batch.decoded.spans[position] or (None, None)),
            )
            for number, message, (batch, position), original in zip(
                range(first, first + len(messages)), messages, places, originals, strict=True
            )
        ],
    )
    copies = (batch.decoded.copy(position) for batch, position in places)
    db.executemany(
        "INSERT INTO element VALUES (?, ?)",
        [(number, copy) for number, copy in enumerate(copies, start=first) if copy is not None],
    )


def find_originals(
    db: apsw.Connection, keys: Sequence[tuple[str, str]], first: int
) -> list[int | None]:
    """Return for new messages the id of the first message with the same key, stored or new.

    A key is message id and application code; the new messages will have ids from `first`, in
    this order. None for a message that is the first itself, or has no message id.
    """
    stored: dict[tuple[str, str], int] = {}
    for application in dict.fromkeys(code for _, code in keys):
        wanted = list(dict.fromkeys(name for name, code in keys if name and code == application))
        for start in range(0, len(wanted), _LOOKED_UP):
            names = wanted[start : start + _LOOKED_UP]
            found = db.execute(
                "SELECT message_id, min(id) FROM message WHERE application_code = ?"  # noqa: S608 placeholders
                f" AND message_id IN ({', '.join('?' * len(names))}) GROUP BY message_id",
                (application, *names),
            )
            stored.update(((name, application), message) for name, message in found)
    originals: list[int | None] = []
    for message, key in enumerate(keys, start=first):
        originals.append(original := stored.get(key))
        if key[0] and original is None:
            stored[key] = message
    return originals


def read_state(db: apsw.Connection, delivery: int) -> DeliveryState:
    """Return the state of a delivery. Raises LookupError if there is none with this id."""
    rows = fetch(db, "SELECT state FROM delivery WHERE id = ?", (delivery,))
    if not rows:
        raise LookupError(f"There is no delivery {delivery}.")
    return DeliveryState(rows[0][0])


def add_to_counter(db: apsw.Connection, name: str, change: int) -> None:
    """Add to a stored count; counting a million rows on demand would take too long."""
    db.execute("UPDATE counter SET value = value + ? WHERE name = ?", (change, name))


def next_id(db: apsw.Connection, table: str) -> int:
    """Return an id above all that were ever used in this table, by deleted rows too."""
    [(highest,)] = fetch(
        db,
        f"SELECT max(coalesce((SELECT max(id) FROM {table}), 0), coalesce("  # noqa: S608 two names
        "(SELECT value FROM counter WHERE name = ?), 0))",
        (f"highest_{table}",),
    )
    return int(highest) + 1


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode, by question marks."""
    if text.isascii():
        return text
    return text.encode(errors="replace").decode()


def headers_text(headers: Sequence[tuple[str, str]]) -> str:
    """Encode headers as they are stored: a JSON array of pairs."""
    return encode(
        [(replace_surrogates(name), replace_surrogates(value)) for name, value in headers]
    ).decode()


def _sources_of(
    db: apsw.Connection, deliveries: Iterable[int]
) -> dict[int, tuple[str, int, Source]]:
    """Read of each delivery its state, how many messages are stored, and MessageBatch.source."""
    wanted = list(deliveries)
    rows = fetch(
        db,
        "SELECT state, message_count, id, via, connection, coalesce(ended_at, began_at)"
        " FROM delivery WHERE id IN (SELECT value FROM json_each(?))",
        (encode(wanted).decode(),),
    )
    found = {row[2]: (row[0], row[1], row[2:]) for row in rows}
    if missing := [delivery for delivery in wanted if delivery not in found]:
        raise LookupError(f"There is no delivery {missing[0]}.")
    return found


def _result(body: DecodedBody, delivery: int, ids: tuple[int, ...]) -> DecodingResult:
    return DecodingResult(delivery, ids, body.count, body.pending, body.salvaged, body.problem)


def _ids(db: apsw.Connection, delivery: int, stored: int) -> tuple[int, ...]:
    """Return the ids of the stored messages of a delivery; `stored` is their number."""
    if not stored:
        return ()
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ? ORDER BY position", (delivery,))
    return tuple(message for (message,) in rows)


def _mark_begun(db: apsw.Connection, batch: MessageBatch) -> None:
    db.execute(
        "UPDATE delivery SET message_count = message_count + ? WHERE id = ?",
        (len(batch.positions), batch.source[0]),
    )


def _mark_decoded(db: apsw.Connection, results: Sequence[DecodingResult]) -> None:
    db.executemany(
        "UPDATE delivery SET state = 'decoded', message_count = ?, announced = ?, pending = ?,"
        " salvaged = ?, decoding_problem = ? WHERE id = ?",
        (
            (
                len(result.message_ids),
                result.count,
                result.pending,
                result.salvaged,
                replace_surrogates(result.problem),
                result.delivery,
            )
            for result in results
        ),
    )


def _read_result(db: apsw.Connection, delivery: int) -> DecodingResult:
    [(announced, pending, salvaged, problem, stored)] = fetch(
        db,
        "SELECT announced, pending, salvaged, decoding_problem, message_count FROM delivery"
        " WHERE id = ?",
        (delivery,),
    )
    ids = _ids(db, delivery, stored)
    return DecodingResult(delivery, ids, announced, pending, bool(salvaged), problem)
