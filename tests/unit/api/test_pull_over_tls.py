"""The pull over real TLS, directly and through real proxies: what is kept, and what is not."""

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import quote

import httpcore
import pytest

from ibconsole.api.errors import Unreachable
from ibconsole.api.exchange import PullAnswer
from ibconsole.api.platform import Platform
from ibconsole.api.tee import TeeBackend
from tests.certificates import IssuedCertificate, make_authority, make_certificate
from tests.proxies import CONNECTED, SmallProxy, running
from tests.unit.api.loopback import KEY, SHORT_TIMEOUTS, Connect, Loopback, Then, answer, loopback

LOGIN = ("inbound", "p@ss:word")
HOST = "xxxxx.api.infobip.example"
BATCH = b'{"results":[],"messageCount":0,"pendingMessageCount":0}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BATCH)


@dataclass(frozen=True)
class Certificates:
    """An authority that only SSL_CERT_FILE names, and servers with its certificates."""

    platform: ssl.SSLContext
    loopback: ssl.SSLContext
    file: Path


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("tls")
    authority = make_authority("Corporate CA")

    def server(host: str) -> ssl.SSLContext:
        certificate: IssuedCertificate = make_certificate(authority, host, days=30)
        return certificate.server_context(folder)

    file = folder / "corporate.pem"
    file.write_bytes(authority.pem)
    return Certificates(server(HOST), server("127.0.0.1"), file)


@pytest.fixture
def certificates(issued: Certificates, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    monkeypatch.setenv("SSL_CERT_FILE", str(issued.file))
    return issued


class Trial:
    """Pulls over one route to a platform on loopback; `received` is what was passed on."""

    def __init__(
        self, connect: Connect, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._connect = connect
        self._certificates = certificates
        self._monkeypatch = monkeypatch
        self.received = b""
        self.relay: SmallProxy | None = None

    async def pull(self, url: str) -> PullAnswer:
        return await Platform(self._connect(url, SHORT_TIMEOUTS)).pull(5, receive=self._receive)

    async def _receive(self, data: bytes) -> None:
        self.received += data

    @asynccontextmanager
    async def route(self, kind: str, reply: bytes | Then) -> AsyncIterator[tuple[str, Loopback]]:
        """Run a platform with that reply, and the proxy on the way; yield its URL and itself."""
        async with AsyncExitStack() as stack:
            certificates = self._certificates
            tls = certificates.loopback if kind == "direct" else certificates.platform
            server = await stack.enter_async_context(loopback(reply, tls=tls))
            if kind == "direct":
                yield server.url, server
                return
            self.relay = SmallProxy(
                {HOST: server.port}, login=":".join(LOGIN) if "login" in kind else ""
            )
            proxy_tls = certificates.loopback if "tls" in kind else None
            await stack.enter_async_context(running(self.relay, proxy_tls))
            self.use_proxy(
                ":".join(quote(one, safe="") for one in LOGIN) if "login" in kind else ""
            )
            yield f"https://{HOST}", server

    def use_proxy(self, login: str) -> None:
        """Name the proxy in the environment."""
        assert self.relay
        url = f"{self.relay.scheme}://{login}{'@' if login else ''}{self.relay.address}"
        self._monkeypatch.setenv("HTTPS_PROXY", url)


@pytest.fixture
def trial(connect: Connect, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Trial:
    return Trial(connect, certificates, monkeypatch)


@pytest.mark.parametrize("kind", ["direct", "proxy", "login", "tls proxy with login"])
@pytest.mark.parametrize(
    ("reply", "status", "complete"),
    [
        (answer(200, BATCH), 200, True),
        (Then(b"HTTP/1.1 200 OK\r\nX note\r\n" + LENGTH + BATCH, "close"), None, False),
        (Then(b"HTTP/1.1 200 OK\nX note\n" + LENGTH + BATCH, "cut"), None, False),
        (Then(CHUNKED + b"zz\r\n" + BATCH + b"\r\n0\r\n\r\n", "close"), 200, False),
        (Then(CHUNKED + b" 0x37 \r\n" + BATCH + b"\r\n0\r\n\r\n", "close"), 200, False),
        (Then(CHUNKED + b"37\r\n" + BATCH[:30], "close"), 200, False),
        (Then(CHUNKED + b"37\r\n" + BATCH[:30], "cut"), 200, False),
        (Then(b"HTTP/1.1 200 OK\r\n" + LENGTH + BATCH[:9], "hang"), 200, False),
        (Then(b"HTTP/1.1 200 O", "cut"), None, False),
        (Then(b"", "reset"), None, False),
    ],
)
async def test_every_byte_inside_tls_is_kept(
    trial: Trial, kind: str, reply: bytes | Then, status: int | None, *, complete: bool
) -> None:
    """What the platform sent is kept, to the byte, whatever it is and whatever leads to it."""
    async with trial.route(kind, reply) as (url, server):
        answered = await trial.pull(url)

    assert trial.received == (reply if isinstance(reply, bytes) else reply.data)
    assert (answered.status, answered.complete) == (status, complete)
    assert server.lines == ["GET /push/1/inbox/reports?limit=5"]
    assert server.connections == 1
    assert KEY.encode() in server.requests[0]
    assert b"proxy-authorization" not in server.requests[0].lower()
    for head in trial.relay.heads if trial.relay else ():
        assert head.startswith(f"CONNECT {HOST}:443 ".encode())
        assert KEY.encode() not in head
        assert (b"Proxy-Authorization" in head) is ("login" in kind)


async def test_nothing_sent_is_kept(trial: Trial) -> None:
    """A platform that repeats the request is kept with the credential masked."""
    reply = answer(200, f"Authorization: App {KEY}".encode(), f"X-Echo: {KEY}")
    async with trial.route("login", reply) as (url, _):
        answered = await trial.pull(url)

    masked = reply.replace(f"App {KEY}".encode(), b"*" * (len(KEY) + 4))
    assert trial.received == masked.replace(KEY.encode(), b"*" * len(KEY))
    assert KEY not in str(answered.headers)
    assert CONNECTED not in trial.received
    assert base64.b64encode(":".join(LOGIN).encode()) not in trial.received


@pytest.mark.parametrize(
    ("connected", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!!", "refuses connections"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "without a valid answer"),
        (b"HTTP/1.1 200 OK\r\nbad line\r\n\r\n", "is not HTTP"),
        (None, "did not answer in time"),
    ],
)
async def test_a_proxy_that_fails(trial: Trial, connected: bytes | None, words: str) -> None:
    """Whatever a proxy says instead of connecting: nothing was sent, and nothing of it is kept."""
    async with trial.route("proxy", answer(200)) as (url, server):
        assert trial.relay
        trial.relay.answer = connected
        with pytest.raises(Unreachable, match=words) as caught:
            await trial.pull(url)

    assert "nothing was sent" in str(caught.value)
    assert not caught.value.sent
    assert (server.requests, trial.received) == ([], b"")


async def test_a_wrong_login(trial: Trial) -> None:
    """A proxy that wants another log-in (407) is named, its password is not."""
    async with trial.route("login", answer(200)) as (url, server):
        trial.use_proxy("inbound:geheim")
        with pytest.raises(Unreachable, match="proxy") as caught:
            await trial.pull(url)

    assert "geheim" not in str(caught.value)
    assert (server.requests, trial.received) == ([], b"")


async def test_an_unknown_authority(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform whose authority the system does not know is not asked."""
    monkeypatch.delenv("SSL_CERT_FILE")
    async with trial.route("direct", answer(200)) as (url, server):
        with pytest.raises(Unreachable, match="not trusted"):
            await trial.pull(url)

    assert (server.requests, trial.received) == ([], b"")


@pytest.mark.parametrize("login", [False, True])
@pytest.mark.parametrize("reply", [answer(200, BATCH), Then(b"HTTP/1.1 200\r\nX note\r\n", "cut")])
async def test_plain_http_through_a_proxy(reply: bytes | Then, *, login: bool) -> None:
    """Without TLS, too, only what follows the request is passed on."""
    received: list[bytes] = []

    async def receive(data: bytes) -> None:
        received.append(data)

    async with (
        loopback(reply) as server,
        running(SmallProxy({HOST: server.port}, ":".join(LOGIN) if login else "")) as relay,
    ):
        tee = TeeBackend(httpcore.AnyIOBackend(), receive)
        async with httpcore.AsyncHTTPProxy(
            f"http://{relay.address}",
            proxy_auth=LOGIN if login else None,
            network_backend=cast("httpcore.AsyncNetworkBackend", tee),
        ) as client:
            try:
                await client.request("GET", f"http://{HOST}/x")
            except httpcore.RemoteProtocolError:
                await tee.receive_rest(0.3)
        await tee.aclose()

    assert tee.sent
    assert b"".join(received) == (reply if isinstance(reply, bytes) else reply.data)
    assert relay.heads[0].startswith(f"GET http://{HOST}/x HTTP/1.1".encode())
