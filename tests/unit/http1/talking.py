"""Clients and servers for the tests that control every byte of a connection."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ibconsole.http1.message import Malformed, Request, Response
from ibconsole.http1.server import Server

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
PATIENCE = 5.0
# Longer than a valid name, so that no name server is queried.
UNRESOLVABLE = ".".join(["nowhere"] * 50)


class Echo:
    """A handler that answers with the request's target and keeps every request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.refused: list[Malformed] = []

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(body=request.target.encode())

    async def refuse(self, malformed: Malformed) -> None:
        self.refused.append(malformed)


class Sender:
    """The client's side of one connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, *, body: bool = True) -> tuple[int, bytes, bytes]:
        """Read the next answer: its status, head and body."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = _length(head) if body else 0
            return int(head.split()[1]), head, await self.reader.readexactly(length)

    async def everything(self) -> bytes:
        """Read all bytes until the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    def kill(self) -> None:
        """Reset the connection."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@asynccontextmanager
async def talk(server: Server) -> AsyncIterator[Sender]:
    """Open a connection to the server, closed when the block ends."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        yield Sender(reader, writer)
    finally:
        writer.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


def is_busy(server: Server, connections: int = 1) -> bool:
    """Return whether at least that many requests have begun: their first bytes have been read."""
    return sum(connection.busy for connection in server._open) >= connections


@asynccontextmanager
async def raw_server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Run a server that calls `serve` for each connection; yields its URL."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
