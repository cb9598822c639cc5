"""The running listener: from its socket to the archive."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from ibconsole.archive import peek_messages
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.hosts import is_exposed
from ibconsole.http1 import Limits, ListenError, Request, Server
from ibconsole.listener import Listener, Owner, PathTable
from ibconsole.listener.answers import ActiveScenario, AnswerScenario, describe_answer
from ibconsole.model import Arrival, MessageFields
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.forward_paths import ForwardPathsError
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime import AnswersStatus, ListenerState, ListenerStatus

log = logging.getLogger(__name__)

DEFAULT_PORT = 8484
_CHECK_INTERVAL = 1.0  # seconds
# Documentation addresses, which no network uses (RFC 5737, RFC 3849); nothing is sent to them.
_NOWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
# In the order in which they are preferred in a URL.
_ALL = {"0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104 compared only


class StoredForward(msgspec.Struct, frozen=True):
    """A stored request: the id of its delivery, and the request."""

    delivery: int
    arrival: Arrival


class PathOwners(Protocol):
    """The paths that are answered, such as `ForwardPaths`."""

    def path_of(self, connection: str | None, /) -> str: ...
    def owner_of(self, path: str, /) -> Owner | None: ...


class ListenerFailed(UserError):
    """The listener could not be started."""


class ListenerService:
    """Starts and stops the listener, and reports its state.

    `on_status` is called with every change of state, `on_forwards` with the requests that were
    stored together.
    The paths of all connections are answered; only the URL that is shown is that of the current
    connection.
    """

    def __init__(
        self,
        writer: ArchiveWriter,
        paths: PathOwners,
        on_status: Callable[[ListenerStatus], None],
        on_forwards: Callable[[Sequence[StoredForward]], None] | None = None,
        *,
        suspend_detector: SuspendDetector | None = None,
    ) -> None:
        self._writer = writer
        self._paths = paths
        self._on_status = on_status
        self._on_forwards = on_forwards
        self._server: Server | None = None
        self._listener: Listener | None = None
        self._answers: ActiveScenario | None = None
        self._extra_path: PathTable[Owner] | None = None
        self._status = ListenerStatus()
        self._new: list[StoredForward] = []
        self._suspend_detector = suspend_detector or SuspendDetector()
        self._timer: asyncio.TimerHandle | None = None

    async def start(
        self, *, host: str, port: int, connection: str | None = None, path: str = ""
    ) -> str:
        """Listen, and return the URL to forward to. Port 0 means any free port.

        The URL is that of the connection, or of no connection if it is None. A `path` is used
        in its place until the listener is stopped. A running listener is stopped first. Raises
        ListenerFailed if the address cannot be used or the path cannot be read.
        """
        await self.stop()
        self._update(state=ListenerState.STARTING, sentence="The listener is starting.")
        self._extra_path = PathTable({path: Owner(connection)}) if path else None
        listener = Listener(self._owner_of, self._store, self._writer.sent_answers.add)
        listener.scenario = self._answers
        server = Server(
            listener, host=host, port=port, limits=Limits(), on_malformed=listener.store_malformed
        )
        try:
            url_path = path or await self._path_of(connection)
            await server.__aenter__()
        except (ListenError, ForwardPathsError) as error:
            sentence = f"The listener could not start: {error}"
            self._update(state=ListenerState.FAILED, url="", sentence=sentence)
            raise ListenerFailed(sentence) from error
        self._server, self._listener = server, listener
        url = f"{_base_url(server)}{url_path}"
        self._update(
            state=ListenerState.LISTENING,
            url=url,
            since=now_ms(),
            received=0,
            unmatched=0,
            last_at=None,
            reachable_at=_reachable_at(server),
            storage_error="",
            suspended=None,
            sentence=f"Listening at {url}.",
        )
        self._suspend_detector.check()
        self._check_suspension()
        return url

    async def show(self, connection: str | None) -> None:
        """Show the URL of another connection; the paths that are answered stay the same."""
        if not self._server or self._extra_path:
            return
        try:
            url = f"{_base_url(self._server)}{await self._path_of(connection)}"
        except ForwardPathsError as error:
            log.warning("The listener has no path for this connection: %s", error)
            self._update(url="", sentence=f"Listening, but not for this connection: {error}")
        else:
            self._update(url=url, sentence=f"Listening at {url}.")

    async def stop(self) -> None:
        """Stop listening; requests in progress are answered first."""
        if not self._server:
            return
        server, self._server, self._listener = self._server, None, None
        if self._timer:
            self._timer.cancel()
        await server.close()
        self._report_new()
        self._update(
            state=ListenerState.STOPPED,
            url="",
            since=None,
            reachable_at="",
            storage_error="",
            sentence="The listener is stopped; nothing can arrive.",
        )

    def set_answers(self, scenario: AnswerScenario | None) -> None:
        """Answer by the rules of a scenario from now on, None as usual; also while listening.

        Its time begins now. Requests that are stored already keep their answer. Raises
        InvalidScenario; then nothing changes.
        """
        self._answers = ActiveScenario(scenario, _peek) if scenario else None
        if self._listener:
            self._listener.scenario = self._answers
        self._update(answers=self._describe_answers())

    async def _path_of(self, connection: str | None) -> str:
        return await asyncio.to_thread(self._paths.path_of, connection)

    def _owner_of(self, path: str) -> Owner | None:
        extra = self._extra_path.find(path) if self._extra_path else None
        return extra or self._paths.owner_of(path)

    def _store(self, arrival: Arrival, on_stored: Callable[[int | Exception], None]) -> None:
        self._writer.add_forward(arrival, partial(self._on_stored, arrival, on_stored))

    def _on_stored(
        self,
        arrival: Arrival,
        on_stored: Callable[[int | Exception], None],
        stored: int | Exception,
    ) -> None:
        if isinstance(stored, int):
            on_stored(stored)  # first: the answer is sent before the output is written
            self._add_new(StoredForward(stored, arrival))
        else:
            self._update(storage_error=str(stored))
            on_stored(stored)

    def _check_suspension(self) -> None:
        """Check every second for a suspension of the computer, during which nothing arrives.

        And whether a time window of the answer rules has begun or ended.
        """
        if suspended := self._suspend_detector.check():
            self._update(suspended=suspended)
        if self._answers and (answers := self._describe_answers()) != self._status.answers:
            self._update(answers=answers)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_CHECK_INTERVAL, self._check_suspension)

    def _add_new(self, forward: StoredForward) -> None:
        """Note a stored request; requests stored together share one status update."""
        if not self._new:
            asyncio.get_running_loop().call_soon(self._report_new)
        self._new.append(forward)

    def _report_new(self) -> None:
        new, self._new = self._new, []
        if not new:
            return
        matched = [one.arrival for one in new if not one.arrival.unmatched]
        self._update(
            received=self._status.received + len(matched),
            unmatched=self._status.unmatched + len(new) - len(matched),
            last_at=matched[-1].arrived_at if matched else self._status.last_at,
            storage_error="",
            answers=self._describe_answers(),
        )
        if self._on_forwards:
            self._on_forwards(new)

    def _describe_answers(self) -> AnswersStatus | None:
        if not (answers := self._answers):
            return None
        rule = answers.upcoming()
        return AnswersStatus(
            answers.scenario.name,
            answers.since,
            answers.ends_at,
            f"{rule.name}: {describe_answer(rule.answer)}" if rule else "",
            answers.answered,
        )

    def _update(self, **fields: Any) -> None:
        self._status = replace(self._status, **fields)
        self._on_status(self._status)


def _peek(request: Request) -> Sequence[MessageFields] | None:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    return peek_messages(headers, request.body)


def _reachable_at(server: Server) -> str:
    """Return where other computers can reach the listener, in words; empty if they cannot."""
    families = ["IPv6" if all_ == "::" else "IPv4" for all_ in _listens_on_all(server)]
    if families:
        other = (
            "" if len(families) > 1 else f", not by {'IPv4' if families == ['IPv6'] else 'IPv6'}"
        )
        return f"every {' and '.join(families)} address of this computer{other}"
    return server.host if any(map(is_exposed, server.addresses)) else ""


def _listens_on_all(server: Server) -> list[str]:
    return [address for address in _ALL if address in server.addresses]


def _base_url(server: Server) -> str:
    """Return the server's URL, with an actual address if it listens on all addresses."""
    for address in _listens_on_all(server):
        return f"http://{_outgoing_address(_ALL[address])}:{server.port}"
    return server.url


def _outgoing_address(family: socket.AddressFamily) -> str:
    """Return the address that the system's routes choose for outgoing connections."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((_NOWHERE[family], 9))  # UDP: looks up the route, sends nothing
        address = str(probe.getsockname()[0])
        return f"[{address}]" if family == socket.AF_INET6 else address
    return "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
