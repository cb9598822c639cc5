"""One request to a forward URL as a sender writes it, and everything observable about its answer.

The request is sent once and no redirect is followed, through the proxy that the environment names
for its URL. Every test is recorded in the archive, including those that failed or were cancelled.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, Self

import msgspec
import msgspec.structs

from ibconsole.api import Mask
from ibconsole.archive import Archive
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.http1 import (
    Address,
    Header,
    ProxyHop,
    RequestTrace,
    fetch_certificates,
    parse_target,
    send,
)
from ibconsole.proxies import Proxy, choose_proxy
from ibconsole.services.forward_test.causes import cause_of, counts_with
from ibconsole.services.forward_test.certificates import Certificate, read_certificates
from ibconsole.services.forward_test.connecting import Trust
from ibconsole.services.forward_test.records import (
    ForwardTest,
    facts_of,
    log_entry,
    masked_url,
    rule_behind,
    to_record,
    total_seconds,
    with_rule,
)
from ibconsole.services.forward_test.request_rungs import page_sentence
from ibconsole.services.forward_test.rungs import Ladder
from ibconsole.services.forward_test.senders import OURS, TIMEOUT, Sender
from ibconsole.services.forward_test.verdict import Delivered, ForwardOutcome, judge
from ibconsole.services.intake import ArchiveWriter
from ibconsole.services.request_log import Entry

KEPT = 65_536  # bytes of an answer
LARGEST = 16 << 20  # bytes of a payload
NOT_RECORDED = "This endpoint is not in the case, so how it answers is not known."


class BadTest(UserError):
    """The request cannot be sent; nothing was sent or recorded."""


class Outgoing(msgspec.Struct, frozen=True):
    """A request to be sent: as whom, to which addresses of the host, and how long it may take.

    Without addresses the name is looked up.
    """

    url: str
    payload: bytes
    sender: Sender = OURS
    timeout: float = TIMEOUT
    addresses: Sequence[Address] = ()


class Replay(Protocol):
    """Endpoints as they were recorded, in place of real ones: no name is looked up."""

    def replaces(self, url: str) -> bool:
        """Return whether nothing of this URL may be contacted, recorded or not."""

    def way_to(self, url: str) -> Ladder | None:
        """Return the recorded rungs below the request; None for a URL that was not recorded."""

    @property
    def address(self) -> Address:
        """The address on this computer at which the recorded answers are given, without TLS."""


class ForwardTester:
    """Sends single requests and records them; `log_request` is called with each.

    `writer` is None for probes, which send and record nothing. `tls` is the context for every
    https URL in place of that of `trust`. `sandbox` means that the
    platform runs on this computer. `connection` is the UUID of the open one, which owns the tests.
    """

    def __init__(
        self,
        writer: ArchiveWriter | None,
        log_request: Callable[[Entry], object],
        *,
        tls: ssl.SSLContext | None = None,
        trust: Trust | None = None,
        sandbox: bool = False,
        connection: str = "",
    ) -> None:
        self._replay: Replay | None = None
        self._writer = writer
        self._connection = connection
        self._log_request = log_request
        self.trust = trust or Trust((lambda: tls) if tls else None)
        self.sandbox = sandbox

    def replaying(self, replay: Replay | None) -> Self:
        """Let recorded endpoints answer from now on, where they replace real ones."""
        self._replay = replay
        return self

    def replay_of(self, url: str) -> Replay | None:
        """Return what answers in place of the endpoint of this URL; None if that itself does."""
        return self._replay if self._replay and self._replay.replaces(url) else None

    @property
    def _records(self) -> ArchiveWriter:
        assert self._writer is not None, "a probe has sent a request"  # noqa: S101
        return self._writer

    async def test(self, url: str, payload: bytes, *, timeout: float = TIMEOUT) -> ForwardTest:  # noqa: ASYNC109 a time-out is a result, not an exception
        """Post the payload to the URL, once, within `timeout` seconds.

        A failure is a result, too. Raises BadTest if the request cannot be sent, and ArchiveError
        if the test cannot be recorded.
        """
        outgoing = Outgoing(url.strip(), payload, timeout=timeout)
        require_sendable(outgoing.url, payload)
        if replay := self.replay_of(outgoing.url):
            if not replay.way_to(outgoing.url):
                raise BadTest(f"{NOT_RECORDED} Nothing was sent.")
            return await self.post(outgoing, None)
        return await self.post(outgoing, proxy_of(outgoing.url))

    async def post(
        self,
        outgoing: Outgoing,
        proxy: Proxy | None,
        on_stopped: Callable[[ForwardTest], object] = lambda _: None,
    ) -> ForwardTest:
        """Send the request, once, through the proxy if there is one, and record the test.

        A cancelled request is recorded, too; `on_stopped` gets its record.
        """
        at = now_ms()
        try:
            trace = await self.exchange(
                outgoing.url,
                outgoing.sender.encode(parse_target(outgoing.url), outgoing.payload),
                proxy,
                timeout=outgoing.timeout,
                addresses=outgoing.addresses,
            )
            if trace.untrusted:
                via = self.hop(proxy) if proxy else None
                found = await fetch_certificates(outgoing.url, via=via)
                trace = replace(trace, certificates=found)
        except asyncio.CancelledError:
            cancelled = RequestTrace(problem="It was stopped before the answer came.")
            on_stopped(await self.record(self._result(at, outgoing, cancelled, proxy)))
            raise
        return await self.record(self._result(at, outgoing, trace, proxy))

    async def exchange(
        self,
        url: str,
        request: bytes,
        proxy: Proxy | None,
        *,
        timeout: float,  # noqa: ASYNC109 a time-out is a result, not an exception
        addresses: Sequence[Address] = (),
        max_answer: int = KEPT,
    ) -> RequestTrace:
        """Send these bytes once, through the proxy if there is one, and record nothing."""
        if replay := self.replay_of(url):
            url, addresses, proxy = _without_tls(url), (replay.address,), None
        via = self.hop(proxy) if proxy else None
        trace = await send(
            url,
            request=request,
            timeout=timeout,
            tls=self.trust.context() if url.lower().startswith("https:") else None,
            max_answer=max_answer,
            via=via,
            addresses=() if via else addresses,
        )
        return _with_proxy(trace, url, proxy) if proxy else trace

    def unsent(
        self,
        outgoing: Outgoing,
        proxy: Proxy | None,
        trace: RequestTrace,
        certificates: Sequence[Certificate],
    ) -> ForwardTest:
        """Return a test that came to its end before the request; the trace says why."""
        return self._result(now_ms(), outgoing, trace, proxy, certificates)

    async def record(self, test: ForwardTest) -> ForwardTest:
        """Record a test, and return it with its ID and the rule that answered, if one did."""
        if test.peer:
            rule = await asyncio.to_thread(rule_behind, self._records.path, test)
            test = with_rule(msgspec.structs.replace(test, rule=rule))
        self._log_request(log_entry(test))
        number = await self._records.run(
            Archive.add_forward_test, to_record(test), self._connection
        )
        return msgspec.structs.replace(test, id=number)

    async def complete(self, test: ForwardTest, ladder: Ladder) -> ForwardTest:
        """Add the ladder to the record of its first request."""
        test = with_rule(msgspec.structs.replace(test, ladder=ladder))
        await self._records.run(Archive.set_forward_test_facts, test.id, facts_of(test))
        return test

    def hop(self, proxy: Proxy) -> ProxyHop:
        """Return the proxy as a request needs it."""
        credential = proxy.credential.reveal().encode("ascii") if proxy.credential else b""
        tls = self.trust.context() if proxy.scheme == "https" else None
        return ProxyHop(str(proxy), proxy.host, proxy.port, credential, tls)

    def _result(
        self,
        at: int,
        outgoing: Outgoing,
        trace: RequestTrace,
        proxy: Proxy | None,
        certificates: Sequence[Certificate] = (),
    ) -> ForwardTest:
        url = outgoing.url
        certificates = tuple(certificates) or read_certificates(trace.certificates)
        seconds = total_seconds(trace.phases)
        outcome = ForwardOutcome(
            status=trace.status,
            problem=trace.problem,
            seconds=seconds,
            answer_size=len(trace.body),
            certificates=certificates,
            untrusted=trace.untrusted,
            proxy=str(proxy or ""),
            proxy_failed=trace.proxy_failed,
            sandbox=self.sandbox,
        )
        headers = outgoing.sender.headers
        return ForwardTest(
            at=at,
            url=masked_url(url),
            payload=outgoing.payload,
            verdict=judge(url, outcome),
            status=trace.status,
            reason=trace.reason,
            headers=_texts(trace.headers),
            answer=trace.body,
            answer_size=len(trace.body),
            truncated=trace.truncated,
            phases=trace.phases,
            peer=trace.peer,
            certificates=certificates,
            untrusted=trace.untrusted,
            problem=trace.problem,
            proxy=str(proxy or ""),
            sender=outgoing.sender.label,
            sent_headers=headers,
            cause=cause_of(trace, seconds=seconds),
        )


def delivery_of(trace: RequestTrace) -> tuple[Delivered, str]:
    """Return whether the platform would count an answer as delivered, and why, as a sentence."""
    seconds = total_seconds(trace.phases)
    outcome = ForwardOutcome(status=trace.status, problem=trace.problem, seconds=seconds)
    verdict, cause = judge("", outcome), cause_of(trace, seconds=seconds)
    counts = counts_with(verdict.counts, cause)
    if page := page_sentence(cause) if counts is not Delivered.YES else "":
        return counts, f"{page}."
    return counts, verdict.sentence.partition(": ")[2]


def require_sendable(url: str, payload: bytes) -> None:
    """Raise BadTest for a URL that is none, and for a payload that is too large."""
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


def proxy_of(url: str) -> Proxy | None:
    """Return the proxy of a URL. Raises BadTest if the only one cannot be used."""
    choice = choose_proxy(url)
    if choice.problem:
        raise BadTest(f"Nothing was sent, because {choice.problem}.")
    return choice.proxy


def _without_tls(url: str) -> str:
    return f"http:{url.partition(':')[2]}"


def _texts(headers: Sequence[Header]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _with_proxy(trace: RequestTrace, url: str, proxy: Proxy) -> RequestTrace:
    """Explain a refusal of the proxy, and mask its log-in where an answer repeats it."""
    # In a tunnel a 407 comes from the host; to a plain request only a proxy may answer it.
    plain_refusal = trace.status if trace.status == 407 and url.lower()[:5] == "http:" else None
    if status := trace.proxy_status or plain_refusal:
        outcome = "the request was not passed on" if plain_refusal else "nothing was sent"
        host = parse_target(url).host_and_port
        sentence = proxy.explain_refusal(status, host, outcome, trace.proxy_location)
        trace = replace(trace, problem=sentence, proxy_failed=True)
    mask = Mask(proxy.secrets)
    headers = tuple(
        (mask.mask_bytes(name), mask.mask_for_log(text)) for name, text in trace.headers
    )
    return replace(trace, headers=headers, body=mask.mask_for_log(trace.body))
