"""The journal of plans: what is planned, what was sent, and what came of it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.setup import StepState
from ibconsole.services.setup.plans.plan import (
    Plan,
    PlannedStep,
    StepProgress,
    decode_plan,
    encode_plan,
)

if TYPE_CHECKING:
    from ibconsole.archive import plans as archive
else:
    archive = LazyModule("ibconsole.archive.plans")


class PlanState(StrEnum):
    """The states of a plan; the values are stored in archives.

    One that is "running" although no process runs it was interrupted, and can be resumed.
    """

    PLANNED = "planned"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


class NoSuchPlan(UserError):
    """There is no plan of this id in the archive, or it cannot be read."""


class JournalledPlan(msgspec.Struct, frozen=True):
    """A plan with its state; `progress` has each step that was begun, by its number."""

    plan: Plan
    state: PlanState
    progress: Mapping[int, StepProgress]

    @property
    def left(self) -> tuple[PlannedStep, ...]:
        """The steps that are not done."""
        waiting = StepProgress(0, StepState.WAITING)
        return tuple(
            step
            for step in self.plan.steps
            if self.progress.get(step.number, waiting).state is not StepState.DONE
        )


class PlanJournal:
    """The journal in an archive, which is created when something is first stored.

    Methods raise ArchiveError if it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def store(self, plan: Plan) -> bool:
        """Store a plan, or replace one of its id of which no step was begun.

        Returns false, and changes nothing, if a step was begun.
        """
        stored = archive.StoredPlan(
            id=plan.id,
            connection=plan.connection,
            made_at=plan.made_at,
            kind=plan.kind.value,
            state=PlanState.PLANNED.value,
            undoes=plan.undoes,
            content=encode_plan(plan),
        )
        return await asyncio.to_thread(archive.store_plan, self._path, stored)

    async def load(self, plan_id: str) -> JournalledPlan:
        """Read a plan with the states of its steps. Raises NoSuchPlan."""
        stored = await asyncio.to_thread(archive.read_plan, self._path, plan_id)
        if stored is None:
            raise NoSuchPlan(f"There is no plan {plan_id} in the archive. Nothing was sent.")
        steps = await asyncio.to_thread(archive.read_steps, self._path, plan_id)
        return _complete(stored, steps)

    async def plans(self, connection: str) -> Sequence[JournalledPlan]:
        """Read all plans of a connection, the newest first; what cannot be read is left out."""

        def read() -> Sequence[JournalledPlan]:
            steps = archive.read_all_steps(self._path, connection)
            found = []
            for stored in archive.read_plans(self._path, connection):
                with suppress(NoSuchPlan):
                    found.append(_complete(stored, steps.get(stored.id, ())))
            return found

        return await asyncio.to_thread(read)

    async def current_keys(self, connection: str) -> Mapping[str, str]:
        """Read the present key of each object that was created again, by each former key."""
        return await asyncio.to_thread(archive.current_keys, self._path, connection)

    async def record(self, plan: Plan, step: PlannedStep, progress: StepProgress) -> None:
        """Record the state of a step, on the disk when this returns."""
        stored = archive.StoredStep(
            number=progress.number,
            state=progress.state.value,
            at=now_ms(),
            key=progress.key,
            problem=progress.problem,
        )
        await asyncio.to_thread(
            archive.record_step, self._path, plan.id, stored, replaces=step.replaces
        )

    async def set_state(self, plan: Plan, state: PlanState) -> None:
        """Record the state of a plan."""
        await asyncio.to_thread(archive.set_plan_state, self._path, plan.id, state.value)


def _complete(
    stored: "archive.StoredPlan", steps: "Sequence[archive.StoredStep]"
) -> JournalledPlan:
    try:
        return JournalledPlan(
            decode_plan(stored.content),
            PlanState(stored.state),
            {
                one.number: StepProgress(one.number, StepState(one.state), one.key, one.problem)
                for one in steps
            },
        )
    except (msgspec.DecodeError, ValueError):
        raise NoSuchPlan(
            f"The plan {stored.id} cannot be read: another version of ibconsole may have stored"
            " it. Nothing was sent; make a new one."
        ) from None
