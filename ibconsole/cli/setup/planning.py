"""Making, finding and carrying out plans in a terminal, for every command that has one."""

from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    ExitCode,
    GlobalOptions,
    confirm,
    explain_signals,
    open_platform,
    out,
    require_permitted,
    resolve_account,
    run,
)
from ibconsole.cli.setup.plan_output import write_plan, write_result
from ibconsole.plural import counted
from ibconsole.text import escape_invisible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from ibconsole.services.connections import Account
    from ibconsole.services.setup.applying import SetupApplier, SetupPlan
    from ibconsole.services.setup.files import SetupFile
    from ibconsole.services.setup.plans import (
        JournalledPlan,
        Plan,
        PlanKind,
        PlannedStep,
        PlanResult,
        StepProgress,
    )

CHANGES = 2  # the exit code of a command that found differences


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A setup that an account is to have, the title of the plan, and whether that is stored.

    The title is a text, also if the name of a file is none.
    """

    wanted: "SetupFile"
    title: str
    kind: "PlanKind"
    prune: bool = False
    is_stored: bool = False

    def __post_init__(self) -> None:
        title = escape_invisible(self.title.encode(errors="replace").decode())
        object.__setattr__(self, "title", title)


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """The plan to carry out: the one with this id, the interrupted one, or a new one."""

    plan_id: str = ""
    resume: bool = False
    dry_run: bool = False
    yes: bool = False


NEW_PLAN = PlanChoice()


@dataclass(frozen=True, slots=True)
class Planned:
    """An account, the plan that was made for it, and the stored one that is carried out."""

    account: "Account"
    setup: "SetupPlan"
    stored: "JournalledPlan | None" = None


@asynccontextmanager
async def open_applier(options: GlobalOptions, account: "Account") -> "AsyncIterator[SetupApplier]":
    """Open the account's platform for plans."""
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.setup.applying import SetupApplier

    async with open_platform(options, account) as platform:
        yield SetupApplier(account, platform, find_paths(options.data_dir))


async def make_plan(
    options: GlobalOptions, request: PlanRequest, choice: PlanChoice = NEW_PLAN
) -> Planned:
    """Read the account and make the plan; find the stored one that is to be carried out.

    Raises a UserError if the file does not fit the account, or if the stored plan is not the one
    that would be made now.
    """
    from ibconsole.services.setup.applying import require_current, require_resumable

    account = await resolve_account(options)
    async with open_applier(options, account) as applier:
        stored = None
        if choice.plan_id:
            stored = await applier.find(choice.plan_id)
        elif choice.resume:
            stored = await applier.find_interrupted(request.title)
        deletes = stored is not None and any(step.kind.deletes for step in stored.plan.steps)
        planned = await applier.plan(
            request.wanted,
            title=request.title,
            kind=request.kind,
            prune=request.prune or deletes,
            on_progress=write_reading(),
        )
        if stored and choice.resume:
            require_resumable(stored, planned)
        elif stored:
            require_current(stored, planned)
        if request.is_stored and planned.plan.steps:
            await applier.journal.store(planned.plan)
    return Planned(account, planned, stored)


def apply_request(options: GlobalOptions, request: PlanRequest, choice: PlanChoice) -> None:
    """Make or find a plan, show it, ask, and carry it out.

    Ends the command with 1 after a failure, and with 130 if it was stopped between two steps.
    """
    from ibconsole.api import CallKind

    if not choice.dry_run:
        run(require_permitted(options, CallKind.CHANGE))
    planned = run(make_plan(options, request, choice))
    left = planned.stored.left if planned.stored else planned.setup.plan.steps
    write_plan(planned.setup, planned.account.name)
    if choice.dry_run:
        if left:
            raise click.exceptions.Exit(CHANGES)
        return
    if left:
        confirm(f"{_question(left)} {planned.account.name}?", yes=choice.yes)
    result = run(_carry_out(options, planned))
    write_result(result)
    if result.error:
        raise click.exceptions.Exit(ExitCode.FAILED)
    if result.left:
        raise click.exceptions.Exit(ExitCode.INTERRUPTED)


def _question(steps: "Sequence[PlannedStep]") -> str:
    deletions = sum(step.kind.deletes for step in steps)
    creations = len(steps) - deletions
    parts = [
        f"create {counted(creations, 'object')}" if creations else "",
        f"delete {counted(deletions, 'object')}" if deletions else "",
    ]
    return f"{' and '.join(filter(None, parts)).capitalize()} in"


async def _carry_out(options: GlobalOptions, planned: Planned) -> "PlanResult":
    plan = planned.stored.plan if planned.stored else planned.setup.plan
    async with open_applier(options, planned.account) as applier:
        with stop_between_steps() as is_stopped:
            return await applier.apply(
                planned.setup,
                planned.stored,
                on_progress=write_steps(plan),
                is_stopped=is_stopped,
            )


@contextmanager
def stop_between_steps() -> "Iterator[Callable[[], bool]]":
    """Let the first signal stop a plan between two steps; yield whether there was one."""
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    def reason_to_wait() -> str:
        return "" if stopped else "Stopping after the step that is under way."

    with explain_signals(reason_to_wait, stop):
        yield lambda: stopped


def write_steps(plan: "Plan") -> "Callable[[StepProgress], None]":
    """Return a function that writes a line for each step that has ended."""
    from ibconsole.services.setup import StepState
    from ibconsole.services.setup.plans import PlanReview

    steps = {step.number: step for step in PlanReview(plan).steps}

    def write(progress: "StepProgress") -> None:
        if progress.state in {StepState.DONE, StepState.FAILED}:
            step = steps[progress.number]
            out.write_notice(
                f"{progress.number:,}/{len(steps):,} {step.application} · {step.what} ·"
                f" {progress.state.value}"
            )

    return write


def write_reading() -> "Callable[[int, int], None]":
    """Return a function that shows how many applications of all were read."""
    from ibconsole.services.messages import Progress

    writer = out.ProgressWriter()
    return lambda done, total: writer(Progress("Reading", done, total))
