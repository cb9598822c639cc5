"""News of a team's archive, on a thread of its own: what was written, and whether it is there.

Notifications only wake the thread up; what is new is found by marks (see `marks`), and looked
for every two seconds as well, because a notification may be lost with a connection.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import msgspec

from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret
from ibconsole.team_archive import TeamAddress, TeamArchiveError, TeamConnection
from ibconsole.team_archive.reading.marks import NEW, SNAPSHOT
from ibconsole.team_archive.reading.queries import TeamQueries

psycopg: Any = LazyModule("psycopg")

POLL = 2.0  # seconds
_RETRIES = (0.5, 1.0, 2.0, 5.0)  # seconds between attempts to connect
_CHANNEL = "ibconsole"
_PULL = "pull "
_SNAPSHOT = f"SELECT {SNAPSHOT}"
_NEWS = f"""
    SELECT {SNAPSHOT}, EXISTS (
        SELECT FROM ibconsole.delivery WHERE account = %(account)s AND {NEW}
    ), EXISTS (
        SELECT FROM ibconsole.delivery WHERE account = %(account)s AND {NEW} AND revised
    )
"""  # noqa: S608 names above


class TeamNews(msgspec.Struct, frozen=True):
    """The state of a team's archive.

    `mark` is that of the latest look, 0 before the first; after a restore or the loss of a server
    it may be lower than before, and everything is to be read again. `has_new` is true if messages
    or deliveries were written since the look before, `has_revised` if some of them were there
    before and are to be read again. `pull_requested` is true if a request to pull, or a
    change of one, was announced. `problem` says why the archive is away, None if it is there.
    """

    mark: int = 0
    has_new: bool = False
    has_revised: bool = False
    pull_requested: bool = False
    problem: TeamArchiveError | None = None


class TeamChanges:
    """Calls `on_news` on its own thread: when something was written, and when it comes or goes.

    An exception of `on_news` ends the thread. `close` returns within the time of a query.
    """

    def __init__(
        self,
        address: TeamAddress,
        password: Secret | None,
        on_news: Callable[[TeamNews], None],
        *,
        poll: float = POLL,
    ) -> None:
        self._queries = TeamQueries(address, password, "changes", reopens=False)
        self._on_news = on_news
        self._poll = poll
        self._closing = threading.Event()
        self._is_abandoned = False
        self._mark = 0
        self._snapshot = ""
        self._failures = 0
        self._wake, self._waker = socket.socketpair()
        self._wake.settimeout(0)
        self._thread = threading.Thread(target=self._run, name="team changes", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def look(self) -> None:
        """Look for news now, from any thread."""
        with suppress(OSError):
            self._waker.send(b"\0")

    def abandon(self) -> None:
        """End the thread without waiting for it, or for the database."""
        self._is_abandoned = True
        self._closing.set()
        self.look()
        self._queries.abort()

    def close(self) -> None:
        """End the thread, and wait for its end; closing it twice is harmless."""
        self._closing.set()
        self.look()
        if self._thread.is_alive():
            self._thread.join()
        self._close_sockets()

    def _close_sockets(self) -> None:
        self._wake.close()
        self._waker.close()

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._follow()
                except TeamArchiveError as error:
                    self._queries.close()
                    if not self._closing.is_set():
                        self._on_news(TeamNews(self._mark, problem=error))
                        self._pause(_RETRIES[min(self._failures, len(_RETRIES) - 1)])
                        self._failures += 1
        finally:
            self._queries.close()
            if self._is_abandoned:
                self._close_sockets()

    def _follow(self) -> None:
        """Report news until the connection breaks."""
        self._queries.run(_listen)
        self._snapshot = ""
        self._look(is_first=True)
        self._failures = 0
        while not self._closing.is_set():
            payloads = self._wait(self._poll)
            if self._closing.is_set():
                return
            self._look(any(one.startswith(_PULL) for one in payloads if self._is_own(one)))

    def _is_own(self, payload: str) -> bool:
        return payload.removeprefix(_PULL) == str(self._queries.account)

    def _look(self, pull_requested: bool = False, *, is_first: bool = False) -> None:  # noqa: FBT001, FBT002 private
        """Look for news and report them."""
        snapshot = str(self._queries.fetch(_SNAPSHOT)[0][0])
        has_new, has_revised = is_first, False
        if snapshot != self._snapshot:
            if self._snapshot:
                [(snapshot, has_new, has_revised)] = self._queries.fetch(
                    _NEWS, self._queries.marks.since(self._mark)
                )
            self._snapshot = snapshot
            self._mark = self._queries.marks.add(snapshot)
        if has_new or pull_requested:
            self._on_news(TeamNews(self._mark, has_new, has_revised, pull_requested))

    def _wait(self, seconds: float) -> list[str]:
        """Wait for notifications, a wake-up or the end of the time; return the payloads."""
        return self._queries.run(lambda db: _notified(db, self._wake, seconds))

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._closing.is_set() and (left := deadline - time.monotonic()) > 0:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake, selectors.EVENT_READ)
                if selector.select(left):
                    _drain(self._wake)


def _listen(db: TeamConnection) -> None:
    db.execute(f"LISTEN {_CHANNEL}".encode())


def _notified(db: TeamConnection, wake: socket.socket, seconds: float) -> list[str]:
    """Return payloads that have arrived, with the answer of a query perhaps, or wait for some."""
    if not (found := _payloads(db)):
        with selectors.DefaultSelector() as selector:
            selector.register(db.fileno(), selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            selector.select(seconds)
        found = _payloads(db)
    _drain(wake)
    return found


def _payloads(db: TeamConnection) -> list[str]:
    return [one.payload for one in db.notifies(timeout=0)]


def _drain(wake: socket.socket) -> None:
    with suppress(BlockingIOError):
        while wake.recv(4096):
            pass
