"""Records for tests: rows, messages and deliveries with the platform's documented values."""

from typing import Any

import msgspec

from ibconsole.archive.records import (
    Delivery,
    DeliveryState,
    Flags,
    MessageRow,
    StoredMessage,
    Via,
)

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
# 2017-01-05T12:47:56.221Z, the moment of the platform's own example
RECEIVED = 1_483_620_476_221
BODY: dict[str, Any] = {
    "messageId": "1561984815238926404",
    "from": "69827EDB-A806-4AF6-A7F6-98298EAA4F14",
    "subscriberId": "123",
    "to": CODE,
    "applicationCode": CODE,
    "receivedAt": "2017-01-05T12:47:56.221+0000",
    "callbackData": "ticket 7",
    "text": "KEYWORD text",
    "cleanText": "text",
    "keyword": "KEYWORD",
    "customPayload": {"key1": 1},
}


def row(number: int, **changes: Any) -> MessageRow:
    values = {
        "id": number,
        "delivery": 1,
        "via": Via.PULL,
        "application_code": CODE,
        "sender": BODY["from"],
        "keyword": "KEYWORD",
        "text": f"text {number}",
        "received_at": RECEIVED,
        "arrived_at": RECEIVED + 192_000,
        "flags": Flags(0),
    }
    return MessageRow(**{**values, **changes})


def message(number: int, **changes: Any) -> StoredMessage:
    plain = row(number)
    values = {name: getattr(plain, name) for name in MessageRow.__struct_fields__} | {
        "text": BODY["text"],
        "connection": None,
        "position": 1,
        "message_id": BODY["messageId"],
        "duplicate_of": None,
        "body": msgspec.json.encode(BODY),
    }
    return StoredMessage(**{**values, **changes})


def delivery(number: int, **changes: Any) -> Delivery:
    values = {
        "id": number,
        "via": Via.FORWARD,
        "state": DeliveryState.DECODED,
        "connection": None,
        "base_url": "",
        "began_at": RECEIVED,
        "ended_at": RECEIVED + 40,
        "limit_asked": None,
        "method": "POST",
        "target": "/inbound/secret",
        "peer": "127.0.0.1:51344",
        "status": 200,
        "sha256": "ab" * 32,
        "message_count": 3,
        "announced": 3,
        "pending": 0,
        "size": 1432,
        "headers": (("Content-Type", "application/json"),),
        "complete": True,
        "interrupted": False,
        "salvaged": False,
        "problem": "",
    }
    return Delivery(**{**values, **changes})
