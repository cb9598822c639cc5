"""Undo by keyboard and from reports, on the simulated platform."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.services.audit.recording import user_act
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import RemoteProtection
from ibconsole.services.console.remote_plans import RemotePlans
from ibconsole.services.protection import CallKind
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.status import ConnectionStatus
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.protection_presenter import ProtectionPresenter
from ibconsole.ui.connections.unlock_dialog import UnlockDialog
from ibconsole.ui.plans.acts_dialog import ActsDialog
from ibconsole.ui.plans.plan_dialog import PlanDialog, PlanStage
from ibconsole.ui.plans.plan_presenter import PlanPresenter
from ibconsole.ui.plans.undo_presenter import UndoPresenter
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand

CTRL_Z = Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier


def shown_plan(window: QMainWindow) -> PlanDialog:
    [dialog] = [one for one in window.findChildren(PlanDialog) if one.isVisible()]
    return dialog


def unlock(window: QMainWindow) -> None:
    """Fill in the dialog that unlocks the account, and confirm it."""
    [dialog] = [one for one in window.findChildren(UnlockDialog) if one.isVisible()]
    dialog.reason.setText("ticket 7")
    dialog.typed.setText("Acme")
    dialog.accept()


async def delete(platform: RecordedSetup, hand: Hand) -> None:
    """Delete a configuration with two actions, as one act."""
    key = hand.configure(FORWARD, PULL)
    with user_act():
        await platform.delete_configuration(hand.code, key)


async def test_ctrl_z_and_enter_bring_back_what_was_deleted(
    undo: UndoPresenter,
    platform: RecordedSetup,
    hand: Hand,
    plain_window: QMainWindow,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Two keys undo the last change."""
    await delete(platform, hand)
    button = QPushButton("Somewhere in the window")
    plain_window.setCentralWidget(button)
    button.setFocus()
    plain_window.activateWindow()
    qtbot.waitUntil(button.hasFocus)

    QTest.keyClick(button, *CTRL_Z)
    await tasks.settled()
    dialog = shown_plan(plain_window)
    assert dialog.table.steps.rowCount() == 3
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    await tasks.settled()

    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]
    assert not dialog.isVisible()


async def test_ctrl_z_in_a_field_is_the_field_s(
    undo: UndoPresenter, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """Where text is edited, Ctrl+Z takes back the editing."""
    field = QLineEdit()
    plain_window.setCentralWidget(field)
    field.setFocus()
    QTest.keyClicks(field, "abc")

    QTest.keyClick(field, *CTRL_Z)
    await tasks.settled()

    assert field.text() == ""
    assert plain_window.findChildren(PlanDialog) == []


async def test_nothing_to_undo(
    undo: UndoPresenter, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """Without a change the dialog says so; there is nothing to retry."""
    undo.undo("")
    await tasks.settled()
    dialog = shown_plan(plain_window)
    assert "no change on this connection" in dialog.banner.text.text()
    assert dialog.banner.severity is Severity.INFO
    assert dialog.banner.action.isHidden()


async def test_an_act_of_the_list_is_undone(
    undo: UndoPresenter,
    platform: RecordedSetup,
    hand: Hand,
    plain_window: QMainWindow,
    tasks: UiTasks,
) -> None:
    """The list leads to the plan of the chosen change."""
    await delete(platform, hand)
    undo.list_acts.trigger()
    await tasks.settled()
    [listed] = plain_window.findChildren(ActsDialog)

    QTest.keyClick(listed.table, Qt.Key.Key_Return)
    await tasks.settled()

    dialog = shown_plan(plain_window)
    assert dialog.stage is PlanStage.REVIEW
    assert dialog.windowTitle().startswith("Undo: Delete configuration with 2 actions")


async def test_a_list_that_cannot_be_read(
    undo: UndoPresenter, hand: Hand, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    path = undo._service._path  # type: ignore[attr-defined]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no archive" * 500)
    undo.list_acts.trigger()
    await tasks.settled()
    [listed] = plain_window.findChildren(ActsDialog)
    assert listed.banner.isVisible()


async def test_a_conflict_is_the_user_s_to_solve(
    undo: UndoPresenter,
    platform: RecordedSetup,
    hand: Hand,
    plain_window: QMainWindow,
    tasks: UiTasks,
) -> None:
    """A configuration that others created meanwhile is used only if the user says so."""
    await delete(platform, hand)
    hand.configure()
    undo.undo("")
    await tasks.settled()
    dialog = shown_plan(plain_window)
    assert dialog.banner.action.text() == "Put the actions into it"

    dialog.banner.action.click()
    await tasks.settled()
    assert dialog.table.steps.rowCount() == 2
    dialog.proceed.click()
    await tasks.settled()

    assert hand.drafts == [("HTTP_FORWARD", FORWARD.forward_url), ("PULL", "")]


async def test_a_report_leads_to_its_undo(
    undo: UndoPresenter, panes: SetupPanes, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """The report of a change carries its act, which may not be the newest."""
    undo.follow(panes)
    panes.undo_requested.emit("no such act")
    await tasks.settled()
    assert "There is no change with the ID" in shown_plan(plain_window).banner.text.text()


def test_without_a_connection_nothing_is_offered(undo: UndoPresenter) -> None:
    undo.show_connection(ConnectionStatus())
    assert [command.isEnabled() for command in undo.commands] == [False, False]


async def test_a_locked_production_account_is_unlocked_before_its_undo(
    production: tuple[Engine, Console],
    hand: Hand,
    plain_window: QMainWindow,
    tasks: UiTasks,
    theme: Theme,
    qtbot: QtBot,
) -> None:
    """The name is typed once, to unlock; the lock asks again if its time ended in the review."""
    engine, console = production
    key = hand.configure(PULL)
    await engine.call(console.locks.unlock, "8d1b", (CallKind.CHANGE,), 5, "Acme", "ticket 6")
    await engine.call(console.platform.delete_configuration, hand.code, key)
    await engine.call(console.locks.lock)
    bar = ConnectionBar(theme, plain_window)
    protection = ProtectionPresenter(bar, RemoteProtection(engine, console), tasks, theme)
    protection.show_status(console.status)
    remote, selection = RemotePlans(engine, console), SetupSelection(plain_window)
    selection.connection = console.status.connection
    plans = PlanPresenter(plain_window, selection, remote, tasks, theme)
    plans.permit = protection.permit_change
    undo = UndoPresenter(plans, remote, tasks, theme, TimeDisplay(plans))

    undo.undo("")
    unlock(plain_window)
    await tasks.settled()
    dialog = shown_plan(plain_window)
    assert dialog.frame.isVisible()
    assert not dialog.typed.isVisible()
    dialog.proceed.click()  # the status that the window knows is still the locked one
    assert not dialog.isVisible()
    unlock(plain_window)
    await tasks.settled()

    assert hand.drafts == [("PULL", "")]
    assert dialog.stage is PlanStage.ENDED
    qtbot.waitUntil(lambda: not dialog.isVisible())
