"""An archive with a pull of two messages, of which the first was given back in two attempts."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from ibconsole.archive.archive import Archive
from ibconsole.archive.audit.chain import AuditEntry, append_audit
from ibconsole.archive.ledger.anchors import ItemSource
from ibconsole.archive.ledger.exchange import BuiltRequest, EndedRequest, Ledger
from ibconsole.archive.ledger.jobs import JobWriter, NewItem, NewRedelivery
from ibconsole.archive.ledger.records import (
    Outcome,
    RedeliveryAnswer,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
)
from ibconsole.services.forward_test.payloads import envelope_of
from tests.unit.archive.deliveries import batch

CODE = "app-1"
URL = "https://customer.example/inbound/secret"
CONNECTION = "6f2c3c0e-5a53-4f2e-9a53-0a3c0a4c6a11"


def message(number: int, code: str = CODE) -> dict[str, object]:
    """Return a message as the platform sends it."""
    return {"messageId": f"m{number}", "applicationCode": code, "text": f"Zürich {number}"}


def pulled_archive(path: Path, *messages: dict[str, object]) -> list[int]:
    """Make an archive with a pull of these messages, recorded in the audit; return their ids."""
    append_audit(path, AuditEntry("other", "", "{}"))
    with Archive(path) as archive:
        delivery = archive.begin_pull(connection=CONNECTION, base_url="https://x.example", limit=50)
        content = {"kind": "pull", "credential": "App abcd…wxyz", "path": "/push/1/inbox/reports"}
        append_audit(path, AuditEntry(CONNECTION, "", msgspec.json.encode(content).decode()))
        archive.append_answer(delivery, batch(*(messages or (message(1), message(2)))))
        result = archive.finish_pull(delivery, status=200, headers=(), complete=True, problem="")
    return list(result.message_ids)


def give_back(
    path: Path, messages: Sequence[int], outcomes: Sequence[Outcome], url: str = URL
) -> int:
    """Make a job of these messages, and record these outcomes of attempts; return its id."""
    with JobWriter(path) as writer:
        new = NewRedelivery(
            kind=RedeliveryKind.GIVE_BACK,
            connection=CONNECTION,
            url=url,
            form=RedeliveryForm.AS_RECEIVED,
            options=RedeliveryOptions(),
        )
        items = [NewItem(one, 1, f"m{one}", CODE) for one in messages]
        job = writer.create(new, items)
    with Ledger(
        path, job, build_requests, lambda attempts: 0.0 if attempts < 3 else None
    ) as ledger:
        ended: list[EndedRequest] = []
        for outcome in outcomes:
            requests = ledger.exchange(ended, 10)
            ended = [ended_request(one, outcome, job) for one in requests]
        ledger.exchange(ended, 0)
    return job


def build_requests(sources: Sequence[ItemSource]) -> Sequence[BuiltRequest]:
    """Return one request for each message, with the body that the platform would send."""
    built = []
    for source in sources:
        body = envelope_of(source.body)
        data = b"POST /inbound HTTP/1.1\r\n\r\n" + body
        built.append(
            BuiltRequest(
                id=f"request-{source.item.id}-{source.item.attempts}",
                items=(source.item.id,),
                data=data,
                sha256=sha256(data).hexdigest(),
                body_sha256=sha256(body).hexdigest(),
                sender="the platform",
            )
        )
    return built


def ended_request(request: BuiltRequest, outcome: Outcome, job: int) -> EndedRequest:
    """Return the end of a request."""
    status = {Outcome.ACKNOWLEDGED: 200, Outcome.REFUSED: 500}.get(outcome)
    answer = RedeliveryAnswer(
        job=job,
        at=1_000,
        status=status,
        reason="",
        headers=(),
        body=b"ok",
        size=2,
        sha256=sha256(b"ok").hexdigest(),
        complete=True,
        problem="",
        seconds=0.1,
    )
    return EndedRequest(
        id=request.id,
        items=request.items,
        outcome=outcome,
        status=status,
        answer=answer if status else None,
    )
