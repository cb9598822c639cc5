"""The servers that `listener.py` compares `ibconsole listen` with, each a process of its own.

    python benchmarks/servers.py {own,uvicorn,bound} DIRECTORY

`own` is the HTTP server of ibconsole and answers 200 without storing anything. `uvicorn` does the
same with uvicorn and httptools. `bound` is the least that a durable listener in Python can do: one
`asyncio.Protocol` for each connection, httptools, a thread that commits to apsw what arrived during
the last commit, and the answers after it; without limits, deadlines, checks or decoding. Each
prints its URL once it listens.
"""

import asyncio
import queue
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
EMPTY = [(b"content-length", b"0")]
Message = dict[str, Any]


async def serve_own() -> None:
    """Serve with ibconsole's own server."""
    from ibconsole.http1 import Request, Response, Server

    async def answer(_: Request) -> Response:
        return Response()

    async with Server(answer) as server:
        announce(server.url)
        await asyncio.Event().wait()


def serve_uvicorn() -> None:
    """Serve with uvicorn and httptools, on asyncio's loop as ibconsole."""
    import uvicorn

    async def application(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": EMPTY})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(
        application,
        http="httptools",
        loop="asyncio",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    # asyncio sets TCP_NODELAY only where the protocol is stated; without it every answer that is
    # written in two pieces waits 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1_024)
        announce(f"http://127.0.0.1:{listening.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listening])


async def serve_bound(directory: Path) -> None:
    """Serve with a bare protocol that answers once its requests are committed."""
    import httptools

    loop = asyncio.get_running_loop()
    writer = GroupWriter(directory, loop)

    class Recorder(asyncio.Protocol):
        def __init__(self) -> None:
            self._received: list[bytes] = []

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport = transport
            self._parser = httptools.HttpRequestParser(self)

        def data_received(self, data: bytes) -> None:
            self._received.append(data)
            self._parser.feed_data(data)

        def on_message_complete(self) -> None:
            writer.add(b"".join(self._received), self._transport)
            self._received.clear()

    server = await loop.create_server(Recorder, "127.0.0.1", 0, backlog=1_024)
    announce(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


class GroupWriter:
    """Commits the requests of one turn of the loop together, in a thread, and answers them then."""

    def __init__(self, directory: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._directory = directory
        self._loop = loop
        self._added: list[tuple[bytes, Any]] = []
        self._groups: queue.SimpleQueue[list[tuple[bytes, Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    def add(self, request: bytes, transport: Any) -> None:
        """Add a request, which is written after this turn of the loop."""
        if not self._added:
            self._loop.call_soon(self._hand_over)
        self._added.append((request, transport))

    def _hand_over(self) -> None:
        self._groups.put(self._added)
        self._added = []

    def _write(self) -> None:
        from archive import BareDatabase

        db = BareDatabase(self._directory / "file.sqlite3")
        while True:
            group = self._groups.get()
            while not self._groups.empty():
                group += self._groups.get()
            db.insert(request for request, _ in group)
            self._loop.call_soon_threadsafe(_answer, [transport for _, transport in group])


def _answer(transports: list[Any]) -> None:
    for transport in transports:
        transport.write(OK)


def announce(url: str) -> None:
    """Print the URL to post to."""
    sys.stdout.write(f"{url}/in\n")
    sys.stdout.flush()


def main() -> None:
    """Run the server that the command line names."""
    name, directory = sys.argv[1], Path(sys.argv[2])
    if name == "uvicorn":
        serve_uvicorn()
    else:
        asyncio.run(serve_own() if name == "own" else serve_bound(directory))


if __name__ == "__main__":
    main()
