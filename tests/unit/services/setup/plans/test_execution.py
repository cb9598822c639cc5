"""Steps are made one after the other, and never over what others did meanwhile."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Configuration
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import Account, client_of
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.inbound_route import InboundRoute
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.execution import Drifted, StepFailed, StepUnclear
from ibconsole.services.setup.plans.plan import StepKind, StepProgress
from ibconsole.services.setup.plans.plan_journal import PlanState
from ibconsole.services.setup.plans.runner import PlanRunner
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand, after_step, states

ACTIONS = "POST /push/1/applications/{}/configurations/{}/actions"
BOTH = [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]


@pytest.mark.parametrize("fault", ["reset", "cut", "empty", "not-json"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_lost_answer_is_resolved_by_reading(
    runner: PlanRunner, hand: Hand, fault: str, method: str
) -> None:
    """What the platform did counts, not what was heard of it."""
    key = hand.configure(FORWARD)
    plan = hand.plan(
        (StepKind.CREATE_ACTION, {"configuration": key, "draft": PULL}),
        (StepKind.DELETE_ACTION, {"configuration": key, "action": hand.keys[0]}),
    )
    hand.fail(fault, method, times=3)

    result = await runner.run(plan)

    assert (result.state, result.error) == (PlanState.DONE, None)
    assert hand.drafts == [("PULL", "")]
    assert result.progress[0].key == hand.keys[0]


@pytest.mark.parametrize("fault", ["500", "403", "503"])
async def test_what_was_not_made_stops_the_plan(runner: PlanRunner, hand: Hand, fault: str) -> None:
    """The result says what is done and what is left, and the plan goes on later."""
    plan = hand.creation(FORWARD, PULL)
    hand.simulator.inject_fault(fault, match="/actions", operation=ACTIONS)

    result = await runner.run(plan)

    assert result.state is PlanState.FAILED
    assert isinstance(result.error, StepFailed | StepUnclear)
    assert hand.drafts == []
    assert [one.number for one in result.done] == [1]
    assert [one.number for one in result.left] == [2, 3]
    assert result.sentence.endswith("1 of 3 steps done.")
    assert (await runner.resume(plan.id)).state is PlanState.DONE
    assert hand.drafts == BOTH


async def test_an_answer_that_cannot_be_resolved_leaves_the_step_open(
    account: Account, platform: RecordedSetup, paths: Paths, hand: Hand, runner: PlanRunner
) -> None:
    """Nothing is claimed that is not known; the next run finds out and makes no duplicate."""
    plan = hand.creation(FORWARD)
    hand.simulator.inject_fault("reset", match="/actions", operation=ACTIONS)

    class Outage(Platform):
        async def create_action(self, code: str, configuration: str, draft: ActionDraft) -> Action:
            hand.simulator.inject_fault("500", match="GET ")
            return await super().create_action(code, configuration, draft)

    outage = Outage(platform._client)
    result = await PlanRunner(account, outage, paths, pauses=(0.0,)).run(plan)

    assert isinstance(result.error, StepUnclear)
    assert states(result.progress) == [StepState.DONE, StepState.RUNNING]
    hand.fail("500", "GET")
    still = await runner.resume(plan.id)
    assert isinstance(still.error, StepUnclear)
    assert states(still.progress) == [StepState.DONE, StepState.RUNNING]
    assert (await runner.resume(plan.id)).state is PlanState.DONE
    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url)]


async def test_too_many_requests_are_waited_for(runner: PlanRunner, hand: Hand) -> None:
    """429 and Retry-After are the client's: a plan goes on by itself."""
    hand.fail("429", "POST")

    assert (await runner.run(hand.creation(FORWARD))).state is PlanState.DONE


def replace_configuration(hand: Hand) -> None:
    hand.delete_configuration()
    hand.configure()


MEANWHILE: dict[str, Callable[[Hand], object]] = {
    "is new": lambda hand: hand.configure(replace(PULL, callback_data="green")),
    "is not there any more": lambda hand: hand.delete_action(hand.keys[0]),
    "the configuration": Hand.delete_configuration,
    "there is a new configuration": replace_configuration,
}


@pytest.mark.parametrize("words", MEANWHILE)
async def test_what_others_do_meanwhile_is_not_overwritten(
    runner: PlanRunner, hand: Hand, words: str
) -> None:
    """Each difference stops the plan before the next request, which is not sent."""
    plan = hand.creation(FORWARD, PULL)
    kept: list[InboundRoute] = []

    def change() -> None:
        MEANWHILE[words](hand)
        kept.append(hand.route)

    result = await runner.run(plan, after_step(2, change))

    assert isinstance(result.error, Drifted)
    assert words in str(result.error)
    assert hand.route == kept[0]
    assert states(result.progress) == [StepState.DONE, StepState.DONE, StepState.FAILED]


async def test_a_configuration_with_actions_of_others_is_not_deleted(
    runner: PlanRunner, hand: Hand
) -> None:
    key = hand.configure(FORWARD)
    plan = hand.plan((StepKind.DELETE_CONFIGURATION, {"configuration": key}))
    hand.configure(*[PULL] * 7)

    result = await runner.run(plan)

    assert isinstance(result.error, Drifted)
    assert len(result.error.differences) == 7
    assert "and 2 more differences" in str(result.error)
    assert len(hand.keys) == 8


async def test_what_is_already_so_counts_as_done(runner: PlanRunner, hand: Hand) -> None:
    """Another user made the same change: there is nothing left to send."""
    plan = hand.creation(FORWARD)
    hand.configure()

    result = await runner.run(plan, after_step(1, lambda: hand.configure(FORWARD)))

    assert result.state is PlanState.DONE
    assert [one.key for one in result.progress] == [hand.configuration, *hand.keys]
    assert len(hand.keys) == 1


async def test_a_configuration_of_others_is_not_taken_for_the_plans(
    account: Account, platform: RecordedSetup, paths: Paths, hand: Hand
) -> None:
    """It appears between the last reading and the request, which is answered 409."""

    class Late(Platform):
        async def create_configuration(self, code: str) -> Configuration:
            hand.configure(PULL)
            return await super().create_configuration(code)

    late = Late(platform._client)
    result = await PlanRunner(account, late, paths, pauses=(0.0,)).run(hand.creation(FORWARD))

    assert isinstance(result.error, Drifted)
    assert "was created elsewhere" in str(result.error)
    assert hand.drafts == [("PULL", "")]


async def test_nothing_comes_between_reading_and_sending(runner: PlanRunner, hand: Hand) -> None:
    """What others do once a step is said to be under way is seen before it is sent."""
    key = hand.configure(FORWARD)
    plan = hand.plan((StepKind.DELETE_CONFIGURATION, {"configuration": key}))

    def intrude(progress: StepProgress) -> None:
        if progress.state is StepState.RUNNING:
            hand.configure(PULL)

    result = await runner.run(plan, intrude)

    assert isinstance(result.error, Drifted)
    assert len(hand.keys) == 2


async def test_actions_that_the_platform_kept_are_not_created_twice(
    runner: PlanRunner, hand: Hand
) -> None:
    """A new configuration may have the actions of the deleted one (platform.md §8)."""
    hand.simulator.change_settings(deleting_configuration_deletes_actions=False)
    key = hand.configure(FORWARD)
    plan = hand.plan(
        (StepKind.DELETE_CONFIGURATION, {"configuration": key}),
        (StepKind.CREATE_CONFIGURATION, {}),
        (StepKind.CREATE_ACTION, {"draft": FORWARD}),
        (StepKind.CREATE_ACTION, {"draft": PULL}),
    )

    result = await runner.run(plan)

    assert result.state is PlanState.DONE
    assert hand.drafts == BOTH


async def test_what_is_accepted_and_never_listed_stays_open(
    account: Account, platform: RecordedSetup, paths: Paths, hand: Hand
) -> None:
    """The lists are the truth."""
    configuration = hand.configure(FORWARD)
    plan = hand.plan(
        (StepKind.DELETE_ACTION, {"configuration": configuration, "action": hand.keys[0]})
    )

    class Forgetful(Platform):
        async def delete_action(self, code: str, configuration: str, key: str) -> None:
            """Accept, and do nothing."""

    forgetful = Forgetful(platform._client)
    result = await PlanRunner(account, forgetful, paths, pauses=(0.0, 0.0)).run(plan)

    assert isinstance(result.error, StepUnclear)
    assert "its lists do not show that" in str(result.error)


async def test_a_reading_that_fails_sends_nothing(runner: PlanRunner, hand: Hand) -> None:
    plan = hand.creation(FORWARD)
    hand.fail("500", "GET", times=3)

    result = await runner.run(plan)

    assert isinstance(result.error, UserError)
    assert states(result.progress) == [StepState.FAILED, StepState.WAITING]
    assert hand.drafts is None


async def test_what_is_not_permitted_is_not_sent(
    account: Account, paths: Paths, hand: Hand
) -> None:
    """The gate of the client holds for plans, and the step can be made later."""
    gate = Protection(read_only=True).gate_of(account, Audit(paths.archive))
    async with client_of(account, gate) as client:
        result = await PlanRunner(account, Platform(client), paths).run(hand.creation(FORWARD))

    assert "--read-only" in result.sentence
    assert states(result.progress) == [StepState.FAILED, StepState.WAITING]
    assert hand.drafts is None
