"""Receives the messages that the platform forwards.

The one rule of this room: store first, answer then. Whatever arrives on the path is stored
as it came and answered 200, readable or not, because a 4xx for a body that was not
understood has cost people their messages (platform.md §5). Only if it cannot be stored is
the answer 503, so that the platform tries again.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ibconsole.http1 import Malformed, Request, Response

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came, and the status it will be answered.

    `arrived_at` is in milliseconds since the epoch, UTC. `problem` says what was wrong
    with it as a request, and is empty if nothing was. For what no parser understood,
    `method` and `target` are empty and `raw` is all there is.
    """

    arrived_at: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes
    peer: str
    status: int
    problem: str


Store = Callable[[Received], Awaitable[None]]


class Listener:
    """A handler for `http1.Server`: answers 200 only once the request is stored."""

    def __init__(self, path: str, store: Store) -> None:
        self._path = path
        self._store = store

    async def __call__(self, request: Request) -> Response:
        """Store the request, then answer: 200 on the path, 404 beside it, 503 if not stored."""
        on_path = request.path == self._path
        received = Received(
            arrived_at=_now(),
            method=request.method,
            target=request.target,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
            ),
            body=request.body,
            raw=request.raw,
            peer=request.peer,
            status=200 if on_path else 404,
            problem="" if on_path else "The path is not the listener's.",
        )
        return await self._stored(received)

    async def refused(self, malformed: Malformed) -> None:
        """Store what was no request, or was over a limit; the server has its own answer."""
        await self._stored(
            Received(
                arrived_at=_now(),
                method="",
                target="",
                headers=(),
                body=b"",
                raw=malformed.raw,
                peer=malformed.peer,
                status=malformed.status,
                problem=malformed.reason,
            )
        )

    async def _stored(self, received: Received) -> Response:
        try:
            await self._store(received)
        except Exception:  # the sender must learn that it was not stored, whatever the reason
            log.exception("A forwarded request was not stored; it is answered 503.")
            return Response(503, headers=((b"Retry-After", b"60"),))
        return Response(received.status)


def _now() -> int:
    return time.time_ns() // 1_000_000
