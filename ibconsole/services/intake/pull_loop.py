"""The pull loop: one pull after another, until nothing waits or at intervals.

Each pull asks for messages that were not requested before; none repeats one that failed. An
incomplete answer ends the loop: a fault that damages answers in transit would probably damage
the following ones too.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from ibconsole.api import NotPermitted, RateLimited, Refused
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.intake.permit import PermitLost
from ibconsole.services.intake.pull import PullBusy, PullReport
from ibconsole.services.intake.spool import NotStored
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime import PullLoopMode, PullLoopState, PullLoopStatus

SHORTEST_PAUSE = 1.0  # seconds; the platform accepts 10 requests in one second
LONGEST_BACKOFF = 300.0
DEFAULT_INTERVAL = 30.0
LARGEST_BATCH = (
    1000  # the maximum of the platform's sibling channels; that of pulls is not documented
)
_SMALLER_BATCHES = (500, 200, 100, 50, 20, 10)
_BAD_REQUEST = 400
_STOPPED = "Stopped."

OnReport = Callable[[PullReport], None]


class BatchPuller(Protocol):
    """The part of a puller that a loop needs: one pull."""

    async def pull(self, limit: int | None) -> PullReport: ...


class PullLoopResult(msgspec.Struct, frozen=True):
    """The result of a pull loop: `sentence` says why it ended, `report` is that of its last pull.

    `complete` is false if messages may be missing or the last pull failed.
    """

    messages: int
    batches: int
    sentence: str
    complete: bool
    report: PullReport | None = None


class PullSchedule:
    """The pauses between two pulls, in seconds. `interval` applies while nothing waits."""

    def __init__(
        self, interval: float = DEFAULT_INTERVAL, *, shortest: float = SHORTEST_PAUSE
    ) -> None:
        self._shortest = shortest
        self._interval = max(interval, shortest)
        self._failures = 0

    def pause_after_success(self, pending: int | None) -> float:
        """Return the pause after a complete answer: the shortest one while messages wait."""
        self._failures = 0
        return self._shortest if pending else self._interval

    def pause_after_failure(self, error: Exception) -> float:
        """Return the pause after a transient failure: doubled each time, up to five minutes.

        Longer if the platform asked for it (Retry-After). The shortest one if the right to pull was
        lost: nothing was requested, and a standby may have to take over.
        """
        if isinstance(error, PermitLost):
            return self._shortest
        self._failures += 1
        longest = max(LONGEST_BACKOFF, self._interval)
        pause: float = min(self._interval * 2.0 ** min(self._failures, 32), longest)
        retry_after = error.retry_after if isinstance(error, RateLimited) else 0.0
        return max(pause, retry_after)


class BatchSize:
    """The number of messages that one pull of a loop asks for: as many as the platform accepts.

    It begins with `limit`, or with LARGEST_BATCH. The platform hands out nothing with a refusal,
    so a size that it refuses is followed by the next smaller one.
    """

    def __init__(self, limit: int | None) -> None:
        self._size = limit or LARGEST_BATCH

    def up_to(self, remaining: int | None) -> int:
        """Return the number to ask for if at most `remaining` messages are wanted."""
        return self._size if remaining is None else min(self._size, remaining)

    def step_down(self, asked: int, report: PullReport) -> bool:
        """Return True if `asked` was refused and a smaller number can be tried, which is chosen."""
        refusal = report.error
        if not isinstance(refusal, Refused) or refusal.status != _BAD_REQUEST or report.messages:
            return False
        smaller = next((size for size in _SMALLER_BATCHES if size < asked), None)
        self._size = smaller or self._size
        return smaller is not None


class PullLoop:
    """Pulls repeatedly from one account; at most one loop runs at a time.

    `on_status` is called with every change of state. `poll_interval` is the number of seconds
    between two checks for a suspended computer, `shortest_pause` that between two pulls while
    messages wait.
    """

    def __init__(
        self,
        puller: BatchPuller,
        on_status: Callable[[PullLoopStatus], None],
        *,
        suspend_detector: SuspendDetector | None = None,
        shortest_pause: float = SHORTEST_PAUSE,
        poll_interval: float = 1.0,
    ) -> None:
        self._puller = puller
        self._on_status = on_status
        self._on_report: OnReport | None = None
        self._suspend_detector = suspend_detector or SuspendDetector()
        self._shortest_pause = shortest_pause
        self._poll_interval = poll_interval
        self._status = PullLoopStatus()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def running(self) -> bool:
        """True from the start of a loop until its end."""
        return not self._ended.is_set()

    def stop(self) -> None:
        """Start no further pull; a pull in progress ends first."""
        self._stop.set()

    async def stop_and_wait(self) -> None:
        """Stop, and wait until the loop has ended."""
        self.stop()
        await self._ended.wait()

    async def run_until_empty(
        self,
        limit: int | None,
        *,
        max_messages: int | None = None,
        on_report: OnReport | None = None,
    ) -> PullLoopResult:
        """Pull batches of up to `limit` messages until the platform says that none waits.

        Without a limit, a batch is as large as the platform accepts (BatchSize).
        Ends also after `max_messages` messages in all, at an empty batch, if the platform does
        not say what waits, at the first problem, and when stopped. `on_report` is called with
        every report. Raises what `Puller.pull` raises if not even the first request was sent,
        and PullBusy if a loop is running.
        """
        self._begin(PullLoopMode.UNTIL_EMPTY, on_report)
        try:
            return await self._run_until_empty(limit, max_messages)
        finally:
            self._end()

    async def run_continuously(
        self, limit: int | None, interval: float, *, on_report: OnReport | None = None
    ) -> PullLoopResult:
        """Pull every `interval` seconds, and without a pause while messages wait, until stopped.

        The batches are those of `run_until_empty`. Backs off after transient failures. Ends if
        the credential is refused, and at an incomplete answer. Raises PullBusy if a loop is
        running.
        """
        self._begin(PullLoopMode.AUTO, on_report)
        try:
            schedule = PullSchedule(interval, shortest=self._shortest_pause)
            return await self._run_continuously(limit, schedule)
        finally:
            self._end()

    async def _run_until_empty(self, limit: int | None, max_messages: int | None) -> PullLoopResult:
        report, size = None, BatchSize(limit)
        while not self._stop.is_set():
            remaining = max_messages and max_messages - self._status.messages
            try:
                report = await self._pull(size, remaining)
            except UserError as error:
                if not self._status.batches:
                    raise
                return self._result(str(error), complete=False, report=report)
            if reason := _reason_to_end(report):
                return self._result(reason, complete=_is_sound(report), report=report)
            if max_messages is not None and self._status.messages >= max_messages:
                return self._result(_limit_reached(report), report=report)
        return self._result(_STOPPED, report=report)

    async def _run_continuously(self, limit: int | None, schedule: PullSchedule) -> PullLoopResult:
        report, size = None, BatchSize(limit)
        while not self._stop.is_set():
            try:
                report = await self._pull(size)
            except UserError as error:
                failure: UserError | None = error
            else:
                failure = report.error
            if failure and not is_transient(failure):
                return self._result(str(failure), complete=False, report=report)
            if failure:
                pause = schedule.pause_after_failure(failure)
                await self._pause(PullLoopState.BACKING_OFF, pause, str(failure))
            elif report and not report.complete:
                return self._result(_incomplete(report), complete=False, report=report)
            elif report:
                pause = schedule.pause_after_success(report.pending)
                await self._pause(PullLoopState.WAITING, pause)
        return self._result(_STOPPED, report=report)

    async def _pull(self, size: BatchSize, remaining: int | None = None) -> PullReport:
        self._update(state=PullLoopState.PULLING, next_at=None, sentence="")
        report = await self._puller.pull(asked := size.up_to(remaining))
        while size.step_down(asked, report) and not self._stop.is_set():
            report = await self._puller.pull(asked := size.up_to(remaining))
        self._update(
            batches=self._status.batches + 1,
            messages=self._status.messages + report.messages,
            last_at=now_ms() if report.messages else self._status.last_at,
        )
        if self._on_report:
            self._on_report(report)
        return report

    async def _pause(self, state: PullLoopState, seconds: float, sentence: str = "") -> None:
        """Wait for the next pull; a suspension of the computer ends the wait."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        self._update(state=state, next_at=now_ms() + round(1000 * seconds), sentence=sentence)
        self._suspend_detector.check()
        while (left := due - loop.time()) > 0 and not self._stop.is_set():
            try:
                await asyncio.wait_for(self._stop.wait(), min(left, self._poll_interval))
            except TimeoutError:
                if suspended := self._suspend_detector.check():
                    self._update(suspended=suspended)
                    return

    def _begin(self, mode: PullLoopMode, on_report: OnReport | None) -> None:
        if self.running:
            raise PullBusy("A pull loop is already running on this account; nothing was requested.")
        self._ended.clear()
        self._stop.clear()
        self._on_report = on_report
        self._status = PullLoopStatus(mode=mode, since=now_ms())

    def _end(self) -> None:
        self._ended.set()
        self._update(state=PullLoopState.STOPPED, next_at=None)

    def _result(
        self, sentence: str, *, complete: bool = True, report: PullReport | None = None
    ) -> PullLoopResult:
        self._update(sentence=sentence, failed=not complete)
        return PullLoopResult(
            self._status.messages, self._status.batches, sentence, complete, report
        )

    def _update(self, **fields: Any) -> None:
        self._status = replace(self._status, **fields)
        self._on_status(self._status)


def is_transient(error: Exception) -> bool:
    """Return whether the next pull may succeed without an action of the user.

    An answer that could not be stored is not transient: the next one must not be requested. A
    pull that is not permitted needs the user.
    """
    if isinstance(error, NotStored | NotPermitted):
        return False
    return not isinstance(error, Refused) or isinstance(error, RateLimited)


def _reason_to_end(report: PullReport) -> str:
    if report.error:
        return str(report.error)
    if not _is_sound(report):
        return _incomplete(report)
    if not report.messages:
        return "No more messages were waiting."
    if report.pending is None:
        return "The platform did not say how many are still waiting."
    return "" if report.pending else "No more messages are waiting."


def _limit_reached(report: PullReport) -> str:
    if report.pending is None:
        return "Limit reached; the platform did not say how many are still waiting."
    return f"Limit reached; {report.pending:,} still waiting."


def _is_sound(report: PullReport) -> bool:
    return report.complete and not report.error


def _incomplete(report: PullReport) -> str:
    return f"No further pull was started, because this answer was incomplete. {report.shortfall}"
