"""Shipments for the tests: rows as an archive copies them."""

from typing import Any

from ibconsole.archive.outbox.records import (
    DeliveryCopy,
    MessageCopy,
    OutboxRow,
    Shipment,
    ShippedKind,
)

DAY = 86_400_000
AT = 1_790_000_000_000  # in September 2026


def delivery(key: int, *, at: int = AT, **other: Any) -> DeliveryCopy:
    """Return a forward that has arrived at this time."""
    raw = b"POST / HTTP/1.1\r\n\r\n{}"
    values: dict[str, Any] = {
        "origin": f"archive:{key}",
        "via": "forward",
        "state": "decoded",
        "base_url": "",
        "began_at": at,
        "ended_at": at,
        "limit_asked": None,
        "method": "POST",
        "target": "/in",
        "peer": "127.0.0.1",
        "status": 200,
        "headers": "[]",
        "sha256": "",
        "complete": True,
        "problem": "",
        "interrupted": False,
        "message_count": 1,
        "announced": None,
        "pending": None,
        "salvaged": False,
        "decoding_problem": "",
        "body_size": 2,
        "body_start": len(raw) - 2,
        "raw": raw,
        "body": None,
        "answer": None,
        "epoch": None,
    }
    return DeliveryCopy(key, **{**values, **other})


def message(of: int, position: int = 0, **other: Any) -> MessageCopy:
    """Return a message of a delivery."""
    values: dict[str, Any] = {
        "message_id": f"{of}.{position}",
        "application_code": "app",
        "sender": "4917",
        "keyword": "HELLO",
        "text": "Straße",
        "received_at": AT,
        "flags": 0,
        "start": 0,
        "size": 2,
        "body": None,
    }
    return MessageCopy(of, position, **{**values, **other})


def shipment(deliveries: list[DeliveryCopy], messages: list[MessageCopy] | None = None) -> Shipment:
    """Return the shipment of deliveries, with one message each by default."""
    rows = [
        OutboxRow(number, "c", ShippedKind.DELIVERY, one.key, one.began_at)
        for number, one in enumerate(deliveries, start=1)
    ]
    if messages is None:
        messages = [message(one.key) for one in deliveries]
    return Shipment(rows, deliveries, messages)
