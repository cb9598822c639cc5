"""Shows the engine's state in the main window, and delays closing it during a pull."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.connections import Environment
from ibconsole.services.runtime import PullLoopState, Status
from ibconsole.text import escape_invisible
from ibconsole.ui.connections import SetupPage
from ibconsole.ui.setup import name_of
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.menus import ViewCommands
from ibconsole.ui.tables import CHUNK, Slices, Steps

_CLOSING_AFTER_PULL = (
    "A pull is under way: what the platform hands out now exists nowhere else. The window closes"
    " by itself once it is on disk."
)


class WindowPresenter(QObject):
    """Keeps title, frame, bars and the visible page of the window up to date.

    `pulling` is true while a pull is in progress; a window closed then stays open until the
    messages are on disk.
    """

    def __init__(self, window: MainWindow, view: ViewCommands) -> None:
        super().__init__(window)
        self._window = window
        self._view = view
        self._closing = False
        self._has_received = False
        self._warning = ""
        self._sandbox = False
        self._recovered = ""
        self.pulling = False
        window.late.forward_test.when_built(lambda pane: pane.set_sandbox(on=self._sandbox))
        self._naming = Slices(self)
        window.close_requested.connect(self._on_close_requested)

    def show_status(self, status: Status) -> None:
        """Show the current connection and its environment, and the state of every source."""
        window = self._window
        self.pulling = status.pull.running or status.pull_loop.state is PullLoopState.PULLING
        if self._closing and not self.pulling:
            self._closing = False  # it may be hidden in place of that, and be shown again
            window.close()
            return
        window.bar.show_status(status)
        window.status.show_status(status)
        has_received = bool(status.archive.messages or status.archive.deliveries)
        if has_received != self._has_received:
            self._has_received = has_received
            self._update_traffic()
        name, environment = status.connection.name, status.connection.environment
        kind = "PRODUCTION" if environment == Environment.PRODUCTION else ""
        if case := escape_invisible(status.connection.case):
            kind = f"CASE {case}"
        window.setWindowTitle(" - ".join(filter(None, (name, kind, "ibconsole"))))
        window.frame.show_environment(environment)
        window.frame.show_case(on=bool(case))
        self._sandbox = environment == Environment.SANDBOX and not case
        if forward_test := window.late.forward_test.built:
            forward_test.set_sandbox(on=self._sandbox)
        if status.recovered != self._recovered:
            self._recovered = status.recovered
            window.messages.page.banner.show_notice(Severity.INFO, status.recovered)
        if (warning := status.clock_doubt or status.history_problem) != self._warning:
            self._warning = warning
            self._show_warning()

    def show_setup_page(self, page: str) -> None:
        """Show the value of a `SetupPage` in the upper half of the window."""
        pages: dict[str, QWidget] = {
            SetupPage.SETUP: self._window.setup,
            SetupPage.CONNECTING: self._window.connecting,
            SetupPage.GREETING: self._window.greeting,
        }
        window, shown = self._window, pages[page]
        left = window.upper.currentWidget()
        window.upper.setCurrentWidget(shown)
        self._update_traffic()
        if shown is window.setup and shown is not left:
            self._focus_setup()

    def add_applications(self, applications: Any) -> None:
        """Show these applications, a list of Application, by their names from now on.

        The names of many thousand follow a moment later.
        """
        self._naming.finish()
        self._naming.run(self._add(applications))

    def _add(self, applications: Sequence[Application]) -> Steps[None]:
        for start in range(0, len(applications), CHUNK):
            if start:
                yield
            self._window.names.add(applications[start : start + CHUNK])

    def select_application(self, application: object) -> None:
        """Offer to filter the messages by this application; None offers nothing."""
        if isinstance(application, Application):
            self._window.messages.select_application(application.code, name_of(application))
        else:
            self._window.messages.select_application("", "")

    def _focus_setup(self) -> None:
        """Let the keyboard choose an application, unless the user is in one of the tabs.

        Qt gives the focus of a hidden button to the tabs, and the next stop there is a pull.
        """
        window, focused = self._window, self._window.focusWidget()
        tab = window.tabs.currentWidget()
        if not (tab and focused and tab.isAncestorOf(focused)):
            window.setup.applications_pane.focus_list()

    def _show_warning(self) -> None:
        banner = self._window.messages.page.banner
        if self._warning:
            banner.show_notice(Severity.WARNING, self._warning)
        else:
            banner.clear()

    def _update_traffic(self) -> None:
        # Where nothing was ever received, the greeting has the whole window.
        window = self._window
        greeting = window.upper.currentWidget() is window.greeting and not self._has_received
        window.traffic.setVisible(self._view.shows("traffic") and not greeting)

    def _on_close_requested(self, event: object) -> None:
        if not self.pulling or not isinstance(event, QCloseEvent):
            return
        self._closing = True
        event.ignore()
        self._window.messages.toolbar.pulling.stop_requested.emit()
        self._window.messages.page.banner.show_notice(Severity.INFO, _CLOSING_AFTER_PULL)
