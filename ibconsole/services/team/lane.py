"""One lane of the shipping: the rows of this archive for one account of one team, on a thread.

The thread has its own connections to the archive and to the team's. One process of the computer
ships at a time, by a file lock; the others look at the backlog, and take over when it ends.
Nothing that is received waits for a lane.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from hashlib import sha256
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from ibconsole.archive import ArchiveError
from ibconsole.archive.outbox import Backlog, Outbox
from ibconsole.clock import now_ms
from ibconsole.files import FileLock
from ibconsole.services.connections import TeamAccess
from ibconsole.services.runtime import Paths, TeamLink, TeamState
from ibconsole.services.team.backlogs import target_of
from ibconsole.services.team.batch_writers import BatchWriters
from ibconsole.services.team.shipping_run import ShippingLimits, ShippingRun
from ibconsole.team_archive import (
    TeamArchiveError,
    TeamSession,
    TeamUnavailable,
    break_off,
    open_session,
    read_incarnation,
    register_source,
    report_backlog,
    translated,
)
from ibconsole.team_archive.administration import maintain
from ibconsole.team_archive.pulling import find_holder
from ibconsole.team_archive.writing import TeamWriter

log = logging.getLogger(__name__)

OnLink: TypeAlias = Callable[[TeamLink], object]
_STATUS_INTERVAL = 0.2  # seconds between two reports of the same state, at least
_MANY = 20_000  # rows, counting which takes some milliseconds: done less often


class ShipperIdentity(msgspec.Struct, frozen=True):
    """The name by which the team knows an archive, and the kind of its process."""

    label: str
    is_collector: bool = False


class ShippingLane:
    """Ships what waits for one address, from `start` until `stop`.

    `connections` are the UUIDs of those that share with it. `on_link` is called on the thread, with
    every change. After `stop` and `join`, what has arrived is removed from the outbox.
    """

    def __init__(
        self,
        paths: Paths,
        access: TeamAccess,
        connections: Sequence[str],
        identity: ShipperIdentity,
        on_link: OnLink,
        limits: ShippingLimits,
    ) -> None:
        address = access.address
        self.access = access
        self.connections = tuple(connections)
        self.target = target_of(address)
        self._puller = ""
        self.link = TeamLink(address.label, address.account, self.connections, since=now_ms())
        self._archive = paths.archive
        self._identity = identity
        self._on_link = on_link
        self._limits = limits
        name = sha256(self.target.encode()).hexdigest()[:16]
        self._lock = FileLock(paths.locks / f"team-{name}.lock")
        self._wake, self._stop = threading.Event(), threading.Event()
        self._retries_set_aside = threading.Event()
        self._guard = threading.Lock()
        self._sessions: list[TeamSession] = []
        self._asked_at: float | None = None  # monotonic, of a statement without an answer
        self._reported_at = 0.0
        self._arrived = 0
        self._failures = 0
        self._maintenance_at = 0.0  # monotonic
        self._thread = threading.Thread(target=self._run, name="team shipping", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now; from any thread."""
        self._wake.set()

    def retry_set_aside(self) -> None:
        """Let what was refused wait again; from any thread."""
        self._retries_set_aside.set()
        self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end after the batch in progress; return at once."""
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end; false if it has not ended. Blocks."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def is_quiet(self) -> bool:
        """True if a statement is without an answer for a while; from any thread."""
        asked_at = self._asked_at
        return asked_at is not None and time.monotonic() - asked_at >= self._limits.quiet

    def report_quiet(self) -> None:
        """Publish that no answer comes, and what waits meanwhile; from any thread.

        The lane's own thread cannot: it waits for the answer, and its next report ends this one.
        """
        with Outbox(self._archive) as outbox:
            backlog = outbox.backlog(self.target)
        link, is_away = self.link, self.link.state is TeamState.AWAY
        if self.is_quiet:
            link = _with_backlog(link, backlog, self._arrived)
            since = link.since if is_away else now_ms()
            problem = f"The team's archive at {link.label} gives no answer now."
            self.link = replace(link, state=TeamState.AWAY, since=since, problem=problem)
            self._on_link(self.link)

    def break_off_silent(self, seconds: float | None = None) -> None:
        """Break the connection off if a statement is without an answer for too long."""
        limit = self._limits.silence if seconds is None else seconds
        asked_at = self._asked_at
        if asked_at is None or time.monotonic() - asked_at < limit:
            return
        with self._guard:
            for session in self._sessions:
                break_off(session.db)

    def _run(self) -> None:
        pause = 0.0
        while not self._stop.is_set():
            try:
                with Outbox(self._archive) as outbox:
                    outbox.set_targets(dict.fromkeys(self.connections, self.target))
                    while not self._stop.is_set():
                        pause = self._attempt(outbox)
                        self._rest(outbox, pause)
            except ArchiveError as error:  # that on this disk
                self._report(TeamState.AWAY, problem=str(error))
            except Exception as error:
                log.exception("The shipping to a team failed.")
                self._report(TeamState.REFUSED, problem=f"It failed unexpectedly ({error!r}).")
            self._stop.wait(self._limits.retry[1])

    def _attempt(self, outbox: Outbox) -> float:
        """Ship until the end or a failure; return the pause before the next attempt."""
        if not self._lock.acquire(f"process {os.getpid()}"):
            self._report(TeamState.ELSEWHERE, outbox)
            return self._limits.elsewhere
        try:
            return self._ship(outbox)
        except TeamUnavailable as error:
            self._failures += 1
            self._report(TeamState.AWAY, outbox, problem=str(error))
            first, longest = self._limits.retry
            return min(longest, first * 2.0 ** min(self._failures - 1, 16))
        except TeamArchiveError as error:
            sentences = filter(None, (self.access.problem, str(error)))
            self._report(TeamState.REFUSED, outbox, problem=" ".join(sentences))
            return self._limits.refused
        finally:
            self._lock.release()

    def _rest(self, outbox: Outbox, seconds: float) -> None:
        """Wait between two attempts, while the backlog is kept true."""
        while outbox.note_stored(self.target) and not self._stop.is_set():
            pass
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop.wait(min(1.0, left)):
            self._report(self.link.state, outbox, problem=self.link.problem)

    def _ship(self, outbox: Outbox) -> float:
        with ExitStack() as stack:
            session = open_session(self.access.address, self.access.password, "shipping")
            stack.callback(session.close)
            self._hold_session(session)
            stack.callback(self._release_session, session)
            if not session.may_write:
                self._report(TeamState.READING, outbox)
                return self._limits.refused
            source = self._register(session, outbox)
            outbox.confirm_team(self.target, self._database_of(session))
            outbox.retry_set_aside(self.target)
            # A desktop has one session: many of them after an outage would use up the server's.
            second = partial(self._second_writer, source) if self._identity.is_collector else None
            writer = TeamWriter(session, source, self._note_answer)
            writers = stack.enter_context(BatchWriters(writer, second))
            run = stack.enter_context(ShippingRun(outbox, self.target, writers, self._limits))
            heartbeat_at = 0.0
            while not self._stop.is_set():
                version = self._ship_waiting(outbox, run)
                if time.monotonic() >= heartbeat_at:
                    with self._answer_awaited():
                        report_backlog(session, source, self.link.waiting, self.link.oldest_at)
                        holder = find_holder(session)
                    self._puller = holder.name if holder and holder.source != source else ""
                    heartbeat_at = time.monotonic() + self._limits.heartbeat
                    if time.monotonic() >= self._maintenance_at:
                        self._maintain(session)
                self._await_rows(outbox, run, version)
                run.remove_arrived()
            run.remove_arrived(at_once=True)
            self._report_last(outbox, session, source)
        return 0.0

    def _register(self, session: TeamSession, outbox: Outbox) -> int:
        """Name this archive to the team's; return the number of the source."""
        identity = self._identity
        with self._answer_awaited():
            return register_source(
                session, outbox.archive(), identity.label, is_collector=identity.is_collector
            )

    @contextmanager
    def _second_writer(self, source: int) -> Iterator[TeamWriter]:
        """Yield a writer on a session of its own."""
        purpose = "shipping a backlog"
        with open_session(self.access.address, self.access.password, purpose) as session:
            self._hold_session(session)
            try:
                yield TeamWriter(session, source, self._note_answer)
            finally:
                self._release_session(session)

    def _report_last(self, outbox: Outbox, session: TeamSession, source: int) -> None:
        """Report what waits at the end: the team sees it until a process of this archive ships."""
        self._reported_at = 0.0  # so that it is counted now
        self._report(TeamState.SHIPPING, outbox)
        with suppress(TeamArchiveError), self._answer_awaited():
            report_backlog(session, source, self.link.waiting, self.link.oldest_at)

    def _database_of(self, session: TeamSession) -> str:
        """Return what identifies the database: another one may lack what was shipped last.

        A standby that took over, or a backup, is another one: everything is shipped again then, and
        what is there already is left as it is.
        """
        with self._answer_awaited():
            return f"{session.team} {session.account} {read_incarnation(session)}"

    def _maintain(self, session: TeamSession) -> None:
        """Let the team's archive create months ahead, and drop those that have expired."""
        self._maintenance_at = time.monotonic() + self._limits.maintenance
        try:
            with self._answer_awaited(), translated(session.address):
                changed = maintain(session.db)
        except TeamArchiveError as error:  # such as a month that is in use; the shipping goes on
            log.info("The months of the team's archive were left as they are. %s", error)
            return
        except Exception:
            log.exception("The months of the team's archive could not be maintained.")
            return
        for month in changed.dropped:
            log.warning("The team's archive has dropped its expired month %s.", month)

    def _ship_waiting(self, outbox: Outbox, run: ShippingRun) -> int:
        """Ship what waits now, batch by batch; return the version in which nothing was left."""
        if self._retries_set_aside.is_set():
            self._retries_set_aside.clear()
            outbox.retry_set_aside(self.target)
        self._wake.clear()
        version, more = 0, True
        while more and not self._stop.is_set():
            version = outbox.data_version()
            noted = outbox.note_stored(self.target)
            with self._answer_awaited():
                shipped = run.ship_next()
            self._failures = 0
            self._report(TeamState.SHIPPING, outbox, run.arrived, shipped=shipped)
            more = noted or shipped > 0
        return version

    def _await_rows(self, outbox: Outbox, run: ShippingRun, version: int) -> None:
        """Wait until rows were stored: here, which wakes this thread, or by another process.

        Also until what has arrived is to be removed.
        """
        limits = self._limits
        until = time.monotonic() + (limits.remove if run.arrived else limits.idle)
        while not self._wake.wait(min(limits.poll, max(0.0, until - time.monotonic()))):
            if outbox.data_version() != version or time.monotonic() >= until:
                return

    @contextmanager
    def _answer_awaited(self) -> Iterator[None]:
        """Let `break_off_silent` see since when the block waits for the server."""
        self._asked_at = time.monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    def _note_answer(self) -> None:
        """Count the time without an answer anew: the database works on something large."""
        if self._asked_at is not None:
            self._asked_at = time.monotonic()

    def _hold_session(self, session: TeamSession) -> None:
        with self._guard:
            self._sessions.append(session)

    def _release_session(self, session: TeamSession) -> None:
        with self._guard:
            self._sessions.remove(session)

    def _report(
        self,
        state: TeamState,
        outbox: Outbox | None = None,
        arrived: int = 0,
        *,
        shipped: int = 0,
        problem: str = "",
    ) -> None:
        """Publish the state and the backlog, unless it was counted a moment ago.

        `arrived` rows are in the outbox and need not be shipped.
        """
        link, self._arrived = self.link, arrived
        if shipped:
            link = replace(link, shipped=link.shipped + shipped, shipped_at=now_ms())
        now = time.monotonic()
        interval = _STATUS_INTERVAL * (5 if link.waiting > _MANY else 1)
        is_new = (state, problem) != (link.state, link.problem) or link.waiting == 0
        if outbox and (is_new or now - self._reported_at >= interval):
            self._reported_at = now
            link = _with_backlog(link, outbox.backlog(self.target), arrived)
        if state != link.state:
            link = replace(link, since=now_ms())
        puller = self._puller if state is TeamState.SHIPPING else ""
        link = replace(link, state=state, problem=problem, puller=puller)
        if link != self.link:
            self.link = link
            self._on_link(link)


def _with_backlog(link: TeamLink, backlog: Backlog, arrived: int) -> TeamLink:
    waiting = max(0, backlog.rows - arrived)
    return replace(
        link,
        waiting=waiting,
        deliveries=min(waiting, backlog.deliveries),
        oldest_at=backlog.oldest_at if waiting else None,
        set_aside=backlog.set_aside,
        is_counting=backlog.is_counting,
    )
