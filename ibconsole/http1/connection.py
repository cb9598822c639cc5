"""One connection of the server: requests in, answers out, in order, until either side closes."""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from ibconsole.http1.incoming import IncomingRequest, Limits, RequestRefusal
from ibconsole.http1.message import Fault, Malformed, Request, Response
from ibconsole.http1.outgoing import CONTINUE, body_for, encode_head, forces_close

log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
MalformedHandler = Callable[[Malformed], Awaitable[None]]

_READ = 64 * 1024
_RETRY_LATER = ((b"Retry-After", b"10"),)
_LINGER = 1.0
_PIECES = 10


@dataclass(slots=True)
class SharedState:
    """The state that all connections of a server share.

    `closing` is set when the server shuts down. `buffered` counts the bytes of the requests
    under way that did not arrive in one piece.
    """

    handler: Handler
    on_malformed: MalformedHandler | None
    limits: Limits
    closing: asyncio.Event
    buffered: int = 0


class ServerConnection:
    """The server's side of one connection.

    `run` does not raise, whatever the sender does, and closes the socket at its end. `busy` is
    true from the first byte of a request to the end of its answer.
    """

    def __init__(
        self, service: SharedState, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.busy = False
        self._shared = service
        self._limits = service.limits
        self._reader = reader
        self._writer = writer
        self._peer = peer_of(writer)
        self._leftover = b""
        self._has_served = False
        self._buffered = 0
        self._has_unread = False

    async def run(self) -> None:
        """Serve until the connection ends."""
        try:
            while await self._serve_one():
                self._has_served = True
            await self._disconnect()
        except (OSError, TimeoutError):
            pass  # the sender has disconnected, or does not read its answer
        finally:
            self._writer.transport.abort()

    async def reject(self) -> None:
        """Answer 503 without reading a request."""
        try:
            self._writer.write(encode_head(Response(503, _RETRY_LATER), keep_alive=False))
            await self._linger()
        except OSError:
            pass
        finally:
            self._writer.transport.abort()

    def close(self) -> None:
        """Close the connection if it is idle; a request under way is answered first."""
        if not self.busy:
            self._writer.close()

    async def _serve_one(self) -> bool:
        self.busy = False
        first = await self._first_bytes()
        if not first:
            return False
        self.busy = True
        try:
            return await self._serve(first)
        finally:
            self._shared.buffered -= self._buffered
            self._buffered = 0

    async def _serve(self, first: bytes) -> bool:
        incoming = IncomingRequest(self._limits)
        try:
            if not incoming.feed(first):
                await self._receive_rest(incoming)
        except RequestRefusal as refusal:
            await self._refuse(incoming, refusal)
            return False
        request, self._leftover = incoming.finish(self._peer)
        del incoming  # a second copy of the bytes, which a slow handler would keep in memory
        response = await self._call_handler(request)
        return await self._answer(request, response)

    async def _first_bytes(self) -> bytes:
        # Some senders append a line break to a body (RFC 9112 §2.2).
        data = self._leftover.removeprefix(b"\r\n")
        if data or self._shared.closing.is_set():
            return data
        seconds = self._limits.idle_seconds if self._has_served else self._limits.head_seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not data:
                    if not (read := await self._reader.read(_READ)):
                        break
                    data = read.removeprefix(b"\r\n")
        return data

    async def _receive_rest(self, incoming: IncomingRequest) -> None:
        limits = self._limits
        in_body = incoming.has_head
        seconds = limits.body_seconds if in_body else limits.head_seconds
        try:
            async with asyncio.timeout(seconds) as deadline:
                self._send_continue(incoming)
                while not incoming.feed(await self._read()):
                    if incoming.has_head and not in_body:
                        in_body = True
                        deadline.reschedule(asyncio.get_running_loop().time() + limits.body_seconds)
                        self._send_continue(incoming)
        except TimeoutError as error:
            part = "body" if in_body else "head"
            raise RequestRefusal(
                408, f"The {part} of the request did not arrive in time."
            ) from error

    async def _read(self) -> bytes:
        with suppress(ConnectionError):
            if data := await self._reader.read(_READ):
                self._count_buffered(len(data))
                return data
        raise RequestRefusal(400, "The sender closed the connection before the request was whole.")

    def _count_buffered(self, size: int) -> None:
        self._buffered += size
        self._shared.buffered += size
        # Small requests are always accepted: only large ones can exhaust the memory.
        if self._buffered > _READ and self._shared.buffered > self._limits.buffered_bytes:
            raise RequestRefusal(503, "Too many large requests were under way at the same time.")

    def _send_continue(self, incoming: IncomingRequest) -> None:
        if incoming.has_head and incoming.expects_continue:
            self._writer.write(CONTINUE)

    async def _refuse(self, incoming: IncomingRequest, refusal: RequestRefusal) -> None:
        if self._shared.on_malformed:
            malformed = Malformed(incoming.raw, refusal.reason, refusal.status, self._peer)
            try:
                await self._shared.on_malformed(malformed)
            except Exception:  # a failing callback must not end the connection unanswered
                log.exception("A malformed request could not be reported.")
        headers = _RETRY_LATER if refusal.status == 503 else ()
        self._writer.write(encode_head(Response(refusal.status, headers), keep_alive=False))
        self._has_unread = True

    async def _linger(self) -> None:
        # Closing with unread bytes makes the kernel send a reset, which can overtake the
        # answer: read and drop what still arrives, for up to a second.
        self.busy = False
        self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(_READ):
                    pass

    async def _call_handler(self, request: Request) -> Response:
        try:
            return await self._shared.handler(request)
        except Exception:  # a bug in the handler must not end the server for other requests
            log.exception("The handler failed; the request is answered 500.")
            return Response(500)

    async def _answer(self, request: Request, response: Response) -> bool:
        keep_alive = self._keeps_alive(request, response)
        try:
            head = encode_head(response, keep_alive=keep_alive)
        except ValueError:
            log.exception("The handler's answer cannot be sent; the request is answered 500.")
            response = Response(500)
            head = encode_head(response, keep_alive=keep_alive)
        body = body_for(response, request.method)
        if response.fault:
            await self._send_with_fault(head, body, response.fault)
        else:
            self._writer.write(head + body)
            await self._flush()
        return keep_alive

    def _keeps_alive(self, request: Request, response: Response) -> bool:
        if self._shared.closing.is_set() or forces_close(response):
            return False
        if request.version != "1.1" or request.method == "CONNECT":
            return False
        return not any(
            name.lower() == b"connection" and b"close" in value.lower()
            for name, value in request.headers
        )

    async def _send_with_fault(self, head: bytes, body: bytes, fault: Fault) -> None:
        await self._pause(fault.delay)
        if fault.reset and fault.cut_after is None:
            self._reset()
            return
        self._writer.write(head)
        await self._flush()
        await self._send_in_pieces(body[: fault.cut_after], fault.drip)
        if fault.reset:
            self._reset()

    async def _send_in_pieces(self, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // _PIECES)) if seconds else max(1, len(body))
        for start in range(0, len(body), size):
            if start:
                await self._pause(seconds)
            self._writer.write(body[start : start + size])
            await self._flush()

    async def _pause(self, seconds: float) -> None:
        # A fault may last for a minute; shutting the server down ends it early.
        if not seconds:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._shared.closing.wait()
                raise ConnectionAbortedError

    def _reset(self) -> None:
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _flush(self) -> None:
        if not self._writer.transport.get_write_buffer_size():
            if self._writer.transport.is_closing():
                raise ConnectionResetError
            return
        async with asyncio.timeout(self._limits.body_seconds):
            await self._writer.drain()

    async def _disconnect(self) -> None:
        if self._has_unread:
            await self._linger()
            return
        self._writer.close()
        async with asyncio.timeout(self._limits.body_seconds):
            await self._writer.wait_closed()


def peer_of(writer: asyncio.StreamWriter) -> str:
    """Return the IP address of the other end; empty if it has already disconnected."""
    address = writer.get_extra_info("peername")
    return str(address[0]) if address else ""
