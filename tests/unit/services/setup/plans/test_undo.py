"""What a user did is undone, and what others did since is left alone."""

import pytest
from msgspec.structs import replace

from ibconsole.services.audit.recording import user_act
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.plans.acts import UndoState
from ibconsole.services.setup.plans.plan import TWICE, StepKind
from ibconsole.services.setup.plans.plan_journal import PlanState
from ibconsole.services.setup.plans.runner import PlanRunner
from ibconsole.services.setup.plans.undo import NoSuchAct, NotUndoable, Undo, UndoConflict
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand

BOTH = [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]


async def test_a_deleted_configuration_comes_back(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    """With all of its actions, equal but for the keys; and an undo can be undone."""
    key = hand.configure(FORWARD, PULL, PULL)
    before, old = hand.drafts, set(hand.keys)
    await platform.delete_configuration(hand.code, key)

    plan = await undo.build()
    result = await runner.run(plan)

    assert result.state is PlanState.DONE
    assert plan.title == f"Undo: Delete configuration with 3 actions of {hand.name}"
    assert hand.drafts == before
    assert hand.values == [FORWARD, PULL, PULL]
    assert not old & set(hand.keys)
    assert [(act.state, act.undoes) for act in await undo.acts()] == [
        (UndoState.DONE, (await undo.acts())[1].id),
        (UndoState.UNDONE, ""),
    ]
    with pytest.raises(NotUndoable, match="no change"):
        await undo.build()

    redo = await undo.build(plan.id)
    assert redo.title.startswith("Redo: Delete")
    assert [step.kind for step in redo.steps] == [StepKind.DELETE_CONFIGURATION]
    assert (await runner.run(redo)).state is PlanState.DONE
    assert hand.drafts is None

    again = await undo.build()
    assert again.title == plan.title
    await runner.run(again)
    assert hand.drafts == before


async def test_a_creation_is_taken_back(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    with user_act():
        created = await platform.create_configuration(hand.code)
        for draft in (FORWARD, PULL):
            await platform.create_action(hand.code, created.key, draft)

    plan = await undo.build()
    await runner.run(plan)

    assert plan.title.startswith("Undo: Create configuration, create 2 actions of")
    assert hand.drafts is None


async def test_a_replacement_is_taken_back(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    """The old action is there again before the new one goes."""
    key = hand.configure(FORWARD, PULL)
    with user_act():
        await platform.create_action(hand.code, key, replace(FORWARD, callback_data="green"))
        await platform.delete_action(hand.code, key, hand.keys[0])

    plan = await undo.build()
    await runner.run(plan)

    assert [step.kind for step in plan.steps] == [StepKind.CREATE_ACTION, StepKind.DELETE_ACTION]
    assert TWICE in plan.notes
    assert hand.values == [FORWARD, PULL]


async def test_an_equal_action_of_others_is_not_doubled(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    """Two equal actions of which one was deleted are two again, unless another user was quicker."""
    key = hand.configure(PULL, PULL, FORWARD)
    with user_act():
        await platform.delete_action(hand.code, key, hand.keys[0])
        await platform.delete_action(hand.code, key, hand.keys[1])
    assert hand.values == [PULL]
    hand.configure(FORWARD)

    plan = await undo.build()
    await runner.run(plan)

    assert [step.draft for step in plan.steps] == [PULL]
    assert any("is there by now" in note for note in plan.notes)
    assert hand.values == [FORWARD, PULL, PULL]


async def test_actions_of_others_stay(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    """A configuration that was created by the act is not deleted with what others put into it."""
    with user_act():
        created = await platform.create_configuration(hand.code)
        await platform.create_action(hand.code, created.key, FORWARD)
    hand.configure(PULL)

    plan = await undo.build()
    await runner.run(plan)

    assert [step.kind for step in plan.steps] == [StepKind.DELETE_ACTION]
    assert any("1 action of later changes" in note for note in plan.notes)
    assert hand.values == [PULL]


async def test_a_configuration_of_others_is_a_conflict(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    """Nothing is put into it unless the user says so."""
    await platform.delete_configuration(hand.code, hand.configure(FORWARD, PULL))
    hand.configure(PULL)

    with pytest.raises(UndoConflict, match="another configuration") as conflict:
        await undo.build()
    assert conflict.value.can_be_put

    await runner.run(await undo.build(into_existing=True))
    assert hand.values == [FORWARD, PULL]


async def test_what_was_deleted_since_comes_first(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand
) -> None:
    """An action has no place while its configuration is gone; keys are followed afterwards."""
    key = hand.configure(FORWARD, PULL)
    with user_act() as first:
        await platform.delete_action(hand.code, key, hand.keys[0])
    await platform.delete_configuration(hand.code, key)

    with pytest.raises(UndoConflict, match="undo that first") as conflict:
        await undo.build(first)
    assert not conflict.value.can_be_put

    await runner.run(await undo.build())
    await runner.run(await undo.build(first[:8]))
    assert hand.values == [FORWARD, PULL]


@pytest.mark.parametrize("fault", ["reset", "cut", "empty"])
async def test_an_act_with_lost_answers_is_undone(
    platform: RecordedSetup, runner: PlanRunner, undo: Undo, hand: Hand, fault: str
) -> None:
    """What the act did is found by reading."""
    before = hand.configure(FORWARD)
    plan = hand.plan(
        (StepKind.CREATE_ACTION, {"configuration": before, "draft": PULL}),
        (StepKind.DELETE_ACTION, {"configuration": before, "action": hand.keys[0]}),
    )
    hand.fail(fault, "POST", times=3)
    hand.fail(fault, "DELETE", times=3)
    assert (await runner.run(plan)).state is PlanState.DONE
    assert hand.values == [PULL]

    await runner.run(await undo.build())

    assert hand.values == [FORWARD]


async def test_what_was_refused_is_no_act_to_undo(
    platform: RecordedSetup, undo: Undo, hand: Hand
) -> None:
    hand.fail("403", "POST")
    with pytest.raises(Exception, match="not allow"), user_act() as act:
        await platform.create_configuration(hand.code)

    [refused] = await undo.acts()
    assert (refused.state, refused.can_be_undone) == (UndoState.WITHOUT_EFFECT, False)
    with pytest.raises(NotUndoable, match="refused it"):
        await undo.build(act)
    for unknown in ("", act[:3], "none"):
        with pytest.raises(NotUndoable if not unknown else NoSuchAct):
            await undo.build(unknown)


async def test_nothing_is_left_to_undo(platform: RecordedSetup, undo: Undo, hand: Hand) -> None:
    """Another user has deleted the new action already."""
    key = hand.configure()
    await platform.create_action(hand.code, key, PULL)
    hand.delete_action(hand.keys[0])

    with pytest.raises(NotUndoable, match="not there any more"):
        await undo.build()
