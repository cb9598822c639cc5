"""Sending an answer with a deliberate defect: late, never, in slow pieces, cut, reset."""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ibconsole.http1.message import AnswerPart, Fault, Response, SentEnd

log = logging.getLogger(__name__)

_PIECES = 10
_CHUNK = 64 * 1024
_AT_ONCE = 8 * 1024  # bytes that fit into the system's buffer of a connection
_NO_FAULT = Fault()
# A sender that has closed its half may still read. Else it resets the connection within a round
# trip after the answer.
_RESET_POLL = 0.005  # seconds
_RESET_POLLS = 100


class FaultySending:
    """The sending of one answer as its fault says, in a task of its own.

    `write` sends bytes, and `drain` waits until the system has taken them. `on_end` is called once,
    after what was sent is reported. `is_hanging` is true if nothing will be sent, and `is_pausing`
    during every pause on purpose.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        write: Callable[[bytes], None],
        drain: Callable[[], Awaitable[None]],
        on_end: Callable[["FaultySending"], None],
    ) -> None:
        self.end = SentEnd.COMPLETE
        self.is_hanging = False
        self.is_pausing = False
        self._transport = transport
        self._write = write
        self._drain = drain
        self._on_end = on_end
        self._size = 0
        self._in_flight = 0
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._eof_at: float | None = None
        self._is_reported = False
        self._task: asyncio.Task[None]

    @property
    def succeeded(self) -> bool:
        """True once the answer was sent as planned."""
        return self._task.done() and self.end is SentEnd.COMPLETE

    def start(self, response: Response, answer: tuple[bytes, bytes], fault: Fault) -> bool:
        """Begin to send the head and the body of an answer; return false if that took no task."""
        size = sum(map(len, answer))
        if fault == _NO_FAULT and size <= _AT_ONCE and not self._transport.get_write_buffer_size():
            self._write(b"".join(answer))
            self._in_flight = self._transport.get_write_buffer_size()
            self._size = size - self._in_flight
            if not self._in_flight:
                response.report(AnswerPart(SentEnd.COMPLETE, size, 0.0))
                return False
            sending = self._wait()
        else:
            self.is_hanging = bool(fault.hang)
            self._is_reported = response.on_sent is not None
            sending = self._send(*answer, fault)
        # Only an empty buffer says how much was taken.
        self._transport.set_write_buffer_limits(high=0)
        self._task = self._loop.create_task(sending, name="http1 fault")
        self._task.add_done_callback(lambda _: self._on_done(response))
        return True

    def stop(self, end: SentEnd) -> None:
        """Stop sending for this reason, before the connection is aborted; not if it is over."""
        if self._task.done() or self.end is not SentEnd.COMPLETE:
            return
        self.end = end
        if not self._transport.is_closing():
            self._size += max(0, self._in_flight - self._transport.get_write_buffer_size())
        self._task.cancel()

    def note_eof(self) -> None:
        """Note that the sender has closed its half: it reads what follows, or it has left."""
        self._eof_at = self._loop.time()
        if self.is_hanging:
            self.stop(SentEnd.LEFT)

    async def _send(self, head: bytes, body: bytes, fault: Fault) -> None:
        await self._pause(fault.delay)
        if fault.hang is not None:
            await self._pause(fault.hang)
            return
        if fault.reset and fault.cut_after is None:
            _reset(self._transport)
            return
        body = body[: fault.cut_after]
        if not fault.drip:
            await self._put(head + body)
        elif body:
            await self._put(head)
            await self._drip(body, fault.drip)
        else:
            await self._drip(head, fault.drip)
        if fault.reset:
            _reset(self._transport)
        elif self._is_reported and self._eof_at is not None and await self._is_reset():
            self.end = SentEnd.LEFT

    async def _drip(self, data: bytes, seconds: float) -> None:
        size = max(1, -(-len(data) // _PIECES))
        for start in range(0, len(data), size):
            if start:
                await self._pause(seconds)
            await self._put(data[start : start + size])

    async def _put(self, data: bytes) -> None:
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            self._in_flight = len(piece)
            self._write(piece)
            await self._wait()

    async def _wait(self) -> None:
        """Wait until the system has taken what was written."""
        await self._drain()
        self._size += self._in_flight
        self._in_flight = 0

    async def _pause(self, seconds: float) -> None:
        if seconds:
            self.is_pausing = True
            await asyncio.sleep(seconds)
            self.is_pausing = False

    async def _is_reset(self) -> bool:
        """Close this half, and return whether the sender, which closed its own, reset the rest."""
        sock = self._transport.get_extra_info("socket")
        with suppress(OSError):
            self._transport.write_eof()
            for _ in range(_RESET_POLLS):
                await asyncio.sleep(_RESET_POLL)
                sock.getpeername()  # fails once both halves are closed, or after a reset
        with suppress(OSError):
            return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        return False

    def _on_done(self, response: Response) -> None:
        self.is_hanging = self.is_pausing = False
        error = None if self._task.cancelled() else self._task.exception()
        if isinstance(error, OSError):  # the connection has ended
            self.end = SentEnd.LEFT
        elif error or (self._task.cancelled() and self.end is SentEnd.COMPLETE):
            self.end = SentEnd.FAILED
            log.error("An answer could not be sent.", exc_info=error)
        ended_at = self._loop.time()
        if self.end is SentEnd.LEFT and self._eof_at is not None:
            ended_at = self._eof_at
        response.report(AnswerPart(self.end, self._size, ended_at - self._began))
        if not self._transport.is_closing():
            self._transport.set_write_buffer_limits()
        self._on_end(self)


def has_pause(fault: Fault) -> bool:
    """Return whether the answer waits on purpose at some point."""
    return bool(fault.delay or fault.drip or fault.hang)


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
