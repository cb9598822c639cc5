"""Tests of forward URLs against real servers, TLS and all, and their records."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ibconsole.archive.reader import Reader
from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test.forward_test import (
    KEPT,
    LARGEST,
    SAMPLE,
    BadTest,
    ForwardTester,
    envelope_of,
    from_record,
    masked_url,
    to_record,
)
from ibconsole.services.runtime.paths import Paths
from tests.certificates import Made, make_authority, make_certificate


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with Console(Paths(tmp_path)) as console:
        yield console


class Hook:
    """A customer's server."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer = Response(200, body=b"thanks")

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answer


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
async def url(hook: Hook) -> AsyncIterator[str]:
    async with Server(hook) as server:
        yield f"{server.url}/in"


async def test_sent_once_as_the_platform_would(console: Console, hook: Hook, url: str) -> None:
    """One POST of the documented sample; everything that came of it is told and recorded."""
    test = await console.test_forward(f"  {url} ", SAMPLE)

    [request] = hook.requests
    assert (request.method, request.path, request.body) == ("POST", "/in", SAMPLE)
    assert request.header("content-type") == "application/json"
    assert json.loads(SAMPLE)["results"][0]["keyword"] == "KEYWORD"
    assert (test.status, test.answer, test.problem) == (200, b"thanks", "")
    assert test.verdict.counts == "yes"
    assert (test.phases.tcp or 0) > 0
    assert test.seconds > 0
    with Reader(console.places.archive) as reader:
        [record] = reader.forward_tests(10)
    assert from_record(record) == test
    [entry] = console.activity.since(0).entries
    assert (entry.method, entry.status, entry.asked_by) == ("POST", 200, "Forward test")


async def test_a_redirect_is_not_followed(console: Console, hook: Hook, url: str) -> None:
    """Where it leads is told, and not asked."""
    hook.answer = Response(302, ((b"Location", f"{url}2".encode()),))

    test = await console.test_forward(url, b"{}")

    assert len(hook.requests) == 1
    assert test.verdict.counts == "no"
    assert ("Location", f"{url}2") in test.headers


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(cut_after=2), "cut"),
        (Fault(reset=True), "connection"),
        (Fault(delay=5.0), "Out of time"),
    ],
)
async def test_failures_are_results_and_recorded(
    console: Console, hook: Hook, url: str, fault: Fault, words: str
) -> None:
    """Whatever the server does, the test ends with a sentence and a record."""
    hook.answer = Response(200, body=b"thanks", fault=fault)
    tester = ForwardTester(console.writer, console.activity.add)

    test = await tester.test(url, b"{}", timeout=0.5)

    assert words in test.problem
    assert test.verdict.counts != "yes"
    assert len(hook.requests) == 1
    with Reader(console.places.archive) as reader:
        assert len(reader.forward_tests(10)) == 1


async def test_a_huge_answer_is_bounded(console: Console, hook: Hook, url: str) -> None:
    """Of a long answer only the beginning is kept."""
    hook.answer = Response(200, body=b"x" * (KEPT + 1))

    test = await console.test_forward(url, b"{}")

    assert (len(test.answer), test.truncated) == (KEPT, True)


async def test_a_test_that_is_stopped_is_recorded(console: Console, hook: Hook, url: str) -> None:
    """It may have arrived: that it was sent is not forgotten."""
    hook.answer = Response(200, fault=Fault(delay=30.0))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(console.test_forward(url, b"{}"), 0.3)

    with Reader(console.places.archive) as reader:
        [record] = reader.forward_tests(10)
    assert "stopped" in from_record(record).problem


@pytest.mark.parametrize(
    ("url", "payload", "words"),
    [
        ("ftp://example.com", b"", "begins with"),
        ("", b"", "begins with"),
        ("http://[::1", b"", "not a URL"),
        ("http://127.0.0.1:99999/", b"", "out of range"),
        ("http://exa mple/", b"", "spaces"),
        ("https://example.com", b"x" * (LARGEST + 1), "larger"),
    ],
)
async def test_what_cannot_be_sent(console: Console, url: str, payload: bytes, words: str) -> None:
    """Nothing is sent, and nothing recorded."""
    with pytest.raises(BadTest, match=words):
        await console.test_forward(url, payload)

    with Reader(console.places.archive) as reader:
        assert reader.forward_tests(10) == []


async def test_a_password_in_the_url_is_masked(console: Console, hook: Hook, url: str) -> None:
    """It is in no record, and in no list of requests."""
    secret = url.replace("http://", "http://user:planted-secret@")

    test = await console.test_forward(secret, b"{}")

    assert "planted-secret" not in f"{test} {to_record(test)} {console.activity.since(0)}"
    assert masked_url("https://u:p@x.io/a?b=1") == "https://••••@x.io/a?b=1"
    assert masked_url("https://x.io/a") == "https://x.io/a"


@asynccontextmanager
async def over_tls(shown: Made, directory: Path) -> AsyncIterator[str]:
    """A server that shows a certificate, and answers whatever it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    context = shown.server_context(directory)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"


async def test_over_tls(console: Console, tmp_path: Path) -> None:
    """The whole chain is told, and how many days are left."""
    authority = make_authority("Test CA")
    leaf = make_certificate(authority, "127.0.0.1", days=10)
    tester = ForwardTester(console.writer, console.activity.add, tls=authority.trusting_context())

    async with over_tls(leaf, tmp_path) as url:
        test = await tester.test(url, b"{}")

    assert (test.status, test.untrusted) == (200, False)
    assert [one.subject for one in test.certificates] == ["CN=127.0.0.1", "CN=Test CA"]
    assert "ends in" in " ".join(test.verdict.remarks)
    assert (test.phases.tls or 0) > 0


@pytest.mark.parametrize(
    ("host", "days", "words"),
    [("127.0.0.1", -2, "expired"), ("other.example.com", 30, "mismatch")],
)
async def test_a_certificate_that_is_refused_is_shown(
    console: Console, tmp_path: Path, host: str, days: int, words: str
) -> None:
    """Why it is refused, and what it says: expired, or for somebody else. Nothing is sent."""
    authority = make_authority("Test CA")
    leaf = make_certificate(authority, host, days=days)
    tester = ForwardTester(console.writer, console.activity.add, tls=authority.trusting_context())

    async with over_tls(leaf, tmp_path) as url:
        test = await tester.test(url, b"{}")

    assert test.untrusted
    assert words in test.problem
    assert test.certificates[0].subject == f"CN={host}"
    assert test.phases.first_byte is None


async def test_the_systems_store_decides(console: Console, tmp_path: Path) -> None:
    """A certificate of an authority that nobody knows is not trusted."""
    leaf = make_certificate(make_authority("Nobody's CA"), "127.0.0.1", days=30)

    async with over_tls(leaf, tmp_path) as url:
        test = await console.test_forward(url, b"{}")

    assert test.untrusted
    assert test.certificates[0].issuer == "CN=Nobody's CA"


def test_a_message_alone() -> None:
    """A message goes as the platform would send it, its own JSON unchanged."""
    body = envelope_of(b'{"messageId":"1","big":12345678901234567890}')

    assert json.loads(body)["messageCount"] == 1
    assert b"12345678901234567890" in body
