"""Setup files in the window: exported, applied, cloned, on the simulated platform."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMainWindow

from ibconsole.model.application import read_application
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_plans import RemotePlans
from ibconsole.services.console.remote_setup_files import RemoteSetupFiles, SetupExport
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ConnectionStatus
from ibconsole.ui.plans.plan_dialog import PlanDialog, PlanStage
from ibconsole.ui.plans.plan_presenter import PlanPresenter
from ibconsole.ui.plans.setup_file_dialogs import ApplyFileDialog, CloneDialog, ExportSetupDialog
from ibconsole.ui.plans.setup_file_presenter import SetupFilePresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.progress_dialog import ProgressDialog
from tests.unit.services.setup.plans.accounts import PULL, Hand


@pytest.fixture
async def console(paths: Paths, account: Account) -> AsyncIterator[tuple[Engine, Console]]:
    """A console on an engine, connected to the account."""
    engine, console = Engine(), Console(paths)
    engine.start()
    await engine.call(console.__aenter__)
    await engine.call(console.connect, account)
    yield engine, console
    await engine.call(console.__aexit__)
    await asyncio.to_thread(engine.stop)


@pytest.fixture
async def files(
    console: tuple[Engine, Console],
    plain_window: QMainWindow,
    account: Account,
    tasks: UiTasks,
    theme: Theme,
) -> AsyncIterator[SetupFilePresenter]:
    remote = RemotePlans(*console)
    selection = SetupSelection(plain_window)
    selection.connection = ConnectionStatus(account.name, account.base_url, id=account.connection)
    plans = PlanPresenter(plain_window, selection, remote, tasks, theme)
    service = RemoteSetupFiles(*console, remote)
    presenter = SetupFilePresenter(plans, service, tasks, theme)
    presenter.show_connection(selection.connection)
    yield presenter
    for dialog in plain_window.findChildren(QDialog):
        if isinstance(dialog, PlanDialog):
            dialog.stage = PlanStage.ENDED
        dialog.done(0)


def select(files: SetupFilePresenter, hand: Hand, window: QMainWindow) -> None:
    """Select the application of the hand, among all of the account."""
    selection = files._plans.selection
    raw = [one.raw for one in hand.simulator.state.account.applications]
    selection.cache.store_applications([read_application(dict(one)) for one in raw], 1)
    listed = selection.cache.applications
    assert listed
    selection.application = next(one for one in listed.items if one.code == hand.code)
    files.select_application(selection.application)


async def test_an_exported_file_is_applied(
    files: SetupFilePresenter,
    hand: Hand,
    plain_window: QMainWindow,
    tasks: UiTasks,
    tmp_path: Path,
) -> None:
    """From the menu: the setup of the selected application becomes a file, and comes back."""
    hand.configure(PULL)
    select(files, hand, plain_window)
    path = tmp_path / "shop.yaml"
    files.export.trigger()
    [options] = plain_window.findChildren(ExportSetupDialog)
    options.one.setChecked(True)
    options.proceed.click()
    [chooser] = plain_window.findChildren(QFileDialog)
    chooser.fileSelected.emit(str(path))
    await tasks.settled()
    [progress] = plain_window.findChildren(ProgressDialog)
    assert progress.sentence.text() == f"The setup of 1 application is in {path}."
    hand.delete_configuration()

    files.apply_file(path)
    [rules] = plain_window.findChildren(ApplyFileDialog)
    rules.proceed.click()
    await tasks.settled()
    [dialog] = plain_window.findChildren(PlanDialog)
    assert dialog.stage is PlanStage.REVIEW
    dialog.proceed.click()
    await tasks.settled()

    assert hand.drafts == [("PULL", "")]


async def test_the_problems_of_a_file_are_listed(
    files: SetupFilePresenter, plain_window: QMainWindow, tasks: UiTasks, tmp_path: Path
) -> None:
    """Each with its line and column; nothing is sent, and the corrected file is read again."""
    path = tmp_path / "bad.yaml"
    path.write_text(
        "version: 1\napplications:\n  - nam: x\n    configuration: 3\n", encoding="utf-8"
    )
    files.apply.trigger()
    [chooser] = plain_window.findChildren(QFileDialog)
    chooser.fileSelected.emit(str(path))
    [rules] = plain_window.findChildren(ApplyFileDialog)
    rules.proceed.click()
    await tasks.settled()

    [dialog] = plain_window.findChildren(PlanDialog)
    lines = dialog.problems.toPlainText().splitlines()
    assert len(lines) > 1
    assert all(line.startswith("bad.yaml:") for line in lines)
    assert "problems" in dialog.banner.text.text()
    assert dialog.as_text == "\n".join(lines)
    path.write_text("version: 1\napplications: []\n", encoding="utf-8")
    dialog.banner.action.click()
    await tasks.settled()
    assert dialog.stage is PlanStage.REVIEW


async def test_the_selected_application_is_cloned(
    files: SetupFilePresenter, hand: Hand, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """Its actions are planned for the application that the user chooses."""
    hand.configure(PULL)
    select(files, hand, plain_window)
    files.clone.trigger()
    [chooser] = plain_window.findChildren(CloneDialog)
    chooser.table.selectRow(0)
    chooser.proceed.click()
    await tasks.settled()

    [dialog] = plain_window.findChildren(PlanDialog)
    assert dialog.stage is PlanStage.REVIEW
    assert dialog.windowTitle().startswith("Clone ")


async def test_nothing_can_be_cloned_from_an_application_without_a_configuration(
    files: SetupFilePresenter, hand: Hand, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    select(files, hand, plain_window)
    files.clone.trigger()
    [chooser] = plain_window.findChildren(CloneDialog)
    chooser.table.selectRow(0)
    chooser.proceed.click()
    await tasks.settled()

    [dialog] = plain_window.findChildren(PlanDialog)
    assert "there is no configuration that could be cloned" in dialog.banner.text.text()
    assert not dialog.problems.isVisible()


async def test_what_cannot_be_written_is_said(
    files: SetupFilePresenter, plain_window: QMainWindow, tasks: UiTasks, tmp_path: Path
) -> None:
    files.export_to(SetupExport(tmp_path / "no" / "setup.yaml"))
    await tasks.settled()
    [progress] = plain_window.findChildren(ProgressDialog)
    assert "cannot be written" in progress.sentence.text()


async def test_commands_say_why_they_are_disabled(files: SetupFilePresenter) -> None:
    assert [one.isEnabled() for one in files.commands] == [True, True, False]
    files.show_connection(ConnectionStatus())
    assert [one.disabled_reason for one in files.commands] == [
        "No connection is open.",
        "No connection is open.",
        "No application is selected.",
    ]


@pytest.mark.parametrize(
    ("names", "taken"), [(["a.yaml"], True), (["a.txt"], False), (["a.yaml", "b.yaml"], False)]
)
async def test_a_file_is_dropped_on_the_window(
    files: SetupFilePresenter, plain_window: QMainWindow, names: list[str], *, taken: bool
) -> None:
    """One file that is named like a setup file leads to its plan; others are not taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(f"/data/{name}") for name in names])
    place = QPointF(5, 5), Qt.DropAction.CopyAction, data
    none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place[0].toPoint(), place[1], data, *none)
    QApplication.sendEvent(plain_window, enter)
    QApplication.sendEvent(plain_window, QDropEvent(*place, *none))

    assert enter.isAccepted() is taken
    assert bool(plain_window.findChildren(ApplyFileDialog)) is taken
