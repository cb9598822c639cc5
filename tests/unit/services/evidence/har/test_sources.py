"""Entries of requests, tests, pulls and forwards."""

import msgspec
from msgspec.structs import replace

from ibconsole.archive import Delivery, DeliveryState, Via
from ibconsole.http1.trace import Phases
from ibconsole.model.answers import AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer
from ibconsole.services.evidence.har.redaction import LogRedaction
from ibconsole.services.evidence.har.sources import (
    StoredExchange,
    delivery_entry,
    forward_test_entry,
    request_entry,
)
from ibconsole.services.evidence.har.values import HarEntry, HarPostData
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.rungs import Ladder, Rung, RungKind, RungState
from ibconsole.services.forward_test.verdict import Delivered, Verdict
from ibconsole.services.request_log import Entry

FORWARD = Delivery(
    id=3,
    via=Via.FORWARD,
    state=DeliveryState.DECODED,
    connection="c",
    base_url="",
    began_at=1_000,
    ended_at=1_012,
    limit_asked=None,
    method="POST",
    target="/inbound/aZ3_bQ9-xY7kLm2P?x=1",
    peer="192.0.2.1:5",
    status=200,
    sha256="",
    message_count=1,
    announced=1,
    pending=0,
    size=2,
    headers=(("Host", "in.example"), ("Content-Type", "application/json")),
    complete=True,
    interrupted=False,
    salvaged=False,
    problem="",
)


def stored(delivery: Delivery, body: bytes = b"{}", raw: bytes = b"") -> HarEntry:
    return delivery_entry(StoredExchange(delivery, body, raw, "o:3"), LogRedaction())


def posted(entry: HarEntry) -> HarPostData:
    assert not isinstance(entry.request.post_data, msgspec.UnsetType)
    return entry.request.post_data


def test_a_request_of_the_program() -> None:
    """A request has its attempt and its purpose; only its whole duration is known."""
    entry = request_entry(
        Entry(
            started_at=1,
            method="GET",
            url="https://x.example/push/1/applications",
            status=999,
            duration=0.5,
            attempt=2,
            purpose="Refresh",
        ),
        LogRedaction(),
    )

    assert (entry.time, entry.timings.wait, entry.response.status_text) == (500, 500, "")
    assert (entry.facts["attempt"], entry.facts["purpose"]) == (2, "Refresh")


def test_a_forward_with_the_listeners_own_answer() -> None:
    """The URL is that of the request's head, without the path that protects the listener."""
    entry = stored(FORWARD, raw=b"POST /inbound/x HTTP/1.0\r\n\r\n{}")

    assert entry.request.url == "http://in.example/inbound/••••?x=1"
    assert entry.request.http_version == "HTTP/1.0"
    assert posted(entry).text == "{}"
    assert (entry.response.status, entry.response.status_text) == (200, "OK")
    assert (entry.timings.send, entry.facts["origin"]) == (12, "o:3")


def test_a_forward_that_a_rule_answered() -> None:
    """What a rule planned is the answer, and what was sent of it is said."""
    answer = GivenAnswer(
        PlannedAnswer("outage", "down", 503, (("X", "y"),), b"no", 9),
        SentAnswer(AnswerOutcome.SENT, 20, 0.25, 2_000),
    )
    entry = stored(replace(FORWARD, status=503, answer=answer))

    assert (entry.response.status, entry.timings.wait) == (503, 250)
    assert entry.response.content.text == "no"
    assert entry.response.comment == (
        "By rule “down”: status 503. As planned, after 0.2 s: 20 bytes were sent."
    )
    assert entry.facts["cut"] == {"answer body": {"kept": 2, "size": 9}}


def test_a_malformed_request_is_written_whole() -> None:
    """Of a request that could not be read, every byte is its body."""
    entry = stored(replace(FORWARD, method="", target="", headers=(), status=400), b"", b"\xff GET")

    assert (entry.request.method, entry.request.url) == ("UNKNOWN", "http://unknown.invalid/")
    assert (posted(entry).encoding, posted(entry).text) == ("base64", "/yBHRVQ=")


def test_urls_of_forwards() -> None:
    """A proxy's scheme and an absolute target are what the sender requested."""
    proxied = replace(FORWARD, headers=(("host", "a"), ("X-Forwarded-Proto", "HTTPS")), target="/b")

    assert stored(proxied).request.url == "https://a/b"
    assert stored(replace(FORWARD, target="https://a/c")).request.url == "https://a/c"


def test_a_pull_with_its_answer() -> None:
    """A pull has the answer as it was received; what never came has no status."""
    pull = replace(
        FORWARD, via=Via.PULL, base_url="https://x.example", limit_asked=5, method="", ended_at=None
    )

    entry = stored(replace(pull, complete=False))
    failed = stored(replace(pull, state=DeliveryState.FAILED, problem="No network."), b"")

    assert entry.request.url == "https://x.example/push/1/inbox/reports?limit=5"
    assert entry.response.content.text == "{}"
    assert entry.response.comment == "The answer ended early."
    assert (failed.response.status, failed.response.error) == (0, "No network.")


def test_a_forward_test_with_its_phases() -> None:
    """The phases are the timings; TLS is within the connection. The verdict and rungs are facts."""
    test = ForwardTest(
        1,
        "https://x.example/in",
        b"{}",
        Verdict(Delivered.NO, "No."),
        status=500,
        reason="Broken",
        answer=b"x",
        answer_size=100,
        truncated=True,
        phases=Phases(dns=0.001, tcp=0.002, tls=0.003, first_byte=0.004, rest=0.005),
        peer="192.0.2.7",
        proxy="proxy.example",
        ladder=Ladder(
            "https://x.example/in",
            1,
            "here",
            rungs=(Rung(RungKind.TLS, RungState.PASSED, "It holds."),),
        ),
    )

    entry = forward_test_entry(test, LogRedaction())
    plain = forward_test_entry(
        replace(test, phases=Phases(), peer="", ladder=None, proxy=""), LogRedaction()
    )

    assert (entry.timings.dns, entry.timings.connect, entry.timings.ssl) == (1, 5, 3)
    assert entry.time == 15
    assert (entry.server_ip_address, entry.facts["delivered"]) == ("192.0.2.7", "no")
    assert entry.facts["rungs"][0]["sentence"] == "It holds."
    assert plain.server_ip_address is msgspec.UNSET
    assert (plain.timings.connect, plain.time) == (-1, 0)
    assert [one.value for one in entry.request.headers] == ["application/json"]
