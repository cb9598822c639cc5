"""An archive with messages that were pulled and forwarded, and requests to send them again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.anchors import ItemSource
from ibconsole.archive.ledger.jobs import JobWriter
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import EntryKind, ItemState, LedgerItem, Redelivery
from ibconsole.http1.trace import RequestTrace
from ibconsole.services.redelivery.planning import create_redelivery
from ibconsole.services.redelivery.values import RedeliveryRequest
from tests.unit.archive.deliveries import arrival, batch, forward, pull

URL = "http://127.0.0.1:9/in?token=1"
MakeJob: TypeAlias = Callable[..., Redelivery]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Messages 1 to 4 were pulled, 5 and 6 forwarded together, 7 alone."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        pull(archive, batch(*({"messageId": name, "applicationCode": "app"} for name in "abcd")))
        forward(archive, {"messageId": "e"}, {"messageId": "f"}, arrived_at=2_000)
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "a"}))]))
    return path


@pytest.fixture
def make_job(path: Path) -> MakeJob:
    """Make a job about these messages, or about all; other arguments are those of a request."""

    def make(messages: list[int] | None = None, **options: Any) -> Redelivery:
        request = RedeliveryRequest(url=URL, messages=messages, **options)
        with JobWriter(path) as writer:
            return writer.job(create_redelivery(path, request))

    return make


def states(path: Path, job: int = 1) -> str:
    """Return the states of a job's items, by their first letters: `unKnown`, `unDelivered`."""
    with LedgerReader(path) as reader:
        items = reader.items(job).items
    return "".join("k" if one.state == "unknown" else one.state[0] for one in items)


def outcomes(path: Path, item: int) -> list[str]:
    """Return the outcomes of an item's attempts."""
    with LedgerReader(path) as reader:
        entries = reader.entries(item)
    return [
        msgspec.json.decode(one.content)["outcome"]
        for one in entries
        if one.kind is EntryKind.ANSWER
    ]


def answered(status: int, body: bytes = b"{}", **other: Any) -> RequestTrace:
    """Return the trace of a request that was answered."""
    headers = ((b"Content-Type", b"application/json"),)
    return RequestTrace(status=status, headers=headers, body=body, version="1.1", **other)


class _Delivered(msgspec.Struct):
    id: int


def source(item: int, body: bytes, *, delivery: int = 1, **other: Any) -> Any:
    """Return an item, of which only its body and its delivery are known."""
    ledger_item = LedgerItem(
        id=item,
        job=1,
        message=item,
        delivery=delivery,
        message_id="m",
        application_code="",
        state=ItemState.WAITING,
    )
    values: Any = None
    came: Any = _Delivered(delivery)
    return ItemSource(item=ledger_item, values=values, delivery=came, body=body, **other)
