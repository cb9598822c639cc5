"""`ibconsole forward-test` against the listener of a test."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.forward_test.forward_test import SAMPLE
from ibconsole.services.runtime.engine import Engine
from tests.unit.cli.conftest import Command


class Hook:
    """A customer's server, on a loop of its own."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.status = 200
        self.url = ""

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(self.status, body=b"thanks\nfor it")


@pytest.fixture
def hook() -> Iterator[Hook]:
    before = threading.active_count()
    engine, hook = Engine(), Hook()
    engine.start()
    server = Server(hook)
    asyncio.run(engine.call(server.__aenter__))
    hook.url = f"{server.url}/in"
    yield hook
    asyncio.run(engine.call(lambda: server.__aexit__(None, None, None)))
    engine.stop()
    assert threading.active_count() <= before


def test_the_sample(ibconsole: Command, hook: Hook) -> None:
    """One POST; status, phases, answer and verdict are told; exit code 0 where it counts."""
    ended = ibconsole("forward-test", hook.url)

    assert ended.code == 0
    assert ended.err == "Yes: this answer counts as delivered.\n"
    assert ended.out.startswith(f"POST {hook.url}: 200")
    for words in ("first byte", "  thanks", "  for it"):
        assert words in ended.out
    assert [request.body for request in hook.requests] == [SAMPLE]


def test_a_payload_of_ones_own(ibconsole: Command, hook: Hook, tmp_path: Path) -> None:
    """A file goes out byte for byte; as JSON the answer says what is inferred."""
    payload = tmp_path / "payload"
    payload.write_bytes(b"\xff not JSON")
    hook.status = 400

    ended = ibconsole("forward-test", hook.url, "--payload", str(payload), "--json")

    assert ended.code == 1
    assert hook.requests[0].body == b"\xff not JSON"
    assert (ended.json["status"], ended.json["verdict"]["delivered"]) == (400, "no")
    assert ended.json["verdict"]["inferred"]


def test_nobody_there(ibconsole: Command) -> None:
    """No answer is an exit code and a sentence, not an error message."""
    ended = ibconsole("forward-test", "http://127.0.0.1:1/in")

    assert ended.code == 1
    assert "no answer" in ended.out
    assert "nothing listens there" in ended.err


@pytest.mark.parametrize("arguments", [(), ("http://x", "--payload", "/nothing/there")])
def test_wrong_usage(ibconsole: Command, arguments: tuple[str, ...]) -> None:
    """Without a URL, or without the file: exit code 2."""
    assert ibconsole("forward-test", *arguments).code == 2


def test_no_url(ibconsole: Command) -> None:
    """What cannot be posted to is refused in a sentence."""
    ended = ibconsole("forward-test", "example.com")

    assert (ended.code, ended.out) == (1, "")
    assert "begins with https://" in ended.err
