"""The pull: the one request that destroys what it reads, and the detection of other consumers.

The steps that keep a message from being lost, in their order: the locks that exclude a second
puller, in the team and on this computer, the intent on disk, the request, every piece of the body
on disk as it arrives, and only then the decoding. A pull is never repeated here, and cannot be
cancelled once its request may have been sent.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace

from ibconsole.api import ApiError, NotPermitted, PullAnswer, Unauthorized, current_purpose
from ibconsole.archive import ArchiveError, DecodingResult, translated
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.files import FileLock, holder_note
from ibconsole.plural import counted
from ibconsole.services.connections import Account
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.permit import PermitLost, PullPermit, PullTurn, SoloPermit
from ibconsole.services.intake.spill_file import SpilledPull, SpillFile
from ibconsole.services.intake.spool import NotStored, Spool, SpoolLimits
from ibconsole.services.runtime import Paths, PullState, PullStatus
from ibconsole.tasks import run_to_completion

_IN_PROGRESS = "A pull is in progress; it cannot be cancelled without losing messages."
_ANNOUNCEMENTS, _ANNOUNCEMENT_PAUSE = 5, 0.05  # seconds
_CONSECUTIVE = 2  # a single gap may be a message that the platform itself dropped


class PullBusy(UserError):
    """Another pull from this account is in progress on this computer."""


class NotRequested(UserError):
    """No request was sent, because its answer could not have been stored."""


class PullSource(Protocol):
    """The part of the platform that a pull needs."""

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer: ...


class PullReport(msgspec.Struct, frozen=True):
    """The result of one pull.

    `message_ids` are the stored messages in the platform's order. `announced` is the number of
    messages that the platform said it handed out, `pending` the number that it said still
    waits; None if it did not say. `problem` is a sentence about a fault in the answer, empty if
    there was none; `complete` is false if messages may be missing. `error` is the refusal of
    the platform. `competing` is a sentence if another consumer seems to pull from the account.
    """

    delivery: int
    message_ids: tuple[int, ...]
    announced: int | None
    pending: int | None
    problem: str
    complete: bool
    error: ApiError | None = None
    competing: str = ""

    @property
    def messages(self) -> int:
        """The number of stored messages."""
        return len(self.message_ids)

    @property
    def shortfall(self) -> str:
        """A sentence on how many messages of an incomplete answer are missing."""
        recovered = f"Recovered {self.messages:,}"
        if self.announced is None:
            return f"{recovered}; how many the server handed out is not known."
        missing = max(self.announced - self.messages, 0)
        return f"{recovered}, the server said {self.announced:,}, {missing:,} not received."


class Puller:
    """Pulls from one account, with at most one request at a time on this computer.

    `on_status` is called with every change of state. `permit` excludes the other computers of a
    team. `storage_timeout` is the number of seconds to wait for an unwritable archive while an
    answer is held in memory.
    """

    def __init__(  # noqa: PLR0913  # its dependencies, and two that tests and teams replace
        self,
        account: Account,
        source: PullSource,
        writer: ArchiveWriter,
        paths: Paths,
        on_status: Callable[[PullStatus], None],
        *,
        permit: PullPermit | None = None,
        storage_timeout: float = 300.0,
    ) -> None:
        self._account = account
        self._permit = permit or SoloPermit()
        self._source = source
        self._writer = writer
        self._storage_timeout = storage_timeout
        self._lock_path = paths.account_lock("pull", account.base_url)
        self._lock = FileLock(self._lock_path)
        self._loop_lock = FileLock(paths.account_lock("loop", account.base_url))
        self._on_status = on_status
        self._status = PullStatus()
        self._consumers = CompetingConsumers()
        self._in_progress = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def pull(self, limit: int | None) -> PullReport:
        """Take up to `limit` waiting messages; each is handed out once, to one consumer only.

        Returns when they are on disk and decoded, also if the answer was damaged or a refusal.
        Raises PullBusy, NotRequested, PermitLost, Unreachable or what the permit raises if no
        request was sent, and NotStored if the archive was unwritable for `storage_timeout`
        seconds. A cancellation while the permit is acquired takes effect at once, later only
        after the answer is stored.
        """
        self._in_progress += 1
        self._idle.clear()
        try:
            # The file lock comes second: a process that waits for the permit keeps no other away.
            async with self._permit.held() as turn:
                with self._locked():
                    return await run_to_completion(self._pull(limit, turn))
        finally:
            self._in_progress -= 1
            if not self._in_progress:
                self._idle.set()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Exclude other pulls on this computer while the block runs. Raises PullBusy."""
        read_note = holder_note if self._lock.held else _other_note
        with translated(self._lock_path):
            acquired = self._lock.acquire(self._lock_note())
        if not acquired:
            raise PullBusy(
                "Another pull on this account is under way on this computer"
                f" ({read_note(self._lock_path)}); nothing was requested."
            )
        try:
            yield
        finally:
            self._lock.discard()

    @asynccontextmanager
    async def announced(self) -> AsyncIterator[None]:
        """Hold the permit, and let other processes know of repeated pulls, while the block runs.

        If another one is announced already, this one is not: it was warned (`other_puller`).
        """
        async with self._permit.held(), self._announced():
            yield

    @asynccontextmanager
    async def _announced(self) -> AsyncIterator[None]:
        with suppress(OSError):  # it may pull all the same; each pull has its own lock
            for _ in range(_ANNOUNCEMENTS):  # another process may be looking at this instant
                if self._loop_lock.acquire(self._lock_note()):
                    break
                await asyncio.sleep(_ANNOUNCEMENT_PAUSE)
        try:
            yield
        finally:
            self._loop_lock.discard()

    def other_puller(self) -> str:
        """Return who else pulls repeatedly from this account here; empty if none does.

        Blocks on the disk. The lock of a single pull is not tried: that could refuse the pull.
        """
        return _other_holder(self._loop_lock)

    async def wait_until_idle(self) -> None:
        """Wait until no pull is in progress."""
        await self._idle.wait()

    async def _pull(self, limit: int | None, turn: PullTurn) -> PullReport:
        self._set_state(PullState.PULLING, _IN_PROGRESS)
        try:
            report = await self._request(limit, turn)
        except Exception as error:  # raised again: the state must not stay "pulling"
            self._status = replace(self._status, last_at=now_ms())
            self._set_state(PullState.FAILED, str(error))
            raise
        return self._finish(report)

    async def _request(self, limit: int | None, turn: PullTurn) -> PullReport:
        delivery = await self._begin(limit, turn.epoch)
        spool = Spool(
            self._writer,
            delivery,
            self._spill_file(limit),
            self._on_storage_delay,
            limits=SpoolLimits(timeout=self._storage_timeout),
        )
        try:
            await turn.verify()
            answer = await self._source.pull(limit, receive=spool.append)
        except (ApiError, NotPermitted, PermitLost) as error:
            await self._writer.fail_pull(delivery, str(error))
            raise
        except NotStored as error:
            answer = PullAnswer(None, (), complete=False, problem=str(error))
        counts: tuple[int | None, int | None] = (None, None)
        try:
            report = await self._store(spool, delivery, answer)
            counts = (report.messages, report.pending)
        finally:
            await answer.record(*counts)
        return report

    async def _store(self, spool: Spool, delivery: int, answer: PullAnswer) -> PullReport:
        await spool.flush()
        decoded = await spool.retry(
            lambda: self._writer.finish_pull(
                delivery,
                status=answer.status,
                headers=answer.headers,
                complete=answer.complete,
                problem=answer.problem,
                mask=answer.mask,
            )
        )
        return _report(answer, decoded)

    async def _begin(self, limit: int | None, epoch: int | None) -> int:
        try:
            return await self._writer.begin_pull(
                connection=self._account.connection,
                base_url=self._account.base_url,
                limit=limit,
                epoch=epoch,
            )
        except ArchiveError as error:
            raise NotRequested(f"Nothing was requested, so nothing is lost. {error}") from error

    def _spill_file(self, limit: int | None) -> SpillFile:
        account = self._account
        return SpillFile(SpilledPull(account.connection, account.base_url, limit, now_ms()))

    def _finish(self, report: PullReport) -> PullReport:
        reliable = report.complete and not report.error
        self._consumers.record(report.messages, report.pending if reliable else None)
        report = replace(report, competing=self._consumers.warning)
        self._status = replace(
            self._status, last_at=now_ms(), pending=report.pending, competing=report.competing
        )
        if isinstance(report.error, Unauthorized):
            self._set_state(PullState.REJECTED, str(report.error))
        elif report.error or report.problem:
            self._set_state(PullState.FAILED, str(report.error or report.problem))
        else:
            self._set_state(PullState.IDLE, f"{counted(report.messages, 'message')} pulled.")
        return report

    def _on_storage_delay(self, sentence: str) -> None:
        self._set_state(PullState.HELD, sentence)

    def _set_state(self, state: PullState, sentence: str) -> None:
        self._status = replace(self._status, state=state, sentence=sentence)
        self._on_status(self._status)

    def _lock_note(self) -> str:
        began = datetime.now().astimezone().strftime("%H:%M:%S")
        return (
            f"{current_purpose.get() or 'ibconsole'}, connection {self._account.name},"
            f" {_this_process()}, since {began}"
        )


class CompetingConsumers:
    """Detects other consumers of an account from the numbers of waiting messages.

    The queue can only shrink by messages that are pulled here; messages that disappear in two
    consecutive pulls were taken by another consumer.
    """

    def __init__(self) -> None:
        self._pending: int | None = None
        self._consecutive = 0
        self._missing = 0

    def record(self, pulled: int, pending: int | None) -> None:
        """Record the number of messages of a pull, and the number still waiting after it.

        If `pending` is None, neither this pull nor the next one is evidence.
        """
        missing = 0
        if pending is not None and self._pending is not None:
            missing = self._pending - pulled - pending
        self._pending = pending
        if missing > 0:
            self._consecutive += 1
            self._missing += missing
        else:
            self._consecutive = self._missing = 0

    @property
    def warning(self) -> str:
        """A sentence about the missing messages; empty if there is no evidence."""
        if self._consecutive < _CONSECUTIVE:
            return ""
        return (
            "Another consumer seems to pull from this account:"
            f" {counted(self._missing, 'waiting message')} disappeared without being pulled by"
            " this connection."
        )


def _report(answer: PullAnswer, decoded: DecodingResult) -> PullReport:
    return PullReport(
        delivery=decoded.delivery,
        message_ids=decoded.message_ids,
        announced=decoded.count,
        pending=decoded.pending,
        problem=answer.problem or decoded.problem,
        complete=answer.complete and not decoded.salvaged and _is_batch(decoded),
        error=answer.refusal,
    )


def _is_batch(decoded: DecodingResult) -> bool:
    """Return whether the body is a batch of messages, not empty or the page of a gateway."""
    return not decoded.problem or bool(decoded.message_ids) or decoded.count == 0


def _this_process() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _other_note(path: Path) -> str:
    """Return the note of a lock that another part holds: of this process it is another window."""
    return holder_note(path).replace(_this_process(), "another window")


def _other_holder(lock: FileLock) -> str:
    if lock.held or not lock.path.exists():
        return ""
    # The note is that of the holder; a file that is not locked was left by a process that died.
    note, probe = holder_note(lock.path), FileLock(lock.path)
    try:
        if not probe.acquire(note):
            return _other_note(lock.path)
    except OSError:
        return ""
    probe.discard()
    return ""
