"""Takes links from other processes for the window of a data directory, on the engine's loop.

One window of a data directory does so, the one that holds its lock; another that is open takes
over when that one ends.
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import msgspec

from ibconsole.files import FileLock
from ibconsole.services.links.handover import (
    LONGEST_ACTIVATION,
    LONGEST_REQUEST,
    TAKEN,
    SentRequest,
    WindowNote,
    WindowRequest,
)
from ibconsole.services.links.links import LONGEST
from ibconsole.tasks import Tasks

_MOST_CONNECTIONS = 16
_DEADLINE = 2.0  # seconds in which a process sends its request
_TAKE_OVER_INTERVAL = 2.0

log = logging.getLogger(__name__)

Take = Callable[[WindowRequest], object]


class WindowServer:
    """Listens on this computer alone from `async with` on, as soon as no other window does.

    The lock may be held already, so that a process that is started meanwhile waits for this one.

    Each request is given to `take` on the loop `receiver`, the window's, and answered when that
    has returned, unless it was false: a window that hangs or is closed does not answer. What is too
    long, too slow, not understood or without the proof is dropped. A file system without locks
    leaves the window without a server.
    """

    def __init__(
        self,
        lock: FileLock,
        take: Take,
        receiver: asyncio.AbstractEventLoop,
        *,
        interval: float = _TAKE_OVER_INTERVAL,
        deadline: float = _DEADLINE,
    ) -> None:
        self._lock = lock
        self._take = take
        self._receiver = receiver
        self._interval = interval
        self._deadline = deadline
        self._token = secrets.token_hex(32)
        self._tasks = Tasks(_report)
        self._open: dict[asyncio.Transport, bool] = {}  # whether the window has its request

    async def __aenter__(self) -> Self:
        server = await asyncio.get_running_loop().create_server(
            lambda: _Exchange(self), "127.0.0.1", 0, backlog=_MOST_CONNECTIONS
        )
        self._server = server
        [(_, port)] = [one.getsockname() for one in server.sockets]
        self._note = msgspec.json.encode(WindowNote(port=port, proof=self._token)).decode()
        if not await self._acquire():
            self._tasks.start("take over", self._take_over)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.close()
        # First: a process that asks from now on finds that there is no window, and opens one.
        await asyncio.to_thread(self._lock.discard)
        self._server.close()
        for transport in tuple(self._open):
            transport.abort()

    @property
    def serves(self) -> bool:
        """True if other processes give their links to this window."""
        return self._lock.held

    def enter(self, transport: asyncio.Transport) -> bool:
        """Count a connection; return false if there are too many.

        Of those that have sent nothing valid yet the oldest is dropped for it: else any program of
        this computer could keep links out by connections that are silent.
        """
        if len(self._open) >= _MOST_CONNECTIONS:
            oldest = next((one for one, is_taken in self._open.items() if not is_taken), None)
            if oldest is None:
                return False
            oldest.abort()
            self.leave(oldest)
        self._open[transport] = False
        return True

    def leave(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        self._open.pop(transport, None)

    @property
    def deadline(self) -> float:
        """The seconds in which a process has to send its request."""
        return self._deadline

    def read(self, line: bytes) -> WindowRequest | None:
        """Return the request of a line; None if it is not valid, or has not the proof."""
        try:
            sent = msgspec.json.decode(line, type=SentRequest)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if not hmac.compare_digest(sent.proof.encode("utf-8", "replace"), self._token.encode()):
            return None
        if len(sent.link) > LONGEST + 1 or len(sent.activation) > LONGEST_ACTIVATION:
            return None
        activation = sent.activation if sent.activation.isprintable() else ""
        return WindowRequest(link=sent.link, activation=activation)

    def deliver(self, request: WindowRequest, transport: asyncio.Transport) -> None:
        """Give a request to the window, and answer once it was taken."""
        engine = asyncio.get_running_loop()
        self._open[transport] = True

        def answer() -> None:
            if not transport.is_closing():
                transport.write(TAKEN)
                transport.close()

        def take() -> None:
            taken = self._take(request)
            with suppress(RuntimeError):  # the engine has stopped
                engine.call_soon_threadsafe(transport.abort if taken is False else answer)

        with suppress(RuntimeError):  # the window's loop has ended
            self._receiver.call_soon_threadsafe(take)

    async def _acquire(self) -> bool:
        return await asyncio.to_thread(self._hold)

    def _hold(self) -> bool:
        with suppress(OSError):
            if not self._lock.held:
                return self._lock.acquire(self._note)
            self._lock.write_note(self._note)
            return True
        return False

    async def _take_over(self) -> None:
        is_held = False
        while not is_held:
            await asyncio.sleep(self._interval)
            is_held = await self._acquire()


class _Exchange(asyncio.Protocol):
    """One connection: a line comes in, an answer goes out."""

    def __init__(self, server: WindowServer) -> None:
        self._server = server
        self._received = b""
        self._is_read = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "a connection of TCP"  # noqa: S101
        self._transport = transport
        if not self._server.enter(transport):
            transport.abort()
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._server.deadline, transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._is_read:  # and waits for the window; the other side may go away meanwhile
            self._transport.abort()
            return
        self._received += data
        line, end, rest = self._received.partition(b"\n")
        if not end and len(self._received) < LONGEST_REQUEST:
            return
        self._is_read = True
        self._cancel_timer()
        request = self._server.read(line) if end and not rest else None
        if request is None:
            self._transport.abort()
        else:
            self._server.deliver(request, self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        self._cancel_timer()
        self._server.leave(self._transport)

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()


def _report(name: str, error: BaseException) -> None:
    """Log a bug: links of other processes are then given to another window, or open one."""
    log.error("Bug in %s.", name, exc_info=error)
