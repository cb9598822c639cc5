"""Tests of forward URLs: one POST as the platform would send it, and everything observable.

The request is sent once and no redirect is followed, through the proxy that the environment names
for its URL. Every test is recorded in the archive,
including those that failed or were cancelled.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import msgspec.structs

from ibconsole import __version__
from ibconsole.api import Mask
from ibconsole.archive import Archive, ForwardTestRecord
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.http1 import Phases, ProxyHop, RequestTrace, fetch_certificates, parse_target, send
from ibconsole.lazy import LazyModule
from ibconsole.proxies import Proxy, choose_proxy
from ibconsole.secret import MASK
from ibconsole.services.forward_test.certificates import Certificate, read_certificates
from ibconsole.services.forward_test.verdict import ForwardOutcome, Verdict, judge
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
TIMEOUT = 20.0  # seconds for all phases together

Headers = tuple[tuple[str, str], ...]


class BadTest(UserError):
    """The request cannot be sent; nothing was sent or recorded."""


class ForwardTest(msgspec.Struct, frozen=True):
    """One test and its result.

    `at` is in milliseconds since the epoch, `phases` are seconds (None where one was not
    reached). A user name and password in the URL are masked. `answer` holds at most 64 KiB;
    `truncated` says that the answer was longer or ended early. `problem` is a sentence,
    empty if a whole answer arrived.
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
    phases: Phases = msgspec.field(default_factory=Phases)
    peer: str = ""
    certificates: tuple[Certificate, ...] = ()
    untrusted: bool = False
    problem: str = ""
    proxy: str = ""
    id: int = 0

    @property
    def seconds(self) -> float:
        """The duration of all phases together."""
        return _total(self.phases)


class ForwardTester:
    """Sends tests and records them; `log_request` is called with each request.

    `sandbox` means that the platform runs on this computer.
    """

    def __init__(
        self,
        writer: ArchiveWriter,
        log_request: Callable[[Entry], object],
        *,
        tls: ssl.SSLContext | None = None,
        sandbox: bool = False,
    ) -> None:
        self._writer = writer
        self._log_request = log_request
        self._tls = tls
        self._sandbox = sandbox

    async def test(self, url: str, payload: bytes, *, timeout: float = TIMEOUT) -> ForwardTest:  # noqa: ASYNC109 a time-out is a result, not an exception
        """Post the payload to the URL, once, within `timeout` seconds.

        A failure is a result, too. Raises BadTest if the request cannot be sent, and ArchiveError
        if the test cannot be recorded.
        """
        url = url.strip()
        _require_sendable(url, payload)
        proxy = _proxy_of(url)
        via = self._via(proxy) if proxy else None
        at = now_ms()
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
                via=via,
            )
        except asyncio.CancelledError:
            cancelled = RequestTrace(problem="It was stopped before the answer came.")
            await self._record(self._result(at, url, payload, cancelled, proxy))
            raise
        if trace.untrusted:
            trace = replace(trace, certificates=await fetch_certificates(url, via=via))
        if proxy:
            trace = _with_proxy(trace, url, proxy)
        return await self._record(self._result(at, url, payload, trace, proxy))

    def _context(self, url: str) -> ssl.SSLContext | None:
        return self._trust() if url.lower().startswith("https:") else None

    def _trust(self) -> ssl.SSLContext:
        # The system's certificate store, as for requests to the platform.
        return self._tls or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def _via(self, proxy: Proxy) -> ProxyHop:
        credential = proxy.credential.reveal().encode("ascii") if proxy.credential else b""
        tls = self._trust() if proxy.scheme == "https" else None
        return ProxyHop(str(proxy), proxy.host, proxy.port, credential, tls)

    def _result(
        self, at: int, url: str, payload: bytes, trace: RequestTrace, proxy: Proxy | None
    ) -> ForwardTest:
        certificates = read_certificates(trace.certificates)
        outcome = ForwardOutcome(
            status=trace.status,
            problem=trace.problem,
            seconds=_total(trace.phases),
            answer_size=len(trace.body),
            certificates=certificates,
            untrusted=trace.untrusted,
            proxy=str(proxy or ""),
            proxy_failed=trace.proxy_failed,
            sandbox=self._sandbox,
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
            proxy=str(proxy or ""),
        )

    async def _record(self, test: ForwardTest) -> ForwardTest:
        self._log_request(log_entry(test))
        return msgspec.structs.replace(
            test, id=await self._writer.run(Archive.add_forward_test, to_record(test))
        )


class _Facts(msgspec.Struct):
    """The fields of a ForwardTest that its record holds as JSON."""

    verdict: Verdict
    reason: str = ""
    headers: Headers = ()
    answer_size: int = 0
    truncated: bool = False
    phases: Phases = msgspec.field(default_factory=Phases)
    peer: str = ""
    certificates: tuple[Certificate, ...] = ()
    untrusted: bool = False
    problem: str = ""
    proxy: str = ""


def to_record(test: ForwardTest) -> ForwardTestRecord:
    """Convert a test to its record in the archive."""
    facts = _Facts(**{name: getattr(test, name) for name in _Facts.__struct_fields__})
    return ForwardTestRecord(
        id=test.id,
        at=test.at,
        url=test.url,
        status=test.status,
        payload=test.payload,
        answer=test.answer,
        facts=msgspec.json.encode(facts).decode(),
    )


def from_record(record: ForwardTestRecord) -> ForwardTest:
    """Convert a record of the archive back to the test."""
    facts = msgspec.json.decode(record.facts, type=_Facts)
    return ForwardTest(
        id=record.id,
        at=record.at,
        url=record.url,
        payload=record.payload,
        status=record.status,
        answer=record.answer,
        **msgspec.structs.asdict(facts),
    )


def envelope_of(message: bytes) -> bytes:
    """Wrap a message's JSON as the platform forwards a single message; it is not changed."""
    return b'{"results":[' + message + b'],"messageCount":1,"pendingMessageCount":0}'


def masked_url(url: str) -> str:
    """Mask the user name and password in a URL."""
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


def _proxy_of(url: str) -> Proxy | None:
    choice = choose_proxy(url)
    if choice.problem:
        raise BadTest(f"Nothing was sent, because {choice.problem}.")
    return choice.proxy


def _with_proxy(trace: RequestTrace, url: str, proxy: Proxy) -> RequestTrace:
    """Explain a refusal of the proxy, and mask its log-in where an answer repeats it."""
    # In a tunnel a 407 comes from the host; to a plain request only a proxy may answer it.
    plain_refusal = trace.status if trace.status == 407 and url.lower()[:5] == "http:" else None
    if status := trace.proxy_status or plain_refusal:
        outcome = "the request was not passed on" if plain_refusal else "nothing was sent"
        host = parse_target(url).host_and_port
        sentence = proxy.explain_refusal(status, host, outcome)
        trace = replace(trace, problem=sentence, proxy_failed=True)
    mask = Mask(proxy.secrets)
    headers = tuple(
        (mask.mask_bytes(name), mask.mask_for_log(text)) for name, text in trace.headers
    )
    return replace(trace, headers=headers, body=mask.mask_for_log(trace.body))


def _total(phases: Phases) -> float:
    return sum(value or 0.0 for value in asdict(phases).values())


def log_entry(test: ForwardTest) -> Entry:
    """Return the test as an entry of the request log."""
    return Entry(
        started_at=test.at,
        connection="",
        method="POST",
        url=test.url,
        status=test.status,
        duration=test.seconds,
        problem=test.problem,
        purpose="Forward test",
        request_headers=(("Content-Type", "application/json"),),
        request_body=test.payload,
        request_size=len(test.payload),
        answer_headers=test.headers,
        answer_body=test.answer,
        answer_size=test.answer_size,
    )
