"""The journal of plans, as the next process reads it."""

import pytest
from msgspec.structs import replace

from ibconsole.archive.plans.journal import StoredPlan, store_plan
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import Plan, PlanKind, PlannedStep, StepKind, StepProgress
from ibconsole.services.setup.plans.plan_journal import NoSuchPlan, PlanJournal, PlanState

STEPS = tuple(
    PlannedStep(number=number, kind=StepKind.CREATE_CONFIGURATION, application="app", replaces="a")
    for number in (1, 2)
)
PLAN = Plan(
    connection="c",
    base_url="https://x.api.example",
    kind=PlanKind.APPLY,
    title="Apply shop.yaml",
    steps=STEPS,
    expected={},
    made_at=1,
)


@pytest.fixture
def journal(paths: Paths) -> PlanJournal:
    return PlanJournal(paths.archive)


async def test_a_plan_is_found_with_its_progress(journal: PlanJournal) -> None:
    assert await journal.store(PLAN)
    found = await journal.load(PLAN.id)
    assert (found.plan, found.state, found.left) == (PLAN, PlanState.PLANNED, STEPS)

    done = StepProgress(1, StepState.DONE, "k")
    await journal.set_state(PLAN, PlanState.RUNNING)
    await journal.record(PLAN, STEPS[0], done)

    found = await journal.load(PLAN.id)
    assert (found.state, found.progress, found.left) == (PlanState.RUNNING, {1: done}, STEPS[1:])
    assert await journal.current_keys("c") == {"a": "k"}
    assert not await journal.store(replace(PLAN, steps=()))


async def test_plans_that_cannot_be_read_are_left_out(journal: PlanJournal, paths: Paths) -> None:
    """A newer program may have stored a kind of step that this one does not know."""
    await journal.store(PLAN)
    for number, (content, state) in enumerate([("{}", "planned"), ("", "done"), ("{}", "odd")]):
        store_plan(
            paths.archive,
            StoredPlan(
                id=f"p{number}", connection="c", made_at=9, kind="x", state=state, content=content
            ),
        )

    assert [found.plan for found in await journal.plans("c")] == [PLAN]
    with pytest.raises(NoSuchPlan, match="another version"):
        await journal.load("p1")
    with pytest.raises(NoSuchPlan, match="no plan"):
        await journal.load("none")
