"""Going through everything that is stored, to say what of it is as it was received.

Looks at each body's hash, at each message's place in its body, at the counts, and has SQLite
look at its own file. Writes nothing. One delivery is one short look at the file, so writers
can shorten their log in between; only SQLite's own check holds on to one state of it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import apsw
import msgspec

from ibconsole.archive.connection import fetch, one_state
from ibconsole.archive.decoding import Content, read_content, undo_encoding
from ibconsole.archive.records import (
    Damage,
    DeliveryCondition,
    Progress,
    ProgressCallback,
    Verification,
)
from ibconsole.model import Undecodable, encode, parse

_NAMED = 1_000
_PAGE = 500  # ids of deliveries that are looked up together
_PULSE = 100_000  # steps of SQLite's machine between two calls of `watch`
_DAMAGED = (apsw.CorruptError, apsw.NotADBError, msgspec.DecodeError)
_COUNTS = {
    "messages": "SELECT count(*) FROM message",
    "pull": "SELECT count(*) FROM delivery WHERE via = 'pull'",
    "forward": "SELECT count(*) FROM delivery WHERE via = 'forward'",
}


@dataclass(frozen=True, slots=True)
class _Delivery:
    id: int
    via: str
    state: str
    status: int | None
    headers: str
    sha256: str
    complete: int
    interrupted: int
    salvaged: int
    problem: str
    decoding_problem: str
    message_count: int
    origin: str | None
    body: bytes | None


class _Findings:
    """What was found so far."""

    def __init__(self) -> None:
        self.standings: Counter[DeliveryCondition] = Counter()
        self.named: dict[DeliveryCondition, list[int]] = {
            DeliveryCondition.CUT: [],
            DeliveryCondition.UNDECODABLE: [],
        }
        self.damages: list[Damage] = []
        self.damaged = 0
        self.messages = 0

    def note(self, sentence: str, delivery: int | None = None, message: int | None = None) -> None:
        self.damaged += 1
        if len(self.damages) < _NAMED:
            self.damages.append(Damage(sentence, delivery, message))

    def stand(self, delivery: int, standing: DeliveryCondition) -> None:
        self.standings[standing] += 1
        named = self.named.get(standing)
        if named is not None and len(named) < _NAMED:
            named.append(delivery)


def verify(db: apsw.Connection, watch: ProgressCallback) -> Verification:
    """Verify the archive that this connection reads; see `Reader.verify`."""
    found = _Findings()
    _look_at_structure(db, found, watch)
    _look_at_deliveries(db, found, watch)
    _look_at_counts(db, found)
    return Verification(
        {standing: found.standings[standing] for standing in DeliveryCondition},
        found.messages,
        {standing: tuple(ids) for standing, ids in found.named.items()},
        tuple(found.damages),
        found.damaged,
    )


def _look_at_structure(db: apsw.Connection, found: _Findings, watch: ProgressCallback) -> None:
    def pulse() -> bool:
        watch(Progress("Looking at the file's structure"))
        return False

    db.set_progress_handler(pulse, _PULSE)
    try:
        watch(Progress("Looking at the file's structure"))
        with _damage_noted(found):
            for (line,) in fetch(db, f"PRAGMA integrity_check({_NAMED})"):
                if line != "ok":
                    found.note(f"The file's structure is damaged: {line}.")
        with _damage_noted(found):
            for table, row, parent, _ in fetch(db, "PRAGMA foreign_key_check"):
                found.note(f"A row of the table {table} ({row}) belongs to no {parent}.")
    finally:
        db.set_progress_handler(None)


def _look_at_deliveries(db: apsw.Connection, found: _Findings, watch: ProgressCallback) -> None:
    [(total,)] = fetch(db, "SELECT count(*) FROM delivery")
    done = after = 0
    while ids := _ids(db, found, after):
        for delivery in ids:
            watch(Progress("Looking at what was received", done, max(done, total)))
            _look_at(db, delivery, found)
            done += 1
        after = ids[-1]
    watch(Progress("Looking at what was received", done, done))


def _ids(db: apsw.Connection, found: _Findings, after: int) -> list[int]:
    query = "SELECT id FROM delivery WHERE id > ? ORDER BY id LIMIT ?"
    try:
        rows = fetch(db, query, (after, _PAGE))
    except _DAMAGED as error:
        found.note(f"Deliveries behind {after} cannot be read: {error}.")
        return []
    return [delivery for (delivery,) in rows]


def _look_at(db: apsw.Connection, delivery: int, found: _Findings) -> None:
    before = found.damaged
    standing = DeliveryCondition.DAMAGED
    with _damage_noted(found, delivery), one_state(db):
        rows = fetch(
            db,
            "SELECT id, via, state, status, headers, sha256, complete, interrupted, salvaged,"
            " problem, decoding_problem, message_count, origin, body FROM delivery"
            " LEFT JOIN content ON delivery = id WHERE id = ?",
            (delivery,),
        )
        if not rows:
            return  # deleted meanwhile
        one = _Delivery(*rows[0])
        standing = _standing(one)
        _look_at_body(one, found)
        _look_at_messages(db, one, found)
    found.stand(delivery, standing if found.damaged == before else DeliveryCondition.DAMAGED)


def _standing(one: _Delivery) -> DeliveryCondition:
    """What it is if nothing is wrong with it; the first that fits."""
    salvaged = one.interrupted or one.salvaged or not one.complete
    unread = one.body and one.decoding_problem and not one.message_count
    for fits, standing in (
        (one.state in {"asking", "received"}, DeliveryCondition.UNDER_WAY),
        (one.state == "failed", DeliveryCondition.NOT_SENT),
        (one.body is None, DeliveryCondition.WITHOUT_BODY),
        (salvaged, DeliveryCondition.CUT),
        (unread, DeliveryCondition.UNDECODABLE),
    ):
        if fits:
            return standing
    return DeliveryCondition.WHOLE


def _look_at_body(one: _Delivery, found: _Findings) -> None:
    if one.body is None:
        if one.state in {"received", "decoded"} and one.origin is None:
            found.note(f"The body of delivery {one.id} is missing.", one.id)
    elif sha256(one.body).hexdigest() != one.sha256:
        found.note(
            f"The body of delivery {one.id} is not what was received: its SHA-256 differs.",
            one.id,
        )


def _look_at_messages(db: apsw.Connection, one: _Delivery, found: _Findings) -> None:
    body = _Body(one)
    count = 0
    for message, start, size, element in db.execute(
        "SELECT id, start, size, body FROM message LEFT JOIN element ON message = id"
        " WHERE delivery = ? ORDER BY position",
        (one.id,),
    ):
        count += 1
        if element is None:
            found.note(f"The text of message {message} is missing.", one.id, message)
        elif one.body is not None and not body.holds(element, start, size):
            found.note(
                f"Message {message} is not what stands in the body of delivery {one.id}.",
                one.id,
                message,
            )
    found.messages += count
    if count != one.message_count:
        found.note(
            f"Delivery {one.id} should have {one.message_count} messages and has {count}.", one.id
        )


class _Body:
    """The unpacked body of a delivery, in which its messages stand."""

    def __init__(self, one: _Delivery) -> None:
        self._content = Content(
            one.via,
            one.status,
            msgspec.json.decode(one.headers, type=list[tuple[str, str]]),
            one.body or b"",
            bool(one.complete),
            one.problem,
        )
        self._unpacked, _ = undo_encoding(self._content.body, self._content.headers)

    def holds(self, element: bytes, start: int | None, size: int | None) -> bool:
        """Whether the element stands there; anywhere, if nobody noted where."""
        if start is None or size is None:
            return element in self._elements
        try:
            there = self._unpacked[start : start + size]
            # Another version may have written the same in another way.
            return there == element or parse(there) == parse(element)
        except Undecodable:
            return False

    @cached_property
    def _elements(self) -> set[bytes]:
        return {encode(message.raw) for message in read_content(self._content).messages}


def _look_at_counts(db: apsw.Connection, found: _Findings) -> None:
    with _damage_noted(found), one_state(db):
        stored: dict[str, Any] = dict(fetch(db, "SELECT name, value FROM counter"))
        for name, query in _COUNTS.items():
            [(count,)] = fetch(db, query)
            if stored.get(name) != count:
                found.note(f"The counter {name!r} says {stored.get(name)}, but there are {count}.")


@contextmanager
def _damage_noted(found: _Findings, delivery: int | None = None) -> Iterator[None]:
    """What SQLite cannot read is a finding; the rest can still be looked at."""
    try:
        yield
    except _DAMAGED as error:
        what = "The file" if delivery is None else f"Delivery {delivery}"
        found.note(f"{what} cannot be read whole: {error}.", delivery)
