"""Queries on a session of a team's archive that only reads, opened again after it broke."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ibconsole.archive import JobCancelled
from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret
from ibconsole.team_archive import (
    TeamAddress,
    TeamConnection,
    TeamSession,
    TeamUnavailable,
    open_session,
    translated,
)
from ibconsole.team_archive.reading.marks import Marks

psycopg: Any = LazyModule("psycopg")

T = TypeVar("T")
Values = Mapping[str, Any]

_NO_VALUES: Values = {}
_CHECKED_EVERY = 0.03  # seconds between two cancellation checks
_CANCEL_TIMEOUT = 3  # seconds
_LONGEST = 60  # seconds that a statement may take
# Plans are made for the values of each query: a plan for any would look into every month.
_SETTINGS = "SET jit = off; SET max_parallel_workers_per_gather = 0"


def never_cancelled() -> bool:
    """Return False: nothing is to be given up."""
    return False


class TeamQueries:
    """Runs queries, each of which sees one state of the archive. Not thread-safe.

    `marks` are those that its queries found, `connection` is the UUID of the connection that names
    the account, None if it is not known. A session that broke while it was idle is opened again; if
    it `reopens`, the query is repeated.
    """

    def __init__(
        self,
        address: TeamAddress,
        password: Secret | None,
        purpose: str,
        *,
        connection: str | None = None,
        reopens: bool = True,
    ) -> None:
        self._address = address
        self._password = password
        self._purpose = purpose
        self.connection = connection
        self.marks = Marks()
        self._reopens = reopens
        self._session: TeamSession | None = None
        self._aborted = False

    @property
    def account(self) -> int:
        """The id of the account, 0 while no session is open."""
        return self._session.account if self._session else 0

    @property
    def session(self) -> TeamSession:
        """The session, which is opened if none is. Raises a TeamArchiveError."""
        if self._session is None:
            session = open_session(
                self._address,
                self._password,
                self._purpose,
                read_only=True,
                statement_timeout=_LONGEST,
            )
            try:
                with translated(self._address):
                    session.db.execute(_SETTINGS)
            except BaseException:
                session.close()
                raise
            session.db.prepare_threshold = None
            self._session = session
        return self._session

    @property
    def address(self) -> TeamAddress:
        """The address of the archive."""
        return self._address

    def abort(self) -> None:
        """Break the session for good, from any thread: a query that waits for it fails at once.

        A server that hangs, or a network that is gone, may leave it waiting without an end.
        """
        self._aborted = True
        session = self._session
        if session is None:
            return
        with suppress(OSError, psycopg.Error):  # it is closed already
            connected = socket.socket(fileno=session.db.fileno())
            try:
                connected.shutdown(socket.SHUT_RDWR)
            finally:
                connected.detach()

    def close(self) -> None:
        """Close the session; closing it twice is harmless."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def fetch(
        self,
        query: str,
        values: Values = _NO_VALUES,
        *,
        cancelled: Callable[[], bool] = never_cancelled,
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query, in which `%(account)s` is the id of the account.

        `cancelled` is called repeatedly; JobCancelled is raised once it returns True. Raises a
        TeamArchiveError.
        """

        def run(db: TeamConnection) -> list[tuple[Any, ...]]:
            with cancellable(db, cancelled):
                found = db.execute(query.encode(), {**values, "account": self.account}, binary=True)
                return found.fetchall()

        return self.run(run)

    def run(self, work: Callable[[TeamConnection], T]) -> T:
        """Call a function with the session's connection, and once more if that was broken."""
        may_repeat = self._reopens and self._session is not None
        try:
            return self._attempt(work)
        except TeamUnavailable:
            if not may_repeat or self._aborted or self._session is not None:
                raise
        return self._attempt(work)

    def _attempt(self, work: Callable[[TeamConnection], T]) -> T:
        session = self.session
        try:
            with translated(self._address):
                return work(session.db)
        finally:
            if session.db.closed:
                self._session = None


@contextmanager
def cancellable(db: TeamConnection, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Cancel the block's query on this connection once `cancelled` returns True.

    Raises JobCancelled then. A query that hangs on a silent network ends with the connection.
    """
    if cancelled is never_cancelled:
        yield
        return
    if cancelled():
        raise JobCancelled("The search was given up for another one.")
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(db, cancelled, done), daemon=True)
    watch.start()
    try:
        yield
    except psycopg.errors.QueryCanceled:
        if cancelled():
            raise JobCancelled("The search was given up for another one.") from None
        raise
    finally:
        done.set()
        watch.join()


def _watch(db: TeamConnection, cancelled: Callable[[], bool], done: threading.Event) -> None:
    while not done.wait(_CHECKED_EVERY):
        if cancelled():
            # Without an answer the query ends by its own time-out.
            with suppress(psycopg.Error):
                db.cancel_safe(timeout=_CANCEL_TIMEOUT)
            return
