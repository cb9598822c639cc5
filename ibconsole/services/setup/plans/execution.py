"""The execution of the steps of a plan, each only where all is as the plan expects.

Before each request the route of its application is read, and nothing is sent if it is not what the
plan expects at this point. An answer that leaves open what was done is resolved by reading.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from ibconsole.api import ApiError, PlatformBroken, Unreachable
from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Configuration
from ibconsole.services.setup import InboundRoute, RouteReader, StepState, read_route, route_of
from ibconsole.services.setup.history import RecordedSetup
from ibconsole.services.setup.plans.expectation import (
    Effect,
    Expectation,
    expected_effect,
    find_effect,
    target_of,
)
from ibconsole.services.setup.plans.plan import PlannedStep, StepKind, StepProgress
from ibconsole.services.setup.plans.plan_journal import JournalledPlan, PlanJournal
from ibconsole.text import escape_invisible, mask_code

OnProgress = Callable[[StepProgress], object]
VERIFY_PAUSES = (0.0, 0.3, 1.0)  # seconds before each look for what the platform has accepted
_MOST_NAMED = 5  # differences in one sentence


class Drifted(UserError):
    """The setup is not as the plan expects; the step was not sent.

    `differences` are clauses, one for each object.
    """

    def __init__(self, step: PlannedStep, differences: Collection[str]) -> None:
        self.differences = tuple(differences)
        named = list(self.differences[:_MOST_NAMED])
        if len(self.differences) > _MOST_NAMED:
            named.append(f"and {len(self.differences) - _MOST_NAMED:,} more differences")
        super().__init__(
            f"The setup of {_name_of(step)} is not as the plan expects: {'; '.join(named)}. Step"
            f" {step.number} was not made, and what others did is unharmed; make a new plan."
        )


class StepFailed(UserError):
    """A step was not made; the platform's refusal or failure is in the sentence."""


class StepUnclear(UserError):
    """A step was sent, and whether it was made is not known; resuming the plan finds out."""


class PlannedSetup(RouteReader, Protocol):
    """The setup of the account that a plan changes; `Platform` is one."""

    async def create_configuration(self, code: str) -> Configuration: ...
    async def create_action(self, code: str, key: str, draft: ActionDraft, /) -> Action: ...
    async def delete_action(self, code: str, key: str, action: str, /) -> None: ...
    async def delete_configuration(self, code: str, key: str) -> None: ...


class PlanExecution:
    """One run of a plan: the states of its steps, and what is expected of each application.

    `on_progress` is called with each change of a step. `pauses` are the seconds before each look
    for what the platform has accepted.
    """

    def __init__(
        self,
        found: JournalledPlan,
        journal: PlanJournal,
        setup: PlannedSetup,
        on_progress: OnProgress,
        pauses: Sequence[float],
    ) -> None:
        self.plan = plan = found.plan
        progress = found.progress
        self._setup = setup
        self._journal = journal
        self._on_progress = on_progress
        self._pauses = pauses
        self._progress = {
            step.number: progress.get(step.number, StepProgress(step.number, StepState.WAITING))
            for step in plan.steps
        }
        self._expected = {
            code: Expectation(route_of(route.encode())) for code, route in plan.expected.items()
        }
        for step in plan.steps:
            made = self._progress[step.number]
            if made.state is StepState.DONE:
                before = self._expected[step.application]
                effect = expected_effect(step, before.route, made.key)
                self._expected[step.application] = before.after(step, effect)

    @property
    def progress(self) -> tuple[StepProgress, ...]:
        """The states of all steps, in order."""
        return tuple(self._progress.values())

    @property
    def left(self) -> list[PlannedStep]:
        """The steps that are not done."""
        return [
            step
            for step in self.plan.steps
            if self._progress[step.number].state is not StepState.DONE
        ]

    async def make(self, step: PlannedStep) -> None:
        """Make a step, or find that it is made already. Raises UserError."""
        try:
            await self._make(step)
        except StepUnclear as unclear:  # it stays "under way", until a reading shows what it did
            await self._set(step, StepState.RUNNING, problem=str(unclear))
            raise
        except UserError as error:
            await self._set(step, StepState.FAILED, problem=str(error))
            raise

    async def settle(self) -> None:
        """Record which of the steps that were sent are made."""
        for step in self.left:
            if self._progress[step.number].state is not StepState.RUNNING:
                continue
            before = self._expected[step.application]
            actual = await read_route(self._setup, step.application)
            if effect := _existing_effect(step, before, actual, was_sent=True):
                await self._finish(step, before.after(step, effect), effect.key)

    async def _make(self, step: PlannedStep) -> None:
        was_sent = self._progress[step.number].state is StepState.RUNNING
        before = self._expected.get(step.application, Expectation(InboundRoute()))
        await self._set(step, StepState.RUNNING)  # first: nothing comes between reading and sending
        actual = await self._read_before(step, was_sent=was_sent)
        if effect := _existing_effect(step, before, actual, was_sent=was_sent):
            await self._finish(step, before.after(step, effect), effect.key)
            return
        if differences := before.differences(actual):
            raise Drifted(step, differences)
        if taken := before.taken(step):
            await self._finish(step, *taken)
            return
        target = target_of(step, actual)
        if target is None and step.kind is not StepKind.CREATE_CONFIGURATION:
            raise Drifted(step, ["there is no configuration for this"])
        await self._send_and_verify(step, target.key if target else "", before)

    async def _send_and_verify(
        self, step: PlannedStep, configuration: str, before: Expectation
    ) -> None:
        key, failure = "", None
        try:
            key = await self._send(step, configuration)
        except ApiError as error:
            failure = error
        effect = await self._look_for_effect(step, before, key, failure)
        if effect is None and failure and _may_arrive(failure):
            raise StepUnclear(
                f"{failure} The setup was read again and does not show step {step.number}, which"
                " may be made late. Resume the plan after a while: it reads the setup first."
            )
        if effect is None and failure:
            raise StepFailed(f"{failure} By a new reading, step {step.number} was not made.")
        if effect is None:
            raise StepUnclear(
                f"The platform accepted step {step.number} for {_name_of(step)}, but its lists do"
                " not show that. Resume the plan later, which reads them again."
            )
        if failure and _holds_actions(step, effect):
            raise Drifted(step, [f"the configuration {effect.key} was created elsewhere"])
        await self._finish(step, before.after(step, effect), effect.key)

    async def _send(self, step: PlannedStep, configuration: str) -> str:
        """Send the request of a step; return the key of what it created, as far as it is known."""
        code, setup = step.application, self._setup
        match step.kind:
            case StepKind.CREATE_CONFIGURATION:
                return (await setup.create_configuration(code)).key
            case StepKind.CREATE_ACTION:
                draft = step.draft or ActionDraft(type="")
                return (await setup.create_action(code, configuration, draft)).key
            case StepKind.DELETE_ACTION:
                await setup.delete_action(code, configuration, step.action)
            case StepKind.DELETE_CONFIGURATION:
                await setup.delete_configuration(code, configuration)
        return ""

    async def _look_for_effect(
        self, step: PlannedStep, before: Expectation, key: str, failure: ApiError | None
    ) -> Effect | None:
        """Return what a request did; what was accepted may be listed a little later."""
        if not failure and isinstance(self._setup, RecordedSetup):
            read = self._setup.route_after_change(step.application)
            if read and (effect := find_effect(step, before.route, read, key)):
                return effect
        for pause in self._pauses if not failure or _may_arrive(failure) else self._pauses[:1]:
            await asyncio.sleep(pause)
            try:
                actual = await read_route(self._setup, step.application)
            except UserError as error:
                raise StepUnclear(
                    f"{failure or error} Whether step {step.number} for {_name_of(step)} was made"
                    " is not known. Resume the plan, which reads the setup first."
                ) from error
            if effect := find_effect(step, before.route, actual, key):
                return effect
        return None

    async def _read_before(self, step: PlannedStep, *, was_sent: bool) -> InboundRoute:
        try:
            return await read_route(self._setup, step.application)
        except UserError as error:
            if was_sent:  # still not known
                raise StepUnclear(str(error)) from error
            raise

    async def _finish(self, step: PlannedStep, after: Expectation, key: str) -> None:
        self._expected[step.application] = after
        await self._set(step, StepState.DONE, key)

    async def _set(
        self, step: PlannedStep, state: StepState, key: str = "", problem: str = ""
    ) -> None:
        progress = StepProgress(step.number, state, key, problem)
        await self._journal.record(self.plan, step, progress)
        self._progress[step.number] = progress
        self._on_progress(progress)


def _may_arrive(failure: ApiError) -> bool:
    """Return whether a request without a usable answer may be carried out later."""
    return isinstance(failure, PlatformBroken) or (
        isinstance(failure, Unreachable) and failure.sent
    )


def _existing_effect(
    step: PlannedStep, before: Expectation, actual: InboundRoute, *, was_sent: bool
) -> Effect | None:
    """Return the effect of a step that is there before it is sent; None if it is to be sent.

    If it `was_sent`, its effect counts also if others have changed something else since. What they
    changed is found before the next step. A new configuration with actions is not the plan's.
    """
    effect = find_effect(step, before.route, actual)
    if effect is None or _holds_actions(step, effect):
        return None
    is_exact = not before.after(step, effect).differences(actual)
    return effect if is_exact or was_sent else None


def _holds_actions(step: PlannedStep, effect: Effect) -> bool:
    created = effect.after.configuration(effect.key)
    return step.kind is StepKind.CREATE_CONFIGURATION and bool(created and created.actions)


def _name_of(step: PlannedStep) -> str:
    return escape_invisible(step.application_name) or mask_code(step.application)
