"""Endpoints that answer as they were recorded, on loopback."""

from typing import Any

import msgspec
import pytest

from ibconsole.http1.trace import Phases
from ibconsole.services.diagnosis.rules.facts import AnswerFacts, EndpointFacts, Trouble
from ibconsole.services.evidence.case_runs.recorded_answers import RecordedAnswers
from ibconsole.services.forward_test.causes import cause_of
from ibconsole.services.forward_test.forward_test import BadTest, ForwardTester
from ibconsole.services.forward_test.ladder import LadderClimber
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.rungs import (
    Cause,
    HostNames,
    Ladder,
    Rung,
    RungKind,
    RungState,
)
from ibconsole.services.forward_test.verdict import Delivered, Verdict
from tests.unit.services.diagnosis.samples import HOUR, NOW, URL

UNKNOWN = Verdict(Delivered.PERHAPS, "Perhaps.")


def record_of(url: str = URL, **fields: Any) -> ForwardTest:
    """Return a recorded test."""
    return ForwardTest(
        **{"at": NOW, "url": url, "payload": b"{}", "verdict": UNKNOWN, "status": 200, **fields}
    )


def raw(url: str, *, agent: str = "x", body: bytes = b"{}") -> bytes:
    """Return a POST to a URL as a sender writes it."""
    host, _, path = url.partition("://")[2].partition("/")
    head = f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def test_an_answer_is_given_as_it_was_recorded() -> None:
    """Status, headers and body are those of the record, after its time, without any network."""
    headers = (
        ("Content-Type", "text/html"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Transfer-Encoding", "chunked"),
        ("Bad name", "x"),
        ("X-Split", "a\r\nEvil: 1"),
    )
    recorded = record_of(
        status=503, headers=headers, answer=b"<h1>busy</h1>", phases=Phases(first_byte=0.05)
    )
    async with RecordedAnswers([recorded], {}) as replay:
        tester = ForwardTester(None, lambda _: None).replaying(replay)
        trace = await tester.exchange(URL, raw(URL), None, timeout=5.0)

    assert (trace.status, trace.body, trace.peer) == (503, b"<h1>busy</h1>", "127.0.0.1")
    assert trace.phases.first_byte is not None
    assert trace.phases.first_byte >= 0.05
    got = [(name.decode(), value.decode()) for name, value in trace.headers]
    assert [one for one in got if one in headers] == list(headers[:3])
    assert not {"evil", "bad name", "transfer-encoding"} & {name.lower() for name, _ in got}


async def test_the_request_decides_among_several_answers() -> None:
    """Of tests of one URL that with the same body and agent answers, else the latest."""

    def sent(at: int, status: int, agent: str, payload: bytes = b"{}") -> ForwardTest:
        return record_of(
            at=NOW + at, status=status, sent_headers=(("User-Agent", agent),), payload=payload
        )

    records = [sent(3, 203, "curl"), sent(1, 403, "java"), sent(2, 200, "curl", b"[]")]
    async with RecordedAnswers(records, {}) as replay:
        tester = ForwardTester(None, lambda _: None).replaying(replay)
        statuses = [
            (await tester.exchange(URL, raw(URL, **one), None, timeout=5.0)).status
            for one in (
                {"agent": "java"},
                {"agent": "curl"},
                {"agent": "curl", "body": b"[]"},
                {"agent": "other", "body": b"other"},
            )
        ]

        elsewhere = await tester.exchange(
            "https://x.aero/", raw("https://x.aero/"), None, timeout=5
        )

    assert statuses == [403, 203, 200, 203]
    assert elsewhere.status == 404


@pytest.mark.parametrize(
    ("cause", "status", "found"),
    [
        (Cause.NONE, 200, Cause.NONE),
        (Cause.GATEWAY_503, 503, Cause.GATEWAY_503),
        (Cause.NO_ANSWER_IN_TIME, None, Cause.NO_ANSWER_IN_TIME),
        (Cause.RESET_AFTER_REQUEST, None, Cause.RESET_AFTER_REQUEST),
        (Cause.CLOSED_WITHOUT_ANSWER, None, Cause.CLOSED_WITHOUT_ANSWER),
        (Cause.ANSWER_CUT, 200, Cause.ANSWER_CUT),
        (Cause.ANSWER_STALLED, 200, Cause.ANSWER_STALLED),
        (Cause.ANSWER_NOT_HTTP, None, Cause.CLOSED_WITHOUT_ANSWER),
    ],
)
async def test_failures_are_replayed(cause: Cause, status: int | None, found: Cause) -> None:
    """What failed fails again; what was no HTTP is replayed as no answer."""
    answer = b"x" * 20 if status else b""
    facts = AnswerFacts(NOW, Delivered.NO, "No.", status, troubles=(Trouble(cause, "It failed."),))
    test = record_of(cause=cause, status=status, answer=answer)
    endpoint = {f"{URL}/2": EndpointFacts(url=f"{URL}/2", answer=facts)}
    async with RecordedAnswers([test], endpoint) as replay:
        tester = ForwardTester(None, lambda _: None).replaying(replay)
        traces = [
            await tester.exchange(url, raw(url), None, timeout=0.3) for url in (URL, f"{URL}/2")
        ]

    assert cause_of(traces[0], seconds=0.0) is found
    assert (traces[0].status, traces[1].status) == (status, status)


async def test_the_way_to_an_endpoint_is_the_recorded_one() -> None:
    """The rungs below a request are not tried: they are those of the ladder, or of the probe."""
    rungs = (
        Rung(RungKind.SYNTAX, RungState.PASSED, "Well."),
        Rung(RungKind.NAMES, RungState.PASSED, "Two addresses."),
        Rung(RungKind.TLS, RungState.FAILED, "Expired.", cause=Cause.CERT_EXPIRED),
        Rung(RungKind.ANSWER, RungState.SKIPPED, "Nothing."),
    )
    ladder = Ladder(URL, NOW, "from Oslo", rungs=rungs, names=HostNames("h", ("203.0.113.1",)))
    trouble = Trouble(Cause.NO_SUCH_NAME, "The name is not known.", details=("Seen twice.",))
    other, plain, bare = f"{URL}/2", "http://a.aero/in", "https://b.aero/in"
    private = "https://c.aero/in"
    inside = Trouble(Cause.PRIVATE_ADDRESSES, "It is inside.")
    endpoints = {
        URL: EndpointFacts(url=URL, at=NOW - HOUR),
        other: EndpointFacts(url=other, at=NOW, troubles=(trouble,), addresses=("203.0.113.9",)),
        private: EndpointFacts(url=private, at=NOW, troubles=(inside,)),
        plain: EndpointFacts(url=plain, at=NOW, addresses=("203.0.113.9",)),
    }
    async with RecordedAnswers([record_of(ladder=ladder), record_of(bare)], endpoints) as replay:
        tester = ForwardTester(None, lambda _: None).replaying(replay)
        found = {
            url: await LadderClimber(tester).probe(url)
            for url in (URL, other, plain, bare, private, "https://unknown.aero/in")
        }
        with pytest.raises(BadTest, match="not in the case"):
            await tester.test("https://unknown.aero/in", b"{}")

    assert [one.sentence for one in found[URL].rungs[1:]] == ["Two addresses.", "Expired."]
    assert (found[URL].cause, found[URL].vantage) == (Cause.CERT_EXPIRED, "from Oslo")
    assert found[URL].names == ladder.names
    assert found[other].rungs[1] == Rung(
        RungKind.NAMES,
        RungState.FAILED,
        "The name is not known.",
        found[other].rungs[1].remedy,
        ("Seen twice.",),
        cause=Cause.NO_SUCH_NAME,
    )
    assert [(one.kind, one.state) for one in found[plain].rungs[1:]] == [
        (kind, RungState.PASSED)
        for kind in (RungKind.NAMES, RungKind.ADDRESSES, RungKind.CONNECTIONS)
    ]
    assert found[private].rungs[2].cause is Cause.PRIVATE_ADDRESSES
    assert "Only the answer" in found[bare].rungs[1].sentence
    unknown = found["https://unknown.aero/in"].rungs[-1]
    assert (unknown.state, unknown.cause) == (RungState.WARNING, Cause.NOT_KNOWN)


def test_this_computer_is_not_replaced() -> None:
    """A server of this computer is tested as ever, unless it was recorded."""
    local = "http://127.0.0.1:8080/in"
    replay = RecordedAnswers([], {URL: EndpointFacts(url=URL)})

    assert [replay.replaces(one) for one in (local, URL, "https://unknown.aero")] == [
        False,
        True,
        True,
    ]
    assert RecordedAnswers([record_of(local)], {}).replaces(local)
    broken = msgspec.structs.replace(record_of("https://[", status=9), headers=())
    assert RecordedAnswers([broken], {}).way_to("https://[")
