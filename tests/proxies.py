"""A small HTTP proxy on loopback: absolute-form requests, CONNECT, Basic log-in, and defects."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

CONNECTED = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 small\r\n\r\n"
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def clear_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove every variable of the proxy environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@dataclass
class SmallProxy:
    """A proxy that reaches the hosts in `ports` on this computer, and no others.

    `login` is the user name and password that it wants. `answer` is sent instead of serving;
    None for a proxy that never answers. `greeting` is sent as soon as a connection is open.
    """

    ports: dict[str, int] = field(default_factory=dict)
    login: str = ""
    answer: bytes | None = b""
    greeting: bytes = b""
    scheme: str = "http"
    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its URL, without user name and password."""
        return f"{self.scheme}://{self.address}"

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        """The first line of each request, without the version."""
        return [head.split(b"\r\n")[0].decode().rpartition(" ")[0] for head in self.heads]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if self.answer is None:
            await asyncio.Event().wait()
        if self.answer:
            writer.write(self.answer)
            return
        if not self._is_logged_in(head):
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
                b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(head), head)
            )
            return
        method, target = head.split(b" ")[:2]
        host = urlsplit(("//" if method == b"CONNECT" else "") + target.decode()).hostname or ""
        if host not in self.ports:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        far = await asyncio.open_connection("127.0.0.1", self.ports[host])
        if method == b"CONNECT":
            writer.write(CONNECTED)
        else:
            path = target.split(b"/", 3)[3]
            far[1].write(head.replace(target, b"/" + path, 1))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, far[1]))
                both.create_task(_copy(far[0], writer))
        finally:
            far[1].close()

    def _is_logged_in(self, head: bytes) -> bool:
        wanted = b"proxy-authorization: basic " + base64.b64encode(self.login.encode()).lower()
        return not self.login or wanted in head.lower()


@asynccontextmanager
async def running(
    proxy: SmallProxy, tls: ssl.SSLContext | None = None
) -> AsyncIterator[SmallProxy]:
    """Serve a proxy on loopback while the block runs."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            await proxy.serve(reader, writer)
        with suppress(OSError, asyncio.CancelledError):
            await writer.drain()
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    proxy.port = server.sockets[0].getsockname()[1]
    proxy.scheme = "https" if tls else "http"
    try:
        yield proxy
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await server.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
