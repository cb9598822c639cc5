"""The ladder: a forward URL tested rung by rung, until one says why messages do not arrive.

It stops where going on says nothing. Rungs of several addresses are tried at once, and the whole
has a deadline. What is known is reported after each rung, and recorded when the ladder ends, also
by cancellation.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ibconsole.api import Mask
from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.hosts import network_of
from ibconsole.http1 import Address, Phases, RequestTrace, parse_target
from ibconsole.proxies import Proxy, choose_proxy
from ibconsole.services.forward_test.causes import counts_with, remedy_for
from ibconsole.services.forward_test.connecting import Prober
from ibconsole.services.forward_test.forward_test import (
    NOT_RECORDED,
    ForwardTester,
    Outgoing,
    require_sendable,
)
from ibconsole.services.forward_test.names import HostResolver, SystemResolver, look_up
from ibconsole.services.forward_test.network_rungs import (
    ENDED_BY_EITHER,
    addresses_rung,
    connections_rung,
    goes_on,
    names_rung,
    proxy_rung,
    tls_rung,
)
from ibconsole.services.forward_test.records import ForwardTest, masked_url
from ibconsole.services.forward_test.request_rungs import (
    SENDER_MATTERS,
    answer_rung,
    first_cause,
    in_line,
    is_accepted,
    not_compared_rung,
    parallel_rung,
    repeat_rung,
    senders_rung,
    sent_test,
    unstable_rung,
)
from ibconsole.services.forward_test.rungs import Cause, Ladder, OnRung, Rung, RungKind, RungState
from ibconsole.services.forward_test.senders import (
    CURL,
    OURS,
    Comparison,
    LadderPlan,
    Sender,
    variations,
    with_our_agent,
)
from ibconsole.services.forward_test.url_check import url_remarks
from ibconsole.services.forward_test.url_remark import HOST_FAULTS, UrlContext
from ibconsole.services.forward_test.verdict import SLOW, Delivered

AT_ONCE = 10
_LOOKUP = 5.0  # seconds
_CONNECT = 10.0
_COMPARE = 5.0
_COMPARED_AT_ONCE = 3
_LOOK_AGAIN = 2.0

# What a port with TLS makes of plain http, or of a client without a certificate.
_AS_IF_TLS = {
    Cause.CLOSED_WITHOUT_ANSWER,
    Cause.RESET_AFTER_REQUEST,
    Cause.NO_ANSWER_IN_TIME,
    Cause.ANSWER_NOT_HTTP,
}


class LadderClimber:
    """Climbs one ladder; the requests are sent and recorded by the tester."""

    def __init__(
        self,
        tester: ForwardTester,
        *,
        resolver: HostResolver | None = None,
        environ: Mapping[str, str] | None = None,
        on_rung: OnRung = lambda _: None,
    ) -> None:
        self._tester = tester
        self._resolver = resolver or SystemResolver()
        self._environ = environ
        self._on_rung = on_rung
        self._started = time.monotonic()
        self._ladder = Ladder("", now_ms(), "from this computer")
        self._plan = LadderPlan()
        self._url = ""
        self._proxy: Proxy | None = None
        self._addresses: Sequence[Address] = ()
        self._first: ForwardTest | None = None

    async def probe(self, url: str, *, timeout: float = _CONNECT) -> Ladder:  # noqa: ASYNC109 a time-out is a result
        """Climb up to TLS; no request is sent, and nothing is recorded."""
        self._begin(url, LadderPlan(timeout=timeout))
        if await self._reach():
            self._finish(Delivered.PERHAPS)
        return self._ladder

    async def climb(self, url: str, payload: bytes, plan: LadderPlan) -> ForwardTest:
        """Climb the whole ladder, and return its first request with the ladder.

        A request that was not sent, because a rung below it failed, has no status. A URL that
        cannot be requested is not recorded: its ID is 0. Raises BadTest for a payload that is too
        large, and ArchiveError if the test cannot be recorded.
        """
        self._begin(url, plan)
        try:
            reached = await self._reach()
            if reached or self._is_recordable:
                require_sendable(self._url, payload)
            if not reached:
                return await self._record_unsent(payload)
            return await self._send_all(payload)
        except asyncio.CancelledError:
            await self._record_stopped(payload)
            raise

    def _begin(self, url: str, plan: LadderPlan) -> None:
        # What a shell passes on undecoded cannot be stored; it is no URL in any case.
        self._url = url.strip().encode("utf-8", "backslashreplace").decode()
        self._plan = plan
        self._ladder = replace(self._ladder, url=masked_url(self._url))

    # Rungs up to TLS

    async def _reach(self) -> bool:
        """Climb to the request; return whether it can be sent."""
        if not self._check_syntax():
            return False
        if replay := self._tester.replay_of(self._url):
            return self._follow(replay.way_to(self._url))
        return self._choose_proxy() and await self._reach_host()

    async def _reach_host(self) -> bool:
        target = parse_target(self._url)
        found = await look_up(self._resolver, target.host, target.port, self._time(_LOOKUP))
        self._ladder = replace(self._ladder, names=found.names)
        proxy = str(self._proxy or "")
        if not self._add(names_rung(found.names, proxy=proxy)):
            return False
        kinds = [
            (address, network_of(address.partition("%")[0])) for address in found.names.addresses
        ]
        if kinds:
            self._add(addresses_rung(kinds, sandbox=self._tester.sandbox))
            if not goes_on(kinds):
                return False
        prober = Prober(self._url, self._tester.trust, self._time(_CONNECT))
        if self._proxy:
            return await self._reach_through(prober, self._proxy)
        return await self._reach_directly(prober, found.addresses)

    def _follow(self, recorded: Ladder | None) -> bool:
        """Climb the rungs that were recorded, without contacting anything."""
        if recorded is None:
            cause, sentence = Cause.NOT_KNOWN, f"{NOT_RECORDED} Nothing was sent."
            self._add(Rung(RungKind.NAMES, RungState.WARNING, sentence, cause=cause))
            return False
        self._ladder = replace(
            self._ladder, vantage=recorded.vantage, names=recorded.names, probes=recorded.probes
        )
        return all(map(self._add, recorded.rungs))

    def _check_syntax(self) -> bool:
        remarks = url_remarks(self._url, UrlContext(sandbox=self._tester.sandbox))
        if not all(remark.usable for remark in remarks):
            sentence = " ".join(remark.sentence for remark in remarks) or "There is no URL."
            correction = masked_url(remarks[0].correction)
            return self._fail_syntax(sentence, f"Use {correction}." if correction else "")
        try:
            parse_target(self._url)
        except ValueError as error:
            return self._fail_syntax(str(error))
        said = [one for one in remarks if one.sentence and one.fault not in HOST_FAULTS]
        said = [one for one in said if one.severity is not Severity.OK]
        warned = any(one.severity is Severity.WARNING for one in said)
        state = RungState.WARNING if warned else RungState.PASSED
        first, *details = [one.sentence for one in said] or ["The URL is well-formed."]
        return self._add(Rung(RungKind.SYNTAX, state, first, "", tuple(details)))

    def _fail_syntax(self, sentence: str, remedy: str = "") -> bool:
        cause = Cause.SYNTAX
        remedy = remedy or remedy_for(cause)
        return self._add(Rung(RungKind.SYNTAX, RungState.FAILED, sentence, remedy, cause=cause))

    def _choose_proxy(self) -> bool:
        choice = choose_proxy(self._url, self._environ)
        self._proxy = choice.proxy
        if choice.problem:
            sentence = f"Nothing was sent, because {choice.problem}."
            cause = Cause.PROXY_UNUSABLE
            return self._add(
                Rung(
                    RungKind.CONNECTIONS,
                    RungState.FAILED,
                    sentence,
                    remedy_for(cause),
                    cause=cause,
                )
            )
        if self._proxy:
            name = str(self._proxy)
            vantage = f"from this computer, through the proxy {name}"
            self._ladder = replace(self._ladder, proxy=name, vantage=vantage)
        return True

    async def _reach_through(self, prober: Prober, proxy: Proxy) -> bool:
        mask = Mask(proxy.secrets).mask_text
        probe, trace = await prober.probe_through(self._tester.hop(proxy), mask)
        if trace.proxy_status:
            host = parse_target(self._url).host_and_port
            location = trace.proxy_location
            problem = proxy.explain_refusal(trace.proxy_status, host, location=location)
            probe = replace(probe, problem=mask(problem))
        self._ladder = replace(self._ladder, probes=(probe,))
        encrypted = self._url.lower().startswith("https:")
        if not self._add(proxy_rung(probe, str(proxy), tunnel=encrypted)):
            return False
        return not encrypted or self._add(tls_rung([probe], proxy=str(proxy)))

    async def _reach_directly(self, prober: Prober, addresses: Sequence[Address]) -> bool:
        probes = await prober.probe_all(addresses)
        self._ladder = replace(self._ladder, probes=probes)
        if not self._add(connections_rung(probes)):
            return False
        if self._url.lower().startswith("https:") and not self._add(tls_rung(probes)):
            return False
        # The request goes to an address that works: the others are known already.
        self._addresses = [
            address
            for address, probe in zip(addresses, probes, strict=False)
            if probe.is_connected and (probe.tls is None or probe.tls.trusted)
        ]
        return bool(self._addresses)

    # Requests

    async def _send_all(self, payload: bytes) -> ForwardTest:
        first = await self._post(payload, self._plan.sender, RungKind.ANSWER, self._plan.timeout)
        direct = not self._proxy and not self._tester.replay_of(self._url)
        if first.cause in _AS_IF_TLS and direct:
            first = replace(first, cause=await self._look_again(first.cause))
        self._add(answer_rung(first))
        if is_accepted(first) and self._plan.repeat and self._has_time():
            again = await self._post(
                payload, self._plan.sender, RungKind.REPEAT, self._plan.timeout
            )
            self._add(repeat_rung(first, again))
        if self._is_compared(first) and self._has_time():
            await self._compare(payload, first)
        if is_accepted(first) and self._plan.parallel and self._has_time():
            await self._crowd(payload)
        self._finish(counts_with(first.verdict.counts, first.cause))
        return await self._tester.complete(in_line(first, self._ladder), self._ladder)

    async def _look_again(self, cause: Cause) -> Cause:
        """Return why a request got no answer, as TLS says it; else this cause."""
        prober = Prober(self._url, self._tester.trust, self._time(_LOOK_AGAIN))
        if self._url.lower().startswith("http:"):
            return Cause.HTTPS_EXPECTED if await prober.speaks_tls(self._addresses) else cause
        wanted = await prober.wants_client_certificate(self._addresses)
        return Cause.TLS_CLIENT_CERTIFICATE if wanted else cause

    def _is_compared(self, first: ForwardTest) -> bool:
        if is_accepted(first):
            return self._plan.compare is Comparison.ALWAYS
        return self._plan.compare is not Comparison.NEVER and first.cause in SENDER_MATTERS

    @property
    def _refuses_duplicates(self) -> bool:
        repeat = self._ladder.rung(RungKind.REPEAT)
        return repeat is not None and repeat.state is not RungState.PASSED

    async def _compare(self, payload: bytes, first: ForwardTest) -> None:
        accepted = is_accepted(first)
        if self._refuses_duplicates:
            self._add(not_compared_rung("the endpoint refuses a message that it has already"))
            return
        if accepted and first.seconds >= SLOW:
            self._add(not_compared_rung("the endpoint is too slow"))
            return
        own = self._plan.sender
        changes = {one.name: one for one in variations(own)}
        others = [one for one in (OURS, CURL) if one.name != own.name]
        skipped = {"other agent"} if accepted else {"expect"}
        chosen = [*others, *(one for name, one in changes.items() if name not in skipped)]
        limit = self._time(min(_COMPARE, self._plan.timeout))
        at_once = _COMPARED_AT_ONCE if accepted else len(chosen)
        tests = await self._post_all(payload, chosen, RungKind.SENDERS, limit, at_once)
        found = dict(zip((one.name for one in chosen), tests, strict=True))
        self._add(await self._confirm(payload, first, chosen, found))

    async def _confirm(
        self,
        payload: bytes,
        first: ForwardTest,
        chosen: Sequence[Sender],
        found: dict[str, ForwardTest],
    ) -> Rung:
        """Repeat alone what differs: an endpoint may refuse requests at once, or any repetition."""
        accepted = is_accepted(first)
        limit = self._time(min(_COMPARE, self._plan.timeout))
        for sender in chosen:
            if is_accepted(found[sender.name]) is not accepted and self._has_time():
                found[sender.name] = await self._post(payload, sender, RungKind.SENDERS, limit)
        differs = any(is_accepted(test) is not accepted for test in found.values())
        if differs and self._has_time():
            again = await self._post(payload, self._plan.sender, RungKind.SENDERS, limit)
            if is_accepted(again) is not accepted:
                return unstable_rung(first, again)
        ours = found.get(OURS.name)
        if ours and is_accepted(ours) is not accepted and self._has_time():
            # Ours differs in more than its agent: what only the agent changes decides.
            deciding = with_our_agent(self._plan.sender)
            found[deciding.name] = await self._post(payload, deciding, RungKind.SENDERS, limit)
        return senders_rung(first, found)

    async def _crowd(self, payload: bytes) -> None:
        senders = [self._plan.sender] * AT_ONCE
        tests = await self._post_all(
            payload, senders, RungKind.PARALLEL, self._plan.timeout, AT_ONCE
        )
        self._add(parallel_rung(tests))

    async def _post_all(
        self, payload: bytes, senders: Sequence[Sender], rung: RungKind, limit: float, at_once: int
    ) -> Sequence[ForwardTest]:
        slots = asyncio.Semaphore(at_once)

        async def post(sender: Sender) -> ForwardTest:
            async with slots:
                return await self._post(payload, sender, rung, limit)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(post(sender)) for sender in senders]
        return [task.result() for task in tasks]

    async def _post(
        self, payload: bytes, sender: Sender, rung: RungKind, limit: float
    ) -> ForwardTest:
        outgoing = Outgoing(self._url, payload, sender, self._time(limit), self._addresses)

        def on_stopped(stopped: ForwardTest) -> None:
            self._keep(stopped, rung)

        test = await self._tester.post(outgoing, self._proxy, on_stopped)
        self._keep(test, rung)
        return test

    def _keep(self, test: ForwardTest, rung: RungKind) -> None:
        self._first = self._first or test
        self._ladder = replace(self._ladder, sent=(*self._ladder.sent, sent_test(test, rung)))

    # The end

    async def _record_unsent(self, payload: bytes) -> ForwardTest:
        failed = self._ladder.first_problem
        cause = failed.cause if failed else Cause.NOT_KNOWN
        is_local = cause.name.startswith("PROXY_") or cause is Cause.TLS_INTERCEPTED
        is_local = is_local or (self._proxy is not None and cause in ENDED_BY_EITHER)
        unknown = is_local or failed is None or failed.state is not RungState.FAILED
        self._finish(Delivered.PERHAPS if unknown else Delivered.NO)
        sentence = failed.sentence if failed else "It is not known whether the host is reached."
        return await self._make_unsent(payload, sentence, cause)

    async def _record_stopped(self, payload: bytes) -> None:
        self._ladder = replace(self._ladder, stopped=True)
        self._finish(Delivered.PERHAPS, Cause.STOPPED)
        if self._first:
            await self._tester.complete(self._first, self._ladder)
        elif self._is_recordable:
            await self._make_unsent(payload, "It was stopped before the request.", Cause.STOPPED)

    async def _make_unsent(self, payload: bytes, sentence: str, cause: Cause) -> ForwardTest:
        tls = next((probe.tls for probe in self._ladder.probes if probe.tls), None)
        trace = RequestTrace(
            problem=sentence,
            phases=self._phases(),
            peer=next((probe.address for probe in self._ladder.probes), ""),
            proxy_failed=cause.name.startswith("PROXY_"),
            untrusted=bool(tls and tls.version and not tls.trusted),
        )
        outgoing = Outgoing(self._url, payload, self._plan.sender)
        certificates = tls.certificates if tls else ()
        test = self._tester.unsent(outgoing, self._proxy, trace, certificates)
        test = replace(in_line(test, self._ladder), cause=cause, ladder=self._ladder)
        return await self._tester.record(test) if self._is_recordable else test

    def _phases(self) -> Phases:
        ladder = self._ladder
        names, probe = ladder.names, next(iter(ladder.probes), None)
        return Phases(
            dns=names.seconds if names else None,
            tcp=probe.seconds if probe else None,
            tls=probe.tls.seconds if probe and probe.tls else None,
        )

    @property
    def _is_recordable(self) -> bool:
        syntax = self._ladder.rung(RungKind.SYNTAX)
        return syntax is not None and syntax.state is not RungState.FAILED

    def _add(self, rung: Rung) -> bool:
        """Add a rung and report it; return whether to go on."""
        seconds = time.monotonic() - self._started
        rungs = (*self._ladder.rungs, rung)
        self._ladder = replace(self._ladder, rungs=rungs, seconds=seconds, cause=first_cause(rungs))
        self._on_rung(self._ladder)
        return rung.state is not RungState.FAILED

    def _finish(self, counts: Delivered, cause: Cause | None = None) -> None:
        addresses = self._ladder.rung(RungKind.ADDRESSES)
        if addresses and addresses.state is RungState.FAILED:
            counts = Delivered.NO
        tls = self._ladder.rung(RungKind.TLS)
        is_public = addresses is None or addresses.cause is Cause.NONE
        if counts is Delivered.YES and tls and tls.cause is Cause.CERT_PRIVATE_CA and is_public:
            counts = Delivered.PERHAPS
        self._ladder = replace(
            self._ladder,
            counts=counts,
            cause=cause or first_cause(self._ladder.rungs),
            seconds=time.monotonic() - self._started,
        )
        self._on_rung(self._ladder)

    def _time(self, limit: float) -> float:
        """Return the time of a step: its limit, or what is left of the whole."""
        left = self._plan.deadline - (time.monotonic() - self._started)
        return max(0.01, min(limit, self._plan.timeout, left))

    def _has_time(self) -> bool:
        return time.monotonic() - self._started < self._plan.deadline
