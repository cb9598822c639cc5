"""Entries of an archive from what the program has: its requests, deliveries, and forward tests.

A pull and a request of the program were sent from here. A forward was sent to the listener: its
entry is the request as the listener received it, with the answer that the listener gave.
"""

import re
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec.structs import replace

from ibconsole.archive import Delivery, DeliveryState, Via
from ibconsole.http1 import Phases
from ibconsole.services.evidence.har.building import EntryBuilder, HarMessage
from ibconsole.services.evidence.har.redaction import ExchangeRedaction
from ibconsole.services.evidence.har.values import NOT_APPLICABLE, HarEntry, HarTimings
from ibconsole.services.forward_test import ForwardTest, log_entry
from ibconsole.services.request_log import Entry

_PULL_PATH = "/push/1/inbox/reports"
_NO_HOST = "unknown.invalid"
_VERSION = re.compile(rb"[^\r\n]{0,8192}? HTTP/(\d(?:\.\d)?)[ \t]*\r?\n")
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_WHOLE_TIME = "Only the duration of the whole request is known; it is the time of `wait`."
_RECEIVED = (
    "`send` is the time in which the request arrived, `wait` the time until its answer was sent;"
    " what the sender measured is not known."
)
_TESTED = "`wait` contains the sending of the request."
_MALFORMED = "The request is malformed: its body here is every byte of it, head included."
_NOT_STORED_HEADERS = "The headers of this request are not stored."


class StoredExchange(msgspec.Struct, frozen=True):
    """A delivery with its bytes, and `origin`, which names it in every archive."""

    delivery: Delivery
    body: bytes
    raw: bytes
    origin: str


def request_entry(entry: Entry, redaction: ExchangeRedaction) -> HarEntry:
    """Return a request of the program, or one attempt of it, from its log."""
    build = EntryBuilder(redaction)
    sent = HarMessage(
        headers=entry.request_headers, body=entry.request_body, size=entry.request_size
    )
    received = HarMessage(
        headers=entry.answer_headers, body=entry.answer_body, size=entry.answer_size
    )
    facts = {
        "kind": "request",
        "purpose": entry.purpose,
        "connection": entry.connection,
        "attempt": entry.attempt,
    }
    return build.entry(
        entry.started_at,
        build.request(entry.method, entry.url, sent),
        build.response(entry.status, _reason(entry.status), received, problem=entry.problem),
        HarTimings(wait=round(entry.duration * 1000, 3), comment=_WHOLE_TIME),
        facts,
    )


def forward_test_entry(test: ForwardTest, redaction: ExchangeRedaction) -> HarEntry:
    """Return the request of a forward test, with its phases and its verdict."""
    build = EntryBuilder(redaction)
    sent = HarMessage(
        headers=log_entry(test).request_headers, body=test.payload, size=len(test.payload)
    )
    size = max(test.answer_size, len(test.answer))
    received = HarMessage(headers=test.headers, body=test.answer, size=size)
    facts: dict[str, Any] = {
        "kind": "forwardTest",
        "verdict": test.verdict.sentence,
        "delivered": str(test.verdict.counts),
        "cause": str(test.cause),
        "sender": test.sender,
    }
    if test.proxy:
        facts["proxy"] = test.proxy
    if test.ladder:
        facts["rungs"] = [
            {"kind": str(rung.kind), "state": str(rung.state), "sentence": rung.sentence}
            for rung in test.ladder.rungs
        ]
    cut = "The answer is not whole: it was longer, or it ended early." if test.truncated else ""
    entry = build.entry(
        test.at,
        build.request("POST", test.url, sent),
        build.response(test.status, test.reason, received, comment=cut, problem=test.problem),
        _timings_of(test.phases),
        facts,
    )
    return replace(entry, server_ip_address=test.peer or msgspec.UNSET)


def delivery_entry(stored: StoredExchange, redaction: ExchangeRedaction) -> HarEntry:
    """Return a pull with its answer, or a forward with the answer that the listener gave."""
    if stored.delivery.via is Via.PULL:
        return _pull_entry(stored, redaction)
    return _forward_entry(stored, redaction)


def _pull_entry(stored: StoredExchange, redaction: ExchangeRedaction) -> HarEntry:
    build, delivery = EntryBuilder(redaction), stored.delivery
    query = "" if delivery.limit_asked is None else f"?limit={delivery.limit_asked}"
    url = f"{delivery.base_url or f'https://{_NO_HOST}'}{_PULL_PATH}{query}"
    received = HarMessage(headers=delivery.headers, body=stored.body, size=len(stored.body))
    has_answer = delivery.state not in {DeliveryState.ASKING, DeliveryState.FAILED}
    status = delivery.status if has_answer else None
    cut = "" if delivery.complete or not has_answer else "The answer ended early."
    return build.entry(
        delivery.began_at,
        build.request("GET", url, HarMessage(), comment=_NOT_STORED_HEADERS),
        build.response(status, _reason(status), received, comment=cut, problem=delivery.problem),
        HarTimings(wait=_between(delivery), comment=_WHOLE_TIME),
        _facts_of(stored),
    )


def _forward_entry(stored: StoredExchange, redaction: ExchangeRedaction) -> HarEntry:
    build, delivery, answer = EntryBuilder(redaction), stored.delivery, stored.delivery.answer
    body = stored.body if delivery.method else stored.raw
    sent = HarMessage(headers=delivery.headers, body=body, size=len(body))
    version = _VERSION.match(stored.raw)
    received, comment, waited = HarMessage(), "", 0.0
    if answer:
        planned = answer.planned
        received = HarMessage(headers=planned.headers, body=planned.body, size=planned.size)
        comment = f"By rule “{planned.rule}”: {planned.phrase}. {answer.sentence}"
        waited = round(answer.sent.seconds * 1000, 3) if answer.sent else 0.0
    return build.entry(
        delivery.began_at,
        build.request(
            delivery.method or "UNKNOWN",
            _url_of(delivery),
            sent,
            version=version[1].decode() if version else "1.1",
            comment="" if delivery.method else _MALFORMED,
        ),
        build.response(delivery.status, _reason(delivery.status), received, comment=comment),
        HarTimings(send=_between(delivery), wait=waited, comment=_RECEIVED),
        _facts_of(stored),
    )


def _facts_of(stored: StoredExchange) -> dict[str, Any]:
    delivery = stored.delivery
    return {
        "kind": str(delivery.via),
        "delivery": delivery.id,
        "origin": stored.origin,
        "connection": delivery.connection,
        "peer": delivery.peer,
        "messages": delivery.message_count,
        "complete": delivery.complete,
        "interrupted": delivery.interrupted,
        "salvaged": delivery.salvaged,
        "problem": delivery.problem,
    }


def _url_of(delivery: Delivery) -> str:
    """Return the URL of a forward, as far as its head says one."""
    if _ABSOLUTE.match(delivery.target):
        return delivery.target
    headers = HarMessage(headers=delivery.headers)
    scheme = "https" if headers.header("x-forwarded-proto").lower() == "https" else "http"
    target = delivery.target if delivery.target.startswith("/") else f"/{delivery.target}"
    return f"{scheme}://{headers.header('host').strip() or _NO_HOST}{target}"


def _between(delivery: Delivery) -> float:
    return (
        0.0 if delivery.ended_at is None else float(max(delivery.ended_at - delivery.began_at, 0))
    )


def _timings_of(phases: Phases) -> HarTimings:
    def milliseconds(*seconds: float | None) -> float:
        known = [one for one in seconds if one is not None]
        return round(sum(known) * 1000, 3) if known else NOT_APPLICABLE

    return HarTimings(
        dns=milliseconds(phases.dns),
        connect=milliseconds(phases.tcp, phases.tls),
        ssl=milliseconds(phases.tls),
        wait=max(milliseconds(phases.first_byte), 0),
        receive=max(milliseconds(phases.rest), 0),
        comment=_TESTED,
    )


def _reason(status: int | None) -> str:
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return ""
