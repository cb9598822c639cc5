"""The permit of an account that a team shares: one computer of the team pulls at a time.

A permit that waits is that of a collector: it stands by until the lock is free, and acquires it
again after it was lost. Others are refused at once, with a sentence that says who pulls. While the
team's archive is away nothing is requested: another computer might be pulling.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ibconsole.archive import ArchiveError
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.intake import (
    OtherPuller,
    PermitLost,
    PullBusy,
    PulledElsewhere,
    PullReport,
    PullTurn,
)
from ibconsole.services.team.session_thread import SessionThread, TeamOpener
from ibconsole.tasks import Tasks, run_to_completion
from ibconsole.team_archive import TeamArchiveError

if TYPE_CHECKING:
    from ibconsole.team_archive import TeamSession, pulling
    from ibconsole.team_archive.pulling import PullHolder, PullLock, PullOutcome, PullRequest
else:
    pulling = LazyModule("ibconsole.team_archive.pulling")

log = logging.getLogger(__name__)

_INTERVAL = 1.0  # seconds between two signs of life, and between two attempts to acquire the lock
_VERIFICATION = 3.0  # seconds that the verification before a request may take
_BUSY_PAUSE = 0.2  # seconds until a pull that was asked for is tried again after another one
_UNSENT = "Nothing was requested."


class TeamNotReached(UserError):
    """The team's archive cannot be reached, so that another computer might be pulling."""


class PermitState(StrEnum):
    """The state of the right to pull."""

    NONE = "none"  # it is not needed now
    STANDBY = "standby"  # another computer of the team has it
    AWAY = "away"  # the team's archive cannot be reached
    HELD = "held"


class PermitStatus(msgspec.Struct, frozen=True):
    """The right to pull of this process: its `epoch` if it is held, else who has it, or why not."""

    state: PermitState = PermitState.NONE
    epoch: int | None = None
    holder: str = ""
    problem: str = ""


class _Turn:
    """The right to pull while a block runs."""

    def __init__(self, epoch: int, verify: "Callable[[_Turn], Awaitable[None]]") -> None:
        self.epoch: int | None = epoch
        self.has_pulled = False
        self._verify = verify

    async def verify(self) -> None:
        await self._verify(self)


class TeamPullPermit:
    """The right to pull from an account of a team; see `PullPermit`.

    `process` says who holds it. With `waits` it is waited for. `status` is its state, and
    `on_status` is called with every change of it. To be closed by `close`.
    """

    def __init__(
        self,
        opener: TeamOpener,
        process: str,
        *,
        is_collector: bool = False,
        waits: bool = False,
        on_status: Callable[[PermitStatus], None] = lambda _: None,
    ) -> None:
        self._process = process
        self._is_collector = is_collector
        self._waits = waits
        self._on_status = on_status
        self.status = PermitStatus()
        self._session = SessionThread(opener)
        self._lock: PullLock | None = None
        self._epoch: int | None = None
        self._blocks = 0
        self._serving: int | None = None  # the epoch of the request that is carried out
        self._changing = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._asked = asyncio.Event()
        self._outcomes: dict[int, PullOutcome] = {}
        self._tasks = Tasks(_report_failure)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[PullTurn]:
        """Hold the right while the block runs; see `PullPermit`.

        Raises PulledElsewhere or TeamNotReached, and PermitLost if it waited until `stop`.
        """
        self._blocks += 1
        try:
            turn = _Turn(await self._acquire(), self._verify)
            try:
                yield turn
            finally:
                if turn.has_pulled:
                    await self._note_end(turn)
        finally:
            self._blocks -= 1
            if not self._blocks:
                await self._give_back()

    async def serve(
        self, pull: Callable[[int | None], Awaitable[PullReport]], archive: str
    ) -> None:
        """Carry out the pulls that others ask for while the right is held, until `stop`.

        `pull` is called with the limit of each. `archive` is the UUID of this archive.
        """
        while not self._stopped.is_set():
            await self._asked.wait()
            self._asked.clear()
            while not self._stopped.is_set() and (request := await self._take()):
                await run_to_completion(self._carry_out(request, pull, archive))

    def stop(self) -> None:
        """Wait for the right no longer, and carry out no further request."""
        self._stopped.set()
        self._asked.set()

    async def close(self) -> None:
        """Stop, give the right back, and close the session."""
        self.stop()
        await self._give_back()
        await self._tasks.close()
        await self._session.close()

    async def _acquire(self) -> int:
        async with self._changing:
            while self._epoch is None:
                if not self._blocks:
                    raise PermitLost(_UNSENT)  # the block that needed it has ended
                if self._serving is not None:
                    raise PermitLost(f"The right to pull was lost. {_UNSENT}")
                await self._try()
                if self._epoch is None:
                    await self._pause()
            return self._epoch

    async def _try(self) -> None:
        """Try to acquire the lock; raises an error for the user unless it is waited for."""
        try:
            holder = await self._session.run(self._acquire_lock)
        except ArchiveError as error:  # of the team, or the one on this disk
            self._lock = None
            self._set(PermitStatus(PermitState.AWAY, problem=str(error)))
            if not self._waits:
                raise TeamNotReached(f"{_UNSENT} {error}") from error
            return
        if self._lock and self._lock.epoch is not None:
            self._epoch = self._lock.epoch
            self._set(PermitStatus(PermitState.HELD, self._epoch))
            if self._lock.overlap:
                log.warning("%s", self._lock.overlap)
            self._tasks.start("keep the lock", self._keep)
            return
        name = holder.name if holder else ""
        self._set(PermitStatus(PermitState.STANDBY, holder=name))
        if not self._waits:
            raise PulledElsewhere(other_of(holder))

    def _acquire_lock(self, session: "TeamSession", source: int) -> "PullHolder | None":
        """Acquire the lock, or return its holder. In the session's thread."""
        if self._lock is None or not self._lock.belongs_to(session):
            self._lock = pulling.PullLock(
                session, source, self._process, is_collector=self._is_collector
            )
        return None if self._lock.acquire() else pulling.find_holder(session)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_INTERVAL):
                await self._stopped.wait()
        if self._stopped.is_set():
            raise PermitLost(f"This process stopped waiting for the right to pull. {_UNSENT}")

    async def _verify(self, turn: _Turn) -> None:
        lock = self._lock
        if lock is None or self._epoch is None or self._epoch != turn.epoch:
            raise PermitLost(f"The right to pull was lost before the request. {_UNSENT}")
        try:
            await self._session.run(lambda *_: lock.begin_pull(), seconds=_VERIFICATION)
        except TeamArchiveError as error:
            self._lose(error)
            raise PermitLost(
                f"It is not certain that this computer may still pull. {_UNSENT} {error}"
            ) from error
        turn.has_pulled = True

    async def _note_end(self, turn: _Turn) -> None:
        lock, epoch = self._lock, turn.epoch
        if lock is None or epoch is None:
            return  # the next epoch says that this pull may have overlapped with it
        try:
            await self._session.run(lambda *_: lock.end_pull(epoch), seconds=_VERIFICATION)
        except TeamArchiveError as error:
            self._lose(error)

    async def _keep(self) -> None:
        """Show the server each second that this process is alive, until the lock is lost."""
        while (lock := self._lock) and self._epoch is not None:
            await asyncio.sleep(_INTERVAL)
            try:
                await self._session.run(lambda *_: lock.keep(), seconds=_VERIFICATION)
                await self._note_outcomes()
            except TeamArchiveError as error:
                self._lose(error)
                return
            if lock.has_requests:
                self._asked.set()

    def _lose(self, error: TeamArchiveError) -> None:
        if self._epoch is None:
            return
        self._epoch = self._lock = None
        self._set(PermitStatus(PermitState.AWAY, problem=str(error)))
        log.warning("The right to pull was lost. %s", error)
        if self._waits and self._blocks:
            self._tasks.start("acquire again", self._acquire_again)

    async def _acquire_again(self) -> None:
        """Acquire the lock before the next pull needs it: requests may wait."""
        with suppress(PermitLost):
            await self._acquire()
            if not self._blocks:
                await self._give_back()

    async def _give_back(self) -> None:
        async with self._changing:
            if self._blocks:
                return  # a block began meanwhile
            self._tasks.cancel("keep the lock")
            lock, self._lock, self._epoch = self._lock, None, None
            if lock:
                try:
                    await self._session.run(lambda *_: lock.release(), seconds=_VERIFICATION)
                except TeamArchiveError as error:  # the server returns it with the session
                    log.info("The right to pull ended with its session. %s", error)
            await self._session.drop()
            self._set(PermitStatus())

    async def _take(self) -> "PullRequest | None":
        epoch = self._epoch
        if epoch is None:
            return None
        try:
            return await self._session.run(
                lambda session, source: pulling.PullRequests(session).take(
                    source=source, epoch=epoch
                )
            )
        except TeamArchiveError as error:
            self._lose(error)
            return None

    async def _carry_out(
        self,
        request: "PullRequest",
        pull: Callable[[int | None], Awaitable[PullReport]],
        archive: str,
    ) -> None:
        """Pull once for a request, and note the outcome; never twice."""
        outcome = pulling.PullOutcome(pulling.PullRequestState.UNKNOWN)
        self._serving = request.epoch
        try:
            report = await self._pull_for(request, pull)
            outcome = _outcome(report, archive)
        except UserError as error:
            outcome = pulling.PullOutcome(pulling.PullRequestState.FAILED, problem=str(error))
        finally:
            self._serving = None
            self._outcomes[request.id] = outcome
            try:
                await self._note_outcomes()
            except TeamArchiveError as error:  # noted with the next session
                self._lose(error)

    async def _pull_for(
        self, request: "PullRequest", pull: Callable[[int | None], Awaitable[PullReport]]
    ) -> PullReport:
        while request.epoch == self._epoch:
            try:
                return await pull(request.limit)
            except PullBusy:  # nothing was requested: the loop's own pull is in progress
                if self._stopped.is_set():
                    raise
                await asyncio.sleep(_BUSY_PAUSE)
        raise PermitLost(f"The right to pull was lost before the request. {_UNSENT}")

    async def _note_outcomes(self) -> None:
        for request, outcome in tuple(self._outcomes.items()):
            await self._session.run(
                lambda session, _: pulling.PullRequests(session).finish(request, outcome)  # noqa: B023
            )
            self._outcomes.pop(request, None)

    def _set(self, status: PermitStatus) -> None:
        if status != self.status:
            self.status = replace(status)
            self._on_status(self.status)


def other_of(holder: "PullHolder | None") -> OtherPuller:
    """Return the holder of a lock as it is shown to users; None if it has begun only now."""
    return OtherPuller(holder.name, holder.is_collector) if holder else OtherPuller()


def _outcome(report: PullReport, archive: str) -> "PullOutcome":
    states = pulling.PullRequestState
    return pulling.PullOutcome(
        states.FAILED if report.error else states.DONE,
        messages=report.messages,
        pending=report.pending,
        origin=f"{archive}:{report.delivery}",
        problem=str(report.error or report.problem or report.competing),
    )


def _report_failure(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)
