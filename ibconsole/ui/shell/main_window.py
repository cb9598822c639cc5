"""The main window: places the panes, and has no behaviour of its own.

`WindowPresenter` shows the engine's state in it, `WindowCommands` adds menus and palette, and
`SavedLayout` restores its layout.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.services.messages import AsyncReader
from ibconsole.ui.activity import ActivityPane
from ibconsole.ui.connections import ConnectingPage, ConnectionBar
from ibconsole.ui.forward_test import ForwardTestPane
from ibconsole.ui.inspector import Inspector
from ibconsole.ui.listener import ListenerPane
from ibconsole.ui.messages import MessagesPane
from ibconsole.ui.setup import SetupPanes
from ibconsole.ui.shell.greeting import GreetingPage
from ibconsole.ui.shell.status_bar import StatusBar
from ibconsole.ui.toolkit import ApplicationNames, Theme, TimeDisplay
from ibconsole.ui.widgets import ProductionFrame, ScreenFit, Splitter, Toasts

_DEFAULT_SIZE = (1280, 800)
_MINIMUM_SIZE = (1024, 640)
_COMPACT_BELOW = 740  # pixels of height, for the route to be one line


class MainWindow(QMainWindow):
    """The setup above; below it the tabs of what was received, and the inspector.

    `close_requested` carries the close event: a receiver that has to delay it ignores the event.
    """

    refresh_requested = Signal()
    close_requested = Signal(object)
    closed = Signal()

    def __init__(self, reader: AsyncReader, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("ibconsole")
        self.setMinimumSize(*_MINIMUM_SIZE)
        self.resize(*_DEFAULT_SIZE)
        self.names = ApplicationNames(self)
        self.time_display = TimeDisplay(self)
        self.bar = ConnectionBar(theme)
        self.setup = SetupPanes(theme)
        self.connecting = ConnectingPage(theme)
        self.greeting = GreetingPage(theme)
        self.messages = MessagesPane(reader, self.names, theme, time_display=self.time_display)
        self.listener = ListenerPane(reader, theme, time_display=self.time_display)
        self.forward_test = ForwardTestPane(theme, time_display=self.time_display)
        self.activity = ActivityPane(theme, time_display=self.time_display)
        self.inspector = Inspector(theme)
        self.tabs = QTabWidget(documentMode=True)
        self.traffic = Splitter(Qt.Orientation.Horizontal)
        self.upper = QStackedWidget()
        self.halves = Splitter(Qt.Orientation.Vertical)
        self.status = StatusBar(theme, time_display=self.time_display)
        self.toasts = Toasts(self, theme)
        self.frame = ProductionFrame(self, theme)
        self.fit = ScreenFit(self)
        self._lay_out()
        self.bar.refresh_requested.connect(self.refresh_requested)
        setup = (self.setup.configuration_pane, self.setup.actions_pane)
        for source in (self.messages, self.forward_test, *setup):
            source.succeeded.connect(partial(self.toasts.show, Severity.OK))

    @property
    def panes(self) -> tuple[QWidget, ...]:
        """The parts that F6 goes through, hidden ones included."""
        setup = self.setup
        upper: tuple[QWidget, ...] = (
            setup.failure,
            setup.applications_pane,
            setup.configuration_pane,
            setup.actions_pane,
            setup.route,
        )
        if self.upper.currentWidget() is not setup:
            upper = (self.upper.currentWidget(),)
        return (self.bar, *upper, self.tabs, self.inspector, self.status)

    def _lay_out(self) -> None:
        self._fill_traffic()
        for page in (self.setup, self.connecting, self.greeting):
            self.upper.addWidget(page)
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
        self.setup.applications_pane.focus_list()  # what a user chooses first
        self.setStatusBar(self.status)

    def _fill_traffic(self) -> None:
        self.tabs.addTab(self.messages, "Messages")
        self.tabs.addTab(self.listener, "Listener")
        self.tabs.addTab(self.forward_test, "Forward test")
        self.tabs.addTab(self.activity, "Activity")
        self.tabs.setAccessibleName("Messages and requests")
        self.traffic.addWidget(self.tabs)
        self.traffic.addWidget(self.inspector)
        self.traffic.setSizes([870, 410])
        self.traffic.setStretchFactor(0, 2)
        self.traffic.setStretchFactor(1, 1)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setup.route.set_compact(on=self.height() < _COMPACT_BELOW)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_requested.emit(event)
        if event.isAccepted():
            super().closeEvent(event)
            self.closed.emit()
