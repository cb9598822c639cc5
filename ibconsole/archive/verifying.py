"""Verifying that everything stored is still as it was received.

Checks the hash of each body, the span of each message in its body, the counters, the chain of the
audit, the chains of the ledger, and the file's structure with SQLite's own check. Writes nothing.
Each delivery is read in a short transaction of its own, so that writers can truncate their log in
between; only SQLite's own check, and that of the audit, keep one snapshot open for longer.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from typing import Any

import apsw
import msgspec

from ibconsole.archive.audit import check_audit
from ibconsole.archive.bodies import read_body
from ibconsole.archive.connection import fetch, snapshot
from ibconsole.archive.decoding import DecodingInput, decode_body, undo_content_encoding
from ibconsole.archive.ledger import check_ledger
from ibconsole.archive.records import (
    Damage,
    DeliveryCondition,
    DeliveryState,
    Progress,
    ProgressCallback,
    Verification,
)
from ibconsole.model import Undecodable, encode, parse, read_message

_MAX_LISTED = 1_000  # damages, and deliveries of each listed condition
_PAGE = 500  # ids of deliveries read in one query
_REPORT_STEPS = 100_000  # instructions of SQLite's virtual machine between two reports
_CHECKING_FILE = "Looking at the file's structure"
_CHECKING_DELIVERIES = "Looking at what was received"
_CHECKING_LEDGER = "Looking at what was sent again"
# A ValueError: text that is not UTF-8, or a value that no version of the program writes.
_DAMAGED = (apsw.CorruptError, apsw.NotADBError, msgspec.DecodeError, ValueError)
_COUNTS = {
    "messages": "SELECT count(*) FROM message",
    "pull": "SELECT count(*) FROM delivery WHERE via = 'pull'",
    "forward": "SELECT count(*) FROM delivery WHERE via = 'forward'",
}


class _StoredDelivery(msgspec.Struct, frozen=True):
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
    """Collects what a verification finds."""

    def __init__(self) -> None:
        self.conditions: Counter[DeliveryCondition] = Counter()
        self.listed: dict[DeliveryCondition, list[int]] = {
            DeliveryCondition.CUT: [],
            DeliveryCondition.UNDECODABLE: [],
        }
        self.damages: list[Damage] = []
        self.damaged = 0
        self.messages = 0
        self.audit_rows = 0
        self.ledger_items = 0

    def add_damage(
        self, sentence: str, delivery: int | None = None, message: int | None = None
    ) -> None:
        self.damaged += 1
        if len(self.damages) < _MAX_LISTED:
            self.damages.append(Damage(sentence, delivery, message))

    def add_delivery(self, delivery: int, condition: DeliveryCondition) -> None:
        self.conditions[condition] += 1
        listed = self.listed.get(condition)
        if listed is not None and len(listed) < _MAX_LISTED:
            listed.append(delivery)


def verify(db: apsw.Connection, on_progress: ProgressCallback) -> Verification:
    """Verify the archive that this connection reads; see `Reader.verify`."""
    found = _Findings()
    _check_structure(db, found, on_progress)
    _check_deliveries(db, found, on_progress)
    _check_counters(db, found)
    _check_audit(db, found)
    _check_ledger(db, found, on_progress)
    return Verification(
        {condition: found.conditions[condition] for condition in DeliveryCondition},
        found.messages,
        {condition: tuple(ids) for condition, ids in found.listed.items()},
        tuple(found.damages),
        found.damaged,
        found.audit_rows,
        found.ledger_items,
    )


def _check_structure(db: apsw.Connection, found: _Findings, on_progress: ProgressCallback) -> None:
    def report_progress() -> bool:
        on_progress(Progress(_CHECKING_FILE))
        return False

    db.set_progress_handler(report_progress, _REPORT_STEPS)
    try:
        on_progress(Progress(_CHECKING_FILE))
        with _damage_noted(found):
            for (line,) in fetch(db, f"PRAGMA integrity_check({_MAX_LISTED})"):
                if line != "ok":
                    found.add_damage(f"The file's structure is damaged: {line}.")
        with _damage_noted(found):
            for table, row, parent, _ in fetch(db, "PRAGMA foreign_key_check"):
                found.add_damage(f"A row of the table {table} ({row}) belongs to no {parent}.")
    finally:
        db.set_progress_handler(None)


def _check_audit(db: apsw.Connection, found: _Findings) -> None:
    with _damage_noted(found), snapshot(db):
        audit = check_audit(db)
        found.audit_rows = audit.rows
        if audit.broken is not None:
            found.add_damage(f"The audit is broken at row {audit.broken}. {audit.problem}")


def _check_ledger(db: apsw.Connection, found: _Findings, on_progress: ProgressCallback) -> None:
    def count_item() -> None:
        found.ledger_items += 1
        on_progress(Progress(_CHECKING_LEDGER, found.ledger_items, max(total, found.ledger_items)))

    with _damage_noted(found):
        [(total,)] = fetch(db, "SELECT count(*) FROM redelivery_item")
        for problem in check_ledger(db, count_item):
            found.add_damage(problem.sentence)


def _check_deliveries(db: apsw.Connection, found: _Findings, on_progress: ProgressCallback) -> None:
    [(total,)] = fetch(db, "SELECT count(*) FROM delivery")
    done = after = 0
    while ids := _read_ids(db, found, after):
        for delivery in ids:
            on_progress(Progress(_CHECKING_DELIVERIES, done, max(done, total)))
            _check_delivery(db, delivery, found)
            done += 1
        after = ids[-1]
    on_progress(Progress(_CHECKING_DELIVERIES, done, done))


def _read_ids(db: apsw.Connection, found: _Findings, after: int) -> list[int]:
    query = "SELECT id FROM delivery WHERE id > ? ORDER BY id LIMIT ?"
    try:
        rows = fetch(db, query, (after, _PAGE))
    except _DAMAGED as error:
        found.add_damage(f"Deliveries after {after} cannot be read: {error}.")
        return []
    return [delivery for (delivery,) in rows]


def _check_delivery(db: apsw.Connection, delivery: int, found: _Findings) -> None:
    before = found.damaged
    condition = DeliveryCondition.DAMAGED
    with _damage_noted(found, delivery), snapshot(db):
        rows = fetch(
            db,
            "SELECT id, via, state, status, headers, sha256, complete, interrupted, salvaged,"
            " problem, decoding_problem, message_count, origin FROM delivery WHERE id = ?",
            (delivery,),
        )
        if not rows:
            return  # deleted meanwhile
        stored = _StoredDelivery(*(*rows[0], read_body(db, delivery)))
        condition = _condition(stored)
        _check_body(stored, found)
        _check_messages(db, stored, found)
    found.add_delivery(
        delivery, condition if found.damaged == before else DeliveryCondition.DAMAGED
    )


def _condition(stored: _StoredDelivery) -> DeliveryCondition:
    """Return the condition of a delivery that is not damaged: the first one that applies."""
    cut = stored.interrupted or stored.salvaged or not stored.complete
    undecodable = stored.body and stored.decoding_problem and not stored.message_count
    under_way = stored.state in {DeliveryState.ASKING, DeliveryState.RECEIVED}
    for applies, condition in (
        (under_way, DeliveryCondition.UNDER_WAY),
        (stored.state == DeliveryState.FAILED, DeliveryCondition.NOT_SENT),
        (stored.body is None, DeliveryCondition.WITHOUT_BODY),
        (cut, DeliveryCondition.CUT),
        (undecodable, DeliveryCondition.UNDECODABLE),
    ):
        if applies:
            return condition
    return DeliveryCondition.WHOLE


def _check_body(stored: _StoredDelivery, found: _Findings) -> None:
    if stored.body is None:
        expected = stored.state in {DeliveryState.RECEIVED, DeliveryState.DECODED}
        if expected and stored.origin is None:
            found.add_damage(f"The body of delivery {stored.id} is missing.", stored.id)
    elif sha256(stored.body).hexdigest() != stored.sha256:
        found.add_damage(
            f"The body of delivery {stored.id} is not what was received: its SHA-256 differs.",
            stored.id,
        )


def _check_messages(db: apsw.Connection, stored: _StoredDelivery, found: _Findings) -> None:
    body = _PlainBody(stored)
    count = 0
    # One element at a time in memory.
    for message, message_id, start, size, element in db.execute(
        "SELECT id, message_id, start, size, body FROM message LEFT JOIN element ON message = id"
        " WHERE delivery = ? ORDER BY position",
        (stored.id,),
    ):
        count += 1
        if element is None and (start is None or not body.is_stored):
            found.add_damage(f"The text of message {message} is missing.", stored.id, message)
        elif not (
            body.has_message(message_id, start, size)
            if element is None
            else stored.body is None or body.contains(element, start, size)
        ):
            found.add_damage(
                f"Message {message} is not what stands in the body of delivery {stored.id}.",
                stored.id,
                message,
            )
    found.messages += count
    if count != stored.message_count:
        found.add_damage(
            f"Delivery {stored.id} should have {stored.message_count} messages and has {count}.",
            stored.id,
        )


class _PlainBody:
    """The decompressed body of a delivery."""

    def __init__(self, stored: _StoredDelivery) -> None:
        self._input = DecodingInput.from_row(
            stored.body or b"",
            stored.via,
            stored.status,
            stored.headers,
            stored.complete,
            stored.problem,
        )
        self._bytes, _ = undo_content_encoding(self._input.body, self._input.headers)
        self.is_stored = bool(stored.body) and self._bytes is stored.body

    def contains(self, element: bytes, start: int | None, size: int | None) -> bool:
        """Return whether the message is at this span, or anywhere if its span is not known."""
        try:
            if start is None or size is None:
                wanted = encode(parse(element))
                return wanted in self._elements or wanted in self._replaced_elements
            found = self._bytes[start : start + size]
            # Another version of the program may have encoded the same JSON differently.
            return found == element or parse(found) == parse(element)
        except Undecodable:
            return False

    def has_message(self, message_id: str, start: int, size: int) -> bool:
        """Return whether a message with this message id is at this span."""
        try:
            message = read_message(parse(self._bytes[start : start + size]))
        except Undecodable:
            return False
        return message.message_id == message_id

    @cached_property
    def _elements(self) -> set[bytes]:
        return _elements_of(self._input)

    @cached_property
    def _replaced_elements(self) -> set[bytes]:
        """The messages as ibconsole 0.1.0 stored them: bytes that are not UTF-8 replaced."""
        replaced = self._bytes.decode(errors="replace").encode()
        return _elements_of(msgspec.structs.replace(self._input, body=replaced, headers=()))


def _elements_of(answer: DecodingInput) -> set[bytes]:
    decoded = decode_body(answer)
    elements = map(decoded.element, range(len(decoded.messages)))
    return {encode(parse(element)) for element in elements}


def _check_counters(db: apsw.Connection, found: _Findings) -> None:
    with _damage_noted(found), snapshot(db):
        stored: dict[str, Any] = dict(fetch(db, "SELECT name, value FROM counter"))
        for name, query in _COUNTS.items():
            [(count,)] = fetch(db, query)
            if stored.get(name) != count:
                found.add_damage(
                    f"The counter {name!r} says {stored.get(name)}, but there are {count}."
                )


@contextmanager
def _damage_noted(found: _Findings, delivery: int | None = None) -> Iterator[None]:
    """Record an unreadable part of the file as damage, so that the rest can still be checked."""
    try:
        yield
    except _DAMAGED as error:
        subject = "The file" if delivery is None else f"Delivery {delivery}"
        found.add_damage(f"{subject} cannot be read whole: {error}.", delivery)
