"""Runs of plans: one plan at a time for each account, up to the first failure, and resumed later.

Each step is in the journal before it is sent, so a plan can be resumed after any interruption.
"""

import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress

import msgspec
from msgspec.structs import replace

from ibconsole.archive import translated
from ibconsole.errors import UserError
from ibconsole.files import FileLock, holder_note
from ibconsole.plural import counted
from ibconsole.services.audit import user_act
from ibconsole.services.connections import Account
from ibconsole.services.runtime import Paths
from ibconsole.services.setup import StepState
from ibconsole.services.setup.plans.execution import (
    VERIFY_PAUSES,
    OnProgress,
    PlanExecution,
    PlannedSetup,
)
from ibconsole.services.setup.plans.plan import Plan, PlannedStep, StepProgress
from ibconsole.services.setup.plans.plan_journal import JournalledPlan, PlanJournal, PlanState
from ibconsole.services.setup.plans.review import PlanReview
from ibconsole.tasks import run_to_completion


class PlanBusy(UserError):
    """Another plan is being carried out on this account, on this computer."""


class WrongAccount(UserError):
    """The plan was made for another account than this one."""


class PlanResult(msgspec.Struct, frozen=True):
    """The end of a run: the plan with its chosen steps, and the progress of all of these.

    `error` is why it ended early; None if it is done, or was stopped between two steps.
    """

    plan: Plan
    state: PlanState
    progress: tuple[StepProgress, ...]
    error: UserError | None = None

    @property
    def done(self) -> tuple[PlannedStep, ...]:
        """The steps that are done, in an earlier run or in this one."""
        return self._steps(done=True)

    @property
    def left(self) -> tuple[PlannedStep, ...]:
        """The steps that are not done."""
        return self._steps(done=False)

    @property
    def sentence(self) -> str:
        """The result in words: what is done, and why it ended early."""
        if not self.left:
            return f"Done: {counted(len(self.done), 'step')}."
        reason = f"{self.error} " if self.error else "Stopped. "
        return f"{reason}{len(self.done):,} of {counted(len(self.progress), 'step')} done."

    def _steps(self, *, done: bool) -> tuple[PlannedStep, ...]:
        return tuple(
            step
            for step, one in zip(self.plan.steps, self.progress, strict=True)
            if (one.state is StepState.DONE) is done
        )


class PlanRunner:
    """Carries out plans on one account, one at a time on this computer.

    `setup` reads and changes the account's setup, with the rate budget and the retries of its
    client. The archive of `paths` has the journal. `pauses` are the seconds before each look for
    what the platform has accepted.
    """

    def __init__(
        self,
        account: Account,
        setup: PlannedSetup,
        paths: Paths,
        *,
        pauses: Sequence[float] = VERIFY_PAUSES,
    ) -> None:
        self._account = account
        self._setup = setup
        self._pauses = pauses
        self.journal = PlanJournal(paths.archive)
        self._lock = FileLock(paths.account_lock("plan", account.base_url))

    async def run(
        self,
        plan: Plan,
        on_progress: OnProgress = lambda _: None,
        is_stopped: Callable[[], bool] = bool,
        *,
        chosen: Collection[int] | None = None,
    ) -> PlanResult:
        """Carry out a plan up to the first failure, or until `is_stopped` returns True.

        `on_progress` is called with each change of a step, on this loop. `is_stopped` is asked
        between two steps. `chosen` are the numbers of the steps to make, None for all; see
        `choose_steps`. A plan of which steps were made before goes on with the others, as chosen
        then. A cancellation takes effect after the step that is under way. Errors of steps are in
        the result; raises WrongAccount, PlanBusy, NoSuchPlan or ArchiveError if nothing was sent.
        """
        if (plan.connection, plan.base_url) != (self._account.connection, self._account.base_url):
            raise WrongAccount(
                f"The plan was made for another account ({plan.base_url}). Nothing was sent; open"
                " that connection, or make a new plan."
            )
        if chosen is not None:
            plan = choose_steps(plan, chosen)
        async with self._exclusive(plan):
            await self.journal.store(plan)
            found = await self.journal.load(plan.id)
            run = PlanExecution(found, self.journal, self._setup, on_progress, self._pauses)
            with user_act(plan.id, plan.title):
                return await self._carry_out(run, is_stopped)

    async def resume(
        self,
        plan_id: str,
        on_progress: OnProgress = lambda _: None,
        is_stopped: Callable[[], bool] = bool,
    ) -> PlanResult:
        """Carry out what is left of a stored plan; see `run`. Raises NoSuchPlan."""
        found = await self.journal.load(plan_id)
        return await self.run(found.plan, on_progress, is_stopped)

    async def settle(self, found: JournalledPlan) -> None:
        """Find out by reading which steps of an interrupted plan were made, and record that.

        Nothing is sent. Does nothing for a plan that another process may be carrying out. Raises an
        ApiError or ArchiveError.
        """
        with suppress(PlanBusy):
            async with self._exclusive(found.plan):
                await PlanExecution(
                    found, self.journal, self._setup, lambda _: None, self._pauses
                ).settle()

    @asynccontextmanager
    async def _exclusive(self, plan: Plan) -> AsyncIterator[None]:
        note = f"process {os.getpid()} on {socket.gethostname()}: {plan.title}"
        with translated(self._lock.path):
            acquired = self._lock.acquire(note)
        if not acquired:
            raise PlanBusy(
                "Another plan is being carried out on this account"
                f" ({holder_note(self._lock.path)}). Nothing was sent; try again when it has ended."
            )
        try:
            yield
        finally:
            self._lock.discard()

    async def _carry_out(self, run: PlanExecution, is_stopped: Callable[[], bool]) -> PlanResult:
        state, error = PlanState.STOPPED, None
        await self.journal.set_state(run.plan, PlanState.RUNNING)
        try:
            for step in run.left:
                if is_stopped():
                    break
                await run_to_completion(run.make(step))
            else:
                state = PlanState.DONE
        except UserError as failure:
            state, error = PlanState.FAILED, failure
        finally:
            await self.journal.set_state(run.plan, state)
        return PlanResult(run.plan, state, run.progress, error)


def choose_steps(plan: Plan, chosen: Collection[int]) -> Plan:
    """Return the part of a plan with these steps, by their numbers.

    What a chosen step needs to be created is added; a step that needs a deletion which was not
    chosen is left out.
    """
    review = PlanReview(plan)
    deletions = {step.number for step in plan.steps if step.kind.deletes}
    numbers = set(chosen)
    for step in review.steps:
        needed = review.with_((), [step.number])
        if step.number not in chosen:
            continue
        if needed & deletions <= numbers:
            numbers |= needed
        else:
            numbers.discard(step.number)
    return replace(plan, steps=tuple(step for step in plan.steps if step.number in numbers))
