from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ibconsole.archive.plans import read_applied, store_applied
from ibconsole.model import ActionDraft
from ibconsole.services.connections.account import Account
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.applying.applier import SetupApplier
from ibconsole.services.setup.applying.differences import Provenance
from ibconsole.services.setup.applying.planning import SetupPlan, choose_from
from ibconsole.services.setup.files import SetupFile, WantedApplication
from ibconsole.services.setup.plans import Drifted, NoSuchPlan, PlanState, StepFailed, StepKind
from tests.unit.services.setup.applying.setups import PULL, file_of, forward, wanted
from tests.unit.services.setup.plans.accounts import Hand

TITLE = "Apply setup.yaml"
OLD, NEW = forward("https://old.example/in"), forward("https://new.example/in", "blue")
FileOf = Callable[..., SetupFile]


@pytest.fixture
def wants(hand: Hand) -> FileOf:
    """A file that wants these actions for the application of the hand."""
    application = hand.simulator.state.account.application(hand.code)
    assert application
    return lambda *drafts: file_of(wanted(application.raw["name"], drafts))


async def apply(applier: SetupApplier, file: SetupFile, *, prune: bool = False) -> SetupPlan:
    planned = await applier.plan(file, title=TITLE, prune=prune)
    assert (await applier.apply(planned)).state is PlanState.DONE
    return planned


def contents(*drafts: ActionDraft) -> list[tuple[str, str]]:
    return sorted((one.type, one.forward_url) for one in drafts)


async def test_a_file_is_applied_once(applier: SetupApplier, hand: Hand, wants: FileOf) -> None:
    """The account has what the file wants, equal actions too; the next plan is empty."""
    first = await apply(applier, wants(PULL, PULL, NEW))
    again = await apply(applier, wants(PULL, PULL, NEW))

    assert len(first.plan.steps) == 4
    assert hand.drafts == contents(PULL, PULL, NEW)
    assert (again.plan.steps, again.differs) == ((), False)


async def test_planning_stores_nothing(applier: SetupApplier, paths: Paths, wants: FileOf) -> None:
    """The archive is created by what stores something."""
    await applier.plan(wants(PULL), title=TITLE)

    assert not paths.archive.exists()


async def test_a_changed_action_is_replaced_only_if_asked(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """Additive by default; what the file has brought about is known as such, the rest is not."""
    await apply(applier, wants(OLD))
    hand.configure(PULL)

    [difference] = (await apply(applier, wants(NEW))).differences
    assert hand.drafts == contents(OLD, NEW, PULL)
    assert [one.provenance for one in difference.extra] == [Provenance.APPLIED, Provenance.OTHER]

    [difference] = (await apply(applier, wants(NEW), prune=True)).differences
    assert hand.drafts == contents(NEW)
    assert [one.provenance for one in difference.extra] == [Provenance.APPLIED, Provenance.OTHER]


async def test_no_configuration_is_applied(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """A configuration that is not wanted goes with --prune alone."""
    hand.configure(PULL)
    name = wants().applications[0].name

    await apply(applier, file_of(wanted(name, None)))
    assert hand.drafts == contents(PULL)
    await apply(applier, file_of(wanted(name, None)), prune=True)
    assert hand.drafts is None


async def test_what_others_did_after_the_plan_stops_it(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """The plan is not carried out over what it does not know, and a new one completes it."""
    hand.configure(OLD)
    planned = await applier.plan(wants(NEW), title=TITLE, prune=True)
    hand.configure(PULL)

    result = await applier.apply(planned)

    assert isinstance(result.error, Drifted)
    assert hand.drafts == contents(OLD, PULL)
    await apply(applier, wants(NEW), prune=True)
    assert hand.drafts == contents(NEW)


async def test_a_failure_leaves_the_rest_to_the_next_apply(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """What was created before the failure counts as applied, what was not is still missing."""
    planned = await applier.plan(wants(PULL, OLD, NEW), title=TITLE)
    made: list[int] = []

    def fail_at_the_third(progress: object) -> None:
        made.append(1)
        if len(made) == 4:  # two steps, each begun and done
            hand.fail("403", "POST", times=5)

    result = await applier.apply(planned, on_progress=fail_at_the_third)
    hand.simulator.state.faults.clear()

    assert isinstance(result.error, StepFailed)
    assert hand.drafts == contents(PULL)
    [difference] = (await applier.plan(wants(NEW), title=TITLE)).differences
    assert [one.provenance for one in difference.extra] == [Provenance.APPLIED]
    await apply(applier, wants(PULL, OLD, NEW))
    assert hand.drafts == contents(PULL, OLD, NEW)


async def test_a_stopped_plan_is_found_and_resumed(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """Stopping takes effect between two steps; the stored plan goes on with the others."""
    planned = await applier.plan(wants(PULL, NEW), title=TITLE)
    stopped: list[bool] = []
    result = await applier.apply(
        planned, on_progress=lambda _: stopped.append(True), is_stopped=lambda: bool(stopped)
    )
    assert (result.state, hand.drafts) == (PlanState.STOPPED, [])

    stored = await applier.find_interrupted(TITLE)
    fresh = await applier.plan(wants(PULL, NEW), title=TITLE)
    resumed = await applier.apply(fresh, stored)

    assert stored.plan == planned.plan
    assert (resumed.state, hand.drafts) == (PlanState.DONE, contents(PULL, NEW))
    with pytest.raises(NoSuchPlan, match="was interrupted here"):
        await applier.find_interrupted(TITLE)


async def test_a_plan_that_a_newer_one_replaced_is_not_resumed(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """Only the newest plan of a file counts: after one that is done, none is interrupted."""
    planned = await applier.plan(wants(PULL, NEW), title=TITLE)
    stopped: list[bool] = []
    await applier.apply(
        planned, on_progress=lambda _: stopped.append(True), is_stopped=lambda: bool(stopped)
    )
    await apply(applier, wants(PULL))

    with pytest.raises(NoSuchPlan, match="was interrupted here"):
        await applier.find_interrupted(TITLE)


async def test_a_plan_that_is_done_changes_nothing_more(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """Applying a stored plan again, of which nothing is left, succeeds without a request."""
    planned = await apply(applier, wants(PULL))
    stored = await applier.find(planned.plan.id)
    before = hand.simulator.counters["requests"]

    fresh = await applier.plan(wants(PULL), title=TITLE)
    reads = hand.simulator.counters["requests"]
    assert (await applier.apply(fresh, stored)).state is PlanState.DONE

    assert reads > before
    assert hand.simulator.counters["requests"] == reads


async def test_plans_of_other_accounts_are_not_found(
    applier: SetupApplier, account: Account, paths: Paths, wants: FileOf
) -> None:
    """An id leads to a plan of this account alone."""
    planned = await applier.plan(wants(PULL), title=TITLE)
    await applier.journal.store(replace(planned.plan, connection="other"))

    with pytest.raises(NoSuchPlan, match="made for another account"):
        await applier.find(planned.plan.id)
    with pytest.raises(NoSuchPlan):
        await applier.find("none")


async def test_what_another_version_stored_is_unknown(
    applier: SetupApplier, account: Account, paths: Paths, hand: Hand, wants: FileOf
) -> None:
    """Nothing is claimed about what cannot be read, and the file is applied all the same."""
    store_applied(paths.archive, account.connection, {hand.code: '{"later": 1}'}, 5)
    hand.configure(OLD)

    [difference] = (await apply(applier, wants(PULL))).differences

    assert [one.provenance for one in difference.extra] == [Provenance.UNKNOWN]
    assert "PULL" in read_applied(paths.archive, account.connection)[hand.code]


async def test_a_part_of_a_plan_is_remembered_as_that(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    """What was not chosen is neither taken for applied nor for made elsewhere."""
    await apply(applier, wants(OLD))
    planned = await applier.plan(wants(NEW, PULL), title=TITLE, prune=True)
    numbers = {step.draft: step.number for step in planned.plan.steps}

    part = choose_from(planned, {numbers[PULL]})
    assert (await applier.apply(part)).state is PlanState.DONE

    assert hand.drafts == contents(OLD, PULL)
    [difference] = (await applier.plan(wants(NEW, PULL), title=TITLE)).differences
    assert [one.provenance for one in difference.extra] == [Provenance.APPLIED]
    assert [one.provenance for one in difference.missing] == [Provenance.OTHER]


async def test_a_configuration_that_stays_keeps_what_was_applied(
    applier: SetupApplier, hand: Hand, wants: FileOf
) -> None:
    await apply(applier, wants(OLD))
    name = wants().applications[0].name
    none = file_of(WantedApplication(name))
    planned = await applier.plan(none, title=TITLE, prune=True)
    assert [step.kind for step in planned.plan.steps] == [StepKind.DELETE_CONFIGURATION]

    await applier.apply(choose_from(planned, ()))

    [difference] = (await applier.plan(none, title=TITLE)).differences
    assert [one.provenance for one in difference.extra] == [Provenance.APPLIED]


async def test_halves_of_characters_on_the_platform_do_no_harm(
    applier: SetupApplier, hand: Hand
) -> None:
    """What an account has is kept and compared as it is, also if it is no text."""
    half = ActionDraft(type="PULL", callback_data="half \ud83d")
    application = hand.simulator.state.account.application(hand.code)
    assert application
    application.raw["name"] = "Shop \ud83d"
    hand.configure(half)
    file = file_of(wanted("", [PULL], id=application.raw["applicationId"]))

    first = await apply(applier, file)
    second = await apply(applier, file, prune=True)

    assert (await applier.find(first.plan.id)).plan == first.plan
    assert [step.kind.deletes for step in second.plan.steps] == [True]
    assert hand.drafts == contents(PULL)
