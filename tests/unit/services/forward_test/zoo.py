"""Broken servers on loopback: what a connection meets there, by a few bytes each."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ibconsole.services.forward_test.names import Found

Talk = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HOST = "hooks.example"


@dataclass
class SmallResolver:
    """Knows these names; others do not exist. An error is raised in place of an answer."""

    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    error: OSError | None = None
    hangs: bool = False

    async def resolve(self, host: str, port: int) -> Found:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        if host not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, (one, port))
            for one in self.addresses[host]
        ], ()


class Received:
    """One request: its head in lower case, as it was sent, and its body."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.head = head
        self.body = body

    def header(self, name: str) -> str | None:
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


async def receive(reader: asyncio.StreamReader) -> Received:
    """Read one request, of either framing."""
    head = await reader.readuntil(b"\r\n\r\n")
    request = Received(head, b"")
    if request.header("transfer-encoding"):
        request.body = await reader.readuntil(b"0\r\n\r\n")
    else:
        request.body = await reader.readexactly(int(request.header("content-length") or 0))
    return request


def answer(status: int, body: bytes = b"", *headers: str, version: str = "1.1") -> bytes:
    """Return the bytes of an answer."""
    lines = [f"HTTP/{version} {status} Some", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def says(data: bytes) -> Serve:
    """Return a server that reads a request, and says this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await receive(reader)
        writer.write(data)

    return serve


def decides(by: Callable[[Received], int]) -> Serve:
    """Return a server that answers by the request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(by(await receive(reader)), b"thanks"))

    return serve


def resets(after: bytes = b"", *, at_once: bool = False) -> Serve:
    """Return a server that resets the connection: at once, or after a request and these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not at_once:
            await reader.read(65_536)
        writer.write(after)
        await writer.drain()
        await asyncio.sleep(0.02 if after else 0)  # these bytes arrive before the reset
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return serve


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close after the request, without an answer."""
    await reader.read(65_536)


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await asyncio.Event().wait()


async def complains(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what is no HTTP, as plain servers do."""
    await reader.read(10)
    writer.write(answer(400))


async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say what another protocol says first."""
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
    await reader.read(10)


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send an answer whose body never ends in time."""
    await receive(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


class Once:
    """Accepts a message once, and answers another status to its repetitions."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.seen: set[bytes] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = (await receive(reader)).body
        writer.write(answer(self.status if body in self.seen else 200))
        self.seen.add(body)


class Limited:
    """Accepts a number of requests, and then answers another status."""

    def __init__(self, count: int, status: int) -> None:
        self.left = count
        self.status = status

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await receive(reader)
        self.left -= 1
        writer.write(answer(200 if self.left >= 0 else self.status))


class Cold:
    """Answers another status once, and accepts from then on."""

    def __init__(self, status: int) -> None:
        self.status = status

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await receive(reader)
        writer.write(answer(self.status))
        self.status = 200


class Alone:
    """Refuses requests while it has more than three."""

    def __init__(self) -> None:
        self.busy = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await receive(reader)
        self.busy += 1
        await asyncio.sleep(0.02)
        writer.write(answer(200 if self.busy <= 3 else 503))
        self.busy -= 1


async def processes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce an answer, and send none."""
    await receive(reader)
    writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
    await asyncio.Event().wait()


@asynccontextmanager
async def open_server(
    serve: Serve, tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[int]:
    """Serve each connection on loopback, and return the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError, ValueError):
            await serve(reader, writer)
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(run, host, port, ssl=tls, limit=1 << 24)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in set(tasks):
            task.cancel()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def open_tls_server(tls: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve TLS in a thread, as most servers do: asyncio's sends no alerts when it refuses."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.settimeout(5)
                with tls.wrap_socket(connection, server_side=True) as encrypted:
                    encrypted.recv(65_536)
                    encrypted.sendall(answer(200))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        await asyncio.to_thread(thread.join)


@asynccontextmanager
async def full_server() -> AsyncIterator[int]:
    """Listen without ever accepting, with a queue that is full: connecting takes forever."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def old_server_tls(pem: Path) -> ssl.SSLContext:
    """Return a server's context that speaks no TLS of today."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(pem)
    return context
