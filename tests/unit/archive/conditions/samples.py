"""An archive with messages that differ in everything that a condition may be about."""

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import StoredMessage
from tests.unit.archive.conditions.conditions import AT, CODES, LAGS, PAYLOADS, WORDS
from tests.unit.archive.deliveries import arrival, batch, pull

_COLUMNS = (
    "via", "application_code", "sender", "keyword", "text", "message_id", "received_at",
    "arrived_at", "flags",
)  # fmt: skip


def fill_with_samples(archive: Archive, groups: int = 8) -> None:
    """Store groups of messages, every fourth one pulled; the latest ones are not indexed."""
    words, codes = itertools.cycle(WORDS), itertools.cycle(CODES)
    lags = itertools.cycle([None, *LAGS])
    for group in range(groups):
        arrived_at = AT + group % 3 * 1_000
        messages = [
            _message(next(words), next(codes), next(lags), arrived_at)
            | {"messageId": f"id-{group % 2 + place}", "from": f"+{group % 2 + 1}"}
            | (payload or {})
            for place, payload in enumerate(PAYLOADS)
        ]
        if group % 4 == 3:
            pull(archive, batch(*messages))
        else:
            body = batch(*messages)
            archive.decode(archive.add_forwards([arrival(body, arrived_at=arrived_at)]))
        while group == groups // 2 and archive.index(100):
            pass


def columns(messages: Sequence[StoredMessage]) -> Mapping[int, Mapping[str, Any]]:
    """Return what conditions are about, of each message by its id."""
    return {
        one.id: {name: getattr(one, name) for name in _COLUMNS} | {"json": json.loads(one.body)}
        for one in messages
    }


def _message(word: str, code: str, lag: int | None, arrived_at: int) -> dict[str, Any]:
    message: dict[str, Any] = {"text": f"x{word} y", "keyword": word, "applicationCode": code}
    if lag is not None:
        received = datetime.fromtimestamp((arrived_at - lag) / 1000, UTC)
        message["receivedAt"] = received.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return message
