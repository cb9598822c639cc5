from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu
from pytestqt.qtbot import QtBot

from ibconsole.model.application import read_application
from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.shell.failures_dialog import FailuresDialog
from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog, place_of
from ibconsole.ui.toolkit.theme import Scheme, Theme
from tests.ui.whole_window import WholeWindow

APPLICATION = read_application({"applicationCode": "code", "name": "Bora Bank"})


async def test_the_palette_is_created_once(whole_window: WholeWindow) -> None:
    """Opening the palette repeatedly shows the same one again."""
    for _ in range(3):
        whole_window.commands.find_or_run()
        [palette] = whole_window.window.findChildren(Palette)
        assert palette.isVisible()
        palette.close()


async def test_refresh_is_a_command(whole_window: WholeWindow, qtbot: QtBot) -> None:
    """The command and the button in the bar ask for the same refresh."""
    window = whole_window.window
    for run in (whole_window.command("Refresh").trigger, window.bar.refresh.click):
        with qtbot.waitSignal(window.refresh_requested):
            run()


async def test_the_dialogs_of_the_window_are_commands(whole_window: WholeWindow) -> None:
    """Shortcuts and failures are shown in dialogs; the status bar counts the failures."""
    window = whole_window.window
    whole_window.failures.add("load", "The disk is full.")
    assert window.status.failures.accessibleName() == "Error log: 1"

    for name, kind in (("Keyboard shortcuts", ShortcutsDialog), ("Error log", FailuresDialog)):
        whole_window.command(name).trigger()
        [dialog] = window.findChildren(kind)
        assert dialog.isVisible()
        dialog.reject()


async def test_tabs_have_numbers(whole_window: WholeWindow) -> None:
    """Ctrl+1 to Ctrl+4 go to the tabs from anywhere, and show the lower half if it is hidden."""
    window = whole_window.window
    whole_window.command("Show messages and the other tabs").trigger()
    assert not window.traffic.isVisible()

    for number, tab in enumerate(
        (window.messages, window.listener, window.forward_test, window.activity), start=1
    ):
        go_to = whole_window.command(f"Go to {window.tabs.tabText(number - 1)}")
        assert go_to.shortcut().toString() == f"Ctrl+{number}"
        go_to.trigger()
        assert window.tabs.currentWidget() is tab
        assert window.traffic.isVisible()
        # Forward tests and activity show details of their own.
        assert window.inspector.isVisible() is (number < 3)


async def test_the_keys_go_to_the_tab_that_is_opened(
    whole_window: WholeWindow, qtbot: QtBot
) -> None:
    """Ctrl+3 moves the focus to the URL, so that Ctrl+Enter tests it; a place in the tab stays."""
    window = whole_window.window
    _keys_to(whole_window, qtbot)
    window.setup.applications_pane.filter.setFocus()
    go_to = whole_window.command("Go to Forward test")
    go_to.trigger()
    assert QApplication.focusWidget() is window.forward_test.url

    payload = window.forward_test.payload.editor
    payload.setFocus()
    go_to.trigger()
    assert QApplication.focusWidget() is payload

    window.listener.page.show_table()
    whole_window.command("Go to Listener").trigger()
    assert QApplication.focusWidget() is window.listener.table  # no button that would stop it


async def test_a_tab_without_a_list_or_field_gives_the_focus_to_no_button(
    whole_window: WholeWindow, qtbot: QtBot
) -> None:
    """The listener's first control is *Stop* while nothing has arrived: Space must not press it."""
    window = whole_window.window
    _keys_to(whole_window, qtbot)
    window.setup.applications_pane.filter.setFocus()

    whole_window.command("Go to Listener").trigger()

    focused = QApplication.focusWidget()
    assert not isinstance(focused, QAbstractButton)
    assert focused is window.tabs.tabBar()
    qtbot.keyClick(window.tabs.tabBar(), Qt.Key.Key_Right)
    assert window.tabs.currentWidget() is not window.listener


async def test_a_tab_announces_its_selection_again(whole_window: WholeWindow, qtbot: QtBot) -> None:
    """The inspector shows what is selected in the tab that is shown, or nothing."""
    window = whole_window.window
    with qtbot.waitSignal(window.listener.selection_cleared):
        window.tabs.setCurrentWidget(window.listener)
    with qtbot.waitSignal(window.messages.selection_cleared):
        window.tabs.setCurrentWidget(window.messages)


async def test_a_url_is_tested_in_its_tab(whole_window: WholeWindow) -> None:
    """Testing the URL of an action goes to the forward test with that URL, and sends nothing."""
    window = whole_window.window
    window.setup.actions_pane.test_requested.emit("https://hooks.example.com/in")

    assert window.tabs.currentWidget() is window.forward_test
    assert window.forward_test.url.text() == "https://hooks.example.com/in"


def _keys_to(whole_window: WholeWindow, qtbot: QtBot) -> None:
    """Make the window active, so that shortcuts work in it."""
    whole_window.window.activateWindow()
    qtbot.waitUntil(whole_window.window.isActiveWindow)


async def test_the_filter_has_one_shortcut_everywhere(
    whole_window: WholeWindow, qtbot: QtBot
) -> None:
    """Ctrl+F goes to the filter of the open tab, in the setup to that of the applications."""
    _keys_to(whole_window, qtbot)
    window = whole_window.window
    window.upper.setCurrentWidget(window.setup)
    applications = window.setup.applications_pane
    applications.show_content()
    for tab, start, found in (
        (window.messages, window.bar.find_button, window.messages.toolbar.search),
        (window.activity, window.bar.find_button, window.activity.toolbar.search),
        (window.messages, applications.table, applications.filter),
        (window.listener, window.bar.find_button, applications.filter),
    ):
        window.tabs.setCurrentWidget(tab)
        start.setFocus()
        whole_window.command("Filter the list").trigger()
        assert QApplication.focusWidget() is found


async def test_no_shortcut_is_ambiguous(whole_window: WholeWindow) -> None:
    """Of two commands of the whole window none has the shortcut of the other."""
    everywhere = [
        command.shortcut_text()
        for command in whole_window.commands.menus.commands
        if command.shortcut_text() and place_of(command) == "Whole window"
    ]
    elsewhere = [
        command.shortcut_text()
        for command in whole_window.commands.menus.commands
        if command.shortcut_text() and place_of(command) != "Whole window"
    ]

    assert sorted(everywhere) == sorted(set(everywhere))
    assert not set(everywhere) & set(elsewhere)


async def test_no_field_takes_a_shortcut_of_the_window(whole_window: WholeWindow) -> None:
    """Shortcuts of the whole window also work while the focus is in a field of text."""
    field = whole_window.window.messages.toolbar.search
    taken = []
    for command in whole_window.commands.menus.commands:
        if command.shortcut_text() and place_of(command) == "Whole window":
            keys = command.shortcut()[0]
            event = QKeyEvent(QEvent.Type.ShortcutOverride, keys.key(), keys.keyboardModifiers())
            event.ignore()
            QApplication.sendEvent(field, event)
            taken += [command.name] if event.isAccepted() else []

    assert taken == []


async def test_menus_open_with_alt_and_their_initial(whole_window: WholeWindow) -> None:
    """Each menu has a letter of its own."""
    bar = whole_window.window.menuBar()
    whole_window.commands.menus.arrange()
    letters = [action.text().partition("&")[2][:1] for action in bar.actions()]

    assert all(letters)
    assert len(set(letters)) == len(letters)


async def test_menu_by_shift_f10(whole_window: WholeWindow, qtbot: QtBot) -> None:
    """Shift+F10 opens the menu of what has the focus, once."""
    window = whole_window.window
    window.activateWindow()
    window.messages.toolbar.search.setFocus()
    command = whole_window.command("Menu of the selection")
    assert command.shortcut().toString() == "Shift+F10"
    command.trigger()
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)  # of the search field
    command.trigger()
    assert QApplication.activePopupWidget() is popup
    popup.close()


async def test_colours_are_commands(whole_window: WholeWindow, theme: Theme) -> None:
    """The palette and the View menu offer what the button in the bar does."""
    chosen = []
    for name in ("Colours: dark", "Colours: light", "Colours: follow the system"):
        whole_window.command(name).trigger()
        chosen.append(theme.scheme)
    assert chosen == [Scheme.DARK, Scheme.LIGHT, Scheme.SYSTEM]


async def test_a_late_forward_test_follows_the_selection(whole_window: WholeWindow) -> None:
    """What was selected before the tab is opened first is what it tests, with its remark."""
    window = whole_window.window
    sandbox = ConnectionStatus("Sandbox", "http://127.0.0.1:1", "", Environment.SANDBOX)
    whole_window.presenter.show_status(Status(connection=sandbox))
    window.setup.applications_pane.application_selected.emit(APPLICATION)
    window.setup.actions_pane.forward_url_changed.emit("https://hooks.example.com/in")
    assert window.late.forward_test.built is None

    whole_window.command("Go to Forward test").trigger()

    pane = window.forward_test
    assert pane.url.text() == "https://hooks.example.com/in"
    with_sandbox = pane.remark.text()
    pane.set_sandbox(on=False)
    assert pane.remark.text() != with_sandbox
    asked: list[str] = []
    pane.last_message_requested.connect(asked.append)
    pane.payload.last_message_requested.emit()
    assert asked == ["code"]
    window.setup.actions_pane.forward_url_changed.emit("https://hooks.example.com/other")
    assert pane.url.text() == "https://hooks.example.com/other"


async def test_no_tab_is_built_before_it_is_needed(whole_window: WholeWindow) -> None:
    """The palette and the menus have the commands of every tab all the same."""
    late = whole_window.window.late
    tabs = (late.listener, late.forward_test, late.activity)
    assert [tab.built for tab in tabs] == [None] * 3

    names = {command.name for command in whole_window.commands.menus.commands}

    for tab in tabs:
        assert {command.name for command in tab.pane.commands} <= names
