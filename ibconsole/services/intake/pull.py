"""The pull: the one request that destroys what it reads.

What keeps a message from being lost stands here in the order in which it happens: the lock
that keeps a second puller away, the intent on disk, the request, every piece of the body on
disk as it arrives, and only then the decoding. Nothing here repeats a pull, and once the
request may have been sent nothing here can be cancelled.
"""

import asyncio
import hashlib
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ibconsole.api import ApiError, PullAnswer, Unauthorized, asked_by
from ibconsole.archive import ArchiveError, DecodingResult, translated
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.files import FileLock, holder_note
from ibconsole.services.connections import Account
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.spill_file import SpilledPull, SpillFile
from ibconsole.services.intake.spool import NotStored, Spool
from ibconsole.services.runtime import Paths, PullState, PullStatus
from ibconsole.tasks import unbroken

_TIMES = 2  # once may be a message that the platform itself dropped


class CompetingConsumers:
    """Keeps account of what should still be waiting, pull by pull."""

    def __init__(self) -> None:
        self._pending: int | None = None
        self._times = 0
        self._missing = 0

    def note(self, taken: int, pending: int | None) -> None:
        """A pull took so many messages, and so many are said to be waiting behind it.

        Where that was not said nothing can be concluded from it, nor from the next one.
        """
        missing = 0
        if pending is not None and self._pending is not None:
            missing = self._pending - taken - pending
        self._pending = pending
        if missing > 0:
            self._times += 1
            self._missing += missing
        else:
            self._times = self._missing = 0

    @property
    def sentence(self) -> str:
        """What there is to say about it; empty as long as nothing speaks for it."""
        if self._times < _TIMES:
            return ""
        messages = "1 message has" if self._missing == 1 else f"{self._missing:,} messages have"
        return (
            f"Somebody else seems to be pulling from this account: {messages} gone from those"
            " that waited, and our own pulls did not take them."
        )


_UNDER_WAY = "A pull is under way; it cannot be cancelled, or messages were lost."


class PullBusy(UserError):
    """Somebody on this machine is pulling from this account."""


class NotRequested(UserError):
    """What comes could not be stored, so the platform was not asked."""


class PullSource(Protocol):
    """The platform, as far as a pull needs it."""

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer: ...


@dataclass(frozen=True, slots=True)
class PullReport:
    """What one pull brought.

    `messages` are stored; `announced` is how many the platform said there were, `pending`
    how many it said still wait; None where it did not say. `problem` is a sentence about
    what was odd or wrong with the answer, empty if nothing was; `complete` is false if
    messages may be missing. `error` is the platform's refusal, if it refused. `competing` is a
    sentence if somebody else seems to be pulling.
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
        """How many messages are stored."""
        return len(self.message_ids)

    @property
    def reckoning(self) -> str:
        """The numbers of an answer that was not whole."""
        recovered = f"Recovered {self.messages:,}"
        if self.announced is None:
            return f"{recovered}; how many the server handed out is not known."
        missing = max(self.announced - self.messages, 0)
        return f"{recovered}, the server said {self.announced:,}, {missing:,} not received."


class Puller:
    """Pulls from one account, one request at a time on the whole machine.

    `patience` is how many seconds an archive without room is waited for while an answer is
    held in memory.
    """

    def __init__(
        self,
        account: Account,
        source: PullSource,
        writer: ArchiveWriter,
        places: Paths,
        changed: Callable[[PullStatus], None],
        *,
        patience: float = 300.0,
    ) -> None:
        self._account = account
        self._source = source
        self._writer = writer
        self._patience = patience
        self._lock_path = places.pull_locks / f"pull-{_named(account.base_url)}.lock"
        self._lock = FileLock(self._lock_path)
        self._changed = changed
        self._status = PullStatus()
        self._rivals = CompetingConsumers()
        self._idle = asyncio.Event()
        self._idle.set()

    async def pull(self, limit: int | None) -> PullReport:
        """Take up to `limit` waiting messages, for everybody: they are handed out once.

        Returns when they are on disk and decoded, also where the answer was broken or a
        refusal. Raises PullBusy, NotRequested or Unreachable if no request was sent, and
        NotStored if the archive took none of the answer for five minutes. Being cancelled
        ends the wait only after the answer is stored.
        """
        with translated(self._lock_path):
            taken = self._lock.take(self._note())
        if not taken:
            raise PullBusy(
                "Another pull on this account is under way on this computer"
                f" ({holder_note(self._lock_path)}); nothing was requested."
            )
        self._idle.clear()
        try:
            return await unbroken(self._pull(limit))
        finally:
            self._lock.discard()
            self._idle.set()

    async def idle(self) -> None:
        """Wait until no pull is under way."""
        await self._idle.wait()

    async def _pull(self, limit: int | None) -> PullReport:
        self._tell(PullState.PULLING, _UNDER_WAY)
        try:
            report = await self._ask(limit)
        except Exception as error:
            self._tell(PullState.FAILED, str(error))
            raise
        return self._conclude(report)

    async def _ask(self, limit: int | None) -> PullReport:
        delivery = await self._begin(limit)
        spool = Spool(
            self._writer, delivery, self._rescue(limit), self._tell_held, patience=self._patience
        )
        try:
            answer = await self._source.pull(limit, receive=spool.take)
        except ApiError as error:
            await self._writer.fail_pull(delivery, str(error))
            raise
        except NotStored as error:
            answer = PullAnswer(None, (), complete=False, problem=str(error))
        await spool.settle()
        decoded = await spool.insist(
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

    async def _begin(self, limit: int | None) -> int:
        try:
            return await self._writer.begin_pull(
                connection=self._account.connection, base_url=self._account.base_url, limit=limit
            )
        except ArchiveError as error:
            raise NotRequested(f"Nothing was requested, so nothing is lost. {error}") from error

    def _rescue(self, limit: int | None) -> SpillFile:
        account = self._account
        return SpillFile(SpilledPull(account.connection, account.base_url, limit, now_ms()))

    def _conclude(self, report: PullReport) -> PullReport:
        sure = report.complete and not report.error
        self._rivals.note(report.messages, report.pending if sure else None)
        report = replace(report, competing=self._rivals.sentence)
        self._status = replace(
            self._status, last_at=now_ms(), pending=report.pending, competing=report.competing
        )
        if report.error:
            state = (
                PullState.REJECTED if isinstance(report.error, Unauthorized) else PullState.FAILED
            )
            self._tell(state, str(report.error))
        elif report.problem:
            self._tell(PullState.FAILED, report.problem)
        else:
            self._tell(PullState.IDLE, f"{report.messages} messages pulled.")
        return report

    def _tell_held(self, sentence: str) -> None:
        self._tell(PullState.HELD, sentence)

    def _tell(self, state: PullState, sentence: str) -> None:
        self._status = replace(self._status, state=state, sentence=sentence)
        self._changed(self._status)

    def _note(self) -> str:
        began = datetime.now().astimezone().strftime("%H:%M:%S")
        return (
            f"{asked_by.get() or 'ibconsole'}, connection {self._account.name}, process"
            f" {os.getpid()} on {socket.gethostname()}, since {began}"
        )


def _report(answer: PullAnswer, decoded: DecodingResult) -> PullReport:
    return PullReport(
        delivery=decoded.delivery,
        message_ids=decoded.message_ids,
        announced=decoded.count,
        pending=decoded.pending,
        problem=answer.problem or decoded.problem,
        complete=answer.complete and not decoded.salvaged and _understood(decoded),
        error=answer.refusal,
    )


def _understood(decoded: DecodingResult) -> bool:
    """Whether the body was a batch at all; an empty one, or a gateway's page, is none."""
    return not decoded.problem or bool(decoded.message_ids) or decoded.count is not None


def _named(base_url: str) -> str:
    """A base URL is an account's own; the platform's old one is shared by many.

    There accounts exclude each other, for nothing tells from outside which key is whose.
    """
    return hashlib.sha256(base_url.encode()).hexdigest()[:16]
