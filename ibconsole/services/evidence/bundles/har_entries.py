"""`case.har`: the requests of a case as an HTTP archive."""

import io
from collections.abc import Callable, Iterator, Sequence

import msgspec

from ibconsole.archive import Delivery, DeliveryState, ForwardTestRecord, Via
from ibconsole.model import (
    AnswerEnd,
    AnswerOutcome,
    GivenAnswer,
    PlannedAnswer,
    SentAnswer,
    encode,
)
from ibconsole.services.evidence.bundles.document import BlobFile
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    PullContent,
)
from ibconsole.services.evidence.har import (
    HarEntry,
    HarWriter,
    StoredExchange,
    delivery_entry,
    forward_test_entry,
    request_entry,
)
from ibconsole.services.forward_test import from_record
from ibconsole.services.request_log import Entry

Headers = Sequence[tuple[str, str]]
Find = Callable[[Blob], BlobFile | None]


class _Unchanged:
    """No redaction: the case is redacted already."""

    def redact_url(self, url: str) -> str:
        return url

    def redact_headers(self, headers: Headers) -> Headers:
        return headers

    def redact_body(self, body: bytes, _: Headers) -> bytes:
        return body


def write_har(case: Case, find: Find) -> bytes:
    """Return the archive of a redacted case; each request once, in the order of the items."""
    file = io.BytesIO()
    HarWriter(_Unchanged()).write(file, _entries(case, find))
    return file.getvalue()


def _entries(case: Case, find: Find) -> Iterator[HarEntry]:
    seen: set[bytes] = set()
    for item in case.items:
        content: object = item.content
        if isinstance(content, MessageContent):
            content = content.exchange
        if not isinstance(content, ForwardContent | PullContent | ForwardTestContent):
            continue
        key = encode(msgspec.to_builtins(content))
        if key in seen:  # of several messages that came together
            continue
        seen.add(key)
        yield _entry(content, find)


def _entry(content: ForwardContent | PullContent | ForwardTestContent, find: Find) -> HarEntry:
    if isinstance(content, ForwardTestContent):
        return _of_test(content, find)
    if isinstance(content, PullContent):
        return _of_delivery(_pull(content), b"", content.origin)
    return _of_request(content, find) if content.via == "request" else _of_forward(content, find)


def _of_test(content: ForwardTestContent, find: Find) -> HarEntry:
    record = ForwardTestRecord(
        id=0,
        at=content.at,
        url=content.url,
        status=content.status,
        payload=_bytes(content.payload, find),
        answer=_bytes(content.answer, find),
        facts=encode(content.report).decode(),
    )
    try:
        return forward_test_entry(from_record(record), _Unchanged())
    except msgspec.ValidationError:  # a report of another version: without phases and verdict
        return request_entry(_entry_of(record), _Unchanged())


def _entry_of(record: ForwardTestRecord) -> Entry:
    return Entry(
        started_at=record.at,
        method="POST",
        url=record.url,
        status=record.status,
        request_body=record.payload,
        request_size=len(record.payload),
        answer_body=record.answer,
        answer_size=len(record.answer),
        purpose="Forward test",
    )


def _of_request(content: ForwardContent, find: Find) -> HarEntry:
    sent, received = _bytes(content.request, find), _bytes(content.answer, find)
    entry = Entry(
        started_at=content.began_at,
        connection=content.connection,
        method=content.method,
        url=content.target,
        status=content.status,
        duration=content.answer_seconds,
        problem=content.problem,
        request_headers=content.request_headers,
        request_body=sent,
        request_size=content.request.size if content.request else 0,
        answer_headers=content.answer_headers,
        answer_body=received,
        answer_size=content.answer.size if content.answer else 0,
    )
    return request_entry(entry, _Unchanged())


def _of_forward(content: ForwardContent, find: Find) -> HarEntry:
    delivery = _delivery(
        content,
        via=Via.FORWARD,
        method=content.method,
        target=content.target,
        peer=content.peer,
        headers=content.request_headers,
        answer=_given(content, find) if content.answered_by else None,
    )
    return _of_delivery(delivery, _bytes(content.request, find), content.origin)


def _given(content: ForwardContent, find: Find) -> GivenAnswer:
    ends, outcomes = set(AnswerEnd), set(AnswerOutcome)
    planned = PlannedAnswer(
        scenario="",
        rule=content.answered_by,
        status=content.status,
        headers=content.answer_headers,
        body=_bytes(content.answer, find),
        size=content.answer.size if content.answer else 0,
        delay=content.answer_delay,
        end=AnswerEnd(content.answer_end) if content.answer_end in ends else AnswerEnd.NORMAL,
        seconds=content.answer_hold,
    )
    if content.answer_outcome not in outcomes:
        return GivenAnswer(planned)
    outcome = AnswerOutcome(content.answer_outcome)
    ended_at = content.began_at + round(content.answer_seconds * 1000)
    sent = SentAnswer(outcome, content.answer_sent, content.answer_seconds, ended_at)
    return GivenAnswer(planned, sent)


def _of_delivery(delivery: Delivery, body: bytes, origin: str) -> HarEntry:
    raw = body if delivery.via is Via.FORWARD and not delivery.method else b""
    return delivery_entry(StoredExchange(delivery, body, raw, origin), _Unchanged())


def _pull(content: PullContent) -> Delivery:
    return _delivery(
        content,
        via=Via.PULL,
        base_url=content.base_url,
        limit_asked=content.limit_asked,
        headers=content.answer_headers,
        message_count=content.messages,
        announced=content.announced,
        pending=content.pending,
    )


def _delivery(content: ForwardContent | PullContent, **fields: object) -> Delivery:
    values = {
        "id": 0,
        "state": DeliveryState.DECODED,
        "connection": content.connection or None,
        "base_url": "",
        "began_at": content.began_at,
        "ended_at": content.ended_at,
        "limit_asked": None,
        "method": "",
        "target": "",
        "peer": "",
        "status": content.status,
        "sha256": "",
        "message_count": 0,
        "announced": None,
        "pending": None,
        "size": 0,
        "complete": content.complete,
        "interrupted": False,
        "salvaged": False,
        "problem": content.problem,
        "origin": content.origin,
    }
    return Delivery(**{**values, **fields})  # type: ignore[arg-type]  # fields of either kind


def _bytes(blob: Blob | None, find: Find) -> bytes:
    found = find(blob) if blob else None
    return found.data if found else b""
