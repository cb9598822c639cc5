"""A forward proxy on loopback that connects every host to one local port."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CONNECTED = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 relay\r\n\r\n"
LOGIN = ("inbound", "p@ss:word")
_LOGIN_NEEDED = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="relay"\r\nContent-Length: 0\r\n\r\n'
)
_AUTHORIZATION = b"Basic " + base64.b64encode(":".join(LOGIN).encode())


@dataclass
class Relay:
    """A proxy that keeps the heads of its requests, and what it sent to the client itself.

    With `login`, only requests with LOGIN are served. `connected` is its answer to CONNECT.
    """

    target: int
    login: bool = False
    scheme: str = "http"
    connected: bytes = CONNECTED
    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if self.login and _AUTHORIZATION not in head:
            writer.write(_LOGIN_NEEDED)
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        if head.startswith(b"CONNECT "):
            writer.write(self.connected)
        else:
            far_writer.write(head)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, far_writer))
                both.create_task(_copy(far_reader, writer))
        finally:
            far_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def relaying(relay: Relay, tls: ssl.SSLContext | None = None) -> AsyncIterator[Relay]:
    """Run the proxy while the block runs; with `tls`, clients encrypt the way to it."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await relay.serve(reader, writer)
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    relay.port = listening.sockets[0].getsockname()[1]
    relay.scheme = "https" if tls else "http"
    try:
        yield relay
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await listening.wait_closed()
