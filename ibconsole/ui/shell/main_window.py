"""The main window: places the panes, and has no behaviour of its own.

The window is shown before its panes exist: packages of panes are named here, and their modules
are imported by `fill`.

`WindowPresenter` shows the engine's state in it, `WindowCommands` adds menus and palette, and
`SavedLayout` restores its layout.
"""

from functools import partial
from typing import TYPE_CHECKING

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
from ibconsole.lazy import LazyModule
from ibconsole.ui import (
    activity,
    connections,
    diagnosis,
    forward_test,
    inspector,
    listener,
    messages,
    setup,
    toolkit,
    widgets,
)

if TYPE_CHECKING:
    from ibconsole.services.messages import AsyncReader
    from ibconsole.ui.shell import greeting, status_bar
else:
    greeting = LazyModule("ibconsole.ui.shell.greeting")
    status_bar = LazyModule("ibconsole.ui.shell.status_bar")

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

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("ibconsole")
        self.setMinimumSize(*_MINIMUM_SIZE)
        self.resize(*_DEFAULT_SIZE)
        self.fit = widgets.ScreenFit(self)
        self.is_filled = False

    def fill(self, reader: "AsyncReader", theme: "toolkit.Theme") -> None:
        """Build the panes; in a window that is shown already, they stay hidden until `reveal`."""
        self.names = toolkit.ApplicationNames(self)
        self.time_display = times = toolkit.TimeDisplay(self)
        self.bar = connections.ConnectionBar(theme)
        self.setup = setup.SetupPanes(theme)
        self.connecting = connections.ConnectingPage(theme)
        self.greeting = greeting.GreetingPage(theme)
        self.messages = messages.MessagesPane(reader, self.names, theme, time_display=times)
        self.listener = listener.ListenerPane(reader, theme, time_display=times)
        self.forward_test = forward_test.ForwardTestPane(theme, time_display=times)
        self.activity = activity.ActivityPane(theme, time_display=times)
        self.health = diagnosis.HealthPane(theme)
        self.inspector = inspector.Inspector(theme)
        self.tabs = QTabWidget(documentMode=True)
        self.traffic = widgets.Splitter(Qt.Orientation.Horizontal)
        self.upper = QStackedWidget()
        self.halves = widgets.Splitter(Qt.Orientation.Vertical)
        self.status = status_bar.StatusBar(theme, time_display=times)
        self.toasts = widgets.Toasts(self, theme)
        self.frame = widgets.ProductionFrame(self, theme)
        self._lay_out()
        self.bar.refresh_requested.connect(self.refresh_requested)
        panes = (self.setup.configuration_pane, self.setup.actions_pane)
        for source in (self.messages, self.forward_test, self.health, *panes):
            source.succeeded.connect(partial(self.toasts.show, Severity.OK))
        self.setup.route.set_compact(on=self.height() < _COMPACT_BELOW)
        self.is_filled = True

    def reveal(self) -> None:
        """Show the panes of a window that was shown before they were built."""
        bars = self.menuBar().sizeHint().height() + self.status.sizeHint().height()
        # At its final size at once: splitters would adapt restored sizes to any smaller one.
        self.centralWidget().resize(self.width(), self.height() - bars)
        self.status.show()
        self.centralWidget().show()
        if self.isActiveWindow() and self.focusWidget() is None:
            self.focusNextChild()

    @property
    def is_usable(self) -> bool:
        """True once the panes are shown, in place of the first frame."""
        return self.is_filled and self.centralWidget().isVisible()

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
        for part in (centre, self.status) if self.isVisible() else ():
            part.hide()  # until `reveal`
        self.setCentralWidget(centre)
        self.setup.applications_pane.focus_list()  # what a user chooses first
        self.setStatusBar(self.status)

    def _fill_traffic(self) -> None:
        self.tabs.addTab(self.messages, "Messages")
        self.tabs.addTab(self.listener, "Listener")
        self.tabs.addTab(self.forward_test, "Forward test")
        self.tabs.addTab(self.activity, "Activity")
        self.tabs.addTab(self.health, "Health")
        self.tabs.setAccessibleName("Messages and requests")
        self.traffic.addWidget(self.tabs)
        self.traffic.addWidget(self.inspector)
        self.traffic.setSizes([870, 410])
        self.traffic.setStretchFactor(0, 2)
        self.traffic.setStretchFactor(1, 1)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.is_filled:
            self.setup.route.set_compact(on=self.height() < _COMPACT_BELOW)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_requested.emit(event)
        if event.isAccepted():
            super().closeEvent(event)
            self.closed.emit()
