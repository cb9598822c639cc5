"""Plans from their making to their end, on the simulated platform."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.runtime.status import ConnectionStatus
from ibconsole.services.setup.plans.plan import Plan
from ibconsole.services.setup.plans.runner import PlanResult
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.plans.plan_dialog import PlanStage
from ibconsole.ui.plans.plan_presenter import PlanPresenter, PlanSource
from ibconsole.ui.setup.change_runner import CHANGE
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand


def planned(plan: Plan) -> PlanSource:
    async def make(_: object) -> Plan:
        return plan

    return make


async def test_a_plan_is_carried_out(
    plans: PlanPresenter, hand: Hand, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Enter in the review makes all steps, closes the dialog, and reports the act."""
    reports: list[tuple[str, str]] = []
    plans.finished.connect(lambda *report: reports.append(report))
    touched: list[object] = []
    plans.touched.connect(touched.append)
    plan = hand.creation(FORWARD, PULL)
    dialog = plans.open("Apply", "Reading…", planned(plan))
    assert dialog.stage is PlanStage.READING
    await tasks.settled()

    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    await tasks.settled()

    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]
    assert reports == [("Apply shop.yaml: 3 steps done.", plan.id)]
    assert touched == [{hand.code}]
    assert not dialog.isVisible()


async def test_only_chosen_steps_are_made(plans: PlanPresenter, hand: Hand, tasks: UiTasks) -> None:
    """What was not chosen is left alone."""
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD, PULL)))
    await tasks.settled()
    dialog.table.steps.toggle([1])

    dialog.proceed.click()
    await tasks.settled()

    assert hand.drafts == [("PULL", "")]


async def test_a_failure_is_resumed(plans: PlanPresenter, hand: Hand, tasks: UiTasks) -> None:
    """A plan that stopped at an error goes on with what is left, and repeats nothing."""
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD, PULL)))
    await tasks.settled()
    hand.simulator.inject_fault(
        "403", times=1, operation="POST /push/1/applications/{}/configurations/{}/actions"
    )

    dialog.proceed.click()
    await tasks.settled()
    assert dialog.stage is PlanStage.ENDED
    assert dialog.isVisible()
    assert dialog.banner.text.text().startswith("1 of 3 steps done, 2 left.")
    assert dialog.proceed.text() == "Resume"
    dialog.proceed.click()
    await tasks.settled()

    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]
    assert not dialog.isVisible()


async def test_a_drift_is_planned_again(plans: PlanPresenter, hand: Hand, tasks: UiTasks) -> None:
    """Where another hand has changed the setup, nothing is sent; a new plan is made instead."""
    made = [hand.creation(FORWARD)]

    async def make(_: object) -> Plan:
        return made[-1]

    dialog = plans.open("Apply", "Reading…", make)
    await tasks.settled()
    hand.configure(PULL)

    dialog.proceed.click()
    await tasks.settled()
    assert "not as the plan expects" in dialog.banner.text.text()
    assert not dialog.proceed.isVisible()
    made.append(hand.plan())
    dialog.banner.action.click()
    await tasks.settled()

    assert dialog.stage is PlanStage.REVIEW
    assert dialog.summary.text() == "There is nothing to do."
    assert hand.drafts == [("PULL", "")]


async def test_stopping_between_two_requests(
    plans: PlanPresenter, hand: Hand, running: RunningSimulator, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Esc lets the request under way end, and makes no further one."""
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD, PULL)))
    await tasks.settled()
    running.simulator.inject_fault("slow", times=1, match="POST", seconds=0.05)
    dialog.proceed.click()
    await asyncio.sleep(0)

    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.stage is PlanStage.STOPPING
    await tasks.settled()

    assert dialog.banner.text.text().startswith("Stopped.")
    assert len(hand.keys) < 2


async def test_a_plan_that_cannot_be_made(plans: PlanPresenter, hand: Hand, tasks: UiTasks) -> None:
    """The dialog says why, and reads again when asked."""
    plan = hand.creation(FORWARD)
    failures = [UserError("The connection timed out.")]

    async def make(_: object) -> Plan:
        if failures:
            raise failures.pop()
        return plan

    dialog = plans.open("Apply", "Reading…", make)
    await tasks.settled()
    assert dialog.banner.text.text() == "The connection timed out."

    dialog.banner.action.click()
    await tasks.settled()
    assert dialog.stage is PlanStage.REVIEW


async def test_closing_ends_the_reading(plans: PlanPresenter, tasks: UiTasks) -> None:
    """What is read for a dialog that was closed is not waited for."""

    shows: list[Callable[[str], object]] = []

    async def make(show: Callable[[str], object]) -> Plan:
        shows.append(show)
        await asyncio.Event().wait()
        raise AssertionError

    dialog = plans.open("Apply", "Reading…", make)
    await asyncio.sleep(0)
    shows[0]("Reading: 1 of 2…")
    assert dialog.summary.text() == "Reading: 1 of 2…"
    dialog.reject()
    await tasks.settled()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    shows[0]("Reading: 2 of 2…")  # too late


async def test_one_change_at_a_time(plans: PlanPresenter, hand: Hand, tasks: UiTasks) -> None:
    """A plan waits for its user to try again while another change is in progress."""
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD)))
    await tasks.settled()
    ended = asyncio.Event()
    tasks.start(CHANGE, ended.wait)  # type: ignore[arg-type]

    dialog.proceed.click()

    assert dialog.banner.text.text().startswith("A change is in progress")
    assert dialog.stage is PlanStage.REVIEW
    ended.set()
    await tasks.settled()


async def test_a_locked_account_is_unlocked_first(
    plans: PlanPresenter, hand: Hand, tasks: UiTasks
) -> None:
    """Nothing is sent before the user has unlocked what a plan needs."""
    asked: list[Callable[[], object]] = []
    plans.permit = asked.append
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD)))
    await tasks.settled()

    dialog.proceed.click()
    await tasks.settled()
    assert hand.drafts is None
    asked.pop()()
    await tasks.settled()

    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url)]


@pytest.mark.parametrize(("read_only", "typed"), [(False, "Bank live"), (True, "")])
async def test_the_name_of_production_is_typed(
    plans: PlanPresenter, hand: Hand, tasks: UiTasks, *, read_only: bool, typed: str
) -> None:
    """It is typed here, or was typed just before to unlock the account."""
    plans.selection.connection = ConnectionStatus(
        "Bank live", environment="production", is_read_only=read_only
    )
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD)))
    await tasks.settled()
    assert dialog.typed.isVisible() is bool(typed)
    assert dialog.proceed.isEnabled() is not bool(typed)


async def test_another_account_refuses(plans: PlanPresenter, hand: Hand, tasks: UiTasks) -> None:
    """A plan of one account is not carried out on another."""
    plan = hand.creation(FORWARD)
    elsewhere = replace(plan, connection="other")
    dialog = plans.open("Apply", "Reading…", planned(elsewhere))
    await tasks.settled()
    dialog.proceed.click()
    await tasks.settled()
    assert "another account" in dialog.banner.text.text()
    assert hand.drafts is None


async def test_an_unexpected_error_leaves_no_dialog_that_cannot_be_closed(
    plans: PlanPresenter, hand: Hand
) -> None:
    """The plan counts as stopped; the error itself is reported as any other bug."""

    class Broken:
        async def run(self, *_: object, **__: object) -> PlanResult:
            raise ZeroDivisionError

    plans._executor = Broken()
    dialog = plans.open("Apply", "Reading…", planned(hand.creation(FORWARD)))
    await plans._tasks.settled()

    with pytest.raises(ZeroDivisionError):
        await plans.run(dialog, hand.creation(FORWARD), {1})

    assert dialog.stage is PlanStage.ENDED
    assert dialog.banner.text.text().startswith("Stopped.")
