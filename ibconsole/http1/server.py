"""A small, hardened HTTP/1.1 server: one handler for every path, untrusted senders."""

import asyncio
import errno
import logging
import socket
from types import TracebackType
from typing import Self

from ibconsole.http1.connection import Handler, MalformedHandler, ServerConnection, SharedState
from ibconsole.http1.incoming import Limits

log = logging.getLogger(__name__)

# Connections that the kernel queues until they are accepted.
_BACKLOG = 512
_MAX_REJECTED = 32
_DEFAULTS = Limits()


class ListenError(Exception):
    """The server cannot listen on the address; the text is a sentence that says why."""


class Server:
    """An HTTP/1.1 server that answers requests while its `async with` block runs.

    Once it listens, `port` is the actual port, even if 0 (any free port) was given. A
    connection over the limit is answered 503 at once. `on_malformed` is awaited for every
    request that was refused, before the sender is answered.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits = _DEFAULTS,
        on_malformed: MalformedHandler | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._shared = SharedState(handler, on_malformed, limits, asyncio.Event())
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], ServerConnection] = {}
        self._rejected: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start to listen. Raises ListenError if the address cannot be used."""
        try:
            # asyncio disables Nagle's algorithm by itself.
            self._server = await asyncio.start_server(
                self._on_connected, self.host, self.port, backlog=_BACKLOG
            )
        except (OSError, OverflowError) as error:
            raise ListenError(_explain_failure(error, self.host, self.port)) from error
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
        """The server's root URL, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """The number of connections that are open now."""
        return len(self._open)

    async def close(self, *, grace: float = 2.0) -> None:
        """Stop listening and close idle connections; requests under way get `grace` seconds.

        Calling it again, or on a server that never listened, has no effect.
        """
        self._shared.closing.set()
        if self._server:
            self._server.close()
        for connection in self._open.values():
            connection.close()
        try:
            if self._open:
                await asyncio.wait(self._open, timeout=grace)
        finally:
            await self._abort_connections()

    async def _abort_connections(self) -> None:
        tasks = {*self._open, *self._rejected}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._server:
            await self._server.wait_closed()

    def _on_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = ServerConnection(self._shared, reader, writer)
        loop = asyncio.get_running_loop()
        if self._shared.closing.is_set() or len(self._rejected) >= _MAX_REJECTED:
            writer.transport.abort()
        elif len(self._open) >= self._shared.limits.connections:
            task = loop.create_task(connection.reject(), name="http1 rejected")
            self._rejected.add(task)
            task.add_done_callback(self._on_done)
        else:
            task = loop.create_task(connection.run(), name="http1 connection")
            self._open[task] = connection
            task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._open.pop(task, None)
        self._rejected.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A connection failed.", exc_info=error)


def _explain_failure(error: OSError | OverflowError, host: str, port: int) -> str:
    if isinstance(error, OverflowError):
        return f"{port} is not a port; ports go from 0 to 65535."
    if isinstance(error, socket.gaierror):
        return f"The name {host} is not known. Give an address of this computer."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program. Choose another port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} is reserved for the system. Choose one from 1024 upwards."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this computer. 127.0.0.1 always is."
    return f"The server cannot listen on port {port} of {host}: {error.strerror or error}."
