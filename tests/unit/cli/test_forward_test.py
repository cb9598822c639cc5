"""`ibconsole forward-test` with a server of the test."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.forward_test.payloads import SAMPLE
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command


class Webhook:
    """A customer's server, on its own event loop."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.status = 200
        self.url = ""

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(self.status, body=b"thanks\nfor it")


@pytest.fixture
def hook() -> Iterator[Webhook]:
    before = threading.active_count()
    engine, hook = Engine(), Webhook()
    engine.start()
    server = Server(hook)
    asyncio.run(engine.call(server.__aenter__))
    hook.url = f"{server.url}/in"
    yield hook
    asyncio.run(engine.call(lambda: server.__aexit__(None, None, None)))
    engine.stop()
    assert threading.active_count() <= before


def test_the_sample_is_posted_once(ibconsole: Command, hook: Webhook) -> None:
    """The output shows status, phases, answer and verdict; exit code 0 if it would count."""
    result = ibconsole("forward-test", hook.url, "--once")

    assert result.code == 0
    assert result.err == "Yes: this answer counts as delivered.\n"
    assert result.out.startswith(f"POST {hook.url}: 200")
    for words in ("first byte", "  thanks", "  for it"):
        assert words in result.out
    assert [request.body for request in hook.requests] == [SAMPLE]


def test_a_custom_payload_is_sent_unchanged(
    ibconsole: Command, hook: Webhook, tmp_path: Path
) -> None:
    """A file is posted byte for byte; the JSON lists what is inferred."""
    payload = tmp_path / "payload"
    payload.write_bytes(b"\xff not JSON")
    hook.status = 400

    result = ibconsole("forward-test", hook.url, "--payload", str(payload), "--json")

    assert result.code == 1
    assert hook.requests[0].body == b"\xff not JSON"
    assert (result.json["status"], result.json["verdict"]["delivered"]) == (400, "no")
    assert result.json["verdict"]["inferred"]


def test_no_answer_is_a_verdict(ibconsole: Command) -> None:
    """A connection failure gives exit code 1 and a sentence on stderr."""
    result = ibconsole("forward-test", "http://127.0.0.1:1/in")

    assert result.code == 1
    assert "no answer" in result.out
    assert "nothing listens there" in result.err


@pytest.mark.parametrize("arguments", [(), ("http://x", "--payload", "/nothing/there")])
def test_missing_arguments_are_refused(ibconsole: Command, arguments: tuple[str, ...]) -> None:
    """A missing URL or file is wrong usage, with exit code 2."""
    assert ibconsole("forward-test", *arguments).code == 2


def test_an_invalid_url_is_refused(ibconsole: Command) -> None:
    """A URL without a scheme is the first rung that fails."""
    result = ibconsole("forward-test", "example.com")

    assert result.code == 1
    assert "FAILED  syntax" in result.out
    assert "Use https://example.com." in result.out
    assert "Begin with https://" in result.err


def test_the_whole_ladder(ibconsole: Command, hook: Webhook) -> None:
    """By default the message is posted again, and as other senders; every rung is in the JSON."""
    result = ibconsole("forward-test", hook.url, "--parallel", "--json")

    assert result.code == 0
    ladder = result.json["ladder"]
    assert [rung["kind"] for rung in ladder["rungs"]][-4:] == [
        "answer",
        "repeat",
        "senders",
        "parallel",
    ]
    assert {rung["state"] for rung in ladder["rungs"]} == {"passed", "warning"}
    assert len(ladder["requests"]) == len(hook.requests) == 18
    assert (result.json["cause"], ladder["delivered"]) == ("private addresses", "yes")


def test_a_refusal_has_its_cause(ibconsole: Command, hook: Webhook) -> None:
    """A rung that fails says what to do, and the exit code is 1."""
    hook.status = 401

    result = ibconsole("forward-test", hook.url, "--as", "curl", "--payload", "minimal")

    assert result.code == 1
    assert "FAILED  answer" in result.out
    assert "What to do: Have the endpoint accept requests without a log-in" in result.out
    [request] = hook.requests
    assert (request.header("user-agent") or "").startswith("curl/")
    assert b"KEYWORD" not in request.body


def test_the_last_message_is_posted(ibconsole: Command, hook: Webhook) -> None:
    """A real message is posted as it was received; without one there is a sentence."""
    none = ibconsole("forward-test", hook.url, "--payload", "last")
    with Archive(find_paths().archive) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"text": "hi"}))]))

    ibconsole("forward-test", hook.url, "--payload", "last", "--once")
    other = ibconsole("forward-test", hook.url, "--payload", "last", "--application", "b")

    assert (none.code, other.code, len(hook.requests)) == (2, 2, 1)
    assert "no such message" in none.err
    assert json.loads(hook.requests[0].body)["results"][0]["text"] == "hi"


def test_no_request_is_sent(ibconsole: Command, hook: Webhook) -> None:
    """--no-send ends before the request."""
    result = ibconsole("forward-test", hook.url, "--no-send")
    refused = ibconsole("forward-test", "http://127.0.0.1:1/x", "--no-send", "--json")

    assert (result.code, hook.requests) == (0, [])
    assert "ok      connections" in result.out
    assert (refused.code, refused.json["cause"]) == (1, "connection refused")


def test_as_the_observed_platform(ibconsole: Command, hook: Webhook) -> None:
    """The test looks like the forwards in the archive, and says how often they were seen."""
    body = batch({"messageId": "1"})
    raw = b"POST /in HTTP/1.1\r\nhost: h\r\nUSER-agent: Sender/7\r\ncontent-length:9\r\n\r\n" + body
    with Archive(find_paths().archive) as archive:
        archive.decode(archive.add_forwards([replace(arrival(body, arrived_at=9_000), raw=raw)]))

    result = ibconsole("forward-test", hook.url, "--as", "platform", "--once")
    host = hook.url.removeprefix("http://").removesuffix("/in").encode()
    head = raw.removesuffix(body).replace(b": h\r", b": %b\r" % host)
    expected = head.replace(b"length:9", b"length:%d" % len(SAMPLE)) + SAMPLE

    assert result.code == 0
    assert hook.requests[0].raw == expected
    assert "(observed 1 time from this computer, last 1970-01-01 00:00 UTC)" in result.out
