"""The whole set-up path with the keyboard alone, against the simulated platform."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.setup.steps import banner, cells

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class Hands:
    """A user without a mouse: what is pressed goes to what has the focus."""

    def __init__(self, panes: SetupPanes, qtbot: QtBot, tasks: UiTasks) -> None:
        self.panes = panes
        self.qtbot = qtbot
        self.tasks = tasks

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        self.qtbot.keyClick(self.focused(), key, modifier)

    def write(self, text: str) -> None:
        self.qtbot.keyClicks(self.focused(), text)

    def tab_to(self, wanted: QWidget) -> None:
        """Press Tab until the widget has the focus."""
        for _ in range(60):
            if wanted.hasFocus():
                return
            self.press(KEY.Key_Tab)
        pytest.fail(f"Tab never comes to {wanted.accessibleName()}.")

    def dialog(self, kind: type[QWidget]) -> QWidget:
        """The dialog of that kind, once it is the one that the keys go to."""
        self.qtbot.waitUntil(lambda: isinstance(QApplication.activeWindow(), kind))
        window = QApplication.activeWindow()
        assert window is not None
        return window

    def back(self) -> None:
        """The dialog is gone, and the window has the keys again, as a window manager sees to."""
        self.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        self.panes.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.panes)

    def focused(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None, "nothing has the focus"
        return widget


@pytest.fixture
def hands(panes: SetupPanes, presenter: SetupPresenter, qtbot: QtBot, tasks: UiTasks) -> Hands:
    panes.applications_pane.look_up.add_to(panes)
    panes.activateWindow()
    panes.applications_pane.filter.setFocus()
    qtbot.waitUntil(panes.applications_pane.filter.hasFocus)
    return Hands(panes, qtbot, tasks)


async def test_setting_up_an_application(hands: Hands, panes: SetupPanes) -> None:
    """Choose, create a configuration and actions, copy, replace, delete: without a mouse."""
    await _choose(hands, "Marigold Retail")

    hands.tab_to(panes.configuration_pane.notice.action)
    hands.press(KEY.Key_Space)
    await hands.tasks.settled()
    assert panes.configuration_pane.created.isVisible()

    hands.tab_to(panes.configuration_pane.key.copy)
    hands.press(KEY.Key_Space)
    assert QGuiApplication.clipboard().text() == panes.configuration_pane.key.value

    await _set_actions_up(hands, panes)

    hands.tab_to(panes.configuration_pane.delete)
    hands.press(KEY.Key_Space)
    await _agree(hands)
    assert "no inbound configuration" in panes.configuration_pane.notice.sentence.text()


async def test_looking_up(hands: Hands, panes: SetupPanes, selection: SetupSelection) -> None:
    """A code from a ticket, quotation marks and all, leads to its application; Ctrl+L asks."""
    assert selection.cache.applications
    wanted = selection.cache.applications.items[-1]

    hands.press(KEY.Key_L, CTRL)
    hands.dialog(LookUpDialog)
    hands.write(f' "{wanted.code}", ')
    hands.press(KEY.Key_Return)
    await hands.tasks.settled()

    assert selection.application == wanted
    assert panes.configuration_pane.has_content or panes.configuration_pane.notice.isVisible()


async def test_the_list_comes_first(hands: Hands, panes: SetupPanes) -> None:
    """Tab goes from the filter to the list before it comes to any button of the pane."""
    pane = panes.applications_pane
    hands.press(KEY.Key_Tab)
    assert pane.table.hasFocus()
    hands.press(KEY.Key_Tab)
    assert pane.look_up_button.hasFocus()


async def test_escape_backs_out(hands: Hands, panes: SetupPanes) -> None:
    """Esc leaves a question without an answer, and Enter on a question is the safe one."""
    await _choose(hands, "Bora Bank")
    for key in (KEY.Key_Escape, KEY.Key_Return):
        hands.tab_to(panes.actions_pane.table)
        hands.press(KEY.Key_Home)
        hands.press(KEY.Key_Delete)
        hands.dialog(ConfirmDialog)
        hands.press(key)
        await hands.tasks.settled()
        hands.back()

    assert len(cells(panes.actions_pane)) == 1


async def _choose(hands: Hands, name: str) -> None:
    hands.write(name)
    hands.tab_to(hands.panes.applications_pane.table)
    hands.press(KEY.Key_Down)
    await hands.tasks.settled()


async def _create(hands: Hands, url: str) -> None:
    dialog = hands.dialog(NewActionDialog)
    assert isinstance(dialog, NewActionDialog)
    hands.tab_to(dialog.url)
    hands.press(KEY.Key_A, CTRL)
    hands.write(url)
    hands.press(KEY.Key_Return)
    await hands.tasks.settled()
    hands.back()


async def _agree(hands: Hands) -> None:
    dialog = hands.dialog(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    hands.tab_to(dialog.proceed)
    hands.press(KEY.Key_Space)
    await hands.tasks.settled()
    hands.back()


async def _set_actions_up(hands: Hands, panes: SetupPanes) -> None:
    """Create an action, replace it, create another, and delete both."""
    hands.tab_to(panes.actions_pane.notice.action)
    hands.press(KEY.Key_Space)
    await _create(hands, "https://one.example.com/in")
    assert cells(panes.actions_pane, 1) == ["https://one.example.com/in"]

    hands.tab_to(panes.actions_pane.table)
    hands.press(KEY.Key_Down)
    hands.press(KEY.Key_E, CTRL)
    await _create(hands, "https://two.example.com/in")
    assert cells(panes.actions_pane, 1) == ["https://two.example.com/in"]
    assert banner(panes.actions_pane).startswith("Action replaced")

    hands.tab_to(panes.actions_pane.table)
    hands.press(KEY.Key_N, CTRL)
    await _create(hands, "https://three.example.com/in")
    hands.tab_to(panes.actions_pane.table)
    hands.press(KEY.Key_A, CTRL)
    hands.press(KEY.Key_Delete)
    await _agree(hands)
    assert cells(panes.actions_pane) == []
    assert banner(panes.actions_pane) == "2 actions deleted."
