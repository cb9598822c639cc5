"""The reply to one request: its answer, and how that is sent."""

import logging
from dataclasses import dataclass

from ibconsole.http1.incoming import RequestRefusal
from ibconsole.http1.message import Request, Response
from ibconsole.http1.outgoing import body_for, encode_head

log = logging.getLogger(__name__)

RETRY_LATER = ((b"Retry-After", b"10"),)


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

    def set_result(self, result: Response | None) -> None:
        """Set the answer from the handler's result; None if it failed."""
        self.response = self.fallback if self.is_refusal or result is None else result

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
