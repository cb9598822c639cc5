"""The question before a change, and the report after it."""

import asyncio

from pytestqt.qtbot import QtBot

from ibconsole.api.exchange import current_act
from ibconsole.api.platform import Platform
from ibconsole.services.runtime.status import Status
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.change_runner import ChangeRunner, ChangeTarget
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.setup.conftest import PRODUCTION
from tests.ui.setup.steps import banner, click, select_application


async def test_production_name_is_typed(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """On a production account nothing is deleted before its name is typed."""
    presenter.show_status(Status(connection=PRODUCTION))
    await tasks.settled()
    select_application(panes, "Bora Bank")
    await tasks.settled()

    panes.configuration_pane.delete.click()

    [dialog] = panes.findChildren(ConfirmDialog)
    assert not dialog.proceed.isEnabled()
    dialog.typed.setText("Bank live")
    assert dialog.proceed.isEnabled()


async def test_confirmation_for_another_account(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A confirmation given after the account changed deletes nothing."""
    select_application(panes, "Bora Bank")
    await tasks.settled()
    panes.configuration_pane.delete.click()
    presenter.show_status(Status(connection=PRODUCTION))
    await tasks.settled()

    [dialog] = panes.findChildren(ConfirmDialog)
    click(qtbot, dialog.proceed)
    await tasks.settled()

    assert "nothing was deleted" in banner(panes.configuration_pane)
    select_application(panes, "Bora Bank")
    await tasks.settled()
    assert panes.configuration_pane.has_content


async def test_report_names_an_application_no_longer_selected(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """A change that ends after another application was selected names its own in the report."""
    select_application(panes, "Bora Bank")
    await tasks.settled()
    running.simulator.inject_fault("slow", times=1, match="DELETE", seconds=0.05)
    panes.configuration_pane.delete.click()
    [dialog] = panes.findChildren(ConfirmDialog)
    click(qtbot, dialog.proceed)

    select_application(panes, "Kestrel Airways")
    await tasks.settled()

    assert banner(panes.configuration_pane) == ("Bora Bank: Configuration of Bora Bank deleted.")


async def test_one_change_at_a_time(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """While a change is in progress, no other one is offered or asked about."""
    select_application(panes, "Marigold Retail")
    await tasks.settled()
    panes.configuration_pane.create_command.trigger()
    await asyncio.sleep(0)
    assert not panes.configuration_pane.create_command.isEnabled()

    panes.configuration_pane.delete_requested.emit()
    panes.actions_pane.new_requested.emit()

    assert panes.findChildren(ConfirmDialog) == []
    assert panes.findChildren(NewActionDialog) == []
    await tasks.settled()


async def test_the_calls_of_a_change_are_one_act(
    panes: SetupPanes,
    presenter: SetupPresenter,
    platform: Platform,
    selection: SetupSelection,
    tasks: UiTasks,
) -> None:
    """What one change sends is recorded under one id, by which it is undone."""
    acts: list[str] = []
    panes.changed.connect(lambda _sentence, act: acts.append(act))
    select_application(panes, "Bora Bank")
    await tasks.settled()
    runner = ChangeRunner(panes, selection, lambda _: platform, tasks)
    target = runner.target()
    assert target

    async def change(_: ChangeTarget) -> str:
        acts.append(current_act.get())
        return "Done."

    await runner.run(target, panes.actions_pane, change)
    await tasks.settled()

    assert acts[0]
    assert acts == [acts[0]] * 2
    assert current_act.get() == ""
