"""One connection of the server: requests in, answers out, in order, until either side closes.

No task and no timer belongs to a request: the loop calls a connection when bytes have arrived,
the server calls `check_deadline` of all connections in turn, and a handler that needs time
returns a `PendingResponse`. Only a handler that is a coroutine, and a deliberate fault, have a
task.
"""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from ibconsole.http1.faulty import FaultySending, has_pause
from ibconsole.http1.incoming import IncomingRequest, RequestRefusal
from ibconsole.http1.message import (
    AnswerPart,
    Fault,
    Malformed,
    PendingResponse,
    Response,
    SentEnd,
)
from ibconsole.http1.outgoing import CONTINUE, encode_head, forces_close
from ibconsole.http1.reply import (
    RETRY_LATER,
    Reply,
    SharedState,
    drop_all,
    peer_of,
    reply_for,
    reply_for_refusal,
)

log = logging.getLogger(__name__)

_SMALL = 64 * 1024
_LINGER = 1.0
_FRESH = 1.0  # seconds after which the next request of an idle connection is no longer expected
_PIPELINED = 64  # requests of one connection that are handled at the same time


class ServerConnection(asyncio.Protocol):
    """The server's side of one connection.

    Nothing that the sender does raises an exception here. `busy` is true from the first byte of
    a request to the end of its answer; `quiet_since` is the loop's time of the last change.
    """

    def __init__(self, service: SharedState, *, rejected: bool = False) -> None:
        self.quiet_since = 0.0
        self._shared = service
        self._limits = service.limits
        self._is_rejected = rejected
        self._loop = service.loop
        self._transport: asyncio.Transport
        self._peer = ""
        self._unread = b""  # not parsed yet, because too much is under way
        self._incoming: IncomingRequest | None = None
        self._buffered = 0
        self._replies: deque[Reply] = deque()
        self._task: asyncio.Task[Any] | None = None
        self._sending: FaultySending | None = None
        self._drained: asyncio.Future[None] | None = None
        self._owes_continue = False
        self._at_eof = False
        self._has_ended = False  # no further request is read
        self._is_finished = False  # the last answer was written
        self._is_lost = False
        self._deadline = math.inf
        self._write_deadline = math.inf

    @property
    def busy(self) -> bool:
        """True from the first byte of a request to the end of its answer."""
        return bool(self._incoming or self._replies or self._unread or self._sending)

    @property
    def expendability(self) -> int | None:
        """The order in which connections make room for others, from 0; None while it must not.

        One that will never be answered goes first, then an idle one, then one whose answer has a
        fault, and last an idle one whose request may be on its way: the handler has not seen it.
        """
        if sending := self._sending:
            return 0 if sending.is_hanging else 2
        if self.busy:
            return None
        return 1 if self._loop.time() - self.quiet_since > _FRESH else 3

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request; called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 for the type checker
        self._transport = transport
        self._peer = peer_of(transport)
        self.quiet_since = self._loop.time()
        self._deadline = self.quiet_since + self._limits.head_seconds
        if self._is_rejected:
            self._has_ended = True
            self._write(encode_head(Response(503, RETRY_LATER), keep_alive=False))
            self._finish(linger=True)
        elif self._shared.closing.is_set():
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Read the requests in these bytes; called by asyncio."""
        if self._has_ended:
            return
        self._unread = self._unread + data if self._unread else data
        self.advance()
        if len(self._unread) > _SMALL and not self._has_ended:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Return true to stay open: a sender that closed its half is answered nevertheless."""
        if self._is_finished:
            return False
        self._at_eof = True
        if self._sending:
            self._sending.note_eof()
        self.advance()
        return True

    def pause_writing(self) -> None:
        """Stop to read requests while the sender does not read its answers."""
        self._drained = self._drained or self._loop.create_future()

    def resume_writing(self) -> None:
        """Go on reading requests."""
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        self.advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's signature
        """Handle what has arrived, although no answer can be sent any more."""
        self._is_lost = self._at_eof = True
        if self._sending:
            self._sending.stop(SentEnd.LEFT)
        self.resume_writing()

    def close(self) -> None:
        """Close the connection if it is idle; a request under way is answered first.

        An answer that waits on purpose is given up.
        """
        if self._sending and self._sending.is_pausing:
            self.abort()
        elif not self.busy and not self._is_finished:
            self._has_ended = True
            self._finish(linger=False)

    def give_way(self) -> None:
        """Make room for another connection; see `expendability`."""
        if self._sending:
            self.abort(SentEnd.ROOM)
        else:
            self.close()

    def abort(self, end: SentEnd = SentEnd.STOPPED) -> None:
        """End the connection at once, and cancel the handler if it is a coroutine."""
        self._has_ended = self._is_finished = True
        self._unread = b""
        self._release()
        drop_all(self._replies, SentEnd.LEFT if self._is_lost else end)
        if self._sending:
            self._sending.stop(end)
        if self._task:
            self._task.cancel()
        self._transport.abort()

    def check_deadline(self, now: float) -> None:
        """End what lasts too long. To be called regularly with the loop's time."""
        if now >= self._write_deadline:
            self._write_deadline = math.inf
            if self._transport.get_write_buffer_size():
                self.abort(SentEnd.UNREAD)
                return
        incoming = self._incoming
        if now < self._deadline:
            if incoming:
                self._retry(incoming)
        elif self._is_finished:
            self.abort()
        elif incoming:
            part = "body" if incoming.has_head else "head"
            reason = f"The {part} of the request did not arrive in time."
            self._refuse(incoming, RequestRefusal(408, reason))
            self.advance()
        elif not self._replies:
            self.close()

    def advance(self) -> None:
        """Go on: read the requests that have arrived, send the answers that are due."""
        while True:
            while self._unread and self._may_read():
                self._unread = self._read(self._unread)
            self._send_answers()
            if not (self._unread and self._may_read()):
                break
        if self._at_eof and not self._unread and not self._has_ended:
            self._end_input()
        if len(self._unread) <= _SMALL and not self._is_lost:
            self._transport.resume_reading()
        if self._is_lost and not (self._replies or self._task or self._sending):
            self._shared.on_closed(self)

    def _may_read(self) -> bool:
        return not (
            self._has_ended or self._task or self._drained or len(self._replies) >= _PIPELINED
        )

    def _read(self, data: bytes) -> bytes:
        """Read one request, or a part of it; return the bytes after it."""
        incoming = self._incoming
        if incoming is None:
            # Some senders append line breaks to a body (RFC 9112 §2.2).
            data = data.lstrip(b"\r\n")
            if not data:
                return data
            incoming = IncomingRequest(self._limits)
        had_head = incoming.has_head
        try:
            if incoming.feed(data):
                return self._handle(incoming)
            self._count_buffered(incoming, len(data))
        except RequestRefusal as refusal:
            self._refuse(incoming, refusal)
            return b""
        if incoming is not self._incoming or incoming.has_head != had_head:
            limits = self._limits
            seconds = limits.body_seconds if incoming.has_head else limits.head_seconds
            self._deadline = self._loop.time() + seconds
            self._incoming = incoming
            self._owes_continue = incoming.expects_continue
            if self._owes_continue and not self._replies and not self._sending:
                self._send_continue()
        return b""

    def _retry(self, incoming: IncomingRequest) -> None:
        try:
            if incoming.retry():
                self._unread = self._handle(incoming) + self._unread
        except RequestRefusal as refusal:
            self._refuse(incoming, refusal)
        self.advance()

    def _end_input(self) -> None:
        if incoming := self._incoming:
            try:
                incoming.end_of_input()
                self._handle(incoming)
            except RequestRefusal as refusal:
                self._refuse(incoming, refusal)
            self._send_answers()
        if not self._has_ended and not self._replies:
            self._has_ended = True
            if not self._sending:
                self._finish(linger=False)

    def _count_buffered(self, incoming: IncomingRequest, size: int) -> None:
        self._buffered += size
        self._shared.buffered += size
        # Small requests are always accepted: only large ones can exhaust the memory.
        if incoming.size > _SMALL and self._shared.buffered > self._limits.buffered_bytes:
            raise RequestRefusal(503, "Too many large requests were under way at the same time.")

    def _release(self) -> None:
        self._incoming = None
        self._shared.buffered -= self._buffered
        self._buffered = 0

    def _handle(self, incoming: IncomingRequest) -> bytes:
        """Hand the request to the handler; return the bytes after it."""
        request, rest = incoming.finish(self._peer)
        self._release()
        self._deadline = math.inf
        reply = reply_for(request)
        self._has_ended = not reply.keep_alive
        self._start(reply, self._shared.handler, request)
        return rest if reply.keep_alive else b""

    def _refuse(self, incoming: IncomingRequest, refusal: RequestRefusal) -> None:
        """Report the bytes, then answer with the status of the refusal, and close."""
        self._release()
        self._has_ended = True
        self._unread = b""
        self._deadline = math.inf
        reply = reply_for_refusal(refusal)
        malformed = Malformed(incoming.raw, refusal.reason, refusal.status, self._peer)
        self._start(reply, self._shared.on_malformed or (lambda _: None), malformed)

    def _start(self, reply: Reply, function: Callable[[Any], Any], argument: Any) -> None:
        self._replies.append(reply)
        try:
            result = function(argument)
        except Exception:  # a bug in the handler must not end the connection unanswered
            log.exception(reply.failure)
            result = None
        if result is None or isinstance(result, Response):
            reply.set_result(result)
        elif isinstance(result, PendingResponse):
            result.when_given(partial(self._on_given, reply))
        else:
            self._task = self._loop.create_task(result, name="http1 handler")
            self._task.add_done_callback(partial(self._on_handled, reply))

    def _on_given(self, reply: Reply, response: Response) -> None:
        reply.set_result(response)
        self._shared.send_soon(self.advance)

    def _on_handled(self, reply: Reply, task: asyncio.Task[Any]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if task.cancelled():
            self.abort()
        elif error and not isinstance(error, Exception):
            log.error("A connection failed.", exc_info=error)
            self.abort()
        else:
            if error:
                log.error(reply.failure, exc_info=error)
            reply.set_result(None if error else task.result())
        self.advance()

    def _send_answers(self) -> None:
        """Send the answers that are due, in the order of their requests, in one piece."""
        replies = self._replies
        pieces: list[bytes] = []
        while replies and not self._sending and (response := replies[0].response):
            reply = replies.popleft()
            is_last = not reply.keep_alive or forces_close(response) or self._closes_after()
            if is_last:
                self._has_ended = True
                drop_all(replies, SentEnd.FAILED)
            head, body = reply.encode(response, keep_alive=not is_last)
            if response.fault:
                self._write(b"".join(pieces))
                pieces = []
                if self._send_with_fault(response, (head, body), response.fault):
                    return
                self._on_sent()
            else:
                pieces += (head, body) if body else (head,)
            if is_last:
                self._write(b"".join(pieces))
                self._finish(linger=reply.is_refusal)
                return
        if pieces:
            self._write(b"".join(pieces))
            self._on_sent()

    def _closes_after(self) -> bool:
        """Return whether the server shuts down, and no other request is under way here."""
        return self._shared.closing.is_set() and not self._replies

    def _on_sent(self) -> None:
        if not self._replies and not self._incoming:
            self.quiet_since = self._loop.time()
            self._deadline = self.quiet_since + self._limits.idle_seconds
        if self._owes_continue:
            self._send_continue()

    def _send_continue(self) -> None:
        self._owes_continue = False
        if self._incoming and self._incoming.expects_continue:
            self._write(CONTINUE)

    def _send_with_fault(
        self, response: Response, answer: tuple[bytes, bytes], fault: Fault
    ) -> bool:
        """Begin to send an answer; return false if that has ended already."""
        self.quiet_since = self._loop.time()
        sending = FaultySending(self._transport, self._write, self._drain, self._on_fault_sent)
        if self._is_lost:
            response.report(AnswerPart(SentEnd.LEFT, 0, 0.0))
            return False
        if not sending.start(response, answer, fault):
            return False
        self._sending = sending
        if self._shared.closing.is_set() and has_pause(fault):
            self.abort()
        elif self._at_eof:
            sending.note_eof()
        return True

    def _on_fault_sent(self, sending: FaultySending) -> None:
        self._sending = None
        if not sending.succeeded:
            self.abort(sending.end)
        elif self._has_ended:
            self._finish(linger=False)
        else:
            self._on_sent()
        self.advance()

    async def _drain(self) -> None:
        if self._drained:
            await self._drained
        if self._transport.is_closing():
            raise ConnectionResetError

    def _write(self, data: bytes) -> None:
        if self._is_lost or not data:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size():
            self._write_deadline = self._loop.time() + self._limits.body_seconds

    def _finish(self, *, linger: bool) -> None:
        """Close after what was written is sent.

        Closing with unread bytes makes the kernel send a reset, which can overtake the answer:
        `linger` reads and drops what still arrives, for up to a second.
        """
        self._is_finished = True
        self._unread = b""
        seconds = _LINGER if linger else self._limits.body_seconds
        self._deadline = self._loop.time() + seconds
        if linger and not self._at_eof:
            with suppress(OSError):
                self._transport.write_eof()
        else:
            self._transport.close()
