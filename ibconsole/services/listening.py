"""The listener at work: from a socket of its own to the archive."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ibconsole.archive import Arrival
from ibconsole.errors import UserError
from ibconsole.http1 import Limits, ListenError, Server
from ibconsole.listener import Listener, Received
from ibconsole.services.places import Places
from ibconsole.services.status import ListenerStatus
from ibconsole.services.writing import ArchiveWriter

DEFAULT_PORT = 8484


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that is on disk: its delivery, and the request itself."""

    delivery: int
    received: Received


class ListenerFailed(UserError):
    """The listener could not be started."""


class Listening:
    """Starts and stops the listener, and says truly what it is doing."""

    def __init__(
        self,
        writer: ArchiveWriter,
        changed: Callable[[ListenerStatus], None],
        heard: Callable[[Heard], None] | None = None,
    ) -> None:
        self._writer = writer
        self._changed = changed
        self._heard = heard
        self._server: Server | None = None
        self._status = ListenerStatus()

    async def start(self, *, host: str, port: int, path: str) -> str:
        """Listen; returns the URL to forward to. Port 0 takes any free one.

        Raises ListenerFailed if the address cannot be had.
        """
        await self.stop()
        self._tell(state="starting", sentence="The listener is starting.")
        listener = Listener(path, self._store)
        server = Server(listener, host=host, port=port, limits=Limits(), refused=listener.refused)
        try:
            await server.__aenter__()
        except ListenError as error:
            sentence = f"The listener could not start: {error}"
            self._tell(state="failed", url="", sentence=sentence)
            raise ListenerFailed(sentence) from error
        self._server = server
        url = f"{server.url}{path}"
        self._tell(
            state="listening",
            url=url,
            since=_now(),
            received=0,
            last_at=None,
            sentence=f"Listening at {url}.",
        )
        return url

    async def stop(self) -> None:
        """Stop listening; requests under way are answered first."""
        if not self._server:
            return
        server, self._server = self._server, None
        await server.close()
        self._tell(
            state="stopped",
            url="",
            since=None,
            sentence="The listener is stopped; nothing can arrive.",
        )

    async def _store(self, received: Received) -> None:
        delivery = await self._writer.add_forward(
            Arrival(
                connection=None,  # nothing in a forward says whose it is
                arrived_at=received.arrived_at,
                method=received.method,
                target=received.target,
                headers=received.headers,
                body=received.body,
                raw=received.raw,
                peer=received.peer,
                status=received.status,
                problem=received.problem,
            )
        )
        self._tell(received=self._status.received + 1, last_at=received.arrived_at)
        if self._heard:
            self._heard(Heard(delivery, received))

    def _tell(self, **news: str | int | None) -> None:
        self._status = replace(self._status, **news)  # type: ignore[arg-type]  # checked by replace
        self._changed(self._status)


def remembered_path(places: Places) -> str:
    """The listener's path: unguessable, made once, the same from day to day.

    No forward is authenticated (platform.md §5), so the path is all that keeps strangers out.
    """
    try:
        kept = json.loads(places.listener.read_bytes())["path"]
        if isinstance(kept, str) and kept.startswith("/"):
            return kept
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none yet, or spoilt: a new one harms nobody but an old forward URL
    path = f"/inbound/{secrets.token_urlsafe(12)}"
    places.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = places.listener.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"path": path}), encoding="utf-8")
    draft.replace(places.listener)
    return path


def _now() -> int:
    return time.time_ns() // 1_000_000
