"""Running a job: requests under way, their pace, and the ledger before and after each.

The loop of a run is never cancelled: what was committed as being sent is sent, or withdrawn, and
what ended is recorded. A caller that is cancelled makes it stop soon.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, Protocol, Self, TypeVar

from ibconsole.archive.ledger import (
    BuiltRequest,
    EndedRequest,
    Ledger,
    Outcome,
    Redelivery,
    RedeliveryOptions,
    RedeliveryState,
)
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.http1 import RequestTrace
from ibconsole.services.audit import user_name
from ibconsole.services.redelivery.forms import RequestBuilder
from ibconsole.services.redelivery.outcomes import (
    activity_entry,
    ended_request,
    stopped_request,
)
from ibconsole.services.redelivery.values import (
    RedeliveryProgress,
    retry_law_of,
    sender_of,
)
from ibconsole.services.request_log import Entry
from ibconsole.tasks import Tasks, run_to_completion

_GRACE = 3.0  # seconds in which requests under way may end when the program does
_REPORT_INTERVAL = 0.5
_LOOK_AGAIN = 2.0  # for decisions of other processes
_BURST = 0.1  # seconds of requests that may be sent at once
_PERMITTED = 1.0  # seconds until it is asked again whether anything may be sent
_NOT_BEGUN = "It was stopped before it was sent."

P = ParamSpec("P")
T = TypeVar("T")
OnProgress = Callable[[RedeliveryProgress], object]


class RequestPoster(Protocol):
    """Sends the bytes of one request to the URL of a job; a failure is a result."""

    async def __call__(self, request: bytes, /) -> RequestTrace: ...


class RedeliveryControl:
    """The wishes of a user about a job that runs; belongs to the loop of the run."""

    def __init__(self) -> None:
        self.state: RedeliveryState | None = None
        self.problem = ""
        self.deadline: float | None = None
        self.wake = asyncio.Event()

    def pause(self, problem: str = "") -> None:
        """Send nothing more, and pause the job once the requests under way have ended."""
        self._stop(RedeliveryState.PAUSED, problem)

    def cancel(self) -> None:
        """Send nothing more, and skip what waits; requests under way end first."""
        self.state = None
        self._stop(RedeliveryState.CANCELLED)

    def hurry(self) -> None:
        """Pause the job soon: give up requests under way that do not end in a few seconds."""
        self.deadline = time.monotonic() + _GRACE
        self.pause()

    def _stop(self, state: RedeliveryState, problem: str = "") -> None:
        if self.state is None:
            self.state, self.problem = state, problem
        self.wake.set()


class Pace:
    """A limit of requests a second; 0 for none. `clock` returns seconds."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._most = max(1.0, rate * _BURST)
        self._credit = 1.0
        self._at = clock()

    def permitted(self, wanted: int) -> int:
        """Return how many of the wanted requests may be sent now."""
        if not self._rate:
            return wanted
        now = self._clock()
        self._credit = min(self._most, self._credit + (now - self._at) * self._rate)
        self._at = now
        return min(wanted, int(self._credit))

    def spend(self, sent: int) -> None:
        """Count requests that are sent."""
        self._credit -= sent if self._rate else 0

    @property
    def wait(self) -> float:
        """The seconds until the next request may be sent."""
        return max(0.0, (1.0 - self._credit) / self._rate) if self._rate else 0.0


class RedeliveryRunner:
    """Runs one job, whose requests `post` sends; `permit` raises NotPermitted if none may be sent.

    `log_request` is called with each request.
    """

    def __init__(
        self,
        archive: Path,
        post: RequestPoster,
        *,
        permit: Callable[[], None] = lambda: None,
        log_request: Callable[[Entry], object] = lambda _: None,
    ) -> None:
        self._archive = archive
        self._post = post
        self._permit = permit
        self._log_request = log_request

    async def run(
        self,
        job: Redelivery,
        on_progress: OnProgress = lambda _: None,
        control: RedeliveryControl | None = None,
    ) -> Redelivery:
        """Run a job until nothing waits or it is stopped, and return it as it is then.

        The caller holds the lock of the job. If the caller is cancelled, the job is paused. Raises
        ArchiveError if the ledger cannot be written.
        """
        control = control or RedeliveryControl()
        failures: list[BaseException] = []
        tasks = Tasks(lambda _, error: failures.append(error))
        with _LedgerThread(self._archive, job) as thread:
            run = _Run(job, thread, self, control, on_progress)
            tasks.start("run", run.run)
            try:
                await tasks.settled()
            except asyncio.CancelledError:
                control.hurry()
                await run_to_completion(tasks.settled())
                raise
        if failures:
            raise failures[0]
        return run.job

    async def send(self, job: Redelivery, request: BuiltRequest) -> EndedRequest:
        """Send one request, and return its end."""
        at = now_ms()
        try:
            trace = await self._post(request.data)
        except asyncio.CancelledError:
            return stopped_request(request)
        self._log_request(activity_entry(job.id, job.url, request, trace, at))
        return ended_request(job.id, request, trace, at)

    def require(self) -> None:
        """Raise NotPermitted if nothing may be sent now."""
        self._permit()


class _LedgerThread:
    """The ledger of a job, on a thread of its own."""

    def __init__(self, archive: Path, job: Redelivery) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="redelivery")
        self._archive = archive
        self._job = job
        self._ledger: Ledger | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ledger:
            self._thread.submit(self._ledger.close).result()
        self._thread.shutdown()

    async def open(self) -> Ledger:
        """Open the ledger."""
        self._ledger = await self.run(self._open)
        return self._ledger

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in the thread."""
        return await asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))

    def _open(self) -> Ledger:
        job, options = self._job, self._job.options
        builder = RequestBuilder(job.url, job.form, sender_of(options), options.batch_size)
        return Ledger(self._archive, job.id, builder.build, retry_law_of(options).delay)


class _Run:
    """One run of a job; `job` is the job as it was last seen."""

    def __init__(
        self,
        job: Redelivery,
        thread: _LedgerThread,
        runner: RedeliveryRunner,
        control: RedeliveryControl,
        on_progress: OnProgress,
    ) -> None:
        self.job = job
        self._thread = thread
        self._runner = runner
        self._control = control
        self._on_progress = on_progress
        self._failures: list[BaseException] = []
        self._requests = Tasks(self._on_failure)
        self._ended: list[EndedRequest] = []
        self._under_way = 0
        self._next_due: int | None = 0  # None: nothing waits; 0: not known
        self._pace = Pace(job.options.rate)
        self._reported_at = 0.0
        self._permitted_until = 0.0
        self._done: tuple[float, int] | None = None  # the time and the number at the last report

    @property
    def _options(self) -> RedeliveryOptions:
        return self.job.options

    async def run(self) -> None:
        """Deliver until nothing waits or the job is stopped, and store the state at the end."""
        ledger = await self._thread.open()
        await self._thread.run(ledger.recover)
        await self._thread.run(ledger.set_state, self.job.id, RedeliveryState.RUNNING)
        try:
            await self._deliver(ledger)
        except UserError as error:
            self._control.pause(str(error))
        finally:
            await self._end_requests(ledger)
        await self._store_end(ledger)
        if self._failures:
            raise self._failures[0]

    async def _deliver(self, ledger: Ledger) -> None:
        while self._control.state is None:
            self._control.wake.clear()
            await self._step(ledger)
            await self._report(ledger)
            if self._is_idle() and await self._thread.run(ledger.finish_if_done, self.job.id):
                return
            await self._wait()

    async def _step(self, ledger: Ledger) -> None:
        """Record what has ended, and begin the next requests."""
        wanted = self._wanted()
        if wanted and time.monotonic() >= self._permitted_until:
            self._runner.require()
            self._permitted_until = time.monotonic() + _PERMITTED
        ended, self._ended = self._ended, []
        if not ended and not wanted:
            return
        try:
            requests, self._next_due = await self._thread.run(_exchange, ledger, ended, wanted)
        except UserError:
            self._ended = [*ended, *self._ended]
            raise
        self._pace.spend(len(requests))
        if self._control.state is not None:
            self._ended += [_withdrawn(one) for one in requests]
            return
        for request in requests:
            self._under_way += 1
            self._requests.start(request.id, self._send, request)

    def _wanted(self) -> int:
        """Return how many requests may begin now, if anything is due."""
        if self._next_due is None or self._next_due > now_ms():
            return 0
        return self._pace.permitted(self._options.parallelism - self._under_way)

    async def _send(self, request: BuiltRequest) -> None:
        ended = await self._runner.send(self.job, request)
        self._under_way -= 1
        self._ended.append(ended)
        self._next_due = 0
        if self._options.stop_on_failure and ended.outcome is not Outcome.ACKNOWLEDGED:
            self._control.pause(f"It stopped at the first failure: {ended.problem}")
        self._control.wake.set()

    def _is_idle(self) -> bool:
        return not self._under_way and not self._ended and self._next_due is None

    async def _wait(self) -> None:
        """Wait until something has ended, may be sent, or is wanted by a user."""
        pause = _LOOK_AGAIN
        if self._next_due is None and not self._under_way:
            self._next_due, pause = 0, 0.0
        elif self._next_due is not None and self._under_way < self._options.parallelism:
            pause = min(pause, max(self._pace.wait, (self._next_due - now_ms()) / 1000))
        if pause > 0:
            try:
                async with asyncio.timeout(pause):
                    await self._control.wake.wait()
            except TimeoutError:
                # A decision of another process may have made something due.
                self._next_due = 0
        else:
            await asyncio.sleep(0)

    async def _end_requests(self, ledger: Ledger) -> None:
        """Let the requests under way end, and record that."""
        while self._under_way:
            self._control.wake.clear()
            deadline = self._control.deadline
            left = _LOOK_AGAIN if deadline is None else deadline - time.monotonic()
            if left <= 0:
                await self._requests.close()
                break
            try:
                async with asyncio.timeout(min(left, _LOOK_AGAIN)):
                    await self._control.wake.wait()
            except TimeoutError:
                continue
        await self._requests.settled()
        ended, self._ended = self._ended, []
        if ended:
            await self._thread.run(ledger.exchange, ended, 0)

    async def _store_end(self, ledger: Ledger) -> None:
        control, job = self._control, self.job.id
        if control.state is RedeliveryState.CANCELLED:
            await self._thread.run(ledger.cancel, job, by=user_name())
        elif control.state is not None:
            await self._thread.run(ledger.set_state, job, RedeliveryState.PAUSED, control.problem)
        await self._report(ledger, force=True)

    async def _report(self, ledger: Ledger, *, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._reported_at < _REPORT_INTERVAL:
            return
        self._reported_at = now
        self.job = await self._thread.run(ledger.job, self.job.id)
        counts = await self._thread.run(ledger.counts, self.job.id)
        done, before = counts.total - counts.open, self._done
        self._done = (now, done)
        speed = (done - before[1]) / (now - before[0]) if before and now > before[0] else 0.0
        self._on_progress(
            RedeliveryProgress(
                job=self.job,
                counts=counts,
                under_way=self._under_way,
                per_second=max(speed, 0.0),
                next_due=self._next_due or None,
            )
        )

    def _on_failure(self, _: str, error: BaseException) -> None:
        """A fault of this program: stop, and leave the request as unknown to the next run."""
        self._failures.append(error)
        self._under_way -= 1
        self._control.pause("The program failed; see its log.")


def _exchange(
    ledger: Ledger, ended: Sequence[EndedRequest], wanted: int
) -> tuple[Sequence[BuiltRequest], int | None]:
    """Exchange with the ledger; return the requests, and the time at which more are due.

    That is 0 if there may be more now.
    """
    requests = ledger.exchange(ended, wanted)
    if len(requests) == wanted and wanted:
        return requests, 0
    return requests, ledger.next_due()


def _withdrawn(request: BuiltRequest) -> EndedRequest:
    return EndedRequest(
        id=request.id,
        items=request.items,
        outcome=Outcome.NOT_SENT,
        problem=_NOT_BEGUN,
        withdrawn=True,
    )
