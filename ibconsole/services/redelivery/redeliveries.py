"""The redeliveries of a console: planned, made, run, and decided about, within its protection."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from ibconsole.api import Call, CallKind, CallOutcome, CallState
from ibconsole.archive import ArchiveError
from ibconsole.archive.ledger import (
    Decision,
    ItemState,
    JobWriter,
    Ledger,
    LedgerReader,
    Redelivery,
    RedeliveryBusy,
    RedeliveryState,
    hold_job,
)
from ibconsole.errors import UserError
from ibconsole.http1 import RequestTrace, parse_target
from ibconsole.services.audit import Audit, user_name
from ibconsole.services.forward_test import ForwardTester, proxy_of
from ibconsole.services.redelivery.owners import SendingRules, owners_among
from ibconsole.services.redelivery.planning import create_redelivery, plan_redelivery
from ibconsole.services.redelivery.runner import (
    OnProgress,
    RedeliveryControl,
    RedeliveryRunner,
    RequestPoster,
)
from ibconsole.services.redelivery.values import (
    RedeliveryPlan,
    RedeliveryProgress,
    RedeliveryRequest,
)
from ibconsole.services.request_log import ActivityLog, redact_url
from ibconsole.tasks import run_to_completion

T = TypeVar("T")
_LONGEST_ANSWER = 1 << 20  # bytes that are read of one; a longer one is not read to its end


class Redeliveries:
    """Every operation on the redeliveries of one archive; belongs to the engine's loop.

    `rules` say where the messages may be sent, when a job is made and as long as it runs.
    """

    def __init__(
        self, archive: Path, activity: ActivityLog, rules: SendingRules, audit: Audit
    ) -> None:
        self._archive = archive
        self._activity = activity
        self._rules = rules
        self._audit = audit
        self._running: dict[int, RedeliveryControl] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.progress: dict[int, RedeliveryProgress] = {}  # of the jobs that run here

    async def plan(self, request: RedeliveryRequest) -> RedeliveryPlan:
        """Return what a redelivery would do; nothing is stored or sent.

        Raises BadRedelivery, NotPermitted if its URL may not be sent to, SettingsError and
        ArchiveError.
        """
        await self.require(request.url, await self.owners_of(request))
        return await asyncio.to_thread(plan_redelivery, self._archive, request)

    async def create(self, request: RedeliveryRequest) -> Redelivery:
        """Store a job that is ready to run; nothing is sent. Raises as `plan`."""
        await self.require(request.url, await self.owners_of(request))
        job = await asyncio.to_thread(create_redelivery, self._archive, request)
        return await self.job(job)

    async def job(self, job: int) -> Redelivery:
        """Return a job. Raises ArchiveError if there is none with this id."""
        return await self._write(lambda writer: writer.job(job))

    async def run(self, job: int, on_progress: OnProgress = lambda _: None) -> Redelivery:
        """Run a job, or resume it, until nothing waits or it is stopped; see `RedeliveryRunner`.

        Raises NotPermitted, also if its start cannot be recorded in the audit; ArchiveError for a
        job that cannot go on; BadTest if the only proxy for its URL cannot be used.
        """
        if job in self._running:
            raise RedeliveryBusy(f"Redelivery {job} runs here already. Nothing was changed.")
        self._running[job] = control = RedeliveryControl()
        self._idle.clear()
        try:
            found = await self.job(job)
            _require_runnable(found)
            await asyncio.to_thread(_require_own_url, self._archive, found)
            permit = await self._permit(found)
            post = await asyncio.to_thread(self._poster, found)
            runner = RedeliveryRunner(
                self._archive, post, permit=permit, log_request=self._activity.add
            )
            with hold_job(self._archive, job):
                return await self._run(found, runner, control, on_progress)
        finally:
            self._running.pop(job, None)
            self.progress.pop(job, None)
            if not self._running:
                self._idle.set()

    async def _run(
        self,
        job: Redelivery,
        runner: RedeliveryRunner,
        control: RedeliveryControl,
        on_progress: OnProgress,
    ) -> Redelivery:
        """Run a job whose lock is held, and record its start and its end in the audit."""

        def report(progress: RedeliveryProgress) -> None:
            self.progress[job.id] = progress
            on_progress(progress)

        finish = await self._audit.record(self._rules.account, _call_of(job), _act_of(job))
        outcome = CallOutcome(CallState.UNKNOWN, problem="It was interrupted.")

        async def record_end() -> None:
            await finish(outcome)

        try:
            ended = await runner.run(job, report, control)
            outcome = _outcome_of(ended, self.progress.get(job.id))
        except UserError as error:
            outcome = CallOutcome(CallState.UNKNOWN, problem=str(error))
            raise
        finally:
            await run_to_completion(record_end())
        return ended

    def pause(self, job: int) -> None:
        """Pause a job that runs here, once the requests under way have ended."""
        if job in self._running:
            self._running[job].pause()

    async def cancel(self, job: int) -> None:
        """Cancel a job: what waits is skipped. Raises RedeliveryBusy if it runs elsewhere."""
        if job in self._running:
            self._running[job].cancel()
            return
        await asyncio.to_thread(_cancel, self._archive, job)

    async def decide(self, decision: Decision, items: Sequence[int], reason: str = "") -> int:
        """Decide about items; return how many it has changed. See `JobWriter.decide`."""

        def work(writer: JobWriter) -> int:
            for job in writer.jobs_of(items):
                _recover(self._archive, job)
            return writer.decide(decision, items, by=user_name(), reason=reason)

        return await self._write(work)

    async def decide_all(
        self, job: int, decision: Decision, state: ItemState, reason: str = ""
    ) -> int:
        """Decide about all items of a job in this state; return how many it has changed."""

        def work(writer: JobWriter) -> int:
            _recover(self._archive, job)
            return writer.decide_all(job, decision, state, by=user_name(), reason=reason)

        return await self._write(work)

    async def close(self) -> None:
        """Pause all jobs that run here, and wait for that."""
        for control in self._running.values():
            control.hurry()
        await self._idle.wait()

    async def require(self, url: str, owners: Collection[str] = ()) -> None:
        """Raise NotPermitted if messages may not be sent to this URL; see `SendingRules.require`.

        `owners` are the UUIDs of the connections by which they came.
        """
        self._rules.require(url)
        if owners:
            saved = await asyncio.to_thread(self._rules.saved)
            self._rules.require(url, [saved[one] for one in owners if one in saved])

    async def owners_of(self, request: RedeliveryRequest) -> Sequence[str]:
        """Return the UUIDs of the saved connections by which the messages of a request came."""

        def find() -> Sequence[str]:
            return owners_among(self._archive, request, list(self._rules.saved()))

        return await asyncio.to_thread(find)

    async def owners_of_job(self, job: int) -> Sequence[str]:
        """Return the UUIDs of the saved connections by which the messages of a job came."""

        def find() -> Sequence[str]:
            with LedgerReader(self._archive) as ledger:
                return ledger.owners_of_job(job, list(self._rules.saved()))

        return await asyncio.to_thread(find)

    async def _permit(self, job: Redelivery) -> Callable[[], None]:
        """Return what raises NotPermitted as soon as a job may not send; it may now."""
        saved = await asyncio.to_thread(self._rules.saved)
        owners = [saved[one] for one in await self.owners_of_job(job.id) if one in saved]

        def permit() -> None:
            self._rules.require(job.url, owners)

        permit()
        return permit

    def _poster(self, job: Redelivery) -> RequestPoster:
        tester = ForwardTester(None, self._activity.add)
        if job.url.lower().startswith("https:"):  # one context for all requests
            tester = ForwardTester(None, self._activity.add, tls=tester.trust.context())
        proxy = proxy_of(job.url)

        async def post(request: bytes) -> RequestTrace:
            return await tester.exchange(
                job.url, request, proxy, timeout=job.options.timeout, max_answer=_LONGEST_ANSWER
            )

        return post

    async def _write(self, work: Callable[[JobWriter], T]) -> T:
        def call() -> T:
            with JobWriter(self._archive) as writer:
                return work(writer)

        return await asyncio.to_thread(call)


def _recover(archive: Path, job: int) -> None:
    """Set what an interrupted job was sending to unknown, so that it can be decided about."""
    with (
        suppress(RedeliveryBusy),
        hold_job(archive, job),
        Ledger(archive, job, lambda _: (), lambda _: None) as ledger,
    ):
        ledger.recover()


def _cancel(archive: Path, job: int) -> None:
    with JobWriter(archive) as writer:
        _require_open(writer.job(job))
    with (
        hold_job(archive, job),
        Ledger(archive, job, lambda _: (), lambda _: None) as ledger,
    ):
        ledger.recover()
        ledger.cancel(job, by=user_name())


def _require_runnable(job: Redelivery) -> None:
    _require_open(job)
    if not job.items:
        raise ArchiveError(
            f"Redelivery {job.id} was not stored completely, so nothing of it was sent. Cancel it,"
            " and make a new one."
        )


def _require_open(job: Redelivery) -> None:
    if job.state in {RedeliveryState.FINISHED, RedeliveryState.CANCELLED}:
        raise ArchiveError(
            f"Redelivery {job.id} is {job.state}: nothing of it waits, and nothing was sent. Decide"
            " about its messages, or make a new one."
        )


def _call_of(job: Redelivery) -> Call:
    facts = {
        "redelivery": job.id,
        "kind": job.kind,
        "form": job.form,
        "messages": job.items,
        "forwardUrl": redact_url(job.url),
    }
    return Call(CallKind.TEST, "POST", redact_url(job.url), body=msgspec.json.encode(facts))


def _act_of(job: Redelivery) -> str:
    return f"Redelivery {job.id}: {job.kind}"


def _outcome_of(job: Redelivery, progress: RedeliveryProgress | None) -> CallOutcome:
    counts = progress.counts if progress else None
    return CallOutcome(
        CallState.DONE,
        problem=f"{job.state}. {job.problem}".strip(),
        messages=counts.acknowledged if counts else None,
        pending=counts.open if counts else None,
        answer=msgspec.json.encode(counts) if counts else b"",
    )


def _require_own_url(archive: Path, job: Redelivery) -> None:
    """Raise ArchiveError for a URL that the job was not made with: messages may go nowhere else."""
    with LedgerReader(archive) as ledger:
        anchored = ledger.anchored_url(job.id)
    try:
        parse_target(job.url)
        is_own = anchored in {None, job.url}
    except ValueError:
        is_own = False
    if not is_own:
        raise ArchiveError(
            f"The URL of redelivery {job.id} is damaged in the archive, so nothing was sent; its"
            " messages and their ledger are unharmed. Cancel it, and make a new one."
        )
