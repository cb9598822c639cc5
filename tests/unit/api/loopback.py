"""A server on loopback that sends the exact bytes a test specifies."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ibconsole.api.client import ApiClient
from ibconsole.api.retrying import Timeouts

KEY = "0123456789abcdef0123456789abcdef-01234567-89ab-cdef-0123-456789abcdef"
# Long enough for loopback under load, short enough for a test.
SHORT_TIMEOUTS = Timeouts(connect=0.3, read=0.3, pull_read=0.3, answer=0.35, answer_rest=0.8)

Connect = Callable[..., ApiClient]


@dataclass(frozen=True)
class Then:
    """Bytes to send, and what happens to the connection afterwards: close, cut, reset or hang.

    A cut connection ends without the farewell of TLS. `late` is sent 0.4 s after `data`.
    """

    data: bytes
    end: str
    late: bytes = b""


HANG = Then(b"", "hang")
RESET = Then(b"", "reset")
CLOSE = Then(b"", "close")


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Return the bytes of a complete answer."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Loopback:
    """A server that sends its answers in order, repeats the last one, and keeps all requests."""

    answers: list[bytes | Then]
    scheme: str = "http"
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        """The first line of each request, without the version."""
        return [
            request.split(b"\r\n")[0].decode().removesuffix(" HTTP/1.1")
            for request in self.requests
        ]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            request = await reader.readuntil(b"\r\n\r\n")
            if found := re.search(rb"content-length: (\d+)", request, re.IGNORECASE):
                request += await reader.readexactly(int(found[1]))
            self.requests.append(request)
            reply = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            writer.write(reply if isinstance(reply, bytes) else reply.data)
            await writer.drain()
            if isinstance(reply, Then) and reply.late:
                await asyncio.sleep(0.4)
                writer.write(reply.late)
            if isinstance(reply, Then) and reply.end == "hang":
                await asyncio.Event().wait()
            if isinstance(reply, Then):
                _end(writer, reply.end)
                return


def _end(writer: asyncio.StreamWriter, end: str) -> None:
    if end == "reset":
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    if end in {"cut", "reset"}:
        writer.transport.abort()
    writer.close()


@asynccontextmanager
async def loopback(
    *answers: bytes | Then, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Loopback]:
    """Serve the answers while the block runs."""
    server = Loopback(list(answers), "https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await server.serve(reader, writer)
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await listening.wait_closed()


async def until(server_has: Callable[[], bool]) -> None:
    """Wait until the condition is true, at most 5 s."""
    async with asyncio.timeout(5):
        while not server_has():
            await asyncio.sleep(0.005)
