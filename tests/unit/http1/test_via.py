"""One exact request through real proxies: absolute form, tunnels, log-in, and their failures."""

import asyncio
import base64
from pathlib import Path

import pytest

from ibconsole.http1.exact import fetch_certificates, send
from ibconsole.http1.server import Server
from ibconsole.http1.via import ProxyHop, absolute_form
from tests.certificates import IssuedCertificate, make_authority, make_certificate
from tests.proxies import SmallProxy, running
from tests.unit.http1.talking import UNRESOLVABLE, Echo

HOST = "hooks.example"
AUTHORITY = make_authority("Tunnels")
LOGIN = b"Basic " + base64.b64encode(b"user:geheim")


def via(proxy: SmallProxy, authorization: bytes = b"") -> ProxyHop:
    return ProxyHop("P", "127.0.0.1", proxy.port, authorization)


@pytest.fixture(scope="module")
def certificate() -> IssuedCertificate:
    return make_certificate(AUTHORITY, HOST, days=30)


async def test_plain_requests_in_absolute_form() -> None:
    """The proxy gets the whole URL and the log-in; the trace holds the request without these."""
    echo = Echo()
    async with (
        Server(echo) as server,
        running(SmallProxy({HOST: server.port}, "user:geheim")) as proxy,
    ):
        trace = await send(f"http://{HOST}/a?b", body=b"hi", via=via(proxy, LOGIN))

    assert (trace.status, trace.body, trace.problem) == (200, b"/a?b", "")
    assert echo.requests[0].body == b"hi"
    assert proxy.lines == [f"POST http://{HOST}/a?b"]
    assert f"Host: {HOST}".encode() in proxy.heads[0]
    assert LOGIN in proxy.heads[0]
    assert trace.request.startswith(b"POST /a?b HTTP/1.1\r\n")
    assert LOGIN not in trace.request
    assert (trace.peer, trace.proxy_failed) == ("127.0.0.1", False)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_tls_in_a_tunnel(
    certificate: IssuedCertificate, tmp_path: Path, *, encrypted: bool
) -> None:
    """A tunnel leads to the host's own TLS, also inside TLS to the proxy."""
    trusting = AUTHORITY.trusting_context()
    to_proxy = make_certificate(AUTHORITY, "127.0.0.1", days=3).server_context(tmp_path)
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"hi"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(
        serve, "127.0.0.1", 0, ssl=certificate.server_context(tmp_path)
    )
    ports = {HOST: server.sockets[0].getsockname()[1]}
    async with (
        server,
        running(SmallProxy(ports, "user:geheim"), to_proxy if encrypted else None) as proxy,
    ):
        through = ProxyHop("P", "127.0.0.1", proxy.port, LOGIN, trusting if encrypted else None)
        trace = await send(f"https://{HOST}/a", body=b"hi", tls=trusting, via=through)
        chain = await fetch_certificates(f"https://{HOST}/a", via=through)

    assert (trace.status, len(trace.body), trace.problem) == (200, 200_000, "")
    assert requests[0].startswith(b"POST /a HTTP/1.1\r\n")
    assert b"Proxy" not in requests[0]
    assert proxy.lines == [f"CONNECT {HOST}:443"] * 2
    assert trace.certificates[0] == certificate.der
    assert chain == trace.certificates
    assert (trace.phases.tcp or 0) > 0
    assert (trace.phases.tls or 0) > 0


@pytest.mark.parametrize(
    ("answer", "words", "status"),
    [
        (b"HTTP/1.1 407 No\r\n\r\n", "The proxy P did not connect to hooks.example:443", 407),
        (b"HTTP/1.0 502 No\n\n", "it answered 502", 502),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP proxy: it answered with SSH", None),
        (b"\x15\x03\x03\x00\x02\x02F", "no HTTP proxy: it answered with TLS", None),
        (b"HTTP/1.1 what\r\n\r\n", "its answer is not HTTP", None),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "its answer is not HTTP", None),
        (b"HT", "its answer is not HTTP", None),
        (None, "Out of time after 0.3 s, waiting for the proxy P to connect", None),
    ],
)
async def test_refused_tunnels(answer: bytes | None, words: str, status: int | None) -> None:
    """What a proxy says instead of connecting is not an answer of the host."""
    async with running(SmallProxy(answer=answer)) as proxy:
        trace = await send(f"https://{HOST}/", timeout=0.3 if answer is None else 5, via=via(proxy))
        assert await fetch_certificates(f"https://{HOST}/", via=via(proxy), timeout=0.3) == ()

    assert words in trace.problem
    assert (trace.status, trace.proxy_status, trace.proxy_failed) == (None, status, True)
    assert not trace.untrusted


async def test_unreachable_proxies(tmp_path: Path) -> None:
    """A proxy that is not there, has no address, or does not speak TLS is named."""

    async def problem(there: ProxyHop) -> str:
        trace = await send(f"http://{HOST}/", via=there)
        assert trace.proxy_failed
        return trace.problem

    tls = AUTHORITY.trusting_context()
    foreign = make_certificate(make_authority("Other"), "127.0.0.1", days=3)
    async with running(SmallProxy(greeting=b"HTTP/1.1 400 No\r\n\r\n")) as plain:
        assert "does not speak TLS on this port" in await problem(
            ProxyHop("P", "127.0.0.1", plain.port, tls=tls)
        )
    async with running(SmallProxy(), foreign.server_context(tmp_path)) as untrusted:
        there = ProxyHop("P", "127.0.0.1", untrusted.port, tls=tls)
        assert "The proxy P was not trusted" in await problem(there)
    assert "No connection to the proxy P: nothing listens" in await problem(via(plain))
    assert "name of the proxy P is not known" in await problem(ProxyHop("P", UNRESOLVABLE, 1))


async def test_silent_proxy() -> None:
    """A proxy that closes without an answer is named."""

    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        trace = await send(f"https://{HOST}/", via=ProxyHop("P", "127.0.0.1", port))

    assert "closed the connection without an answer" in trace.problem


def test_a_request_in_absolute_form_stays_so() -> None:
    """A request that names its whole URL already goes to the proxy as it is."""
    request = b"POST http://h/a HTTP/1.1\r\nHost: h\r\n\r\n"

    assert absolute_form(ProxyHop("P", "p", 1), "h", request) == request


def test_absolute_form() -> None:
    """Without a log-in there is no header for it."""
    request = b"POST /a HTTP/1.1\r\nHost: h\r\n\r\nbody"

    assert absolute_form(ProxyHop("P", "p", 1), "h:8", request) == (
        b"POST http://h:8/a HTTP/1.1\r\nHost: h\r\n\r\nbody"
    )
