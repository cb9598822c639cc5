"""The origin of the messages of a redelivery: their bytes, and the first entries of the ledger."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import apsw
import msgspec

from ibconsole.archive import (
    Delivery,
    MessageValues,
    Via,
    fetch,
    read_deliveries,
    read_values,
)
from ibconsole.archive.ledger.records import Anchor, LedgerItem, Redelivery

_READ_SIZE = 8 << 20  # bytes of messages that are read at once
_LONGEST_SERIES = 3_660_000  # ms; pulls of a loop that bring nothing share a row for an hour
# The pull is recorded in the audit right after its delivery was begun, and before its end; or a row
# before it covers it, see `PullSeries`.
_PULL_ROWS = """
    SELECT id, hash, json_extract(content, '$.credential') FROM audit INDEXED BY audit_calls
    WHERE intent IS NULL AND application = '' AND connection = :connection AND at <= :end
        AND at >= :began - :series
        AND iif(json_valid(content), json_extract(content, '$.kind') = 'pull'
            AND (at >= :began OR coalesce(json_extract(content, '$.covers'), '') <> ''), 0)
    ORDER BY at DESC, id DESC LIMIT 1
"""


class ItemSource(msgspec.Struct, frozen=True, kw_only=True):
    """An item with what can be sent of its message.

    `body` is the message's own JSON. `raw` is the whole request of its forward if that has
    `together` messages and all of them are here to be sent. `edited` is what a user wrote instead.
    """

    item: LedgerItem
    values: MessageValues
    delivery: Delivery
    body: bytes
    raw: bytes | None = None
    together: int = 1
    edited: bytes | None = None


def read_sources(
    db: apsw.Connection, items: Sequence[LedgerItem], *, whole: bool
) -> Sequence[ItemSource]:
    """Read what can be sent of items, in their order, inside a transaction.

    Items whose messages are not stored any more are left out, and the last ones if they are too
    large to be read at once. With `whole`, forwards are read as they were received.
    """
    found = _read_messages(db, items)
    wanted = {values.delivery for values in found.values()}
    deliveries = {one.id: one for one in read_deliveries(db, sorted(wanted))}
    edited = _read_edited(db, items)
    present = [item for item in items if item.message in found]
    together = _together(present, deliveries) if whole else {}
    raws = {one: _read_raw(db, one) for one in together}
    return [
        ItemSource(
            item=item,
            values=found[item.message],
            delivery=deliveries[item.delivery],
            body=found[item.message].body,
            raw=raws.get(item.delivery),
            together=together.get(item.delivery, 1),
            edited=edited.get(item.id),
        )
        for item in present
    ]


def stored_messages(db: apsw.Connection, items: Sequence[LedgerItem]) -> set[int]:
    """Return the ids of those messages of the items that are still stored."""
    wanted = msgspec.json.encode([item.message for item in items]).decode()
    query = "SELECT id FROM message WHERE id IN (SELECT value FROM json_each(?))"
    return {message for (message,) in fetch(db, query, (wanted,))}


def anchor_of(db: apsw.Connection, archive: str, job: Redelivery, source: ItemSource) -> Anchor:
    """Return the first entry of an item: where its message comes from."""
    values, delivery = source.values, source.delivery
    row, hashed, key = pull_row(db, delivery)
    return Anchor(
        archive=archive,
        job=job.id,
        kind=job.kind,
        url=job.url,
        message=values.id,
        delivery=delivery.id,
        message_id=values.message_id,
        application_code=values.application_code,
        via=delivery.via,
        connection=delivery.connection or "",
        began_at=delivery.began_at,
        ended_at=delivery.ended_at,
        arrived_at=values.arrived_at,
        received_at=values.received_at,
        body_sha256=delivery.sha256,
        position=values.position,
        start=values.start,
        size=values.size,
        message_sha256=sha256(source.body).hexdigest(),
        origin=delivery.origin,
        key=key,
        audit_row=row,
        audit_hash=hashed,
    )


def _read_messages(db: apsw.Connection, items: Sequence[LedgerItem]) -> Mapping[int, MessageValues]:
    wanted = msgspec.json.encode([item.message for item in items]).decode()
    condition = "message.id IN (SELECT value FROM json_each(:ids)) ORDER BY message.id"
    return {one.id: one for one in read_values(db, condition, {"ids": wanted}, _READ_SIZE)}


def _read_edited(db: apsw.Connection, items: Sequence[LedgerItem]) -> Mapping[int, bytes]:
    wanted = msgspec.json.encode([item.id for item in items]).decode()
    query = (
        "SELECT id, edited FROM redelivery_item WHERE id IN (SELECT value FROM json_each(?))"
        " AND edited IS NOT NULL"
    )
    return dict(fetch(db, query, (wanted,)))


def _together(items: Sequence[LedgerItem], deliveries: Mapping[int, Delivery]) -> Mapping[int, int]:
    """Return the forwards of which every message is among the items, with their numbers."""
    counts: dict[int, int] = {}
    for item in items:
        counts[item.delivery] = counts.get(item.delivery, 0) + 1
    return {
        one: count
        for one, count in counts.items()
        if deliveries[one].via == Via.FORWARD and deliveries[one].message_count == count
    }


def _read_raw(db: apsw.Connection, delivery: int) -> bytes | None:
    rows = fetch(db, "SELECT raw FROM content WHERE delivery = ?", (delivery,))
    return (rows[0][0] or None) if rows else None


def pull_row(db: apsw.Connection, delivery: Delivery) -> tuple[int | None, str, str]:
    """Return the row of the audit with the intent of a pull, its hash, and the label of the key.

    None and empty texts for a forward, and for a pull that the audit does not have.
    """
    if delivery.via != Via.PULL or not delivery.connection or delivery.origin:
        return None, "", ""
    end = delivery.ended_at if delivery.ended_at is not None else delivery.began_at
    values = {
        "connection": delivery.connection,
        "began": delivery.began_at,
        "end": end,
        "series": _LONGEST_SERIES,
    }
    found: list[tuple[Any, ...]] = fetch(db, _PULL_ROWS, values)
    return (found[0][0], str(found[0][1]), str(found[0][2] or "")) if found else (None, "", "")
