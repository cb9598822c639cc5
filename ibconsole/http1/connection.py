"""One connection: requests in, answers out, in order, until either side has enough."""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from ibconsole.http1.incoming import Incoming, Limits, Refusal
from ibconsole.http1.message import Fault, Malformed, Request, Response
from ibconsole.http1.outgoing import CONTINUE, body_of, encode_head, spoils

log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
Refused = Callable[[Malformed], Awaitable[None]]

_READ = 64 * 1024
_LATER = ((b"Retry-After", b"10"),)
_LINGER = 1.0
_DRIPS = 10


@dataclass(slots=True)
class Service:
    """What all connections of a server have in common.

    `closing` is set when it ends; `held` are the bytes of requests under way that were too
    long to come in one piece.
    """

    handler: Handler
    refused: Refused | None
    limits: Limits
    closing: asyncio.Event
    held: int = 0


class Connection:
    """Serves one sender. Whatever the sender does, `run` ends quietly and the socket is closed.

    `busy` is true from the first byte of a request to the end of its answer.
    """

    def __init__(
        self, service: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.busy = False
        self._service = service
        self._limits = service.limits
        self._reader = reader
        self._writer = writer
        self._peer = peer_of(writer)
        self._rest = b""
        self._served = False
        self._held = 0
        self._unread = False

    async def run(self) -> None:
        """Serve until the connection ends."""
        try:
            while await self._serve_one():
                self._served = True
            await self._part()
        except (OSError, TimeoutError):
            pass  # the sender is gone, or does not take its answer
        finally:
            self._writer.transport.abort()

    async def turn_away(self) -> None:
        """Answer 503 without reading a request."""
        try:
            self._writer.write(encode_head(Response(503, _LATER), keep_alive=False))
            await self._linger()
        except OSError:
            pass
        finally:
            self._writer.transport.abort()

    def close(self) -> None:
        """Close what is idle; what is under way ends by itself."""
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
            self._service.held -= self._held
            self._held = 0

    async def _serve(self, first: bytes) -> bool:
        incoming = Incoming(self._limits)
        try:
            if not incoming.feed(first):
                await self._receive_rest(incoming)
        except Refusal as refusal:
            await self._refuse(incoming, refusal)
            return False
        request, self._rest = incoming.finish(self._peer)
        del incoming  # it holds the bytes once more, and the handler may take its time
        response = await self._ask_handler(request)
        return await self._answer(request, response)

    async def _first_bytes(self) -> bytes:
        # Some senders put a stray line break behind a body (RFC 9112 §2.2).
        data = self._rest.removeprefix(b"\r\n")
        if data or self._service.closing.is_set():
            return data
        seconds = self._limits.idle_seconds if self._served else self._limits.head_seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not data:
                    if not (read := await self._reader.read(_READ)):
                        break
                    data = read.removeprefix(b"\r\n")
        return data

    async def _receive_rest(self, incoming: Incoming) -> None:
        limits = self._limits
        had_head = incoming.has_head
        seconds = limits.body_seconds if had_head else limits.head_seconds
        try:
            async with asyncio.timeout(seconds) as deadline:
                self._invite_body(incoming)
                while not incoming.feed(await self._read()):
                    if incoming.has_head and not had_head:
                        had_head = True
                        deadline.reschedule(asyncio.get_running_loop().time() + limits.body_seconds)
                        self._invite_body(incoming)
        except TimeoutError as error:
            part = "body" if had_head else "head"
            raise Refusal(408, f"The {part} of the request did not arrive in time.") from error

    async def _read(self) -> bytes:
        with suppress(ConnectionError):
            if data := await self._reader.read(_READ):
                self._hold(len(data))
                return data
        raise Refusal(400, "The sender closed the connection before the request was whole.")

    def _hold(self, size: int) -> None:
        self._held += size
        self._service.held += size
        # Small requests pass in any case: it takes large ones to fill the memory.
        if self._held > _READ and self._service.held > self._limits.held_bytes:
            raise Refusal(503, "Too many large requests were under way at the same time.")

    def _invite_body(self, incoming: Incoming) -> None:
        if incoming.has_head and incoming.waits_for_continue:
            self._writer.write(CONTINUE)

    async def _refuse(self, incoming: Incoming, refusal: Refusal) -> None:
        if self._service.refused:
            malformed = Malformed(incoming.raw, refusal.reason, refusal.status, self._peer)
            try:
                await self._service.refused(malformed)
            except Exception:  # the server goes on whatever becomes of the report
                log.exception("A refused request could not be reported.")
        headers = _LATER if refusal.status == 503 else ()
        self._writer.write(encode_head(Response(refusal.status, headers), keep_alive=False))
        self._unread = True

    async def _linger(self) -> None:
        # Closing while bytes are unread makes the kernel send a reset, which can overtake the
        # answer: take what is still coming, for a moment.
        self.busy = False
        self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(_READ):
                    pass

    async def _ask_handler(self, request: Request) -> Response:
        try:
            return await self._service.handler(request)
        except Exception:  # one request's bug must not cost the others their server
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
        body = body_of(response, request.method)
        if response.fault:
            await self._answer_wrongly(head, body, response.fault)
        else:
            self._writer.write(head + body)
            await self._flush()
        return keep_alive

    def _keeps_alive(self, request: Request, response: Response) -> bool:
        if self._service.closing.is_set() or spoils(response):
            return False
        if request.version != "1.1" or request.method == "CONNECT":
            return False
        return not any(
            name.lower() == b"connection" and b"close" in value.lower()
            for name, value in request.headers
        )

    async def _answer_wrongly(self, head: bytes, body: bytes, fault: Fault) -> None:
        await self._pause(fault.delay)
        if fault.reset and fault.cut_after is None:
            self._reset()
            return
        self._writer.write(head)
        await self._flush()
        await self._drip(body[: fault.cut_after], fault.drip)
        if fault.reset:
            self._reset()

    async def _drip(self, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // _DRIPS)) if seconds else max(1, len(body))
        for start in range(0, len(body), size):
            if start:
                await self._pause(seconds)
            self._writer.write(body[start : start + size])
            await self._flush()

    async def _pause(self, seconds: float) -> None:
        # A fault may last for a minute; the server's end cuts it short.
        if not seconds:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._service.closing.wait()
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

    async def _part(self) -> None:
        if self._unread:
            await self._linger()
            return
        self._writer.close()
        async with asyncio.timeout(self._limits.body_seconds):
            await self._writer.wait_closed()


def peer_of(writer: asyncio.StreamWriter) -> str:
    """The IP address at the other end; empty if it has gone already."""
    address = writer.get_extra_info("peername")
    return str(address[0]) if address else ""
