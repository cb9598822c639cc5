"""The commands of the whole window: its menus, the palette, and what leads from pane to pane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication

from ibconsole.lazy import LazyModule
from ibconsole.ui.palette import CommandSearch, Palette, SearchProvider
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.menus import Menus, ViewCommands, ViewedParts
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit import Command, Group, Scheme, Theme
from ibconsole.ui.widgets import first_stop, focus_pane, open_dialog, pane_with_focus

if TYPE_CHECKING:
    from ibconsole.ui.forward_test import ForwardTestPane
    from ibconsole.ui.shell import failures_dialog, shortcuts_dialog
    from ibconsole.ui.widgets import LateTab
else:  # imported when a dialog is opened first
    failures_dialog = LazyModule("ibconsole.ui.shell.failures_dialog")
    shortcuts_dialog = LazyModule("ibconsole.ui.shell.shortcuts_dialog")


class WindowCommands(QObject):
    """Offers commands in the menus and the palette, and switches between the tabs."""

    _palette: Palette | None = None
    _forward_url = ""
    _application: object = None

    def __init__(
        self,
        window: MainWindow,
        theme: Theme,
        window_state: WindowState,
        failure_log: FailureLog,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._failure_log = failure_log
        self.menus = Menus(window.menuBar())
        window.time_display.show_utc(on=window_state.utc)
        self.view = ViewCommands(_viewed_parts(window), window_state, self)
        self.search_providers: list[SearchProvider] = [CommandSearch(lambda: self.menus.commands)]
        self._schemes = (
            self._scheme_command("Colours: follow the system", Scheme.SYSTEM),
            self._scheme_command("Colours: light", Scheme.LIGHT),
            self._scheme_command("Colours: dark", Scheme.DARK),
        )
        self._offer_commands()
        self._connect()

    def offer(self, commands: Sequence[Command], submenu: str = "") -> None:
        """Add commands to the menus and the palette; their shortcuts work in the whole window.

        With `submenu` they are in the submenu of that name.
        """
        for command in commands:
            command.add_to(self._window)
        self.menus.add(commands, submenu)

    def find_or_run(self) -> None:
        """Open the palette."""
        if self._palette is None:
            _ = self.menus.commands  # the tabs that are built for them bring providers
            self._palette = Palette(self.search_providers, self._theme, self._window)
        self._palette.open()

    def focus_filter(self) -> None:
        """Move the focus to the filter of the list that has it, else to that of the open tab.

        A shortcut of each list would be ambiguous with that of the window.
        """
        window, applications = self._window, self._window.setup.applications_pane
        setup = (applications, window.setup.configuration_pane, window.setup.actions_pane)
        in_tabs = pane_with_focus(setup) is None
        if in_tabs and window.tabs.currentWidget() is window.messages:
            window.messages.focus_filter()
        elif in_tabs and window.late.activity.is_current:
            window.activity.focus_filter()
        elif in_tabs and window.late.audit.is_current:
            window.audit.focus_filter()
        elif applications.isVisible():
            applications.focus_filter()

    def _on_next(self) -> None:
        focus_pane(self._window.panes, step=1)

    def _on_previous(self) -> None:
        focus_pane(self._window.panes, step=-1)

    def _offer_commands(self) -> None:
        find = Command("Find or run…", Group.VIEW, self.find_or_run, shortcut="Ctrl+K", parent=self)
        keys = Command(
            "Keyboard shortcuts", Group.HELP, self._open_shortcuts, shortcut="Ctrl+F1", parent=self
        )
        failed = Command("Error log", Group.VIEW, self._open_failures, parent=self)
        refresh = Command(
            "Refresh",
            Group.SETUP,
            self._window.refresh_requested.emit,
            shortcut="F5",  # the standard key of some desktops is another one
            icon_name="refresh-cw",
            parent=self,
        )
        filter_list = Command(
            "Filter the list",
            Group.VIEW,
            self.focus_filter,
            shortcut=QKeySequence(QKeySequence.StandardKey.Find),
            icon_name="search",
            parent=self,
        )
        next_pane = Command("Next pane", Group.VIEW, self._on_next, shortcut="F6", parent=self)
        previous_pane = Command(
            "Previous pane", Group.VIEW, self._on_previous, shortcut="Shift+F6", parent=self
        )
        menu = Command(
            "Menu of the selection",
            Group.VIEW,
            open_context_menu,
            shortcut="Shift+F10",
            parent=self,
        )
        moves = (filter_list, next_pane, previous_pane, menu)
        self.offer((refresh, find, *moves, *self.view.commands, *self._schemes, failed, keys))
        # Shortcuts of a tab work only within it: elsewhere they mean other things.
        window, late = self._window, self._window.late
        self.menus.add(window.messages.commands)
        self._offer_later(Group.LISTENER, late.listener)
        self._offer_later(Group.FORWARD_TEST, late.forward_test)
        self._offer_later(Group.ACTIVITY, late.activity)
        self._offer_later(Group.ACTIVITY, late.audit)
        self.menus.add_later(Group.SETUP, lambda: late.health.pane)
        self._offer_later(Group.SETUP, late.timeline, "Timeline")
        self._offer_later(Group.REDELIVERY, late.redelivery)

    def _offer_later(self, group: Group, tab: "LateTab[Any]", submenu: str = "") -> None:
        tab.when_built(lambda pane: self.menus.add(pane.commands, submenu))
        self.menus.add_later(group, lambda: tab.pane)

    def _scheme_command(self, name: str, scheme: Scheme) -> Command:
        return Command(name, Group.VIEW, lambda: self._theme.apply(scheme), parent=self)

    def _connect(self) -> None:
        window = self._window
        window.bar.find_requested.connect(self.find_or_run)
        window.status.listener_clicked.connect(self._on_listener_clicked)
        window.status.failures_clicked.connect(self._open_failures)
        self._failure_log.changed.connect(self._on_failures_changed)
        window.tabs.currentChanged.connect(self._on_tab_changed)
        self.view.changed.connect(self._on_tab_changed)
        window.setup.actions_pane.test_requested.connect(self._on_url_test_requested)
        window.setup.actions_pane.forward_url_changed.connect(self._on_forward_url_changed)
        window.setup.applications_pane.application_selected.connect(self._on_application_selected)
        window.late.forward_test.when_built(self._follow_selection)
        window.setup.route.test_requested.connect(self._on_url_test_requested)
        window.messages.test_requested.connect(self._on_message_test_requested)

    def _on_forward_url_changed(self, url: str) -> None:
        self._forward_url = url
        if pane := self._window.late.forward_test.built:
            pane.follow_url(url)

    def _on_application_selected(self, application: object) -> None:
        self._application = application
        if pane := self._window.late.forward_test.built:
            pane.follow_application(application)

    def _follow_selection(self, pane: "ForwardTestPane") -> None:
        pane.follow_application(self._application)
        pane.follow_url(self._forward_url)

    def _open_shortcuts(self) -> None:
        open_dialog(
            shortcuts_dialog.ShortcutsDialog(self.menus.commands, self._theme, self._window)
        )

    def _open_failures(self) -> None:
        zone = self._window.time_display.zone
        open_dialog(
            failures_dialog.FailuresDialog(self._failure_log, self._theme, zone, self._window)
        )

    def _on_failures_changed(self) -> None:
        self._window.status.show_failures(len(self._failure_log.failures))

    def _on_listener_clicked(self) -> None:
        self._window.tabs.setCurrentWidget(self._window.listener)

    def _on_tab_changed(self) -> None:
        # The inspector shows a message or a request; the other tabs have details of their own.
        window, tab = self._window, self._window.tabs.currentWidget()
        in_messages, in_listener = tab is window.messages, window.late.listener.is_current
        inspected = in_messages or in_listener
        window.inspector.setVisible(inspected and self.view.shows("inspector"))
        if in_messages:
            window.messages.announce_selection()
        elif in_listener:
            window.listener.announce_selection()
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and tab and tab.isAncestorOf(focused):
            # Qt moved the focus to the first control of the new page, which may be *Stop*.
            stop = first_stop(tab) or tab
            stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_url_test_requested(self, url: str) -> None:
        self.view.show_tab(self._window.forward_test)
        self._window.forward_test.test_url(url)

    def _on_message_test_requested(self, message: int) -> None:
        self.view.show_tab(self._window.forward_test)
        self._window.forward_test.use_message(message)


def open_context_menu() -> None:
    """Open the context menu of the widget with the focus, as the Menu key does.

    Qt leaves Shift+F10 to the system, and X11 and Wayland do nothing about it.
    """
    widget = QApplication.focusWidget()
    if widget is None or QApplication.activePopupWidget():
        return
    cursor = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    point = (cursor if isinstance(cursor, QRect) else widget.rect()).center()
    reason = QContextMenuEvent.Reason.Keyboard
    QCoreApplication.sendEvent(widget, QContextMenuEvent(reason, point, widget.mapToGlobal(point)))


def _viewed_parts(window: MainWindow) -> ViewedParts:
    return ViewedParts(
        {
            "applications": window.setup.applications_pane,
            "configuration": window.setup.configuration_pane,
            "actions": window.setup.actions_pane,
            "traffic": window.traffic,
            "inspector": window.inspector,
        },
        window.setup.route,
        window.tabs,
        window.time_display,
    )
