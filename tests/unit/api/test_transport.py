"""Connections, proxies and answers over real sockets, and the errors for what fails there."""

import asyncio
import gzip
import socket
import traceback
from collections.abc import AsyncIterator

import pytest

from ibconsole.api.errors import ApiError, PlatformBroken, Unauthorized, Unreachable
from ibconsole.api.exchange import Exchange
from ibconsole.api.retrying import Timeouts
from tests.unit.api.loopback import HANG, SHORT_TIMEOUTS, Connect, Then, answer, loopback


async def test_connections_are_kept(connect: Connect) -> None:
    """Successive requests share a connection."""
    async with loopback(answer(200, b"{}")) as server:
        client = connect(server.url)
        await client.request("GET", "/a")
        await client.request("GET", "/b")

    assert (server.lines, server.connections) == (["GET /a", "GET /b"], 1)


async def test_no_request_no_connection(connect: Connect) -> None:
    """A client that sends nothing opens no connection, and can be closed twice."""
    async with loopback(answer(200)) as server, connect(server.url) as client:
        await client.aclose()

    assert server.connections == 0


async def test_no_answer(connect: Connect) -> None:
    """A request that is never answered fails within the time limit and is sent once."""
    async with loopback(HANG) as server:
        with pytest.raises(Unreachable, match="did not answer in time") as caught:
            await connect(server.url, SHORT_TIMEOUTS).request("GET", "/x")

    assert caught.value.sent
    assert len(server.requests) == 1


async def test_answer_that_does_not_end(connect: Connect) -> None:
    """An answer that has begun has more time, up to a limit."""
    head = Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "hang")
    async with loopback(head) as server:
        with pytest.raises(Unreachable, match="in time"):
            await connect(server.url, Timeouts(answer=0.2, answer_rest=0.4)).request("GET", "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_refused_connection(connect: Connect, log: list[Exchange], method: str) -> None:
    """Every method is retried after a refused connection, because nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unreachable, match="refused the connection, nothing was sent") as caught:
        await connect(url).request(method, "/x")

    assert not caught.value.sent
    assert [(one.attempt, one.status) for one in log] == [(1, None), (2, None), (3, None)]


async def test_connection_time_out(connect: Connect) -> None:
    """The error for a connection that times out names the host and says that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
        # The kernel does not answer more connections than its queue holds.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(hole.getsockname())
        try:
            host = f"127.0.0.1:{hole.getsockname()[1]}"
            with pytest.raises(Unreachable, match=f"connection to {host} timed out") as caught:
                await connect(f"http://{host}", SHORT_TIMEOUTS).request("GET", "/x")
        finally:
            for one in waiting:
                one.close()

    assert not caught.value.sent


async def test_no_encryption(connect: Connect) -> None:
    """A server without TLS receives no request, and the connection is not retried."""
    async with loopback(answer(200)) as server:

        async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(400))
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(plain, "127.0.0.1", 0) as talking:
            port = talking.sockets[0].getsockname()[1]
            with pytest.raises(Unreachable, match="No encrypted connection") as caught:
                await connect(f"https://127.0.0.1:{port}").request("GET", "/x")

    assert caught.value.lasting
    assert not server.requests


async def test_redirects_are_not_followed(connect: Connect) -> None:
    """A credential is sent only to the base URL."""
    async with loopback(answer(200)) as elsewhere:
        moved = answer(307, b"", f"Location: {elsewhere.url}/y")
        async with loopback(moved) as server:
            with pytest.raises(PlatformBroken, match=r"redirected the request to 127\.0\.0\.1"):
                await connect(server.url).request("GET", "/x")

    assert (len(server.requests), len(elsewhere.requests)) == (1, 0)


@pytest.mark.parametrize(
    "answers",
    [
        [Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close")],
        [Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "reset")],
    ],
)
async def test_incomplete_list(connect: Connect, answers: list[Then]) -> None:
    """An incomplete list is an error."""
    async with loopback(*answers) as server:
        with pytest.raises(Unreachable, match="ended before the answer was complete"):
            await connect(server.url).request("GET", "/x")

    assert len(server.requests) == 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_incomplete_answer_to_a_change(connect: Connect, method: str) -> None:
    """A change has succeeded if its status says so, even with an incomplete body."""
    half = Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close")
    async with loopback(half) as server:
        reply = await connect(server.url).request(method, "/x")

    assert (reply.status, reply.body, len(server.requests)) == (200, b"", 1)


async def test_incomplete_refusal(connect: Connect) -> None:
    """A refusal is recognised by its status, even with an incomplete body."""
    half = Then(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n{", "close")
    async with loopback(half) as server:
        with pytest.raises(Unauthorized):
            await connect(server.url).request("GET", "/x")


async def test_answer_that_is_not_http(connect: Connect) -> None:
    """The error for an answer of another protocol says that it is not HTTP."""
    async with loopback(Then(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "close")) as server:
        with pytest.raises(Unreachable, match="not HTTP"):
            await connect(server.url).request("GET", "/x")


async def test_compressed_answers(connect: Connect) -> None:
    """A compressed answer is decompressed."""
    packed = answer(200, gzip.compress(b"[1]", mtime=0), "Content-Encoding: gzip")
    async with loopback(packed) as server:
        assert (await connect(server.url).request("GET", "/x")).body == b"[1]"


async def test_bombs(connect: Connect) -> None:
    """An answer that decompresses to more than 64 MB is an error, and is not requested again."""
    bomb = gzip.compress(b"x" * (65 * 1024 * 1024), 1, mtime=0)
    async with loopback(answer(200, bomb, "Content-Encoding: gzip")) as server:
        with pytest.raises(PlatformBroken, match="larger than 64 MB"):
            await connect(server.url).request("GET", "/x")

    assert len(server.requests) == 1


class Proxy:
    """A proxy that refuses every connection and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0])
        writer.write(answer(403, b"", "Connection: close"))
        await writer.drain()
        writer.close()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """A proxy that the environment names for every scheme."""
    proxy = Proxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, url)
        yield proxy


async def test_proxies(connect: Connect, proxy: Proxy) -> None:
    """The system's proxy is used; a request that it refuses was not sent."""
    with pytest.raises(Unreachable, match="proxy") as caught:
        await connect("https://xxxxx.api.infobip.example").request("GET", "/x")

    assert proxy.requests == ["CONNECT xxxxx.api.infobip.example:443 HTTP/1.1"]
    assert not caught.value.sent


async def test_no_proxy_for_loopback(connect: Connect, proxy: Proxy) -> None:
    """Requests to this computer do not go through a proxy."""
    async with loopback(answer(200)) as server:
        await connect(server.url).request("GET", "/x")

    assert (len(server.requests), proxy.requests) == (1, [])


@pytest.mark.parametrize("url", ["socks5://user:geheim@127.0.0.1:1", "rubbish://127.0.0.1"])
async def test_unusable_proxy(connect: Connect, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The error for an unsupported kind of proxy does not contain its password."""
    monkeypatch.setenv("ALL_PROXY", url)
    with pytest.raises(Unreachable, match="cannot be used") as caught:
        await connect("https://xxxxx.api.infobip.example").request("GET", "/x")

    assert "geheim" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("location", ["urn:a", "http:a", "http://xn--/", "http://[::1/", "//:x"])
async def test_redirect_to_no_url(connect: Connect, location: str) -> None:
    """A redirect whose target is not a URL is a failure like any other redirect."""
    async with loopback(answer(308, b"", f"Location: {location}")) as server:
        with pytest.raises(ApiError):
            await connect(server.url, SHORT_TIMEOUTS).request("POST", "/x")
