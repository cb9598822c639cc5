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
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from ibconsole.api import ApiError, PullAnswer, Unauthorized
from ibconsole.archive import Decoded, FileLock, holder_note
from ibconsole.errors import UserError
from ibconsole.services.account import Account
from ibconsole.services.places import Places
from ibconsole.services.status import PullStatus
from ibconsole.services.writing import ArchiveWriter
from ibconsole.tasks import unbroken


class PullBusy(UserError):
    """Somebody on this machine is pulling from this account."""


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
    messages may be missing. `error` is the platform's refusal, if it refused.
    """

    delivery: int
    message_ids: tuple[int, ...]
    announced: int | None
    pending: int | None
    problem: str
    complete: bool
    error: ApiError | None = None

    @property
    def messages(self) -> int:
        """How many messages are stored."""
        return len(self.message_ids)


class Puller:
    """Pulls from one account, one request at a time on the whole machine."""

    def __init__(
        self,
        account: Account,
        source: PullSource,
        writer: ArchiveWriter,
        places: Places,
        changed: Callable[[PullStatus], None],
    ) -> None:
        self._account = account
        self._source = source
        self._writer = writer
        self._lock_path = places.locks / f"pull-{_named(account.base_url)}.lock"
        self._lock = FileLock(self._lock_path)
        self._changed = changed
        self._status = PullStatus()
        self._idle = asyncio.Event()
        self._idle.set()

    async def pull(self, limit: int | None) -> PullReport:
        """Take up to `limit` waiting messages, for everybody: they are handed out once.

        Returns when they are on disk and decoded, also where the answer was broken or a
        refusal. Raises PullBusy, ArchiveError or Unreachable if no request was sent.
        Being cancelled ends the wait only after the answer is stored.
        """
        if not self._lock.take(f"process {os.getpid()} on {socket.gethostname()}"):
            raise PullBusy(
                "Another pull on this account is under way on this computer"
                f" ({holder_note(self._lock_path)}); nothing was requested."
            )
        self._idle.clear()
        try:
            return await unbroken(self._pull(limit))
        finally:
            self._lock.release()
            self._idle.set()

    async def idle(self) -> None:
        """Wait until no pull is under way."""
        await self._idle.wait()

    async def _pull(self, limit: int | None) -> PullReport:
        self._tell("pulling", "A pull is under way; it cannot be cancelled, or messages were lost.")
        try:
            report = await self._ask(limit)
        except Exception as error:
            self._tell("failed", str(error))
            raise
        self._conclude(report)
        return report

    async def _ask(self, limit: int | None) -> PullReport:
        delivery = await self._writer.begin_pull(
            connection=self._account.connection, base_url=self._account.base_url, limit=limit
        )

        async def receive(data: bytes) -> None:
            await self._writer.append_body(delivery, data)

        try:
            answer = await self._source.pull(limit, receive=receive)
        except ApiError as error:
            await self._writer.fail_pull(delivery, str(error))
            raise
        decoded = await self._writer.finish_pull(
            delivery,
            status=answer.status,
            headers=answer.headers,
            complete=answer.complete,
            problem=answer.problem,
            mask=answer.mask,
        )
        return _report(answer, decoded)

    def _conclude(self, report: PullReport) -> None:
        self._status = replace(
            self._status, last_at=time.time_ns() // 1_000_000, pending=report.pending
        )
        if report.error:
            state = "rejected" if isinstance(report.error, Unauthorized) else "failed"
            self._tell(state, str(report.error))
        elif report.problem:
            self._tell("failed", report.problem)
        else:
            self._tell("idle", f"{report.messages} messages pulled.")

    def _tell(self, state: str, sentence: str) -> None:
        self._status = replace(self._status, state=state, sentence=sentence)
        self._changed(self._status)


def _report(answer: PullAnswer, decoded: Decoded) -> PullReport:
    return PullReport(
        delivery=decoded.delivery,
        message_ids=decoded.message_ids,
        announced=decoded.count,
        pending=decoded.pending,
        problem=answer.problem or decoded.problem,
        complete=answer.complete and not decoded.salvaged and _understood(decoded),
        error=answer.refusal,
    )


def _understood(decoded: Decoded) -> bool:
    """Whether the body was a batch at all; an empty one, or a gateway's page, is none."""
    return not decoded.problem or bool(decoded.message_ids) or decoded.count is not None


def _named(base_url: str) -> str:
    return hashlib.sha256(base_url.encode()).hexdigest()[:16]
