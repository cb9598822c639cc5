"""Places the panes beside each other, and lets them hear of one another. Nothing else."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.model import Application
from ibconsole.services.messages import AsyncReader
from ibconsole.services.runtime import RepeatState, Status
from ibconsole.ui.activity import ActivityPane
from ibconsole.ui.connections import ConnectingPage, ConnectionBar
from ibconsole.ui.forward_test import ForwardTestPane
from ibconsole.ui.inspector import Inspector
from ibconsole.ui.listener import ListenerPane
from ibconsole.ui.messages import MessagesPane
from ibconsole.ui.palette import CommandSearch, Palette, SearchProvider
from ibconsole.ui.setup import SetupPanes, name_of
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.shell.failures_dialog import FailuresDialog
from ibconsole.ui.shell.greeting import GreetingPage
from ibconsole.ui.shell.menus import Menus, ViewCommands, Viewed
from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog
from ibconsole.ui.shell.status_bar import StatusBar
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit import ApplicationNames, Clock, Command, Group, Theme
from ibconsole.ui.widgets import Splitter, Toasts, WindowFrame

_SIZE = (1280, 800)
_WAITING = (
    "A pull is under way: what the platform hands out now exists nowhere else. The window closes"
    " by itself once it is on disk."
)
_SMALLEST = (1024, 640)


class MainWindow(QMainWindow):
    """What the user sees: the setup above, what arrives below, one of it in detail beside."""

    refresh_requested = Signal()
    inspection_cleared = Signal()
    closed = Signal()

    _palette: Palette | None = None

    def __init__(self, browsing: AsyncReader, theme: Theme, remembered: WindowState) -> None:
        super().__init__()
        self._theme = theme
        self._remembered = remembered
        self._pulling = self._closing = self._received = False
        self.setWindowTitle("ibconsole")
        self.setMinimumSize(*_SMALLEST)
        self.names = ApplicationNames(self)
        self.clock = Clock(self)
        self.clock.show_utc(on=remembered.utc)
        self.bar = ConnectionBar(theme)
        self.setup = SetupPanes(theme)
        self.connecting = ConnectingPage(theme)
        self.greeting = GreetingPage(theme)
        self.messages = MessagesPane(browsing, self.names, theme, clock=self.clock)
        self.listener = ListenerPane(browsing, theme, clock=self.clock)
        self.forward_test = ForwardTestPane(theme, clock=self.clock)
        self.activity = ActivityPane(theme, clock=self.clock)
        self.inspector = Inspector(theme)
        self.tabs = QTabWidget(documentMode=True)
        self.status = StatusBar(theme, clock=self.clock)
        self.menus = Menus(self.menuBar())
        self.toasts = Toasts(self, theme)
        self.frame = WindowFrame(self, theme)
        self.failures = FailureLog(self)
        self._lay_out()
        self._splitters = {
            "setup": self.setup.splitter,
            "traffic": self.traffic,
            "halves": self.halves,
            "activity": self.activity.splitter,
            "forward_test": self.forward_test.splitter,
        }
        self.view = ViewCommands(self._viewed(), remembered, self)
        self._restore()
        self._offer_commands()
        self._connect()

    def show_status(self, status: Status) -> None:
        """Say everywhere which account this is, and surround it as its environment asks for."""
        self._pulling = status.pull.running or status.repeat.state is RepeatState.PULLING
        if self._closing and not self._pulling:
            self.close()
            return
        self.bar.show_status(status)
        self.status.show_status(status)
        received = bool(status.archive.messages or status.archive.deliveries)
        if received != self._received:
            self._received = received
            self._show_traffic()
        name, environment = status.connection.name, status.connection.environment
        self.setWindowTitle(f"{name} - ibconsole" if name else "ibconsole")
        self.frame.show_environment(environment)

    def show_setup_page(self, page: str) -> None:
        """What stands in the upper half: "setup", "connecting" or, at first, "greeting"."""
        pages: dict[str, QWidget] = {"setup": self.setup, "greeting": self.greeting}
        shown = pages.get(page, self.connecting)
        self.upper.setCurrentWidget(shown)
        self._show_traffic()

    def _show_traffic(self) -> None:
        # Where nothing was ever received there is nothing to look at but the greeting.
        greets = self.upper.currentWidget() is self.greeting and not self._received
        self.traffic.setVisible(self.view.shows("traffic") and not greets)

    def show_recovered(self, sentence: str) -> None:
        """What a crash had left, and what became of it."""
        self.messages.page.banner.show_notice("info", sentence)

    def learn_applications(self, applications: Sequence[Application]) -> None:
        """Call them by their names from now on."""
        self.names.learn(applications)

    def select_application(self, application: object) -> None:
        """Offer what concerns this application alone; None offers nothing."""
        if isinstance(application, Application):
            self.messages.select_application(application.code, name_of(application))
        else:
            self.messages.select_application("", "")

    def offer(self, commands: Sequence[Command]) -> None:
        """Offer these in the menus and the palette; their shortcuts work in all of the window."""
        for command in commands:
            command.reach(self)
        self.menus.add(commands)

    def test_url(self, url: str) -> None:
        """Go to the forward test with this URL; nothing is sent yet."""
        self.view.show_tab(self.forward_test)
        self.forward_test.test_url(url)

    def test_message(self, message: int) -> None:
        """Go to the forward test with this message; nothing is sent yet."""
        self.view.show_tab(self.forward_test)
        self.forward_test.use_message(message)

    def find_or_run(self) -> None:
        """Open the palette."""
        if self._palette is None:
            self._palette = Palette(self.search_providers, self._theme, self)
        self._palette.open()

    def _offer_commands(self) -> None:
        find = Command("Find or run…", Group.VIEW, self.find_or_run, shortcut="Ctrl+K", parent=self)
        keys = Command("Keyboard shortcuts", Group.HELP, self._on_keys, shortcut="F1", parent=self)
        failed = Command("What failed", Group.VIEW, self._on_failed, parent=self)
        refresh = Command(
            "Refresh",
            Group.SETUP,
            self._on_refresh,
            shortcut=QKeySequence(QKeySequence.StandardKey.Refresh),
            icon_name="refresh-cw",
            parent=self,
        )
        self.offer((refresh, find, *self.view.commands, failed, keys))
        # Those of a tab work within it: their shortcuts mean other things elsewhere.
        for pane in (self.messages, self.listener, self.forward_test, self.activity):
            self.menus.add(pane.commands)
        self.search_providers: list[SearchProvider] = [CommandSearch(lambda: self.menus.commands)]

    def _on_refresh(self) -> None:
        self.refresh_requested.emit()

    def _on_keys(self) -> None:
        ShortcutsDialog(self.menus.commands, self._theme, self).open()

    def _on_failed(self) -> None:
        FailuresDialog(self.failures, self._theme, self.clock.zone, self).open()

    def _on_failures_changed(self) -> None:
        self.status.show_failures(len(self.failures.kept))

    def _on_tab_changed(self) -> None:
        # What the inspector shows belongs to a message or a request; the others have their own.
        current = self.tabs.currentWidget()
        inspected = current in {self.messages, self.listener}
        self.inspector.setVisible(inspected and self.view.shows("inspector"))
        self.inspection_cleared.emit()

    def _connect(self) -> None:
        self.bar.refresh_requested.connect(self.refresh_requested)
        self.bar.find_requested.connect(self.find_or_run)
        self.status.listener_clicked.connect(lambda: self.tabs.setCurrentWidget(self.listener))
        self.status.failures_clicked.connect(self._on_failed)
        self.failures.changed.connect(self._on_failures_changed)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.view.changed.connect(self._on_tab_changed)
        self.setup.actions_pane.test_requested.connect(self.test_url)
        self.messages.test_requested.connect(self.test_message)

    def _viewed(self) -> Viewed:
        panes: dict[str, QWidget] = {
            "applications": self.setup.applications_pane,
            "configuration": self.setup.configuration_pane,
            "actions": self.setup.actions_pane,
            "traffic": self.traffic,
            "inspector": self.inspector,
        }
        return Viewed(panes, self.setup.route, self.tabs, self.clock)

    def _lay_out(self) -> None:
        self.tabs.addTab(self.messages, "Messages")
        self.tabs.addTab(self.listener, "Listener")
        self.tabs.addTab(self.forward_test, "Forward test")
        self.tabs.addTab(self.activity, "Activity")
        self.tabs.setAccessibleName("What arrives")
        self.traffic = Splitter(Qt.Orientation.Horizontal)
        self.traffic.addWidget(self.tabs)
        self.traffic.addWidget(self.inspector)
        self.traffic.setSizes([870, 410])
        self.traffic.setStretchFactor(0, 2)
        self.traffic.setStretchFactor(1, 1)
        self.halves = Splitter(Qt.Orientation.Vertical)
        self.upper = QStackedWidget()
        self.upper.addWidget(self.setup)
        self.upper.addWidget(self.connecting)
        self.upper.addWidget(self.greeting)
        self.halves.addWidget(self.upper)
        self.halves.addWidget(self.traffic)
        self.halves.setSizes([350, 390])
        self.halves.setStretchFactor(1, 1)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.halves, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)

    def _restore(self) -> None:
        self.listener.address.choose(self._remembered.listener_host)
        if not self.restoreGeometry(self._remembered.state("window")):
            self.resize(*_SIZE)
        for name, splitter in self._splitters.items():
            splitter.restoreState(self._remembered.state(name))
        for table, name in (
            (self.setup.applications_pane.table, "applications"),
            (self.setup.actions_pane.table, "actions"),
            (self.messages.table, "messages"),
            (self.listener.table, "requests"),
            (self.forward_test.former, "forward_tests"),
            (self.activity.table, "activity"),
        ):
            self._remembered.follow(table, name)
        self.messages.order.choose(self._remembered.message_order)
        self.inspector.as_tree.setChecked(bool(self._remembered.number("json_tree", 0)))
        pulling = self.messages.toolbar.pulling
        pulling.limit.setValue(self._remembered.number("pull_limit", pulling.limit.value()))
        pulling.interval = self._remembered.number("pull_interval", pulling.interval)

    # Qt's side

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._pulling:
            self._closing = True
            self.messages.toolbar.pulling.stop_requested.emit()
            self.messages.page.banner.show_notice("info", _WAITING)
            event.ignore()
            return
        self._remembered.scheme = self._theme.scheme
        self._remembered.utc = self.clock.utc
        self._remembered.listener_host = self.listener.address.host
        self._remembered.message_order = self.messages.order.order
        pulling = self.messages.toolbar.pulling
        self._remembered.keep_number("json_tree", int(self.inspector.as_tree.isChecked()))
        self._remembered.keep_number("pull_limit", pulling.limit.value())
        self._remembered.keep_number("pull_interval", pulling.interval)
        self._remembered.keep_state("window", self.saveGeometry())
        for name, splitter in self._splitters.items():
            self._remembered.keep_state(name, splitter.saveState())
        self._remembered.save()
        super().closeEvent(event)
        self.closed.emit()
