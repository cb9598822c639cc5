"""The whole set-up of an application with the keyboard alone, against the simulator."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.setup.steps import banner, cells
from tests.ui.tab_order import tab_stops
from tests.ui.whole_window import WholeWindow

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class KeyboardUser:
    """A user without a mouse: keys go to the widget that has the focus."""

    def __init__(self, panes: SetupPanes, qtbot: QtBot, tasks: UiTasks) -> None:
        self.panes = panes
        self.qtbot = qtbot
        self.tasks = tasks

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        self.qtbot.keyClick(self.focused(), key, modifier)

    def enter_text(self, text: str) -> None:
        self.qtbot.keyClicks(self.focused(), text)

    def tab_to(self, wanted: QWidget) -> None:
        """Press Tab until the widget has the focus."""
        for _ in range(60):
            if wanted.hasFocus():
                return
            self.press(KEY.Key_Tab)
        pytest.fail(f"Tab does not reach {wanted.accessibleName()}.")

    def dialog(self, kind: type[QWidget]) -> QWidget:
        """Return the dialog of this class, once it is the active window."""
        self.qtbot.waitUntil(lambda: isinstance(QApplication.activeWindow(), kind))
        window = QApplication.activeWindow()
        assert window is not None
        return window

    def return_to_window(self) -> None:
        """Wait until the dialog is closed, and activate the window, as a window manager does."""
        self.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        self.panes.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.panes)

    def focused(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None, "nothing has the focus"
        return widget


@pytest.fixture
def user(
    panes: SetupPanes, presenter: SetupPresenter, qtbot: QtBot, tasks: UiTasks
) -> KeyboardUser:
    panes.applications_pane.look_up.add_to(panes)
    panes.activateWindow()
    panes.applications_pane.filter.setFocus()
    qtbot.waitUntil(panes.applications_pane.filter.hasFocus)
    return KeyboardUser(panes, qtbot, tasks)


async def test_setting_up_an_application(user: KeyboardUser, panes: SetupPanes) -> None:
    """Selecting, creating, copying, replacing and deleting all work without a mouse."""
    await _select(user, "Marigold Retail")

    user.tab_to(panes.configuration_pane.notice.action)
    user.press(KEY.Key_Space)
    await user.tasks.settled()
    assert panes.configuration_pane.created.isVisible()

    user.tab_to(panes.configuration_pane.key.copy)
    user.press(KEY.Key_Space)
    assert QGuiApplication.clipboard().text() == panes.configuration_pane.key.value

    await _set_actions_up(user, panes)

    user.tab_to(panes.configuration_pane.delete)
    user.press(KEY.Key_Space)
    await _confirm(user)
    assert "no inbound configuration" in panes.configuration_pane.notice.sentence.text()


async def test_looking_up(user: KeyboardUser, panes: SetupPanes, selection: SetupSelection) -> None:
    """Ctrl+L looks up an application by a code pasted with quotation marks and a comma."""
    assert selection.cache.applications
    wanted = selection.cache.applications.items[-1]

    user.press(KEY.Key_L, CTRL)
    user.dialog(LookUpDialog)
    user.enter_text(f' "{wanted.code}", ')
    user.press(KEY.Key_Return)
    await user.tasks.settled()

    assert selection.application == wanted
    assert panes.configuration_pane.has_content or panes.configuration_pane.notice.isVisible()


async def test_deletion_is_the_last_stop_of_a_pane(user: KeyboardUser, panes: SetupPanes) -> None:
    """Tab meets the content of a pane before its commands, and deletion last."""
    await _select(user, "Lumen Mobile")
    both = (panes.configuration_pane, panes.actions_pane)
    for pane in both:
        pane.delete.setEnabled(True)
    seen = list(tab_stops(panes))

    for pane in both:
        own = [stop for stop in seen if pane.isAncestorOf(stop)]
        assert own[-1] is pane.delete
        assert len(own) > 2


async def test_the_list_comes_first(user: KeyboardUser, panes: SetupPanes) -> None:
    """Tab goes from the filter to the list before any button of the pane."""
    pane = panes.applications_pane
    user.press(KEY.Key_Tab)
    assert pane.table.hasFocus()
    user.press(KEY.Key_Tab)
    assert pane.look_up_button.hasFocus()


async def test_escape_cancels(user: KeyboardUser, panes: SetupPanes) -> None:
    """Esc and Enter both cancel a question about a deletion."""
    await _select(user, "Bora Bank")
    for key in (KEY.Key_Escape, KEY.Key_Return):
        user.tab_to(panes.actions_pane.table)
        user.press(KEY.Key_Home)
        user.press(KEY.Key_Delete)
        user.dialog(ConfirmDialog)
        user.press(key)
        await user.tasks.settled()
        user.return_to_window()

    assert len(cells(panes.actions_pane)) == 1


async def _select(user: KeyboardUser, name: str) -> None:
    user.enter_text(name)
    user.tab_to(user.panes.applications_pane.table)
    user.press(KEY.Key_Down)
    await user.tasks.settled()


async def _create(user: KeyboardUser, url: str) -> None:
    dialog = user.dialog(NewActionDialog)
    assert isinstance(dialog, NewActionDialog)
    user.tab_to(dialog.form.url)
    user.press(KEY.Key_A, CTRL)
    user.enter_text(url)
    user.press(KEY.Key_Return)
    await user.tasks.settled()
    user.return_to_window()


async def _confirm(user: KeyboardUser) -> None:
    dialog = user.dialog(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    user.tab_to(dialog.proceed)
    user.press(KEY.Key_Space)
    await user.tasks.settled()
    user.return_to_window()


async def _set_actions_up(user: KeyboardUser, panes: SetupPanes) -> None:
    """Create an action, replace it, create another, and delete both."""
    user.tab_to(panes.actions_pane.notice.action)
    user.press(KEY.Key_Space)
    await _create(user, "https://one.example.com/in")
    assert cells(panes.actions_pane, 1) == ["https://one.example.com/in"]

    user.tab_to(panes.actions_pane.table)
    user.press(KEY.Key_Down)
    user.press(KEY.Key_F2)
    await _create(user, "https://two.example.com/in")
    assert cells(panes.actions_pane, 1) == ["https://two.example.com/in"]
    assert banner(panes.actions_pane).startswith("Action replaced")

    user.tab_to(panes.actions_pane.table)
    user.press(KEY.Key_N, CTRL)
    await _create(user, "https://three.example.com/in")
    user.tab_to(panes.actions_pane.table)
    user.press(KEY.Key_A, CTRL)
    user.press(KEY.Key_Delete)
    await _confirm(user)
    assert cells(panes.actions_pane) == []
    assert banner(panes.actions_pane) == "2 actions deleted."


async def test_the_focus_is_visible_at_every_stop(
    whole_window: WholeWindow, theme: Theme, qtbot: QtBot
) -> None:
    """Wherever Tab leads, the control looks different from one without the focus."""
    theme.apply(Scheme.LIGHT)
    window = whole_window.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    invisible, seen = set(), set[QWidget]()
    for page in (window.greeting, window.setup):
        window.upper.setCurrentWidget(page)
        for number in range(window.tabs.count()):
            window.tabs.setCurrentIndex(number)
            new = set(tab_stops(window)) - seen
            invisible |= {stop for stop in new if not _shows_focus(stop)}
            seen |= new

    assert {f"{type(one).__name__} {one.accessibleName()}" for one in invisible} == set()


def _shows_focus(stop: QWidget) -> bool:
    stop.clearFocus()
    QApplication.sendPostedEvents()
    before = stop.window().grab(QRect(stop.mapTo(stop.window(), QPoint()), stop.size())).toImage()
    stop.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.sendPostedEvents()
    after = stop.window().grab(QRect(stop.mapTo(stop.window(), QPoint()), stop.size())).toImage()
    return before != after
