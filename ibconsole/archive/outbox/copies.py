"""Copies of what the rows of the outbox name, read in one snapshot."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import apsw

from ibconsole.archive import BODY_SIZE, fetch, read_pieces
from ibconsole.archive.answers import read_given
from ibconsole.archive.outbox.records import (
    AnswerCopy,
    AuditCopy,
    DeliveryCopy,
    ForwardTestCopy,
    LedgerEntryCopy,
    LedgerItemCopy,
    ListCopy,
    MessageCopy,
    OutboxRow,
    PointCopy,
    Shipment,
    ShippedKind,
)
from ibconsole.model import encode

# For one connection at a time: the rows of others, which may be very many, are not passed over.
_ROWS = (
    "SELECT id, connection, kind, key, at FROM team_outbox INDEXED BY team_outbox_connection"
    " WHERE connection = ? AND id > ? ORDER BY id LIMIT ?"
)
_ORIGIN = (
    "coalesce(delivery.origin,"
    " (SELECT value FROM fact WHERE name = 'archive') || ':' || delivery.id)"
)
# Without an unfinished one: it may be noted by a program that stored it again.
_DELIVERIES = (
    f"SELECT delivery.id, {_ORIGIN}, via, state, base_url, began_at, ended_at, limit_asked,"  # noqa: S608 names
    " method, target, peer, status, headers, sha256, complete, problem, interrupted, message_count,"
    f" announced, pending, salvaged, decoding_problem, {BODY_SIZE}, body_start, raw,"
    " iif(body_start IS NULL, body, NULL),"
    " (SELECT epoch FROM delivery_epoch WHERE delivery_epoch.delivery = delivery.id),"
    " coalesce((SELECT revision FROM delivery_revision"
    " WHERE delivery_revision.delivery = delivery.id), 0)"
    " FROM (SELECT key AS place, value AS wanted FROM json_each(?))"
    " CROSS JOIN delivery ON delivery.id = wanted"
    " LEFT JOIN content ON content.delivery = delivery.id"
    " WHERE state IN ('decoded', 'failed') ORDER BY place"
)
# Places in DeliveryCopy; `body_start`, the raw bytes and the body follow the size.
_BOOLEANS = tuple(map(DeliveryCopy._fields.index, ("complete", "interrupted", "salvaged")))
_BODY_SIZE = DeliveryCopy._fields.index("body_size")
_MESSAGES = (
    "SELECT delivery, position, message_id, application_code, sender, keyword, text, received_at,"
    " flags, start, size, element.body FROM json_each(?) AS wanted"
    " CROSS JOIN message ON message.delivery = wanted.value"
    " LEFT JOIN element ON element.message = message.id ORDER BY wanted.key, position"
)
_AUDIT = "SELECT id, intent, at, application, content, hash FROM audit WHERE id IN wanted"
_POINTS = (
    "SELECT point.id, application, part, seen_from, seen_until, checked_at, hash, content"
    " FROM setup_point AS point LEFT JOIN setup_object AS object ON object.id = point.object"
    " WHERE point.id IN wanted"
)
_TESTS = "SELECT id, at, url, status, payload, answer, facts FROM forward_test WHERE id IN wanted"
_ITEMS = (
    "SELECT item.id, job, kind, url, message_id, application_code, item.state, attempts,"
    " changed_at, status, hash FROM redelivery_item AS item"
    " JOIN redelivery ON redelivery.id = item.job WHERE item.id IN wanted"
)
_ENTRIES = (
    "SELECT item, number, at, kind, content, hash FROM ledger_entry WHERE item IN wanted"
    " ORDER BY item, number"
)
_ANSWERED = (
    f"SELECT delivery.id, {_ORIGIN}, coalesce(ended_at, began_at) FROM delivery"  # noqa: S608 names
    " WHERE delivery.id IN wanted"
)


class ShipmentLimits(NamedTuple):
    """The limits of one shipment: rows with ids above `after`, at most `rows`, about `size` bytes.

    The size is that of bodies and raw bytes; a single delivery may be larger.
    """

    after: int = 0
    rows: int = 1_000
    size: int = 8 << 20


def read_shipment(db: apsw.Connection, target: str, limits: ShipmentLimits) -> Shipment:
    """Read the next rows of a target with their copies, inside a snapshot; see `Outbox.read`."""
    connections = fetch(db, "SELECT connection FROM team_target WHERE target = ?", (target,))
    found = sorted(
        OutboxRow(*row)
        for (connection,) in connections
        for row in fetch(db, _ROWS, (connection, limits.after, limits.rows))
    )[: limits.rows]
    deliveries, left_out = _read_deliveries(db, _keys(found, ShippedKind.DELIVERY), limits.size)
    if left_out is not None:
        # Rows after the first one that is left out wait with it: the order stays.
        ends = {row.key: place for place, row in enumerate(found) if row.kind == "delivery"}
        found = found[: ends[left_out]]
    answered = set(_keys(found, ShippedKind.ANSWER))
    return Shipment(
        found,
        deliveries,
        _read_messages(db, [one.key for one in deliveries]),
        _read_answers(db, answered.difference(one.key for one in deliveries)),
        [AuditCopy(*row) for row in _wanted(db, _AUDIT, _keys(found, ShippedKind.AUDIT))],
        [PointCopy(*row) for row in _wanted(db, _POINTS, _keys(found, ShippedKind.SETUP_POINT))],
        _read_lists(db, found),
        [
            ForwardTestCopy(*row)
            for row in _wanted(db, _TESTS, _keys(found, ShippedKind.FORWARD_TEST))
        ],
        _read_items(db, _keys(found, ShippedKind.LEDGER_ITEM)),
    )


def part_of(shipment: Shipment, rows: Sequence[OutboxRow]) -> Shipment:
    """Return the part of a shipment that these of its rows name."""
    keys = {kind: set(_keys(rows, kind)) for kind in ShippedKind}
    deliveries = keys[ShippedKind.DELIVERY]
    return Shipment(
        rows,
        [one for one in shipment.deliveries if one.key in deliveries],
        [one for one in shipment.messages if one.delivery in deliveries],
        [one for one in shipment.answers if one.key in keys[ShippedKind.ANSWER]],
        [one for one in shipment.audit if one.key in keys[ShippedKind.AUDIT]],
        [one for one in shipment.points if one.key in keys[ShippedKind.SETUP_POINT]],
        shipment.lists if keys[ShippedKind.SETUP_LIST] else (),
        [one for one in shipment.tests if one.key in keys[ShippedKind.FORWARD_TEST]],
        [one for one in shipment.items if one.key in keys[ShippedKind.LEDGER_ITEM]],
    )


def _keys(rows: Sequence[OutboxRow], kind: ShippedKind) -> list[int]:
    return [row.key for row in rows if row.kind == kind]


def _wanted(db: apsw.Connection, query: str, keys: Iterable[int]) -> list[tuple[Any, ...]]:
    """Run a query in which `wanted` stands for these keys."""
    wanted = list(keys)
    if not wanted:
        return []
    query = query.replace("IN wanted", "IN (SELECT value FROM json_each(:wanted))")
    return fetch(db, query, {"wanted": encode(wanted).decode()})


def _read_deliveries(
    db: apsw.Connection, keys: Sequence[int], size: int
) -> tuple[list[DeliveryCopy], int | None]:
    """Read deliveries up to a size of their bytes; return the first that is left out, too."""
    if not keys:
        return [], None
    found: list[tuple[Any, ...]] = []
    total, left_out = 0, None
    for row in db.execute(_DELIVERIES, (encode(list(keys)).decode(),)):
        if total >= size:
            left_out = row[0]
            break
        found.append(row)
        total += row[_BODY_SIZE] + len(row[_BODY_SIZE + 2] or b"")
    answers = _answers_of(db, [row[0] for row in found if row[2] == "forward"])
    return [_delivery(db, row, answers.get(row[0])) for row in found], left_out


def _delivery(db: apsw.Connection, row: tuple[Any, ...], answer: str | None) -> DeliveryCopy:
    *values, start, raw, body, epoch, revision = row
    if start is not None and raw is None:  # the body is in pieces, whose beginning is not kept
        start, body = None, read_pieces(db, row[0])[start:]
    for place in _BOOLEANS:
        values[place] = bool(values[place])
    return DeliveryCopy(*(*values, start, raw, body, answer, epoch, revision))


def _read_messages(db: apsw.Connection, deliveries: Sequence[int]) -> list[MessageCopy]:
    if not deliveries:
        return []
    # As `_make` does, which takes twice the time.
    return [
        tuple.__new__(MessageCopy, row)
        for row in db.execute(_MESSAGES, (encode(list(deliveries)).decode(),))
    ]


def _answers_of(db: apsw.Connection, deliveries: Iterable[int]) -> dict[int, str]:
    wanted = list(deliveries)
    given = read_given(db, wanted) if wanted else {}
    return {key: encode(answer).decode() for key, answer in given.items()}


def _read_answers(db: apsw.Connection, deliveries: Iterable[int]) -> list[AnswerCopy]:
    answers = _answers_of(db, deliveries)
    return [
        AnswerCopy(key, origin, arrived_at, answers[key])
        for key, origin, arrived_at in _wanted(db, _ANSWERED, answers)
    ]


def _read_lists(db: apsw.Connection, rows: Sequence[OutboxRow]) -> list[ListCopy]:
    """Read when the lists of applications were read; those of one account are one."""
    connections = {row.connection for row in rows if row.kind == ShippedKind.SETUP_LIST}
    if not connections:
        return []
    [(read_at,)] = fetch(
        db,
        "SELECT max(read_at) FROM setup_list WHERE connection IN (SELECT value FROM json_each(?))",
        (encode(sorted(connections)).decode(),),
    )
    return [] if read_at is None else [ListCopy(0, read_at)]


def _read_items(db: apsw.Connection, keys: Sequence[int]) -> list[LedgerItemCopy]:
    entries: dict[int, list[LedgerEntryCopy]] = {}
    for row in _wanted(db, _ENTRIES, keys):
        entries.setdefault(row[0], []).append(LedgerEntryCopy(*row))
    return [LedgerItemCopy(*(*row, entries.get(row[0], []))) for row in _wanted(db, _ITEMS, keys)]
