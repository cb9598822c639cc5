"""Shared fixtures of the window's tests: no display, the light colours, tasks that end."""

import os

# Before the first import of Qt, which reads it only once.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast
from weakref import ref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.gate import admit_all
from ibconsole.api.platform import Platform
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Environment
from ibconsole.services.console.console import Console
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.changes import ChangesPresenter
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.whole_window import WholeWindow, compose_window

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:1", "key abcd…", Environment.SANDBOX)


class Windows:
    """The windows of a test, all of which a theme styles as it does the program's only window.

    A style sheet of the application would make it four times as long to build a pane, here as in
    the program; see `Theme.style_only`.
    """

    def __init__(self) -> None:
        self._sheet = ""
        self._open: list[ref[QWidget]] = []  # as in pytest-qt, or dialogs would outlive their end

    def add(self, window: QWidget) -> None:
        """Style a window, its parts and its dialogs, until `clear`."""
        self._open.append(ref(window))
        if self._sheet:
            window.setStyleSheet(self._sheet)

    def clear(self) -> None:
        """Forget the windows of a test that has ended."""
        self._open.clear()

    def styleSheet(self) -> str:  # noqa: N802 the theme takes this for its window
        return self._sheet

    def setStyleSheet(self, sheet: str) -> None:  # noqa: N802 as above
        self._sheet = sheet
        for window in [one() for one in self._open]:
            if window is not None and isValid(window):
                window.setStyleSheet(sheet)


@pytest.fixture(scope="session")
def windows() -> Windows:
    """The windows of the current test."""
    return Windows()


@pytest.fixture(scope="session")
def shared_theme(qapp: QApplication, windows: Windows) -> Theme:
    """One theme for all tests: styling the application for each took half of their time."""
    theme = Theme(qapp)
    theme.style_only(cast("QWidget", windows))
    theme.apply(Scheme.LIGHT)
    return theme


@pytest.fixture
def theme(shared_theme: Theme) -> Iterator[Theme]:
    """The light theme of the window."""
    # Does nothing unless a test has applied another theme.
    shared_theme.apply(Scheme.LIGHT)
    yield shared_theme
    # Without Qt's own loop, deleted widgets would stay alive.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def qtbot(qtbot: QtBot, windows: Windows) -> Iterator[QtBot]:
    """The user, whose windows have the theme's style sheet."""
    add_widget = qtbot.addWidget

    def add(widget: QWidget, **options: Any) -> None:
        add_widget(widget, **options)
        windows.add(widget)

    qtbot.addWidget = add  # type: ignore[method-assign]
    yield qtbot
    windows.clear()


@pytest.fixture(autouse=True)
def release_keys(qapp: QApplication) -> Iterator[None]:
    """Release all keys after a test: after QTest's Ctrl+Shift+C, Shift would stay pressed."""
    yield
    if qapp.keyboardModifiers():
        unrelated = QWidget()
        QTest.keyClick(unrelated, Qt.Key.Key_Escape)


@pytest.fixture
async def tasks(qapp: QApplication) -> AsyncIterator[UiTasks]:
    """The background tasks; a failure that the test did not handle fails it."""
    tasks = UiTasks()
    failures: list[object] = []
    tasks.failed.connect(lambda _name, error: failures.append(error))
    yield tasks
    await tasks.close()
    assert failures == []


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    """The simulated platform."""
    async with simulate(SimulatorSettings(rate_limited=False)) as running:
        yield running


@pytest.fixture
async def platform(running: RunningSimulator) -> AsyncIterator[Platform]:
    """The real client on the simulated platform."""
    async with ApiClient(
        running.base_url, ApiKey(Secret(running.api_key)), gate=admit_all
    ) as client:
        yield Platform(client)


@pytest.fixture
def panes(theme: Theme, qtbot: QtBot) -> Iterator[SetupPanes]:
    """The set-up panes, on the screen."""
    panes = SetupPanes(theme)
    qtbot.addWidget(panes)
    panes.resize(1200, 300)
    panes.show()
    for pane in (panes.configuration_pane, panes.actions_pane):
        pane.succeeded.connect(partial(pane.setProperty, "toast"))
        panes.changed.connect(lambda sentence, _act, pane=pane: pane.setProperty("toast", sentence))
    yield panes
    for dialog in (*panes.findChildren(ConfirmDialog), *panes.findChildren(NewActionDialog)):
        dialog.done(0)


@pytest.fixture
def selection(panes: SetupPanes) -> SetupSelection:
    """The selection in the set-up panes."""
    return SetupSelection(panes)


@pytest.fixture
async def presenter(
    panes: SetupPanes, selection: SetupSelection, platform: Platform, tasks: UiTasks
) -> SetupPresenter:
    """The presenters of the set-up panes, the applications listed."""
    presenter = SetupPresenter(panes, selection, platform, tasks)
    ChangesPresenter(panes, selection, lambda _: platform, tasks)
    presenter.show_status(Status(connection=SANDBOX))
    await tasks.settled()
    return presenter


@pytest.fixture
async def whole_window(theme: Theme, qtbot: QtBot, tmp_path: Path) -> AsyncIterator[WholeWindow]:
    """The main window over an empty archive, shown."""
    paths = Paths(tmp_path)
    async with Console(paths), AsyncReader(paths.archive) as reader:
        window = MainWindow()
        qtbot.addWidget(window)
        whole = compose_window(window, reader, theme, paths)
        whole.window.show()
        yield whole
        whole.window.close()


@pytest.fixture
def plain_window(qtbot: QtBot, theme: Theme) -> QMainWindow:
    """A window without panes, shown."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return window


@pytest.fixture
def executed() -> list[str]:
    """The names of the `commands` that were run, in order."""
    return []


@pytest.fixture
def commands(plain_window: QMainWindow, executed: list[str]) -> list[Command]:
    """Four commands of three groups; the third is not available."""

    def command(name: str, group: Group, keys: str = "") -> Command:
        return Command(
            name, group, lambda: executed.append(name), shortcut=keys, parent=plain_window
        )

    made = [
        command("Pull…", Group.MESSAGES, "Ctrl+P"),
        command("Add a connection…", Group.CONNECTION),
        command("Close this connection", Group.CONNECTION),
        command("Refresh", Group.SETUP, "F5"),
    ]
    made[2].set_disabled_reason("No connection is open.")
    return made
