"""Changes in several requests, on a platform that fails half-way."""

import pytest

from ibconsole.api.platform import Platform
from ibconsole.model.application import Action, ActionDraft
from ibconsole.services.setup.multi_step import (
    REPLACEMENT_STEPS,
    ActionReplacement,
    ChangeProgress,
    ChangeResult,
    ChangeStep,
    ConfigurationId,
    ExistingActions,
    StepState,
    delete_actions,
    draft_of,
)
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.setup.failing_platforms import Careless, Forgetful, Outage

PULL = ActionDraft(type="PULL", callback_data="old")
FORWARD = ActionDraft(type="HTTP_FORWARD", forward_url="https://example.com/in")


@pytest.fixture
async def actions(platform: Platform, target: ConfigurationId) -> list[Action]:
    """Three actions of the configuration."""
    for number in range(3):
        draft = ActionDraft(type="PULL", callback_data=f"{number}")
        await platform.create_action(target.code, target.key, draft)
    return await platform.actions(target.code, target.key)


class StepRecorder:
    """Records the steps at every change."""

    def __init__(self) -> None:
        self.history: list[tuple[ChangeStep, ...]] = []

    def __call__(self, steps: tuple[ChangeStep, ...]) -> None:
        self.history.append(steps)

    @property
    def states(self) -> list[StepState]:
        return [step.state for step in self.history[-1]]


@pytest.fixture
def recorder() -> StepRecorder:
    return StepRecorder()


def progress(actions: list[Action], recorder: StepRecorder) -> ChangeProgress:
    return ChangeProgress([action.key for action in actions], recorder)


async def keys(platform: Platform, target: ConfigurationId) -> list[str]:
    return [action.key for action in await platform.actions(target.code, target.key)]


async def test_deleting_several(
    platform: Platform, target: ConfigurationId, actions: list[Action], recorder: StepRecorder
) -> None:
    """Several actions are deleted one after the other, with progress."""
    result = await delete_actions(platform, target, actions, progress(actions, recorder))

    assert result == ChangeResult(tuple(actions))
    assert await keys(platform, target) == []
    assert [step.state for step in recorder.history[2]] == [
        StepState.DONE,
        StepState.RUNNING,
        StepState.WAITING,
    ]
    assert recorder.states == [StepState.DONE] * 3


async def test_deleting_stops_at_the_first_failure(
    platform: Platform,
    running: RunningSimulator,
    target: ConfigurationId,
    actions: list[Action],
    recorder: StepRecorder,
) -> None:
    """After a failure the result says which actions were deleted and which were not."""
    running.simulator.inject_fault("403", match=f"/actions/{actions[1].key}")

    result = await delete_actions(platform, target, actions, progress(actions, recorder))

    assert result.done == (actions[0],)
    assert result.remaining == (actions[1], actions[2])
    assert result.error is not None
    assert not result.uncertain
    assert recorder.states == [StepState.DONE, StepState.FAILED, StepState.NOT_TRIED]
    assert "It still exists." in recorder.history[-1][1].message
    assert await keys(platform, target) == [actions[1].key, actions[2].key]


async def test_action_is_gone_already(
    platform: Platform, target: ConfigurationId, actions: list[Action], recorder: StepRecorder
) -> None:
    """An action that another user has deleted counts as deleted."""
    await platform.delete_action(target.code, target.key, actions[0].key)

    result = await delete_actions(platform, target, actions, progress(actions, recorder))

    assert result.done == tuple(actions)
    assert "not listed" in recorder.history[-1][0].message


async def test_deletion_without_an_answer(
    platform: Platform,
    running: RunningSimulator,
    target: ConfigurationId,
    actions: list[Action],
    recorder: StepRecorder,
) -> None:
    """A deletion whose answer was lost is looked up, and counts if the action is gone."""
    running.simulator.inject_fault("reset", times=3, match=f"/actions/{actions[0].key}")

    result = await delete_actions(platform, target, actions, progress(actions, recorder))

    assert result.done == tuple(actions)


async def test_unknown_deletion(
    platform: Platform,
    running: RunningSimulator,
    target: ConfigurationId,
    actions: list[Action],
    recorder: StepRecorder,
) -> None:
    """A deletion that cannot be looked up is uncertain."""
    running.simulator.inject_fault("reset", times=3, match=f"/actions/{actions[0].key}")
    running.simulator.inject_fault("403", match="GET /push/1/applications/")

    result = await delete_actions(platform, target, actions, progress(actions, recorder))

    assert result.uncertain
    assert result.done == ()
    assert "may or may not have been deleted" in recorder.history[-1][0].message


async def test_stopping(
    platform: Platform, target: ConfigurationId, actions: list[Action], recorder: StepRecorder
) -> None:
    """A stopped change leaves the remaining actions alone."""
    result = await delete_actions(
        platform, target, actions, progress(actions, recorder), lambda: len(recorder.history) > 1
    )

    assert result == ChangeResult((actions[0],), (actions[1], actions[2]))
    assert recorder.states == [StepState.DONE, StepState.NOT_TRIED, StepState.NOT_TRIED]


@pytest.fixture
async def old(platform: Platform, target: ConfigurationId) -> Action:
    return await platform.create_action(target.code, target.key, PULL)


@pytest.fixture
def replacement(
    platform: Platform, target: ConfigurationId, old: Action, recorder: StepRecorder
) -> ActionReplacement:
    return ActionReplacement(platform, target, old, FORWARD, recorder)


async def drafts(platform: Platform, target: ConfigurationId) -> list[ActionDraft]:
    return [draft_of(action) for action in await platform.actions(target.code, target.key)]


async def test_replacing(
    platform: Platform,
    replacement: ActionReplacement,
    target: ConfigurationId,
    recorder: StepRecorder,
) -> None:
    """A replacement creates and verifies the new action before it deletes the old one."""
    await replacement.run()

    assert await drafts(platform, target) == [FORWARD]
    assert replacement.finished
    assert replacement.error is None
    assert [step.label for step in recorder.history[-1]] == list(REPLACEMENT_STEPS)
    assert recorder.states == [StepState.DONE] * 3
    orders = [[step.state for step in steps] for steps in recorder.history]
    assert [StepState.DONE, StepState.DONE, StepState.RUNNING] in orders


async def test_old_action_is_gone(
    platform: Platform, replacement: ActionReplacement, target: ConfigurationId, old: Action
) -> None:
    """An action that does not exist any more is not replaced, and none is created."""
    await platform.delete_action(target.code, target.key, old.key)

    await replacement.run()

    assert "nothing was created" in str(replacement.error)
    assert await drafts(platform, target) == []


async def test_new_action_is_refused(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
    recorder: StepRecorder,
) -> None:
    """If the new action cannot be created, the old one is not deleted."""
    running.simulator.change_settings(max_actions=1)

    await replacement.run()

    assert replacement.existing is ExistingActions.OLD
    assert "as it was" in replacement.sentence
    assert recorder.states == [StepState.FAILED, StepState.WAITING, StepState.WAITING]
    assert await drafts(platform, target) == [PULL]


async def test_creation_without_an_answer(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
) -> None:
    """A creation whose answer was lost is found in the list and not repeated."""
    running.simulator.inject_fault("reset", match="POST")

    await replacement.run()

    assert replacement.finished
    assert await drafts(platform, target) == [FORWARD]


async def test_unknown_creation(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
) -> None:
    """An unknown creation keeps the old action; the next try finds the new one."""
    running.simulator.inject_fault("reset", match="POST")
    outage = Outage(platform, failing_from=1)
    replacement.setup = outage

    await replacement.run()
    assert replacement.existing is ExistingActions.OLD_AND_PERHAPS_NEW
    assert "not known" in replacement.sentence

    outage.over = True
    await replacement.run()
    assert replacement.finished
    assert await drafts(platform, target) == [FORWARD]


async def test_accepted_but_not_listed(
    platform: Platform, replacement: ActionReplacement, target: ConfigurationId, old: Action
) -> None:
    """The old action is not deleted if the new one is not listed."""
    replacement.setup = Forgetful(platform)

    await replacement.run()

    assert replacement.existing is ExistingActions.OLD_AND_PERHAPS_NEW
    assert "not listed" in str(replacement.error)
    assert old.key in await keys(platform, target)


async def test_listed_differently(
    platform: Platform, replacement: ActionReplacement, target: ConfigurationId, old: Action
) -> None:
    """The old action is not deleted if the new one differs from what was sent."""
    replacement.setup = Careless(platform)

    await replacement.run()

    assert "not as it was sent" in str(replacement.error)
    assert old.key in await keys(platform, target)


async def test_old_action_cannot_be_deleted(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
    old: Action,
    recorder: StepRecorder,
) -> None:
    """If the old action cannot be deleted, both exist, and the deletion can be retried."""
    running.simulator.inject_fault("403", match="DELETE")

    await replacement.run()
    assert replacement.existing is ExistingActions.BOTH
    assert "handled twice" in replacement.sentence
    assert recorder.states == [StepState.DONE, StepState.DONE, StepState.FAILED]

    await replacement.run()
    assert replacement.finished
    assert await drafts(platform, target) == [FORWARD]


async def test_unknown_deletion_of_the_old_action(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
) -> None:
    """A deletion that cannot be looked up leaves the old action uncertain."""
    outage = Outage(platform, failing_from=2)
    replacement.setup = outage
    running.simulator.inject_fault("reset", times=3, match="DELETE")

    await replacement.run()

    assert replacement.existing is ExistingActions.NEW_AND_PERHAPS_OLD


async def test_deletion_of_the_old_action_without_an_answer(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
) -> None:
    """A deletion whose answer was lost counts if the old action is gone."""
    running.simulator.inject_fault("reset", times=3, match="DELETE")

    await replacement.run()

    assert replacement.finished


async def test_withdrawing(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
) -> None:
    """With both actions existing, the new one can be deleted instead."""
    running.simulator.inject_fault("403", match="DELETE")
    await replacement.run()

    await replacement.withdraw()
    await replacement.withdraw()

    assert replacement.existing is ExistingActions.OLD
    assert await drafts(platform, target) == [PULL]


async def test_withdrawing_fails(
    platform: Platform,
    running: RunningSimulator,
    replacement: ActionReplacement,
    target: ConfigurationId,
) -> None:
    """If neither action can be deleted, both still exist."""
    running.simulator.inject_fault("403", times=2, match="DELETE")
    await replacement.run()

    with pytest.raises(Exception, match="not allow"):
        await replacement.withdraw()

    assert replacement.existing is ExistingActions.BOTH
