"""Tests a forward URL: one POST, as the platform would send it, and everything there is to see.

Sent once, whatever comes; no redirect is followed. Every test is recorded in the archive,
also one that failed or was stopped.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from ibconsole import __version__
from ibconsole.archive import ForwardTestRecord
from ibconsole.errors import UserError
from ibconsole.http1 import Phases, RequestTrace, fetch_certificates, parse_target, send
from ibconsole.lazy import LazyModule
from ibconsole.secret import MASK
from ibconsole.services.forward_test.certificates import Certificate, read_certificates
from ibconsole.services.forward_test.verdict import Outcome, Verdict, judge
from ibconsole.services.intake import ArchiveWriter
from ibconsole.services.request_log import Entry

if TYPE_CHECKING:
    import truststore
else:
    truststore = LazyModule("truststore")

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
KEPT = 65_536  # bytes of an answer
LARGEST = 16 << 20  # bytes of a payload
TIMEOUT = 20.0  # seconds for everything together

Headers = tuple[tuple[str, str], ...]


class BadTest(UserError):
    """This cannot be sent at all. Nothing was."""


@dataclass(frozen=True, slots=True)
class ForwardTest:
    """One test, and what came of it.

    `at` is in milliseconds since the epoch, `phases` are seconds (None where one was not
    reached). A user name and password in the URL are masked. `answer` is at most 64 KiB of
    the `answer_size` bytes that were read.
    """

    at: int
    url: str
    payload: bytes
    verdict: Verdict
    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    answer: bytes = b""
    answer_size: int = 0
    truncated: bool = False
    phases: Phases = field(default_factory=Phases)
    peer: str = ""
    certificates: tuple[Certificate, ...] = ()
    untrusted: bool = False
    problem: str = ""
    id: int = 0

    @property
    def seconds(self) -> float:
        """How long all phases took together."""
        return sum(value or 0.0 for value in asdict(self.phases).values())


class ForwardTester:
    """Sends tests, and keeps their records. `note` is told of each request."""

    def __init__(
        self,
        writer: ArchiveWriter,
        note: Callable[[Entry], object],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._writer = writer
        self._note = note
        self._tls = tls

    async def test(self, url: str, payload: bytes, *, timeout: float = TIMEOUT) -> ForwardTest:  # noqa: ASYNC109 it ends in a result
        """Post the payload to the URL, once. Raises BadTest, or ArchiveError for the record."""
        url = url.strip()
        _require_sendable(url, payload)
        at = time.time_ns() // 1_000_000
        try:
            trace = await send(
                url,
                headers=(
                    (b"Content-Type", b"application/json"),
                    (b"Accept", b"*/*"),
                    (b"User-Agent", f"ibconsole/{__version__} (forward test)".encode()),
                ),
                body=payload,
                timeout=timeout,
                tls=self._context(url),
                max_answer=KEPT,
            )
        except asyncio.CancelledError:
            stopped = RequestTrace(problem="It was stopped before the answer came.")
            await self._keep(_made(at, url, payload, stopped))
            raise
        if trace.untrusted:
            trace = replace(trace, certificates=await fetch_certificates(url))
        return await self._keep(_made(at, url, payload, trace))

    def _context(self, url: str) -> ssl.SSLContext | None:
        if not url.lower().startswith("https:"):
            return None
        # The system's store, as for the platform itself.
        return self._tls or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    async def _keep(self, test: ForwardTest) -> ForwardTest:
        self._note(_entry(test))
        return replace(test, id=await self._writer.add_forward_test(to_record(test)))


def to_record(test: ForwardTest) -> ForwardTestRecord:
    """The test as the archive keeps it."""
    facts = {
        "verdict": test.verdict,
        "reason": test.reason,
        "headers": test.headers,
        "answer_size": test.answer_size,
        "truncated": test.truncated,
        "phases": asdict(test.phases),
        "peer": test.peer,
        "certificates": test.certificates,
        "untrusted": test.untrusted,
        "problem": test.problem,
    }
    return ForwardTestRecord(
        id=test.id,
        at=test.at,
        url=test.url,
        status=test.status,
        payload=test.payload,
        answer=test.answer,
        facts=msgspec.json.encode(facts).decode(),
    )


class _Facts(msgspec.Struct):
    verdict: Verdict
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    answer_size: int = 0
    truncated: bool = False
    phases: dict[str, float | None] = {}
    peer: str = ""
    certificates: tuple[Certificate, ...] = ()
    untrusted: bool = False
    problem: str = ""


def from_record(record: ForwardTestRecord) -> ForwardTest:
    """The test that the archive kept."""
    facts = msgspec.json.decode(record.facts, type=_Facts)
    return ForwardTest(
        id=record.id,
        at=record.at,
        url=record.url,
        payload=record.payload,
        status=record.status,
        answer=record.answer,
        verdict=facts.verdict,
        reason=facts.reason,
        headers=facts.headers,
        answer_size=facts.answer_size,
        truncated=facts.truncated,
        phases=Phases(**facts.phases),
        peer=facts.peer,
        certificates=facts.certificates,
        untrusted=facts.untrusted,
        problem=facts.problem,
    )


def envelope_of(message: bytes) -> bytes:
    """A message as the platform would forward it alone; its JSON goes in as it is."""
    return b'{"results":[' + message + b'],"messageCount":1,"pendingMessageCount":0}'


def masked_url(url: str) -> str:
    """The URL without a user's name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if "@" not in parts.netloc:
        return url
    return parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}").geturl()


def _require_sendable(url: str, payload: bytes) -> None:
    if not url.lower().startswith(("http://", "https://")):
        raise BadTest("A forward URL begins with https:// or http://; nothing was sent.")
    try:
        parse_target(url)
    except ValueError as error:
        raise BadTest(f"{error} Nothing was sent.") from None
    if len(payload) > LARGEST:
        raise BadTest(
            f"The payload is larger than {LARGEST >> 20} MiB; nothing was sent. The platform's own"
            " are much smaller."
        )


def _made(at: int, url: str, payload: bytes, trace: RequestTrace) -> ForwardTest:
    certificates = read_certificates(trace.certificates)
    outcome = Outcome(
        status=trace.status,
        problem=trace.problem,
        seconds=sum(value or 0.0 for value in asdict(trace.phases).values()),
        answer_size=len(trace.body),
        certificates=certificates,
        untrusted=trace.untrusted,
    )
    return ForwardTest(
        at=at,
        url=masked_url(url),
        payload=payload,
        verdict=judge(url, outcome),
        status=trace.status,
        reason=trace.reason,
        headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in trace.headers),
        answer=trace.body,
        answer_size=len(trace.body),
        truncated=trace.truncated,
        phases=trace.phases,
        peer=trace.peer,
        certificates=certificates,
        untrusted=trace.untrusted,
        problem=trace.problem,
    )


def _entry(test: ForwardTest) -> Entry:
    return Entry(
        started_at=test.at,
        connection="",
        method="POST",
        url=test.url,
        status=test.status,
        duration=test.seconds,
        problem=test.problem,
        asked_by="Forward test",
        request_headers=(("Content-Type", "application/json"),),
        request_body=test.payload,
        request_size=len(test.payload),
        answer_headers=test.headers,
        answer_body=test.answer,
        answer_size=test.answer_size,
    )
