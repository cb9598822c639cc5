"""The facts about endpoints, from probes and from recorded tests."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ibconsole.lazy import LazyModule
from ibconsole.services.diagnosis.rules import AnswerFacts, EndpointFacts, Trouble
from ibconsole.services.forward_test import (
    SAMPLE,
    Cause,
    Comparison,
    ForwardTest,
    Ladder,
    LadderPlan,
    RungKind,
    RungState,
)
from ibconsole.services.intake import ArchiveWriter
from ibconsole.services.request_log import Entry

if TYPE_CHECKING:
    from ibconsole.services import forward_test
else:  # the list of applications shows what is known, without trying anything
    forward_test = LazyModule("ibconsole.services.forward_test")


class Look(Protocol):
    """A way to look at an endpoint; `sandbox` means that the platform runs on this computer."""

    async def __call__(self, url: str, /, *, sandbox: bool) -> Ladder: ...


_NO_REQUEST = {
    RungKind.SYNTAX,
    RungKind.NAMES,
    RungKind.ADDRESSES,
    RungKind.CONNECTIONS,
    RungKind.TLS,
}
_NAMED_STATUSES = {
    cause.name.removeprefix("STATUS_").removeprefix("GATEWAY_"): cause
    for cause in Cause
    if cause.name.startswith(("STATUS_", "GATEWAY_"))
}


async def probe(url: str, /, *, sandbox: bool) -> Ladder:
    """Look at an endpoint up to TLS: send no request, and record nothing."""
    tester = forward_test.ForwardTester(None, lambda _: None, sandbox=sandbox)
    return await forward_test.LadderClimber(tester).probe(url)


def posting_look(writer: ArchiveWriter, log_request: Callable[[Entry], object]) -> Look:
    """Return a look at an endpoint that posts the documented sample, once, and records the test."""

    async def post(url: str, /, *, sandbox: bool) -> Ladder:
        tester = forward_test.ForwardTester(writer, log_request, sandbox=sandbox)
        plan = LadderPlan(compare=Comparison.NEVER, repeat=False)
        test = await forward_test.LadderClimber(tester).climb(url, SAMPLE, plan)
        return test.ladder or Ladder(test.url, test.at, "from this computer")

    return post


def endpoint_key(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL: a probe of one says everything about the others.

    Raises ValueError for a URL that is not valid.
    """
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port


def endpoint_facts(
    url: str, ladder: Ladder | None = None, test: ForwardTest | None = None
) -> EndpointFacts:
    """Return what is known of an endpoint, by a probe without a request and by its latest test.

    Without a probe the latest ladder says what stood in the way of a request at its time.
    """
    answer = answer_facts(test) if test else None
    ladder = ladder or (test.ladder if test else None)
    if ladder is None:
        return EndpointFacts(url, answer=answer)
    chains = [probe.tls.certificates for probe in ladder.probes if probe.tls]
    ends = [chain[0].valid_until for chain in chains if chain]
    return EndpointFacts(
        url=url,
        at=ladder.at,
        vantage=ladder.vantage,
        addresses=ladder.names.addresses if ladder.names else (),
        troubles=_troubles(ladder, answered=False),
        expires_at=min(ends, default=None),
        answer=answer_of_ladder(ladder) or answer,
    )


def answer_of_ladder(ladder: Ladder) -> AnswerFacts | None:
    """Return the answers that a whole ladder got; None if it sent no request."""
    if not ladder.sent:
        return None
    first = ladder.sent[0]
    problem = ladder.first_problem
    return AnswerFacts(
        at=ladder.at,
        counts=ladder.counts,
        sentence=problem.sentence if problem else "",
        status=first.status,
        seconds=first.seconds,
        troubles=_troubles(ladder, answered=True),
        vantage=ladder.vantage,
    )


def answer_facts(test: ForwardTest) -> AnswerFacts | None:
    """Return the facts of a recorded test; None if its ladder ended before a request.

    A test of 0.1.0 has neither a ladder nor a cause: its status says what went wrong.
    """
    if test.ladder:
        return answer_of_ladder(test.ladder)
    cause = test.cause if test.cause is not Cause.NONE else _cause_of_status(test.status)
    sentence = test.verdict.sentence
    troubles = (Trouble(cause, sentence),) if cause else ()
    vantage = "from this computer" + (f", through the proxy {test.proxy}" if test.proxy else "")
    return AnswerFacts(
        at=test.at,
        counts=test.verdict.counts,
        sentence=sentence,
        status=test.status,
        seconds=test.seconds,
        troubles=troubles,
        vantage=vantage,
    )


def _troubles(ladder: Ladder, *, answered: bool) -> tuple[Trouble, ...]:
    """Return the troubles of the rungs before a request was sent, or of those after."""
    return tuple(
        Trouble(rung.cause, rung.sentence, rung.remedy, rung.details)
        for rung in ladder.rungs
        if rung.state in {RungState.FAILED, RungState.WARNING}
        and (rung.kind not in _NO_REQUEST) is answered
    )


def _cause_of_status(status: int | None) -> Cause | None:
    """Return the cause that a status alone shows; None if it shows none."""
    if status is None or status == 200:
        return None
    if 200 <= status < 300:
        return Cause.NOT_200_2XX
    if status in {301, 302, 303, 307, 308}:
        return Cause.REDIRECT
    by_class = {4: Cause.STATUS_4XX, 5: Cause.STATUS_5XX}.get(status // 100, Cause.STATUS_ODD)
    return _NAMED_STATUSES.get(str(status), by_class)
