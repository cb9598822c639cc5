"""The system's proxy is used, but not for what stays on this computer."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest

from ibconsole.api.errors import Unreachable
from tests.unit.api.loopback import Connect, answer, loopback


class Proxy:
    """Refuses to connect anybody, and keeps what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0])
        writer.write(answer(403, b"", "Connection: close"))
        await writer.drain()
        writer.close()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """A proxy that the environment names for everything."""
    proxy = Proxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, url)
        yield proxy


async def test_proxies(connect: Connect, proxy: Proxy) -> None:
    """The system's proxy is used, and what it refuses was not sent."""
    with pytest.raises(Unreachable, match="proxy") as caught:
        await connect("https://xxxxx.api.infobip.example").request("GET", "/x")

    assert proxy.asked == ["CONNECT xxxxx.api.infobip.example:443 HTTP/1.1"]
    assert not caught.value.sent


async def test_no_proxy_sees_what_stays_here(connect: Connect, proxy: Proxy) -> None:
    """What goes to this computer itself goes through no proxy."""
    async with loopback(answer(200)) as server:
        await connect(server.url).request("GET", "/x")

    assert (len(server.requests), proxy.asked) == (1, [])


@pytest.mark.parametrize("url", ["socks5://user:geheim@127.0.0.1:1", "rubbish://127.0.0.1"])
async def test_a_proxy_that_cannot_be_used(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """A proxy of another kind is explained, without its password."""
    monkeypatch.setenv("ALL_PROXY", url)
    with pytest.raises(Unreachable, match="cannot be used") as caught:
        await connect("https://xxxxx.api.infobip.example").request("GET", "/x")

    assert "geheim" not in "".join(traceback.format_exception(caught.value))
