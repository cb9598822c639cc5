"""Endpoints as a case has them: a server on this computer gives the recorded answers.

The rungs of a forward test below the request are those that were recorded; the request itself is
sent, on loopback and without TLS, and answered with the recorded status, headers and body after the
recorded time.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from socket import AF_INET
from typing import Self

import msgspec

from ibconsole.hosts import host_of, is_certainly_loopback
from ibconsole.http1 import Address, Fault, Header, Request, Response, Server, parse_target
from ibconsole.plural import counted
from ibconsole.services.diagnosis.rules import AnswerFacts, EndpointFacts, Trouble
from ibconsole.services.forward_test import (
    Cause,
    ForwardTest,
    Ladder,
    Rung,
    RungKind,
    RungState,
    masked_url,
    remedy_for,
    state_of,
)

LONGEST = 60.0  # seconds of a recorded delay
_STALL = 30.0  # seconds between two pieces of an answer that was not finished in time
_BELOW = (RungKind.NAMES, RungKind.ADDRESSES, RungKind.CONNECTIONS, RungKind.TLS)
_NAMES = {Cause.NO_SUCH_NAME, Cause.NAME_LOOKUP_FAILED, Cause.IPV6_ONLY}
_ADDRESSES = {Cause.PRIVATE_ADDRESSES, Cause.SOME_ADDRESSES_PRIVATE}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# The server frames the body itself.
_FRAMING = {"connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"}
_UNANSWERED = {
    Cause.NO_ANSWER_IN_TIME: Fault(hang=LONGEST),
    Cause.RESET_AFTER_REQUEST: Fault(reset=True),
}
_CLOSED = Fault(hang=0.01)


class _Answer(msgspec.Struct, frozen=True):
    """A recorded answer, and the request that it was given to, as far as that is known."""

    response: Response
    payload: str = ""
    agent: str = ""


class RecordedAnswers:
    """Replays endpoints within its `async with` block; see `forward_test.Replay`.

    The latest of `tests` at a URL decides, except for the answers to requests with another body or
    User-Agent, if those were recorded too. A URL without a test answers as `endpoints` say.
    """

    def __init__(
        self, tests: Sequence[ForwardTest], endpoints: Mapping[str, EndpointFacts]
    ) -> None:
        self._ways: dict[str, Ladder] = {}
        self._answers: dict[str, list[_Answer]] = defaultdict(list)
        for url, facts in endpoints.items():
            self._ways[masked_url(url)] = _way_of_facts(facts)
            if facts.answer:
                self._add(url, _Answer(_response_of_facts(facts.answer)))
        for test in sorted(tests, key=lambda one: one.at):
            if test.ladder:
                self._ways[test.url] = _way_of_ladder(test.ladder)
            else:
                self._ways.setdefault(test.url, _unknown_way(test.url))
            self._add(test.url, _answer_of(test))
        self._server = Server(self._reply)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.__aexit__(None, None, None)

    def replaces(self, url: str) -> bool:
        """Return whether nothing of this URL may be contacted: it leads beyond this computer."""
        return masked_url(url) in self._ways or not is_certainly_loopback(host_of(url))

    def way_to(self, url: str) -> Ladder | None:
        """Return the recorded rungs below the request; None for a URL that was not recorded."""
        return self._ways.get(masked_url(url.strip()))

    @property
    def address(self) -> Address:
        """The address of the server."""
        return AF_INET, ("127.0.0.1", self._server.port)

    def _add(self, url: str, answer: _Answer) -> None:
        try:
            target = parse_target(url.strip())
        except ValueError:  # it was recorded that nothing can be sent there
            return
        self._answers[f"{target.authority}{target.path}"].append(answer)

    async def _reply(self, request: Request) -> Response:
        recorded = self._answers.get(f"{request.header('host') or ''}{request.target}")
        if not recorded:
            return Response(404)
        payload, agent = sha256(request.body).hexdigest(), request.header("user-agent") or ""
        likeness = [(one.payload == payload, one.agent == agent) for one in recorded]
        # Of equally good ones the latest: `max` returns the first.
        best = max(reversed(range(len(recorded))), key=likeness.__getitem__)
        return recorded[best].response


def _way_of_ladder(ladder: Ladder) -> Ladder:
    rungs = tuple(one for one in ladder.rungs if one.kind in _BELOW)
    return msgspec.structs.replace(ladder, rungs=rungs, sent=())


def _unknown_way(url: str) -> Ladder:
    """Return the way of a test of which the answer alone was recorded."""
    sentence = "Only the answer of this endpoint was recorded."
    return Ladder(url, 0, "as recorded", rungs=(_rung(RungKind.CONNECTIONS, sentence),))


def _way_of_facts(facts: EndpointFacts) -> Ladder:
    if facts.at is None and not facts.troubles:
        return _unknown_way(facts.url)
    by_kind = {_kind_of(one.cause): one for one in reversed(facts.troubles)}
    kinds = [kind for kind in _BELOW if kind is not RungKind.TLS or _is_encrypted(facts.url)]
    rungs = tuple(
        _rung_of_trouble(kind, by_kind[kind]) if kind in by_kind else _passed(kind, facts)
        for kind in kinds
    )
    return Ladder(facts.url, facts.at or 0, facts.vantage or "as recorded", rungs=rungs)


def _kind_of(cause: Cause) -> RungKind:
    if cause in _NAMES:
        return RungKind.NAMES
    if cause in _ADDRESSES:
        return RungKind.ADDRESSES
    is_tls = cause.name.startswith(("TLS_", "CERT_")) or cause is Cause.SOME_ADDRESSES_TLS
    return RungKind.TLS if is_tls else RungKind.CONNECTIONS


def _rung_of_trouble(kind: RungKind, trouble: Trouble) -> Rung:
    return Rung(
        kind,
        state_of(trouble.cause),
        trouble.sentence,
        trouble.remedy or remedy_for(trouble.cause),
        trouble.details,
        cause=trouble.cause,
    )


def _passed(kind: RungKind, facts: EndpointFacts) -> Rung:
    count = counted(len(facts.addresses), "address", "addresses")
    listed = ", ".join(facts.addresses[:8])
    sentences = {
        RungKind.NAMES: f"Recorded: {count}, {listed}." if listed else "The name was known.",
        RungKind.ADDRESSES: "Nothing was recorded against the addresses.",
        RungKind.CONNECTIONS: "The connection was open.",
        RungKind.TLS: "The handshake succeeded, with a trusted certificate.",
    }
    return _rung(kind, sentences[kind])


def _rung(kind: RungKind, sentence: str) -> Rung:
    return Rung(kind, RungState.PASSED, sentence)


def _is_encrypted(url: str) -> bool:
    return url.strip().lower().startswith("https:")


def _answer_of(test: ForwardTest) -> _Answer:
    agents = [value for name, value in test.sent_headers if name.lower() == "user-agent"]
    delay = _bounded(test.phases.first_byte)
    fault = _fault(test.cause, test.status, delay, len(test.answer))
    status = test.status or 502
    return _Answer(
        Response(_final(status), tuple(_headers(test.headers)), test.answer, fault),
        sha256(test.payload).hexdigest(),
        agents[0] if agents else "",
    )


def _response_of_facts(facts: AnswerFacts) -> Response:
    cause = facts.troubles[0].cause if facts.troubles else Cause.NONE
    fault = _fault(cause, facts.status, _bounded(facts.seconds), 0)
    # Something to wait for, of an answer of which only the status is known.
    body = b" " * 10 if cause is Cause.ANSWER_STALLED else b""
    return Response(_final(facts.status or 502), body=body, fault=fault)


def _fault(cause: Cause, status: int | None, delay: float, size: int) -> Fault | None:
    """Return the defect of an answer; one that is no HTTP is replayed as none at all."""
    if status is None:
        return _UNANSWERED.get(cause, _CLOSED)
    if cause in {Cause.ANSWER_CUT, Cause.ANSWER_RESET}:
        return Fault(delay=delay, declared_length=size + 1)
    if cause is Cause.ANSWER_STALLED:
        return Fault(delay=delay, drip=_STALL, declared_length=size + 1)
    return Fault(delay=delay) if delay else None


def _final(status: int) -> int:
    return status if 200 <= status <= 999 else 502


def _bounded(seconds: float | None) -> float:
    is_usable = seconds is not None and math.isfinite(seconds) and seconds > 0
    return min(seconds, LONGEST) if seconds and is_usable else 0.0


def _headers(recorded: Iterable[tuple[str, str]]) -> Iterator[Header]:
    for name, value in recorded:
        is_valid = _TOKEN.fullmatch(name) and _VALUE.fullmatch(value)
        if is_valid and name.lower() not in _FRAMING:
            yield name.encode("ascii"), value.encode("latin-1")
