"""New, duplicated and replaced actions, against the simulated platform."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.services.runtime.status import ListenerState, ListenerStatus, Status
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.conftest import SANDBOX
from tests.ui.setup.steps import banner, cells, click, select_application

NEW_URL = "https://new.example.com/in"


async def test_action_is_created(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A new action is on the platform, and in the list, once the dialog has closed."""
    presenter.show_status(
        Status(
            connection=SANDBOX,
            listener=ListenerStatus(ListenerState.LISTENING, "http://127.0.0.1:8484/in/secret"),
        )
    )
    select_application(panes, "Lumen Mobile")
    await tasks.settled()

    click(qtbot, panes.actions_pane.notice.action)
    [dialog] = panes.findChildren(NewActionDialog)
    click(qtbot, dialog.form.use_listener)
    click(qtbot, dialog.submit)
    await tasks.settled()

    assert cells(panes.actions_pane, 1) == ["http://127.0.0.1:8484/in/secret"]
    assert banner(panes.actions_pane) == "Forward action created."
    qtbot.waitUntil(lambda: panes.findChildren(NewActionDialog) == [])


async def test_duplicating(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A duplicate starts from the selected action."""
    select_application(panes, "Bora Bank")
    await tasks.settled()
    panes.actions_pane.table.selectRow(0)

    panes.actions_pane.duplicate.click()

    [dialog] = panes.findChildren(NewActionDialog)
    assert dialog.form.pull.isChecked()
    assert dialog.form.callback.toPlainText() == cells(panes.actions_pane, 2)[0]


async def test_refused_action_keeps_the_dialog(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """A refusal is shown in the dialog, where the draft can be corrected."""
    running.simulator.change_settings(max_actions=1)
    select_application(panes, "Bora Bank")
    await tasks.settled()
    panes.actions_pane.new.click()
    [dialog] = panes.findChildren(NewActionDialog)
    dialog.form.pull.setChecked(True)

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert dialog.isVisible()
    assert dialog.banner.severity == Severity.DANGER
    assert dialog.submit.isEnabled()
    assert len(cells(panes.actions_pane)) == 1


async def open_replacement(panes: SetupPanes, tasks: UiTasks) -> NewActionDialog:
    """Open the dialog that replaces the only action of an application."""
    select_application(panes, "Kestrel Airways")
    await tasks.settled()
    panes.actions_pane.table.selectRow(0)
    panes.actions_pane.replace_command.trigger()
    [dialog] = panes.findChildren(NewActionDialog)
    dialog.form.url.setText(NEW_URL)
    return dialog


async def test_replacing(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Replacing warns of the time with both actions, and ends with the new one alone."""
    dialog = await open_replacement(panes, tasks)
    words = "".join(label.text() for label in dialog.findChildren(QLabel))
    assert "messages may be handled twice" in words

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert cells(panes.actions_pane, 1) == [NEW_URL]
    assert banner(panes.actions_pane).startswith("Action replaced")


async def test_mistyped_url_is_corrected(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A mistyped URL is corrected with one press, even if another finding is shown first."""
    dialog = await open_replacement(panes, tasks)
    dialog.form.url.setText(f"{NEW_URL},")

    click(qtbot, dialog.form.use_correction)

    assert dialog.form.url.text() == NEW_URL
    assert not dialog.form.use_correction.isVisible()


async def test_replacing_stops_with_both(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """If the old action cannot be deleted, the new one can be deleted again."""
    dialog = await open_replacement(panes, tasks)
    [old] = cells(panes.actions_pane, 1)
    running.simulator.inject_fault("403", times=1, match="DELETE")

    click(qtbot, dialog.submit)
    await tasks.settled()
    assert "Both actions exist now" in dialog.banner.text.text()
    assert "3. Delete the old action: failed." in dialog.steps.text()
    assert not dialog.form.url.isEnabled()
    assert sorted(cells(panes.actions_pane, 1)) == sorted([old, NEW_URL])

    click(qtbot, dialog.withdraw)
    await tasks.settled()
    assert cells(panes.actions_pane, 1) == [old]
    assert "everything is as it was" in banner(panes.actions_pane)


async def test_replacing_is_continued(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Trying again creates no third action: only the remaining steps are run."""
    dialog = await open_replacement(panes, tasks)
    running.simulator.inject_fault("403", times=1, match="DELETE")
    click(qtbot, dialog.submit)
    await tasks.settled()

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert cells(panes.actions_pane, 1) == [NEW_URL]


async def test_refused_replacement_changes_nothing(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """If the new action is refused, only the old one exists, and the draft can be corrected."""
    dialog = await open_replacement(panes, tasks)
    running.simulator.change_settings(max_actions=1)

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert "Only the old action exists" in dialog.banner.text.text()
    assert dialog.form.url.isEnabled()
    assert len(cells(panes.actions_pane)) == 1
