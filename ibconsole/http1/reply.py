"""Replies to requests: the answer to each, and what all connections share to send them."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ibconsole.http1.incoming import Limits, RequestRefusal
from ibconsole.http1.message import (
    AnswerPart,
    Handler,
    MalformedHandler,
    Request,
    Response,
    SentEnd,
)
from ibconsole.http1.outgoing import body_for, encode_head

log = logging.getLogger(__name__)

RETRY_LATER = ((b"Retry-After", b"10"),)


@dataclass(slots=True)
class SharedState:
    """The state that all connections of a server share.

    `closing` is set when the server shuts down. `buffered` counts the bytes of the requests
    under way that did not arrive in one piece. `on_closed` is called with every connection
    that has ended. `loop` is the one in which the server listens, set when it begins to:
    asyncio.get_running_loop() is a system call, too expensive for each request.
    """

    handler: Handler
    on_malformed: MalformedHandler | None
    limits: Limits
    on_closed: Callable[[Any], None]
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    buffered: int = 0
    loop: asyncio.AbstractEventLoop = field(init=False)
    _senders: list[Callable[[], None]] = field(default_factory=list)

    def send_soon(self, send: Callable[[], None]) -> None:
        """Call a connection once, after all answers of this turn of the loop were given."""
        if not self._senders:
            self.loop.call_soon(self._send_answers)
        self._senders.append(send)

    def _send_answers(self) -> None:
        senders, self._senders = self._senders, []
        for send in dict.fromkeys(senders):
            send()


@dataclass(slots=True)
class Reply:
    """The reply to one request, with the answer once there is one.

    `fallback` is sent if the handler fails, and `failure` is logged then. A refused request has
    its fallback as its answer, after it was reported.
    """

    method: str
    keep_alive: bool
    fallback: Response
    failure: str
    is_refusal: bool = False
    response: Response | None = None
    dropped: SentEnd | None = None

    def set_result(self, result: Response | None) -> None:
        """Set the answer from the handler's result; None if it failed."""
        self.response = self.fallback if self.is_refusal or result is None else result
        if self.dropped:
            self.drop(self.dropped)

    def drop(self, end: SentEnd) -> None:
        """Report that nothing is sent, for this reason, now or once there is an answer."""
        self.dropped = end
        if self.response:
            self.response.report(AnswerPart(end, 0, 0.0))

    def encode(self, response: Response, *, keep_alive: bool) -> tuple[bytes, bytes]:
        """Return head and body of an answer; those of a 500 if it cannot be encoded."""
        try:
            head = encode_head(response, keep_alive=keep_alive)
        except ValueError:
            log.exception("The handler's answer cannot be sent; the request is answered 500.")
            response = Response(500)
            head = encode_head(response, keep_alive=keep_alive)
        return head, body_for(response, self.method)


def reply_for(request: Request) -> Reply:
    """Return the reply to a request that goes to the handler."""
    return Reply(
        request.method,
        _keeps_alive(request),
        Response(500),
        "The handler failed; the request is answered 500.",
    )


def reply_for_refusal(refusal: RequestRefusal) -> Reply:
    """Return the reply to a request that is reported and answered with a refusal."""
    headers = RETRY_LATER if refusal.status == 503 else ()
    return Reply(
        "",
        keep_alive=False,
        fallback=Response(refusal.status, headers),
        failure="A malformed request could not be reported.",
        is_refusal=True,
    )


def _keeps_alive(request: Request) -> bool:
    if request.version != "1.1" or request.method == "CONNECT":
        return False
    return not any(
        len(name) == 10 and name.lower() == b"connection" and b"close" in value.lower()
        for name, value in request.headers
    )


def drop_all(replies: deque[Reply], end: SentEnd) -> None:
    """Drop the replies whose answers are not sent any more, for this reason."""
    for reply in replies:
        reply.drop(end)
    replies.clear()


def peer_of(transport: asyncio.BaseTransport) -> str:
    """Return the IP address of the other end; empty if it has already disconnected."""
    address = transport.get_extra_info("peername")
    return str(address[0]) if address else ""
