"""Requests through real proxies, and errors that name the proxy where it is at fault."""

import asyncio
import gzip
import logging
import re
import socket
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from ibconsole.api.client import ApiClient
from ibconsole.api.errors import Unreachable
from ibconsole.api.exchange import Exchange
from ibconsole.api.proxy_errors import ConnectionProgress, Stage
from ibconsole.api.retrying import DEFAULT_TIMEOUTS
from tests.certificates import IssuedCertificate, make_authority, make_certificate
from tests.proxies import SmallProxy, running
from tests.unit.api.loopback import SHORT_TIMEOUTS, Connect

HOST = "xxxxx.api.infobip.example"
URL = f"https://{HOST}"
AUTHORITY = make_authority("Proxy tests")
SECRET = "geh3imnis"  # noqa: S105 not a real one


class TlsPlatform:
    """Answers every request alike over TLS, and keeps the requests."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
        await writer.drain()
        writer.close()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IssuedCertificate:
    """A certificate of the platform, from an authority that this computer trusts."""
    issued = make_certificate(AUTHORITY, HOST, days=3)
    trusted = AUTHORITY.certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "trusted.pem").write_bytes(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return issued


@pytest.fixture
async def platform(certificate: IssuedCertificate, tmp_path: Path) -> AsyncIterator[TlsPlatform]:
    platform = TlsPlatform()
    tls = certificate.server_context(tmp_path)
    async with await asyncio.start_server(platform.serve, "127.0.0.1", 0, ssl=tls) as server:
        platform.port = server.sockets[0].getsockname()[1]
        yield platform


async def failure(client: ApiClient) -> Unreachable:
    """Return the error of a request through a proxy, which was not sent and holds no secret."""
    with pytest.raises(Unreachable) as caught:
        await client.request("GET", "/x")

    assert not caught.value.sent
    assert "nothing was sent" in str(caught.value).lower()
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caught.value.details
    return caught.value


async def test_https_through_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, platform: TlsPlatform, log: list[Exchange]
) -> None:
    """The proxy gets CONNECT with the log-in, decoded; the platform gets the request without it."""
    async with running(SmallProxy({HOST: platform.port}, login=f"user:p#s@{SECRET}/")) as proxy:
        user_info = f"user:p%23s%40{SECRET}%2F"
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", f"//{user_info}@"))
        await connect(URL).request("GET", "/x")

    assert proxy.lines == [f"CONNECT {HOST}:443"]
    assert platform.requests[0].startswith(b"GET /x HTTP/1.1\r\n")
    assert b"proxy" not in platform.requests[0].lower()
    assert SECRET not in repr(log)


async def test_pull_through_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, platform: TlsPlatform
) -> None:
    """Of a pull through a proxy every byte of the platform is kept, and none of the proxy's."""
    received: list[bytes] = []

    async def receive(data: bytes) -> None:
        received.append(data)

    async with running(SmallProxy({HOST: platform.port})) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        answer = await connect(URL).fetch_once("/x", receive=receive)

    assert answer.complete
    assert b"".join(received).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_tls_to_the_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, platform: TlsPlatform, tmp_path: Path
) -> None:
    """A proxy with an https:// address is reached over TLS, and the platform by TLS inside it."""
    tls = make_certificate(AUTHORITY, "127.0.0.1", days=3).server_context(tmp_path)
    async with running(SmallProxy({HOST: platform.port}), tls) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        await connect(URL).request("GET", "/x")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        error = await failure(connect(URL))

    assert len(platform.requests) == 1
    assert f"certificate of the proxy {proxy.url}" in str(error)


async def test_bad_variables_beside_a_good_one(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    platform: TlsPlatform,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What cannot be read is passed over, and named in the log where it would have counted."""
    caplog.set_level(logging.INFO)
    async with running(SmallProxy({HOST: platform.port})) as proxy:
        monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1080/")
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("https_proxy", f"http://user:{SECRET}#@127.0.0.1")
        monkeypatch.setenv("NO_PROXY", "localhost,::1,10.0.0.0/8,fd00::/8,10.0.0.0/99")
        await connect(URL).request("GET", "/x")

    assert len(proxy.heads) == 1
    assert [record.message.partition(" ")[0] for record in caplog.records] == [
        "https_proxy",
        "NO_PROXY",
    ]
    assert SECRET not in caplog.text


async def test_exceptions(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, platform: TlsPlatform
) -> None:
    """NO_PROXY in any spelling means a direct connection."""
    async with running(SmallProxy({HOST: platform.port})) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "x.test *.API.infobip.example:443")
        error = await failure(connect(URL, SHORT_TIMEOUTS))

    assert proxy.heads == []
    assert f"name {HOST} was not found" in str(error)


@pytest.mark.parametrize(
    ("answer", "login", "words", "lasting"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "", f"refuses connections to {HOST} \\(403\\)", True),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "", f"could not connect to {HOST} \\(502\\)", False),
        (b"HTTP/1.1 405\r\n\r\n", "", r"\(405\)", True),
        (b"HTTP/1.1 407 No\r\n\r\n", "", r"wants a user name and password \(407\)", True),
        (b"HTTP/1.1 407 No\r\n\r\n", f"u:{SECRET}", "did not accept the user name and pass", True),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "", "answered with SSH", True),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "", "without a valid answer", True),
        (b"\x15\x03\x03\x00\x02\x02\x46\r\n\r\n", "", "answered with TLS", True),
        (b"220 mail.example ESMTP\r\n\r\n", "", "answered with SMTP or FTP", True),
        (b"what?\r\n\r\n", "", "answered something that is not HTTP", True),
        (b"HTTP/1.1 200 OK\r\nX", "", "without a valid answer", True),
        (None, "", "did not answer in time", False),
    ],
)
async def test_refusals(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes | None,
    login: str,
    words: str,
    *,
    lasting: bool,
) -> None:
    """The error says what the proxy did, with its address and its variable."""
    async with running(SmallProxy(answer=answer)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", f"//{login}@" if login else "//"))
        timeouts = DEFAULT_TIMEOUTS if answer else SHORT_TIMEOUTS
        error = await failure(connect(URL, timeouts))

    assert f"proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY)" in str(error)
    assert error.lasting is lasting
    assert re.search(words, str(error))


async def test_pull_that_a_proxy_refuses(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that did not get past the proxy was not sent, so no message can be lost."""

    async def receive(_: bytes) -> None:
        raise AssertionError

    for answer in (None, b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"HTTP/1.1 403 No\r\n\r\n"):
        async with running(SmallProxy(answer=answer)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            with pytest.raises(Unreachable, match="nothing was sent"):
                await connect(URL, SHORT_TIMEOUTS).fetch_once("/x", receive=receive)


async def test_no_proxy_there(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that does not run or has no address is named, not the platform."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
    refused = await failure(connect(URL))
    monkeypatch.setenv("HTTPS_PROXY", f"{'.'.join(['nowhere'] * 30)}:{port}")
    unknown = await failure(connect(URL))

    assert f"proxy 127.0.0.1:{port} (HTTPS_PROXY) refused the connection" in str(refused)
    assert "name of the proxy nowhere" in str(unknown)


async def test_plain_proxy_with_an_https_address(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says which scheme to write."""
    async with running(SmallProxy(greeting=b"HTTP/1.1 400 No\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("http:", "https:"))
        error = await failure(connect(URL))

    assert "does not speak TLS" in str(error)
    assert "write http:// in HTTPS_PROXY" in str(error)


async def test_tls_proxy_with_an_http_address(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    certificate: IssuedCertificate,
    tmp_path: Path,
) -> None:
    """The error says which scheme to write."""
    async with running(SmallProxy(), certificate.server_context(tmp_path)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("https:", "http:"))
        error = await failure(connect(URL))

    assert "write https:// there" in str(error)


async def test_untrusted_platform_behind_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, platform: TlsPlatform, tmp_path: Path
) -> None:
    """The certificate is the platform's, and the sentence says that a proxy is in between."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    async with running(SmallProxy({HOST: platform.port})) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = await failure(connect(URL))

    assert f"certificate of {HOST} through the proxy 127.0.0.1:{proxy.port}" in str(error)


async def test_loopback_through_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, log: list[Exchange]
) -> None:
    """Where the environment asks for it, a plain proxy gets the request; no log-in is shown."""
    echo = f"no {SECRET}".encode()
    page = gzip.compress(echo, mtime=0)
    head = b"HTTP/1.1 403 No\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    async with running(SmallProxy(answer=head % len(page) + page)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", f"//user:{SECRET}@"))
        monkeypatch.setenv("no_proxy", "<-loopback>")
        with pytest.raises(Exception, match="403") as caught:
            await connect("http://127.0.0.1:1").request("GET", "/x")

    assert proxy.lines == ["GET http://127.0.0.1:1/x"]
    assert SECRET not in f"{caught.value}{vars(caught.value)}{log!r}"


async def test_progress() -> None:
    """Nothing is sent before the connection is open; one that is open already is used at once."""
    progress = ConnectionProgress(tunnel=True)
    stages = [progress.stage]
    await progress("http11.send_request_headers.started", {})

    assert [*stages, progress.stage] == [Stage.CONNECTING, Stage.REQUEST]
