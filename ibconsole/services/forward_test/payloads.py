"""Payloads of a forward test: the documented sample, and what has broken endpoints."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

# Values of the vendor's own example (platform.md §3).
SAMPLE = (
    b'{"results":[{"messageId":"1561984815238926404","pairedMessageId":"1234984815238926403",'
    b'"from":"69827EDB-A806-4AF6-A7F6-98298EAA4F14","subscriberId":"123",'
    b'"to":"233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53",'
    b'"applicationCode":"233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53",'
    b'"receivedAt":"2017-01-05T12:47:56.221+0000","callbackData":"callbackData",'
    b'"text":"KEYWORD text","cleanText":"text","keyword":"KEYWORD",'
    b'"customPayload":{"key1":1,"key2":2}}],"messageCount":1,"pendingMessageCount":0}'
)
_BATCH = 100
_LARGE = 1 << 20
_TEXT = (
    "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}"
    " \N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    " \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202e?\u202c Zo\u00eb \u4f60\u597d"
    ' "quoted" \\ </script> \u2028 line\nbreak\ttab'
)


class PayloadVariant(StrEnum):
    """The payloads that can be chosen by name; `LAST` is a message of the archive."""

    SAMPLE = "sample"
    MINIMAL = "minimal"
    ALL_FIELDS = "all-fields"
    EMOJI = "emoji"
    NULLS = "nulls"
    BATCH = "batch"
    LARGE = "large"
    DUPLICATE = "duplicate"
    LAST = "last"


DESCRIPTIONS: Mapping[PayloadVariant, str] = {
    PayloadVariant.SAMPLE: "The documented sample",
    PayloadVariant.MINIMAL: "A message with an ID and a text only",
    PayloadVariant.ALL_FIELDS: "Every documented field, and a nested custom payload",
    PayloadVariant.EMOJI: "Emoji, right-to-left text and control characters",
    PayloadVariant.NULLS: "Fields that are null or empty",
    PayloadVariant.BATCH: "100 messages in one request",
    PayloadVariant.LARGE: "A custom payload of 1 MB",
    PayloadVariant.DUPLICATE: "The same message twice in one request",
    PayloadVariant.LAST: "The last message that was received",
}


def payload_of(variant: PayloadVariant) -> bytes:
    """Return a payload, not more than it says: made-up values, the IDs of the documented sample.

    Raises ValueError for `LAST`, which has to be read from the archive.
    """
    match variant:
        case PayloadVariant.SAMPLE:
            return SAMPLE
        case PayloadVariant.MINIMAL:
            return _envelope({"messageId": "1561984815238926404", "text": "text"})
        case PayloadVariant.ALL_FIELDS:
            return _envelope(_all_fields())
        case PayloadVariant.EMOJI:
            return _envelope(_sample() | {"text": _TEXT, "cleanText": _TEXT})
        case _:
            return _unusual(variant)


def envelope_of(*messages: bytes) -> bytes:
    """Wrap the JSON of messages as the platform forwards them; it is not changed."""
    return b'{"results":[%b],"messageCount":%d,"pendingMessageCount":0}' % (
        b",".join(messages),
        len(messages),
    )


def _unusual(variant: PayloadVariant) -> bytes:
    match variant:
        case PayloadVariant.NULLS:
            return _envelope(_without_values())
        case PayloadVariant.BATCH:
            first = 1_561_984_815_238_926_404
            return _envelope(
                *(_sample() | {"messageId": str(first + number)} for number in range(_BATCH))
            )
        case PayloadVariant.LARGE:
            return _envelope(_sample() | {"customPayload": {"large": "x" * _LARGE}})
        case PayloadVariant.DUPLICATE:
            return _envelope(_sample(), _sample())
        case _:
            raise ValueError(f"{variant} is read from the archive.")


def _envelope(*messages: Mapping[str, Any]) -> bytes:
    envelope = {
        "results": list(messages),
        "messageCount": len(messages),
        "pendingMessageCount": 0,
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def _sample() -> dict[str, Any]:
    message: dict[str, Any] = json.loads(SAMPLE)["results"][0]
    return message


def _all_fields() -> dict[str, Any]:
    nested = {"key1": 1, "nested": {"list": [1, 2.5, True, None, "text"], "empty": {}}}
    return _sample() | {
        "bulkId": "1234984815238926400",
        "initialMessageId": "1234984815238926403",
        "customPayload": nested,
    }


def _without_values() -> dict[str, Any]:
    names = list(_all_fields())
    message: dict[str, Any] = {
        name: None if number % 2 else "" for number, name in enumerate(names)
    }
    return message | {"messageId": "1561984815238926404", "customPayload": None}
