"""A small, hard HTTP/1.1 server: one handler, any path, untrusted senders."""

import asyncio
import errno
import logging
import socket
from types import TracebackType
from typing import Self

from ibconsole.http1.connection import Connection, Handler, Refused, Service
from ibconsole.http1.incoming import Limits

log = logging.getLogger(__name__)

_BACKLOG = 512
_TURNED_AWAY = 32
_DEFAULTS = Limits()


class ListenError(Exception):
    """The address cannot be listened on. Its text is a sentence that says why."""


class Server:
    """Answers requests while its `async with` block runs.

    `port` is the real one, also if 0 was asked for. Over the limit of connections, a sender
    is answered 503 at once. `refused` is told of everything that was no request, before
    the sender is answered.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits = _DEFAULTS,
        refused: Refused | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._service = Service(handler, refused, limits, asyncio.Event())
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], Connection] = {}
        self._turned_away: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Listen. Raises ListenError if the address cannot be had."""
        try:
            # asyncio switches Nagle's algorithm off by itself.
            self._server = await asyncio.start_server(
                self._on_connected, self.host, self.port, backlog=_BACKLOG
            )
        except (OSError, OverflowError) as error:
            raise ListenError(_why_not(error, self.host, self.port)) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """The root of what is served, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    async def close(self, *, grace: float = 2.0) -> None:
        """Stop listening and close what is idle; what is under way has `grace` seconds to end."""
        self._service.closing.set()
        if self._server:
            self._server.close()
        for connection in self._open.values():
            connection.close()
        try:
            if self._open:
                await asyncio.wait(self._open, timeout=grace)
        finally:
            await self._cut()

    async def _cut(self) -> None:
        tasks = {*self._open, *self._turned_away}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._server:
            await self._server.wait_closed()

    def _on_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._service, reader, writer)
        loop = asyncio.get_running_loop()
        if self._service.closing.is_set() or len(self._turned_away) >= _TURNED_AWAY:
            writer.transport.abort()
        elif len(self._open) >= self._service.limits.connections:
            task = loop.create_task(connection.turn_away(), name="http1 turned away")
            self._turned_away.add(task)
            task.add_done_callback(self._on_done)
        else:
            task = loop.create_task(connection.run(), name="http1 connection")
            self._open[task] = connection
            task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._open.pop(task, None)
        self._turned_away.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A connection failed.", exc_info=error)


def _why_not(error: OSError | OverflowError, host: str, port: int) -> str:
    if isinstance(error, OverflowError):
        return f"{port} is no port; ports go from 0 to 65535."
    if isinstance(error, socket.gaierror):
        return f"The name {host} is not known here. Give an address of this computer."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program. Choose another port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} is reserved for the system. Choose one from 1024 upwards."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this computer. 127.0.0.1 always is."
    return f"Port {port} of {host} cannot be listened on: {error.strerror or error}."
