"""Configurations are created and deleted, actions deleted."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.api.platform import Platform
from ibconsole.errors import Severity
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.setup.steps import banner, cells, click, select_application


async def test_configuration_is_created_and_deleted(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A missing configuration can be created, and deleted after a confirmation."""
    select_application(panes, "Marigold Retail")
    await tasks.settled()
    pane = panes.configuration_pane
    assert "no inbound configuration" in pane.notice.sentence.text()
    assert not panes.actions_pane.new.isEnabled()

    click(qtbot, pane.notice.action)
    await tasks.settled()
    assert pane.has_content
    assert pane.created.isVisible()
    assert banner(pane).startswith("Configuration created.")
    assert panes.actions_pane.new.isEnabled()

    pane.delete.click()
    [dialog] = panes.findChildren(ConfirmDialog)
    assert dialog.cancel.isDefault()
    click(qtbot, dialog.proceed)
    await tasks.settled()
    assert banner(pane) == "Configuration of Marigold Retail deleted."
    assert "no inbound configuration" in pane.notice.sentence.text()


async def test_existing_configuration_is_shown(
    panes: SetupPanes,
    presenter: SetupPresenter,
    selection: SetupSelection,
    platform: Platform,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """A configuration created elsewhere meanwhile is shown, and reported as information."""
    select_application(panes, "Marigold Retail")
    await tasks.settled()
    assert selection.application
    existing = await platform.create_configuration(selection.application.code)

    click(qtbot, panes.configuration_pane.notice.action)
    await tasks.settled()

    assert panes.configuration_pane.banner.severity == Severity.INFO
    assert panes.configuration_pane.key.value == existing.key
    assert not panes.configuration_pane.created.isVisible()


async def test_a_deleted_action_can_be_undone(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The report of a deleted action names it, and the act that it can be undone by."""
    acts: list[tuple[str, str]] = []
    panes.changed.connect(lambda *act: acts.append(act))
    select_application(panes, "Kestrel Airways")
    await tasks.settled()
    [url] = cells(panes.actions_pane, 1)
    panes.actions_pane.table.selectRow(0)

    qtbot.keyClick(panes.actions_pane.table, Qt.Key.Key_Delete)
    [question] = panes.findChildren(ConfirmDialog)
    click(qtbot, question.proceed)
    await tasks.settled()

    [(sentence, act)] = acts
    assert sentence == f"Forward action deleted: {url}."
    assert act
    assert cells(panes.actions_pane) == []


async def delete_all(panes: SetupPanes, tasks: UiTasks, qtbot: QtBot) -> None:
    select_application(panes, "Pronto Lunch")
    await tasks.settled()
    panes.actions_pane.table.selectAll()
    panes.actions_pane.delete_command.trigger()
    [question] = panes.findChildren(ConfirmDialog)
    click(qtbot, question.proceed)
    await tasks.settled()


async def test_several_actions_are_deleted(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Several actions are deleted after one question."""
    await delete_all(panes, tasks, qtbot)
    assert cells(panes.actions_pane) == []
    assert banner(panes.actions_pane) == "2 actions deleted."


async def test_deleting_several_stops(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """If deleting several actions fails half-way, the report counts those deleted and left."""
    select_application(panes, "Pronto Lunch")
    await tasks.settled()
    second = cells(panes.actions_pane, 3)[1]
    running.simulator.inject_fault("403", times=1, match=f"actions/{second}")

    await delete_all(panes, tasks, qtbot)

    assert cells(panes.actions_pane, 3) == [second]
    assert panes.actions_pane.banner.severity == Severity.DANGER
    assert banner(panes.actions_pane).startswith("1 action deleted, 1 action left:")
    with qtbot.waitSignal(panes.undo_requested) as undo:
        click(qtbot, panes.actions_pane.banner.action)
    assert undo.args[0]
