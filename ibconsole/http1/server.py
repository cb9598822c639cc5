"""A small, hardened HTTP/1.1 server: one handler for every path, untrusted senders."""

import asyncio
import errno
import logging
import os
import socket
import sys
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, ip_address
from types import TracebackType
from typing import Self

from ibconsole.http1.connection import ServerConnection
from ibconsole.http1.incoming import Limits
from ibconsole.http1.message import Handler, MalformedHandler
from ibconsole.http1.reply import SharedState

log = logging.getLogger(__name__)

# Connections that the kernel queues until they are accepted.
_ATTEMPTS = 20  # to find a port that is free on all addresses
_BROADCAST = IPv4Address("255.255.255.255")
_NO_IPV6 = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_BACKLOG = 512
_MAX_LEAVING = 8
_TURNS_TO_LEAVE = 4  # of the loop, in which a connection that was closed to make room has ended
# File descriptors that are left for SQLite, name servers, files, and connections that leave.
_RESERVED = 48
_MIN_CONNECTIONS = 4
_CHECK_INTERVAL = 0.5  # seconds between two checks of all deadlines
_RETRY_ACCEPT = 0.05  # seconds
# What is scarce when a connection cannot be accepted, although the socket is sound.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_DEFAULTS = Limits()


class ListenError(Exception):
    """The server cannot listen on the address; the text is a sentence that says why."""


class Server:
    """An HTTP/1.1 server that answers requests while its `async with` block runs.

    Once it listens, `port` is the actual port, even if 0 (any free port) was given. At the limit
    of connections the one that hangs on purpose, or is idle, for the longest time makes room for a
    new one; if there is none, the new one is answered 503 at once. `on_malformed` is called with
    every request that was refused, and has finished before the sender is answered.

    A handler is called on the loop's thread, in the order of the requests of a connection. It
    returns a response, or a `PendingResponse`, which costs least, or is a coroutine; while a
    coroutine runs, no further request of its connection is read.
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
        self.host = host.removeprefix("[").removesuffix("]")  # as in a URL
        self.port = port
        self._shared = SharedState(handler, on_malformed, limits, self._on_closed)
        self._limit = connection_limit(limits.connections)
        self._check_interval = min(
            _CHECK_INTERVAL,
            limits.head_seconds / 4,
            limits.body_seconds / 4,
            limits.idle_seconds / 4,
        )
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._open: set[ServerConnection] = set()
        self._leaving: set[ServerConnection] = set()  # not counted: rejected, or made to close
        self._empty: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._has_warned = False

    async def __aenter__(self) -> Self:
        """Start to listen. Raises ListenError if the address cannot be used."""
        # Not when the server is created, which may happen in another thread.
        loop = self._shared.loop = asyncio.get_running_loop()
        try:
            self._sockets = await _bind(self.host, self.port)
        except (OSError, OverflowError) as error:
            raise ListenError(_explain_failure(error, self.host, self.port)) from error
        self.port = self._sockets[0].getsockname()[1]
        self._accepting = [
            loop.create_task(self._accept(sock), name="http1 accept") for sock in self._sockets
        ]
        self._check_deadlines()
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
    def addresses(self) -> list[str]:
        """The addresses that the server listens on."""
        return [str(sock.getsockname()[0]) for sock in self._sockets]

    @property
    def connections(self) -> int:
        """The number of connections that are open now."""
        return len(self._open)

    async def close(self, *, grace: float = 2.0) -> None:
        """Stop listening and close idle connections; requests under way get `grace` seconds.

        Calling it again, or on a server that never listened, has no effect.
        """
        self._shared.closing.set()
        await self._stop_accepting()
        for connection in self._open:
            connection.close()
        try:
            await self._wait_until_empty(grace)
        finally:
            for connection in {*self._open, *self._leaving}:
                connection.abort()
            await self._wait_until_empty(None)
            if self._timer:
                self._timer.cancel()

    async def _stop_accepting(self) -> None:
        for task in self._accepting:
            task.cancel()
        if self._accepting:
            await asyncio.wait(self._accepting)
        for sock in self._sockets:
            sock.close()
        self._accepting, self._sockets = [], []

    async def _wait_until_empty(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open or (seconds is None and self._leaving):
                    self._empty = asyncio.get_running_loop().create_future()
                    await self._empty

    async def _accept(self, listening: socket.socket) -> None:
        """Accept connections, one at a time, so that the limit is never exceeded."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(listening)
            except OSError as error:
                await self._on_not_accepted(error)
                continue
            for _ in range(_TURNS_TO_LEAVE):
                if len(self._leaving) < _MAX_LEAVING:
                    break
                await asyncio.sleep(0)
            connection = self._admit()
            if connection is None:
                sock.close()
                continue
            with suppress(OSError):
                await loop.connect_accepted_socket(lambda: connection, sock)  # noqa: B023 called at once

    def _admit(self) -> ServerConnection | None:
        """Return a new connection, one that is rejected if there are too many, or None."""
        if len(self._open) >= self._limit:
            self._warn(
                f"The listener has {self._limit} connections, its limit. Idle ones are closed, and "
                "while none is idle, new ones are answered 503."
            )
            if len(self._leaving) >= _MAX_LEAVING:
                return None
            if not self._make_room():
                rejected = ServerConnection(self._shared, rejected=True)
                self._leaving.add(rejected)
                return rejected
        connection = ServerConnection(self._shared)
        self._open.add(connection)
        return connection

    def _make_room(self) -> bool:
        """Close the most expendable connection; return false if each has a request under way."""
        ranks = ((each.expendability, each.quiet_since, each) for each in self._open)
        ranked = [(rank, since, each) for rank, since, each in ranks if rank is not None]
        if not ranked:
            return False
        _, _, first = min(ranked, key=lambda each: each[:2])
        self._open.discard(first)
        self._leaving.add(first)
        first.give_way()
        return True

    async def _on_not_accepted(self, error: OSError) -> None:
        if error.errno in _EXHAUSTED:
            self._warn(
                f"A connection could not be accepted: {error.strerror}. Idle ones are closed."
            )
            self._make_room()
            await asyncio.sleep(_RETRY_ACCEPT)
        # Any other error is that of a sender that has disconnected again.

    def _warn(self, sentence: str) -> None:
        if not self._has_warned:  # a flood of connections must not flood the log
            self._has_warned = True
            log.warning(sentence)

    def _check_deadlines(self) -> None:
        """Check all connections: a timer for each request would cost more than the request."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in (*self._open, *self._leaving):
            connection.check_deadline(now)
        self._timer = loop.call_later(self._check_interval, self._check_deadlines)

    def _on_closed(self, connection: ServerConnection) -> None:
        self._open.discard(connection)
        self._leaving.discard(connection)
        if self._empty and not self._empty.done() and not self._open:
            self._empty.set_result(None)


async def _bind(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets for all addresses of the host."""
    server = await _create(_address_to_bind(host), port)
    # The server's own loop accepts up to its backlog at once, which exceeds any limit.
    sockets = [sock.dup() for sock in server.sockets]
    server.close()
    try:
        for sock in sockets:
            sock.settimeout(0)
            sock.listen(_BACKLOG)
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _address_to_bind(host: str) -> str:
    """Return a host without the form that maps IPv4 addresses into IPv6, which cannot be bound.

    Raises OSError for an address that some systems bind, but that no client can connect to.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None)
    if address.is_multicast or (mapped or address) == _BROADCAST:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    return str(mapped) if mapped else host


async def _create(host: str, port: int) -> asyncio.Server:
    """Bind all addresses of the host to one port, a free one for 0."""
    create = partial(asyncio.get_running_loop().create_server, asyncio.Protocol)
    for attempt in range(1, _ATTEMPTS + 1):
        server = None
        try:
            server = await create(host, port, start_serving=False)
            chosen = server.sockets[0].getsockname()[1]
            if all(sock.getsockname()[1] == chosen for sock in server.sockets):
                return server
            server.close()  # each address has a port of its own: take the first port for all
            return await create(host, chosen, start_serving=False)
        except OSError as error:
            if not host and error.errno in _NO_IPV6:
                host = "0.0.0.0"  # noqa: S104 the user has asked for all addresses
            elif server is None or error.errno != errno.EADDRINUSE or attempt == _ATTEMPTS:
                raise
    raise AssertionError


def connection_limit(wanted: int, open_files: int | None = None) -> int:
    """Return the number of connections for which the process may open descriptors.

    `open_files` is the limit of open files, by default that of this process now.
    """
    if open_files is None:
        open_files = _open_files_limit()
    return min(wanted, max(_MIN_CONNECTIONS, open_files - _RESERVED))


def _open_files_limit() -> int:
    try:
        import resource  # noqa: PLC0415 Windows has no such module, and no such limit for sockets
    except ImportError:
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def _explain_failure(error: OSError | OverflowError, host: str, port: int) -> str:
    if isinstance(error, OverflowError):
        return f"{port} is not a port; ports go from 0 to 65535."
    if isinstance(error, socket.gaierror):
        return f"The name {host} is not known. Give an address of this computer."
    if error.errno == errno.EADDRINUSE:
        place = host or "this computer"
        return f"Port {port} of {place} is in use already. Choose another port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} is reserved for the system. Choose one from 1024 upwards."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this computer. 127.0.0.1 always is."
    return f"The server cannot listen on port {port} of {host}: {error.strerror or error}."
