"""Plans are carried out one at a time, and are stopped, resumed and chosen from."""

import asyncio

import pytest
from msgspec.structs import replace

from ibconsole.archive.audit import AuditFilter, read_audit
from ibconsole.files import FileLock
from ibconsole.services.connections.account import Account
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import StepKind, StepProgress
from ibconsole.services.setup.plans.plan_journal import NoSuchPlan, PlanState
from ibconsole.services.setup.plans.runner import PlanBusy, PlanRunner, WrongAccount, choose_steps
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand, after_step, states

ACTIONS = "POST /push/1/applications/{}/configurations/{}/actions"
BOTH = [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]


async def test_a_plan_is_carried_out(runner: PlanRunner, hand: Hand, paths: Paths) -> None:
    """All requests belong to one act, whose id is that of the plan."""
    seen: list[StepProgress] = []
    plan = hand.creation(FORWARD, PULL)

    result = await runner.run(plan, seen.append)

    assert (result.state, result.error, result.left) == (PlanState.DONE, None, ())
    assert result.sentence == "Done: 3 steps."
    assert hand.drafts == BOTH
    assert [one.key for one in result.progress] == [hand.configuration, *hand.keys]
    assert states(tuple(seen)) == [StepState.RUNNING, StepState.DONE] * 3
    rows = list(read_audit(paths.archive, AuditFilter()))
    assert len(rows) == 3
    assert all(f'"act":"{plan.id}"' in row.content for row in rows)
    assert all('"reason":"Apply shop.yaml"' in row.content for row in rows)


async def test_a_plan_that_is_done_sends_nothing_again(runner: PlanRunner, hand: Hand) -> None:
    plan = hand.creation(FORWARD)
    await runner.run(plan)
    hand.delete_action(hand.keys[0])

    again = await runner.resume(plan.id)

    assert again.state is PlanState.DONE
    assert hand.drafts == []


async def test_deletions(runner: PlanRunner, hand: Hand) -> None:
    key = hand.configure(FORWARD, PULL)
    plan = hand.plan(
        (StepKind.DELETE_ACTION, {"configuration": key, "action": hand.keys[0]}),
        (StepKind.DELETE_CONFIGURATION, {"configuration": key}),
        (StepKind.CREATE_CONFIGURATION, {}),
        (StepKind.CREATE_ACTION, {"draft": PULL}),
    )

    result = await runner.run(plan)

    assert result.state is PlanState.DONE
    assert hand.drafts == [("PULL", "")]
    assert hand.configuration != key


async def test_a_stop_takes_effect_between_two_steps(runner: PlanRunner, hand: Hand) -> None:
    plan, done = hand.creation(FORWARD, PULL), []

    result = await runner.run(plan, after_step(1, lambda: done.append(1)), lambda: bool(done))

    assert (result.state, result.error) == (PlanState.STOPPED, None)
    assert result.sentence == "Stopped. 1 of 3 steps done."
    assert hand.drafts == []
    assert (await runner.journal.load(plan.id)).state is PlanState.STOPPED
    assert (await runner.resume(plan.id)).state is PlanState.DONE


async def test_a_cancellation_lets_the_request_end(runner: PlanRunner, hand: Hand) -> None:
    """No request is abandoned in the middle: the journal knows what came of it."""
    plan = hand.creation(FORWARD)
    started = asyncio.Event()
    run = asyncio.get_running_loop().create_task(runner.run(plan, lambda _: started.set()))
    await started.wait()

    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run
    found = await runner.journal.load(plan.id)
    assert found.state is PlanState.STOPPED
    assert found.progress[1] == StepProgress(1, StepState.DONE, hand.configuration)
    assert [step.number for step in found.left] == [2]


async def test_only_the_chosen_steps_are_made(runner: PlanRunner, hand: Hand) -> None:
    """The configuration that a chosen action needs is created, chosen or not."""
    result = await runner.run(hand.creation(FORWARD, PULL), chosen={3})

    assert result.state is PlanState.DONE
    assert [step.number for step in result.plan.steps] == [1, 3]
    assert hand.drafts == [("PULL", "")]


def test_a_deletion_that_was_not_chosen_is_never_added(hand: Hand) -> None:
    """A configuration stays if one of its actions is to stay."""
    plan = hand.plan(
        (StepKind.DELETE_ACTION, {"configuration": "c", "action": "a"}),
        (StepKind.DELETE_ACTION, {"configuration": "c", "action": "b"}),
        (StepKind.DELETE_CONFIGURATION, {"configuration": "c"}),
        (StepKind.CREATE_CONFIGURATION, {}),
        (StepKind.CREATE_ACTION, {"draft": PULL}),
    )

    def numbers(*chosen: int) -> list[int]:
        return [step.number for step in choose_steps(plan, chosen).steps]

    assert numbers(1, 3, 4, 5) == [1]
    assert numbers(1, 2, 3, 5) == [1, 2, 3, 4, 5]
    assert numbers() == []


async def test_one_plan_at_a_time(
    runner: PlanRunner, hand: Hand, account: Account, paths: Paths
) -> None:
    """A second one, of this or of another process, is refused before anything is sent."""
    lock = FileLock(paths.account_lock("plan", account.base_url))
    assert lock.acquire("the other one")

    with pytest.raises(PlanBusy, match="the other one"):
        await runner.run(hand.creation(FORWARD))
    lock.release()

    assert hand.drafts is None
    assert (await runner.run(hand.creation(FORWARD))).state is PlanState.DONE


async def test_a_plan_is_for_one_account(runner: PlanRunner, hand: Hand) -> None:
    plan = replace(hand.creation(FORWARD), base_url="https://other.api.example.com")
    with pytest.raises(WrongAccount):
        await runner.run(plan)
    assert hand.drafts is None


async def test_an_unknown_plan_cannot_be_resumed(runner: PlanRunner) -> None:
    with pytest.raises(NoSuchPlan):
        await runner.resume("nothing")
