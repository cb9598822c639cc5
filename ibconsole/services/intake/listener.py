"""The listener at work: from a socket of its own to the archive."""

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.hosts import is_open
from ibconsole.http1 import Limits, ListenError, Server
from ibconsole.listener import Listener, Owner
from ibconsole.model import Arrival
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.forward_paths import ForwardPaths, ForwardPathsError
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime import ListenerState, ListenerStatus

log = logging.getLogger(__name__)

DEFAULT_PORT = 8484
_BEAT = 1.0
# Of no network (RFC 5737, RFC 3849), and nothing is sent there.
_NOWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
_ALL = {"": socket.AF_INET, "0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104 only compared


@dataclass(frozen=True, slots=True)
class StoredForward:
    """A request that is on disk: its delivery, and the request itself."""

    delivery: int
    arrival: Arrival


@dataclass(slots=True)
class _Counted:
    """What was stored since the last time it was told."""

    received: int = 0
    unmatched: int = 0
    last_at: int | None = None


class ListenerFailed(UserError):
    """The listener could not be started."""


class ListenerService:
    """Starts and stops the listener, and says truly what it is doing.

    Every path that is known is answered, whichever connection is at work: only the URL that is
    shown is that connection's.
    """

    def __init__(
        self,
        writer: ArchiveWriter,
        paths: ForwardPaths,
        changed: Callable[[ListenerStatus], None],
        heard: Callable[[StoredForward], None] | None = None,
        *,
        jumps: SuspendDetector | None = None,
    ) -> None:
        self._writer = writer
        self._paths = paths
        self._changed = changed
        self._heard = heard
        self._server: Server | None = None
        self._own: dict[str, Owner] = {}
        self._status = ListenerStatus()
        self._counted: _Counted | None = None
        self._jumps = jumps or SuspendDetector()
        self._beat: asyncio.TimerHandle | None = None

    async def start(
        self, *, host: str, port: int, connection: str | None = None, path: str = ""
    ) -> str:
        """Listen; returns the URL to forward to. Port 0 takes any free one.

        The URL is that of the connection, None for that of none. A `path` takes its place
        for as long as this lasts. Raises ListenerFailed if the address cannot be had,
        ForwardPathsError if there is no path.
        """
        await self.stop()
        self._tell(state=ListenerState.STARTING, sentence="The listener is starting.")
        self._own = {path: Owner(connection)} if path else {}
        listener = Listener(self._owner_of, self._store)
        server = Server(
            listener, host=host, port=port, limits=Limits(), on_malformed=listener.store_malformed
        )
        try:
            shown = path or await self._path_of(connection)
            await server.__aenter__()
        except (ListenError, ForwardPathsError) as error:
            sentence = f"The listener could not start: {error}"
            self._tell(state=ListenerState.FAILED, url="", sentence=sentence)
            raise ListenerFailed(sentence) from error
        self._server = server
        url = f"{_root(server)}{shown}"
        self._tell(
            state=ListenerState.LISTENING,
            url=url,
            since=now_ms(),
            received=0,
            unmatched=0,
            last_at=None,
            reachable_at=_openness(host),
            storage_error="",
            suspended=None,
            sentence=f"Listening at {url}.",
        )
        self._jumps.noticed()
        self._look()
        return url

    async def show(self, connection: str | None) -> None:
        """Show the URL of another connection; what is answered stays the same."""
        if not self._server or self._own:
            return
        try:
            url = f"{_root(self._server)}{await self._path_of(connection)}"
        except ForwardPathsError as error:
            log.warning("The listener has no path for this connection: %s", error)
            self._tell(url="", sentence=f"Listening, but not for this connection: {error}")
        else:
            self._tell(url=url, sentence=f"Listening at {url}.")

    async def stop(self) -> None:
        """Stop listening; requests under way are answered first."""
        if not self._server:
            return
        server, self._server = self._server, None
        if self._beat:
            self._beat.cancel()
        await server.close()
        self._tell_counted()
        self._tell(
            state=ListenerState.STOPPED,
            url="",
            since=None,
            reachable_at="",
            storage_error="",
            sentence="The listener is stopped; nothing can arrive.",
        )

    async def _path_of(self, connection: str | None) -> str:
        return await asyncio.to_thread(self._paths.path_of, connection)

    def _owner_of(self, path: str) -> Owner | None:
        return self._own.get(path) or self._paths.owner_of(path)

    async def _store(self, arrival: Arrival) -> None:
        try:
            delivery = await self._writer.add_forward(arrival)
        except Exception as error:
            self._tell(storage_error=str(error))
            raise
        self._count(arrival)
        if self._heard:
            self._heard(StoredForward(delivery, arrival))

    def _look(self) -> None:
        """Once a second: whether this computer slept, when nothing could arrive."""
        if jump := self._jumps.noticed():
            self._tell(suspended=jump)
        self._beat = asyncio.get_running_loop().call_later(_BEAT, self._look)

    def _count(self, arrival: Arrival) -> None:
        """What was stored together is told together: a value for each would cost more."""
        if self._counted is None:
            self._counted = _Counted()
            asyncio.get_running_loop().call_soon(self._tell_counted)
        if arrival.unmatched:
            self._counted.unmatched += 1
        else:
            self._counted.received += 1
            self._counted.last_at = arrival.arrived_at

    def _tell_counted(self) -> None:
        counted, self._counted = self._counted, None
        if counted:
            self._tell(
                received=self._status.received + counted.received,
                unmatched=self._status.unmatched + counted.unmatched,
                last_at=counted.last_at or self._status.last_at,
                storage_error="",
            )

    def _tell(self, **news: str | int | tuple[int, int] | None) -> None:
        self._status = replace(self._status, **news)  # type: ignore[arg-type]  # checked by replace
        self._changed(self._status)


def _openness(host: str) -> str:
    """Where others can reach it, in words; empty if nobody else can."""
    if host in _ALL:
        return "every address of this computer"
    return host if is_open(host) else ""


def _root(server: Server) -> str:
    """The server's URL, with an address that can be called where it listens on all."""
    if server.host not in _ALL:
        return server.url
    return f"http://{_own_address(_ALL[server.host])}:{server.port}"


def _own_address(family: socket.AddressFamily) -> str:
    """The address by which this computer goes out, as the system's routes say."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((_NOWHERE[family], 9))  # of UDP: it looks up the route, and sends nothing
        address = str(probe.getsockname()[0])
        return f"[{address}]" if family == socket.AF_INET6 else address
    return "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
