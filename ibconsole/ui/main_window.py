"""Places the panes beside each other, and lets them hear of one another. Nothing else."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QMainWindow, QStackedWidget, QTabWidget, QVBoxLayout

from ibconsole.model import Application
from ibconsole.services import Browsing, Status
from ibconsole.ui.connection_bar import ConnectionBar
from ibconsole.ui.inspector import Inspector
from ibconsole.ui.naming import ApplicationNames
from ibconsole.ui.panes.applications import name_of
from ibconsole.ui.panes.connecting import ConnectingPage
from ibconsole.ui.panes.listener import ListenerPane
from ibconsole.ui.panes.messages import MessagesPane
from ibconsole.ui.panes.setup import SetupPanes
from ibconsole.ui.remembered import Remembered
from ibconsole.ui.status_bar import StatusBar
from ibconsole.ui.theme import Theme
from ibconsole.ui.widgets.splitter import Splitter

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

    def __init__(self, browsing: Browsing, theme: Theme, remembered: Remembered) -> None:
        super().__init__()
        self._theme = theme
        self._remembered = remembered
        self._pulling = self._closing = False
        self.setWindowTitle("ibconsole")
        self.setMinimumSize(*_SMALLEST)
        self.names = ApplicationNames(self)
        self.bar = ConnectionBar(theme)
        self.setup = SetupPanes(theme)
        self.connecting = ConnectingPage(theme)
        self.messages = MessagesPane(browsing, self.names, theme)
        self.listener = ListenerPane(browsing, theme)
        self.inspector = Inspector(theme)
        self.tabs = QTabWidget(documentMode=True)
        self.status = StatusBar(theme)
        self._lay_out()
        self._splitters = {
            "setup": self.setup,
            "traffic": self.traffic,
            "halves": self.halves,
        }
        self._restore()
        self._add_shortcuts()
        self.bar.refresh_requested.connect(self.refresh_requested)
        self.status.listener_clicked.connect(lambda: self.tabs.setCurrentWidget(self.listener))
        self.tabs.currentChanged.connect(self.inspection_cleared)

    def show_status(self, status: Status) -> None:
        """Say everywhere which account this is, and surround it as its environment asks for."""
        self._pulling = status.pull.state == "pulling"
        if self._closing and not self._pulling:
            self.close()
            return
        self.bar.show_status(status)
        self.status.show_status(status)
        name, environment = status.connection.name, status.connection.environment
        self.setWindowTitle(f"{name} - ibconsole" if name else "ibconsole")
        if environment == self._frame.property("environment"):
            return
        self._frame.setProperty("environment", environment)
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)

    def show_setup_page(self, page: str) -> None:
        """What stands in the upper half: "setup", or "connecting" while there is none."""
        self.upper.setCurrentWidget(self.setup if page == "setup" else self.connecting)

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

    def _add_shortcuts(self) -> None:
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self, self._on_refresh)
        for number in range(self.tabs.count()):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self)
            shortcut.activated.connect(lambda tab=number: self.tabs.setCurrentIndex(tab))

    def _on_refresh(self) -> None:
        self.refresh_requested.emit()

    def _lay_out(self) -> None:
        self.tabs.addTab(self.messages, "Messages")
        self.tabs.addTab(self.listener, "Listener")
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
        self.halves.addWidget(self.upper)
        self.halves.addWidget(self.traffic)
        self.halves.setSizes([300, 440])
        self.halves.setStretchFactor(1, 1)
        self._frame = QFrame()
        self._frame.setObjectName("window_frame")
        layout = QVBoxLayout(self._frame)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.halves, 1)
        self.setCentralWidget(self._frame)
        self.setStatusBar(self.status)

    def _restore(self) -> None:
        if not self.restoreGeometry(self._remembered.state("window")):
            self.resize(*_SIZE)
        for name, splitter in self._splitters.items():
            splitter.restoreState(self._remembered.state(name))

    # Qt's side

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._pulling:
            self._closing = True
            self.messages.page.banner.show_notice("info", _WAITING)
            event.ignore()
            return
        self._remembered.scheme = self._theme.scheme
        self._remembered.keep_state("window", self.saveGeometry())
        for name, splitter in self._splitters.items():
            self._remembered.keep_state(name, splitter.saveState())
        self._remembered.save()
        super().closeEvent(event)
        self.closed.emit()
