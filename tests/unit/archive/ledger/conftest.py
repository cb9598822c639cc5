"""A job of a few messages, pulled and forwarded, and its ledger."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.anchors import ItemSource
from ibconsole.archive.ledger.exchange import BuiltRequest, EndedRequest, Ledger
from ibconsole.archive.ledger.jobs import JobWriter, NewItem, NewRedelivery
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import (
    Outcome,
    RedeliveryAnswer,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
)
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from tests.unit.archive.deliveries import batch, forward, pull

URL = "https://customer.example/in"
OpenLedger: TypeAlias = Callable[..., Ledger]


def build(sources: Sequence[ItemSource]) -> Sequence[BuiltRequest]:
    """Make one request a message, which is its body; of a forward, one for all of it."""
    requests: dict[str, BuiltRequest] = {}
    for one in sources:
        key = f"forward {one.delivery.id}" if one.raw else f"item {one.item.id}"
        before = requests[key].items if key in requests else ()
        requests[key] = BuiltRequest(
            id=f"{key}, attempt {one.item.attempts + 1}",
            items=(*before, one.item.id),
            data=one.raw or one.edited or one.body,
            sha256="request",
            body_sha256="body",
            sender="us",
        )
    return list(requests.values())


def ended(request: BuiltRequest, outcome: Outcome, body: bytes = b"ok") -> EndedRequest:
    """Return the end of a request, with an answer but for one that was not sent."""
    answer = RedeliveryAnswer(
        job=1,
        at=5,
        status=200,
        reason="OK",
        headers=(("Server", "test"),),
        body=body,
        size=len(body),
        sha256=sha256(body).hexdigest(),
        complete=True,
        problem="",
        seconds=0.25,
    )
    sent = outcome is not Outcome.NOT_SENT
    return EndedRequest(
        id=request.id,
        items=request.items,
        outcome=outcome,
        status=200 if sent else None,
        problem="" if sent else "Refused.",
        seconds=0.25,
        answer=answer if sent else None,
    )


def new_job(
    kind: RedeliveryKind = RedeliveryKind.RESEND,
    form: RedeliveryForm = RedeliveryForm.AS_PLATFORM,
    **options: int,
) -> NewRedelivery:
    """Return a job that is to be made."""
    return NewRedelivery(
        kind=kind,
        connection="c",
        url=URL,
        form=form,
        options=RedeliveryOptions(**options),  # type: ignore[arg-type]
    )


@pytest.fixture
def items(archive: Archive, path: Path) -> list[NewItem]:
    """Two messages that were pulled, and two that were forwarded together."""
    pulled = [{"messageId": name, "text": name, "applicationCode": "app"} for name in "ab"]
    pull(archive, batch(*pulled))
    forward(archive, {"messageId": "c", "text": "c"}, {"messageId": "d", "text": "d"})
    with Reader(path) as reader:
        return [
            NewItem(one.id, one.delivery, one.message_id, one.application_code)
            for one in reader.messages(Filter())
        ]


@pytest.fixture
def jobs(path: Path, items: list[NewItem]) -> Iterator[JobWriter]:
    with JobWriter(path) as writer:
        yield writer


@pytest.fixture
def open_ledger(path: Path, jobs: JobWriter) -> Iterator[OpenLedger]:
    """Open the ledger of a job; the retry law waits for a time without end, after one attempt."""
    opened: list[Ledger] = []

    def open_one(job: int, delays: Sequence[float] = ()) -> Ledger:
        def delay(attempts: int) -> float | None:
            return delays[attempts - 1] if attempts <= len(delays) else None

        opened.append(Ledger(path, job, build, delay))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def ledger_reader(path: Path, jobs: JobWriter) -> Iterator[LedgerReader]:
    with LedgerReader(path) as reader:
        yield reader
