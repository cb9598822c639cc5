"""Receives the messages that the platform forwards.

The one rule of this room: store first, answer then. Whatever arrives on a path is stored
as it came and answered 200, readable or not, because a 4xx for a body that was not
understood has cost people their messages (platform.md §5). Only if it cannot be stored is
the answer 503, so that the platform tries again.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from ibconsole.clock import now_ms
from ibconsole.http1 import Malformed, Request, Response

log = logging.getLogger(__name__)

# A stranger's request is kept to be looked at, not for its content: so much of it will do.
STRANGERS_BYTES = 64 * 1024
_LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a path is: the UUID of a connection, None if it is that of no connection."""

    connection: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came, and the status it will be answered.

    `arrived_at` is in milliseconds since the epoch, UTC. `problem` says what was wrong
    with it as a request, and is empty if nothing was. For what no parser understood,
    `method` and `target` are empty and `raw` is all there is. `connection` is the UUID of
    the one whose path it came on. A `stranger` knew no path: of what he sent the first
    64 KiB are here.
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
    connection: str | None = None
    stranger: bool = False


Store = Callable[[Received], Awaitable[None]]
Whose = Callable[[str], Owner | None]


class Listener:
    """A handler for `http1.Server`: answers 200 only once the request is stored.

    `whose` is asked for the owner of each request's path.
    """

    def __init__(self, whose: Whose, store: Store) -> None:
        self._whose = whose
        self._store = store
        self._failing = False

    async def __call__(self, request: Request) -> Response:
        """Store the request, then answer: 200 on a path, 404 beside it, 503 if not stored."""
        owner = self._whose(request.path)
        received = Received(
            arrived_at=now_ms(),
            method=request.method,
            target=request.target,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
            ),
            body=request.body,
            raw=request.raw,
            peer=request.peer,
            status=200 if owner else 404,
            problem="" if owner else "The path is not the listener's.",
            connection=owner.connection if owner else None,
            stranger=owner is None,
        )
        return await self._stored(received)

    async def refused(self, malformed: Malformed) -> None:
        """Store what was no request, or was over a limit; the server has its own answer."""
        owner = self._whose(_path_of(malformed.raw))
        received = Received(
            arrived_at=now_ms(),
            method="",
            target="",
            headers=(),
            body=b"",
            raw=malformed.raw,
            peer=malformed.peer,
            status=malformed.status,
            problem=malformed.reason,
            connection=owner.connection if owner else None,
            stranger=owner is None,
        )
        await self._stored(received)

    async def _stored(self, received: Received) -> Response:
        try:
            await self._store(_cut(received) if received.stranger else received)
        except Exception:  # the sender must learn that it was not stored, whatever the reason
            # Once: a full disk is not to be filled with the news that it is full.
            if not self._failing:
                log.exception("A forwarded request was not stored; such are answered 503 now.")
            self._failing = True
            return Response(503, headers=((b"Retry-After", b"60"),))
        self._failing = False
        return Response(received.status)


def _path_of(raw: bytes) -> str:
    """The path in what the parser refused, if its first line still tells."""
    line = raw[:_LONGEST_PATH].partition(b"\n")[0].split()
    if len(line) < 2:
        return ""
    return Request("", line[1].decode("latin-1"), "", (), b"", "", b"").path


def _cut(received: Received) -> Received:
    size = len(received.raw)
    if size <= STRANGERS_BYTES:
        return received
    return replace(
        received,
        raw=received.raw[:STRANGERS_BYTES],
        body=received.body[:STRANGERS_BYTES],
        problem=f"{received.problem} Of its {size} bytes the first {STRANGERS_BYTES} are kept.",
    )
