from collections.abc import Mapping

import pytest

from ibconsole.model import ActionDraft
from ibconsole.services.setup import InboundRoute, StepState
from ibconsole.services.setup.applying.planning import SetupPlan
from ibconsole.services.setup.applying.stored_plans import (
    PlanDiffers,
    require_current,
    require_resumable,
)
from ibconsole.services.setup.plans import JournalledPlan, PlanState, StepProgress
from tests.unit.services.setup.applying.setups import PULL, forward, plan, route

NOTHING = InboundRoute()
U, V = forward("https://u"), forward("https://v")


def stored(
    planned: SetupPlan,
    state: PlanState = PlanState.PLANNED,
    steps: Mapping[int, StepState] | None = None,
) -> JournalledPlan:
    progress = {
        number: StepProgress(number, one, f"key-{number}") for number, one in (steps or {}).items()
    }
    return JournalledPlan(planned.plan, state, progress)


def differences(
    before: SetupPlan, now: SetupPlan, state: PlanState = PlanState.PLANNED
) -> tuple[str, ...]:
    with pytest.raises(PlanDiffers) as raised:
        require_current(stored(before, state), now)
    assert f"Plan {before.plan.id} does not fit any more" in str(raised.value)
    return raised.value.differences


def test_a_plan_is_applied_as_it_was_reviewed() -> None:
    """A plan that would be made now may have another id, another time and other notes."""
    before = plan([U, PULL], route(V), prune=True)
    now = plan([U, PULL], route(V), prune=True, applied=(V,))

    require_current(stored(before), now)


def test_a_changed_file_is_found() -> None:
    """Steps that are new, and those that are not needed any more, are named."""
    assert differences(plan([U], NOTHING), plan([U, PULL], NOTHING)) == (
        "not in the plan: “Create pull action” for “Shop”",
    )
    assert differences(plan([U, U], NOTHING), plan([U], NOTHING)) == (
        "not needed any more: “Create forward action” for “Shop”",
    )
    assert differences(plan([U, PULL], NOTHING), plan([PULL, U], NOTHING)) == (
        "its steps have another order now",
    )


def test_a_changed_account_is_found() -> None:
    """A change that leaves the steps as they are is a difference, too."""
    assert differences(plan([U], route()), plan([U], route(PULL))) == (
        "the setup of “Shop” was changed",
    )
    assert len(differences(plan([U], route(), prune=True), plan([U], route(PULL), prune=True))) == 2


def test_many_differences_are_counted() -> None:
    """The sentence stays short; all differences are in the error."""
    with pytest.raises(PlanDiffers, match="and 3 more differences") as raised:
        require_current(stored(plan([], NOTHING)), plan([U] * 8, NOTHING))
    assert len(raised.value.differences) == 8


def test_a_plan_is_applied_once() -> None:
    """A plan that was begun is resumed, and one that is done is no error if nothing is left."""
    done = plan([U], route(U))
    require_current(stored(plan([U], NOTHING), PlanState.DONE), done)

    planned = plan([U], NOTHING)
    assert differences(planned, planned, PlanState.DONE) == ("it was applied already",)
    for state in (PlanState.RUNNING, PlanState.STOPPED, PlanState.FAILED):
        assert differences(planned, planned, state) == ("it was begun: resume it with --resume",)


@pytest.mark.parametrize(
    ("drafts", "actual"),
    [
        ([U, PULL], route(U)),  # what is left is missing
        ([U, PULL], route(U, PULL)),  # an interrupted run has sent it
    ],
)
def test_what_is_left_is_resumed(drafts: list[ActionDraft], actual: InboundRoute) -> None:
    """The configuration that the plan has created has a key by now."""
    interrupted = stored(
        plan([U, PULL], NOTHING),
        PlanState.RUNNING,
        {1: StepState.DONE, 2: StepState.DONE, 3: StepState.RUNNING},
    )

    require_resumable(interrupted, plan(drafts, actual))


def test_deletions_are_resumed_as_well() -> None:
    """A deletion is left, or was done by the interrupted run."""
    interrupted = stored(
        plan([U], route(V), prune=True),
        PlanState.FAILED,
        {1: StepState.DONE, 2: StepState.FAILED},
    )

    require_resumable(interrupted, plan([U], route(V, U), prune=True))
    require_resumable(interrupted, plan([U], route(U, first=2), prune=True))
    whole = stored(plan(None, route(U), prune=True), PlanState.RUNNING)
    require_resumable(whole, plan(None, route(U), prune=True))
    require_resumable(whole, plan(None, NOTHING, prune=True))


@pytest.mark.parametrize(
    ("drafts", "actual", "difference"),
    [
        ([U], route(U), "not wanted by the file: “Create pull action” for “Shop”"),
        ([U, PULL, V], route(U), "not in the plan: “Create forward action” for “Shop”"),
    ],
)
def test_a_file_that_was_changed_is_not_resumed(
    drafts: list[ActionDraft], actual: InboundRoute, difference: str
) -> None:
    """What is left has to be what the file still wants."""
    interrupted = stored(
        plan([U, PULL], NOTHING), PlanState.RUNNING, {1: StepState.DONE, 2: StepState.DONE}
    )

    with pytest.raises(PlanDiffers) as raised:
        require_resumable(interrupted, plan(drafts, actual))
    assert raised.value.differences == (difference,)


def test_a_deletion_that_the_file_does_not_want_any_more_is_not_resumed() -> None:
    """The file was given the action that the plan would delete."""
    interrupted = stored(plan([], route(V), prune=True), PlanState.RUNNING)

    with pytest.raises(PlanDiffers, match="not wanted by the file: “Delete action”"):
        require_resumable(interrupted, plan([V], route(V), prune=True))
    whole = stored(plan(None, route(), prune=True), PlanState.RUNNING)
    with pytest.raises(PlanDiffers, match="not wanted by the file: “Delete configuration”"):
        require_resumable(whole, plan([], route(), prune=True))
    nothing = stored(plan([], NOTHING), PlanState.RUNNING)
    with pytest.raises(PlanDiffers, match="not wanted by the file: “Create configuration”"):
        require_resumable(nothing, plan(None, NOTHING))


def test_a_plan_that_is_done_is_not_resumed() -> None:
    """There is nothing left of it."""
    with pytest.raises(PlanDiffers, match="it was applied already"):
        require_resumable(stored(plan([U], NOTHING), PlanState.DONE), plan([U], NOTHING))
