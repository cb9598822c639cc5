"""Tests of forward URLs against real servers, with and without TLS, and their records."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ibconsole.archive.reader import Reader
from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server
from ibconsole.listener.answers import AnswerRule, AnswerScenario, RuleAnswer
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test.forward_test import KEPT, LARGEST, BadTest, ForwardTester
from ibconsole.services.forward_test.payloads import SAMPLE, envelope_of
from ibconsole.services.forward_test.records import from_record, masked_url, to_record
from ibconsole.services.forward_test.senders import Comparison, LadderPlan
from ibconsole.services.runtime.paths import Paths
from tests.certificates import IssuedCertificate, make_authority, make_certificate
from tests.proxies import SmallProxy, clear_proxies, running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_proxies(monkeypatch)


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with Console(Paths(tmp_path)) as console:
        yield console


async def test_a_rule_of_our_own_listener(console: Console) -> None:
    """The verdict says that the answer was one on purpose, in the record, too, while it was."""
    url = await console.start_listener(host="127.0.0.1", port=0)
    console.set_answers(AnswerScenario("s", (AnswerRule("down", answer=RuleAnswer(503)),)))
    single = await console.forward_tests.test(url, SAMPLE)
    plan = LadderPlan(compare=Comparison.NEVER, repeat=False)
    climbed = await console.forward_tests.climb(url, SAMPLE, plan)
    console.set_answers(None)
    usual = await console.forward_tests.test(url, SAMPLE)

    assert [one.rule for one in (single, climbed, usual)] == ["down", "down", ""]
    assert all("rule “down” gave this answer" in one.verdict.sentence for one in (single, climbed))
    assert "rule" not in usual.verdict.sentence
    with Reader(console.paths.archive) as reader:
        records = {one.id: from_record(one) for one in reader.forward_tests(10)}
    assert records[climbed.id] == climbed


class CustomerServer:
    """Answers every request alike and keeps it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer = Response(200, body=b"thanks")

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answer


@pytest.fixture
def hook() -> CustomerServer:
    return CustomerServer()


@pytest.fixture
async def url(hook: CustomerServer) -> AsyncIterator[str]:
    async with Server(hook) as server:
        yield f"{server.url}/in"


async def test_sent_once_as_the_platform_would(
    console: Console, hook: CustomerServer, url: str
) -> None:
    """A test is one POST of the documented sample; the result is returned, recorded and logged."""
    test = await console.forward_tests.test(f"  {url} ", SAMPLE)

    [request] = hook.requests
    assert (request.method, request.path, request.body) == ("POST", "/in", SAMPLE)
    assert request.header("content-type") == "application/json"
    assert json.loads(SAMPLE)["results"][0]["keyword"] == "KEYWORD"
    assert (test.status, test.answer, test.problem) == (200, b"thanks", "")
    assert test.verdict.counts == "yes"
    assert (test.phases.tcp or 0) > 0
    assert test.seconds > 0
    with Reader(console.paths.archive) as reader:
        [record] = reader.forward_tests(10)
    assert from_record(record) == test
    [entry] = console.activity.since(0).entries
    assert (entry.method, entry.status, entry.purpose) == ("POST", 200, "Forward test")


async def test_redirect_is_not_followed(console: Console, hook: CustomerServer, url: str) -> None:
    """A redirect is shown with its target and not followed."""
    hook.answer = Response(302, ((b"Location", f"{url}2".encode()),))

    test = await console.forward_tests.test(url, b"{}")

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
    console: Console, hook: CustomerServer, url: str, fault: Fault, words: str
) -> None:
    """A test that fails ends with a sentence and a record."""
    hook.answer = Response(200, body=b"thanks", fault=fault)
    tester = ForwardTester(console.writer, console.activity.add)

    test = await tester.test(url, b"{}", timeout=0.5)

    assert words in test.problem
    assert test.verdict.counts != "yes"
    assert len(hook.requests) == 1
    with Reader(console.paths.archive) as reader:
        assert len(reader.forward_tests(10)) == 1


async def test_long_answer_is_truncated(console: Console, hook: CustomerServer, url: str) -> None:
    """Only the beginning of a long answer is kept."""
    hook.answer = Response(200, body=b"x" * (KEPT + 1))

    test = await console.forward_tests.test(url, b"{}")

    assert (len(test.answer), test.truncated) == (KEPT, True)


async def test_cancelled_test_is_recorded(console: Console, hook: CustomerServer, url: str) -> None:
    """A cancelled test is recorded, because its request may have arrived."""
    hook.answer = Response(200, fault=Fault(delay=30.0))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(console.forward_tests.test(url, b"{}"), 0.3)

    with Reader(console.paths.archive) as reader:
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
async def test_unsendable_request(console: Console, url: str, payload: bytes, words: str) -> None:
    """A request that cannot be sent is not recorded."""
    with pytest.raises(BadTest, match=words):
        await console.forward_tests.test(url, payload)

    with Reader(console.paths.archive) as reader:
        assert reader.forward_tests(10) == []


async def test_password_in_the_url_is_masked(
    console: Console, hook: CustomerServer, url: str
) -> None:
    """A password in the URL is in no record and in no log of requests."""
    secret = url.replace("http://", "http://user:planted-secret@")

    test = await console.forward_tests.test(secret, b"{}")

    assert "planted-secret" not in f"{test} {to_record(test)} {console.activity.since(0)}"
    assert masked_url("https://u:p@x.io/a?b=1") == "https://••••@x.io/a?b=1"
    assert masked_url("https://x.io/a") == "https://x.io/a"


@asynccontextmanager
async def tls_server(certificate: IssuedCertificate, directory: Path) -> AsyncIterator[str]:
    """Run a server with this certificate that answers 200 to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    context = certificate.server_context(directory)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"


async def test_tls(console: Console, tmp_path: Path) -> None:
    """The certificates of the chain are shown, and the days until one expires."""
    authority = make_authority("Test CA")
    leaf = make_certificate(authority, "127.0.0.1", days=10)
    tester = ForwardTester(console.writer, console.activity.add, tls=authority.trusting_context())

    async with tls_server(leaf, tmp_path) as url:
        test = await tester.test(url, b"{}")

    assert (test.status, test.untrusted) == (200, False)
    assert [one.subject for one in test.certificates] == ["CN=127.0.0.1", "CN=Test CA"]
    assert "expires in" in " ".join(test.verdict.remarks)
    assert (test.phases.tls or 0) > 0


@pytest.mark.parametrize(
    ("host", "days", "words"),
    [("127.0.0.1", -2, "expired"), ("other.example.com", 30, "mismatch")],
)
async def test_rejected_certificate_is_shown(
    console: Console, tmp_path: Path, host: str, days: int, words: str
) -> None:
    """A rejected certificate is shown with the reason: expired, or for another host."""
    authority = make_authority("Test CA")
    leaf = make_certificate(authority, host, days=days)
    tester = ForwardTester(console.writer, console.activity.add, tls=authority.trusting_context())

    async with tls_server(leaf, tmp_path) as url:
        test = await tester.test(url, b"{}")

    assert test.untrusted
    assert words in test.problem
    assert test.certificates[0].subject == f"CN={host}"
    assert test.phases.first_byte is None


async def test_certificates_are_verified_by_the_system(console: Console, tmp_path: Path) -> None:
    """A certificate of an unknown authority is not trusted."""
    leaf = make_certificate(make_authority("Unknown CA"), "127.0.0.1", days=30)

    async with tls_server(leaf, tmp_path) as url:
        test = await console.forward_tests.test(url, b"{}")

    assert test.untrusted
    assert test.certificates[0].issuer == "CN=Unknown CA"


def test_envelope() -> None:
    """A message is wrapped as the platform would send it, its own JSON unchanged."""
    body = envelope_of(b'{"messageId":"1","big":12345678901234567890}')

    assert json.loads(body)["messageCount"] == 1
    assert b"12345678901234567890" in body


HOST = "hooks.example"


async def test_through_a_proxy(
    console: Console, hook: CustomerServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test takes the proxy that the environment names, says so, and shows no log-in."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    async with running(SmallProxy({HOST: port}, login="user:geh#eim")) as proxy:
        monkeypatch.setenv("http_proxy", f"user:geh%23eim@127.0.0.1:{proxy.port}")
        test = await console.forward_tests.test(f"http://{HOST}/in", SAMPLE)
        direct = await console.forward_tests.test(url, SAMPLE)
        monkeypatch.setenv("no_proxy", "*.EXAMPLE")
        excepted = await console.forward_tests.test(f"http://{HOST}/in", SAMPLE)

    assert proxy.lines == [f"POST http://{HOST}/in"]
    assert hook.requests[0].body == SAMPLE
    assert (test.status, test.verdict.counts) == (200, "yes")
    assert test.proxy == f"127.0.0.1:{proxy.port} (http_proxy)"
    assert f"from this computer, through the proxy {test.proxy}." in test.verdict.remarks[0]
    assert (direct.status, direct.proxy) == (200, "")
    assert (excepted.status, excepted.proxy) == (None, "")
    assert "eim" not in repr((test, console.activity.since(0).entries))
    with Reader(console.paths.archive) as reader:
        assert from_record(reader.forward_tests(10)[-1]) == test


async def test_tunnel_with_log_in(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An https test goes through a tunnel; the host's certificates are read through it, too."""
    authority = make_authority("Hooks")
    tls = make_certificate(authority, HOST, days=30).server_context(tmp_path)
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(SAMPLE))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    ports = {HOST: server.sockets[0].getsockname()[1]}
    async with server, running(SmallProxy(ports, login="user:geheim")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:geheim@127.0.0.1:{proxy.port}")
        tester = ForwardTester(
            console.writer, console.activity.add, tls=authority.trusting_context()
        )
        trusted = await tester.test(f"https://{HOST}/in", SAMPLE)
        untrusted = await console.forward_tests.test(f"https://{HOST}/in", SAMPLE)

    assert (trusted.status, trusted.problem) == (200, "")
    assert received[0].startswith(b"POST /in HTTP/1.1\r\n")
    assert untrusted.untrusted
    assert untrusted.certificates[0].names == (HOST,)
    assert proxy.lines == [f"CONNECT {HOST}:443"] * 3


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_refused_log_in(
    console: Console, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """A refusal of the proxy says nothing about the endpoint, and shows no password."""
    async with running(SmallProxy(login="user:other")) as proxy:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://user:geheimnis@127.0.0.1:{proxy.port}")
        test = await console.forward_tests.test(f"{scheme}://{HOST}/in", SAMPLE)

    assert f"proxy 127.0.0.1:{proxy.port} ({scheme}_proxy) did not accept" in test.problem
    assert ("the request was not passed on" in test.problem) is (scheme == "http")
    assert test.verdict.counts == "perhaps"
    assert "from this computer" not in " ".join(test.verdict.remarks)
    assert "did not get past the proxy" in test.verdict.sentence
    assert "geheimnis" not in repr((test, console.activity.since(0).entries))
    assert base64.b64encode(b"user:geheimnis").decode() not in repr(test)


async def test_unusable_proxy(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the only proxy for a URL cannot be used, nothing is sent."""
    monkeypatch.setenv("ALL_PROXY", "http://user:geh#eim@127.0.0.1:1")

    with pytest.raises(BadTest, match="ALL_PROXY cannot be used: the character #") as caught:
        await console.forward_tests.test(f"http://{HOST}/in", SAMPLE)
    assert "eim" not in str(caught.value)
