"""Pulls in a row: until nothing waits any more, or from time to time.

Each is a request of its own for messages that nobody asked for before; none is a repetition
of one that failed. Where an answer was not whole no further one is begun: whatever damages
answers on their way would cost one batch after the other.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from ibconsole.api import RateLimited, Refused
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.intake.pull import PullBusy, PullReport
from ibconsole.services.intake.spool import NotStored
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime import RepeatMode, RepeatState, RepeatStatus

SHORTEST = 1.0  # seconds; the platform takes 10 requests in one
LONGEST = 300.0
DEFAULT = 30.0


class PullSchedule:
    """The seconds between two pulls. `interval` is kept while nothing waits."""

    def __init__(self, interval: float = DEFAULT) -> None:
        self._interval = max(interval, SHORTEST)
        self._failures = 0

    def after_messages(self, pending: int | None) -> float:
        """After an answer that was whole: at once if the platform says that more wait."""
        self._failures = 0
        return SHORTEST if pending else self._interval

    def after_failure(self, error: Exception) -> float:
        """After a failure that may pass: twice as long each time, up to five minutes.

        A platform that asked to be left alone for longer is.
        """
        self._failures += 1
        longest = max(LONGEST, self._interval)
        wait: float = min(self._interval * 2.0 ** min(self._failures, 32), longest)
        asked = error.retry_after if isinstance(error, RateLimited) else 0.0
        return max(wait, asked)


def may_pass(error: Exception) -> bool:
    """Whether the next pull may do better, by itself.

    A disk that did not take an answer must not get the next one.
    """
    if isinstance(error, NotStored):
        return False
    return not isinstance(error, Refused) or isinstance(error, RateLimited)


Pulled = Callable[[PullReport], None]

_SLICE = 1.0


class PullsOnce(Protocol):
    """Whoever pulls, once."""

    async def pull(self, limit: int | None) -> PullReport: ...


@dataclass(frozen=True, slots=True)
class RunResult:
    """How pulls in a row ended: `sentence` says why, `report` is the last one's.

    `whole` is false if messages may be missing or the last pull failed.
    """

    messages: int
    batches: int
    sentence: str
    whole: bool
    report: PullReport | None = None


class PullLoop:
    """Pulls in a row from one account; at most one row at a time.

    `changed` is told of every step.
    """

    def __init__(
        self,
        puller: PullsOnce,
        changed: Callable[[RepeatStatus], None],
        *,
        jumps: SuspendDetector | None = None,
    ) -> None:
        self._puller = puller
        self._changed = changed
        self._pulled: Pulled | None = None
        self._jumps = jumps or SuspendDetector()
        self._status = RepeatStatus()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def running(self) -> bool:
        """Whether a row has begun and not ended."""
        return not self._ended.is_set()

    def stop(self) -> None:
        """Begin no further pull; the one under way ends first."""
        self._stop.set()

    async def stopped(self) -> None:
        """Stop, and wait until it has."""
        self.stop()
        await self._ended.wait()

    async def until_empty(
        self, limit: int | None, *, most: int | None = None, pulled: Pulled | None = None
    ) -> RunResult:
        """Pull batches of up to `limit` while the platform says that more wait.

        At most `most` messages in all. Ends also at an empty batch, where the platform does
        not say what waits, at the first problem, and when stopped. Raises what `Puller.pull`
        raises if no request at all could be sent, PullBusy if a row is at work already.
        `pulled` is told of every answer.
        """
        self._begin(RepeatMode.UNTIL_EMPTY, pulled)
        try:
            return await self._drain(limit, most)
        finally:
            self._end()

    async def follow(
        self, limit: int | None, interval: float, *, pulled: Pulled | None = None
    ) -> RunResult:
        """Pull every `interval` seconds, at once while messages wait, until stopped.

        Backs off where nothing was requested or the platform failed; ends where it does
        not accept the credential, and where an answer was not whole.
        """
        self._begin(RepeatMode.AUTO, pulled)
        try:
            return await self._follow(limit, PullSchedule(interval))
        finally:
            self._end()

    async def _drain(self, limit: int | None, most: int | None) -> RunResult:
        report = None
        while not self._stop.is_set():
            wanted = _smaller(limit, most and most - self._status.messages)
            try:
                report = await self._pull(wanted)
            except UserError as error:
                if not self._status.batches:
                    raise
                return self._result(str(error), whole=False, report=report)
            if reason := _reason_to_end(report):
                return self._result(reason, whole=_is_sound(report), report=report)
            if most is not None and self._status.messages >= most:
                return self._result("That is as many as were wanted.", report=report)
        return self._result("Stopped.", report=report)

    async def _follow(self, limit: int | None, pace: PullSchedule) -> RunResult:
        report = None
        while not self._stop.is_set():
            try:
                report = await self._pull(limit)
            except UserError as error:
                failure: UserError | None = error
            else:
                failure = report.error
            if failure and not may_pass(failure):
                return self._result(str(failure), whole=False, report=report)
            if failure:
                await self._wait(RepeatState.BACKING_OFF, pace.after_failure(failure), str(failure))
            elif report and not report.complete:
                return self._result(_unsound(report), whole=False, report=report)
            elif report:
                await self._wait(RepeatState.WAITING, pace.after_messages(report.pending))
        return self._result("Stopped.", report=report)

    async def _pull(self, limit: int | None) -> PullReport:
        self._tell(state=RepeatState.PULLING, next_at=None, sentence="")
        report = await self._puller.pull(limit)
        self._tell(
            batches=self._status.batches + 1,
            messages=self._status.messages + report.messages,
            last_at=now_ms() if report.messages else self._status.last_at,
        )
        if self._pulled:
            self._pulled(report)
        return report

    async def _wait(self, state: RepeatState, seconds: float, sentence: str = "") -> None:
        """Wait for the next turn; a computer that slept wakes up to one."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        self._tell(state=state, next_at=now_ms() + round(1000 * seconds), sentence=sentence)
        self._jumps.noticed()
        while (left := due - loop.time()) > 0 and not self._stop.is_set():
            try:
                await asyncio.wait_for(self._stop.wait(), min(left, _SLICE))
            except TimeoutError:
                if jump := self._jumps.noticed():
                    self._tell(suspended=jump)
                    return

    def _begin(self, mode: RepeatMode, pulled: Pulled | None) -> None:
        if self.running:
            raise PullBusy("Pulls in a row are at work on this account; nothing was requested.")
        self._ended.clear()
        self._stop.clear()
        self._pulled = pulled
        self._status = RepeatStatus(mode=mode, since=now_ms())

    def _end(self) -> None:
        self._ended.set()
        self._tell(state=RepeatState.STOPPED, next_at=None)

    def _result(
        self, sentence: str, *, whole: bool = True, report: PullReport | None = None
    ) -> RunResult:
        self._tell(sentence=sentence, failed=not whole)
        return RunResult(self._status.messages, self._status.batches, sentence, whole, report)

    def _tell(self, **news: object) -> None:
        self._status = replace(self._status, **news)  # type: ignore[arg-type]  # checked by replace
        self._changed(self._status)


def _reason_to_end(report: PullReport) -> str:
    if report.error:
        return str(report.error)
    if not _is_sound(report):
        return _unsound(report)
    if not report.messages:
        return "Nothing more was waiting."
    if report.pending is None:
        return "The platform did not say how many still wait."
    return "" if report.pending else "Nothing waits any more."


def _is_sound(report: PullReport) -> bool:
    return report.complete and not report.error


def _unsound(report: PullReport) -> str:
    return f"No further pull is begun, for this answer was not whole. {report.reckoning}"


def _smaller(one: int | None, other: int | None) -> int | None:
    return min((number for number in (one, other) if number is not None), default=None)
