"""The main window and what surrounds the panes: menus, status bar, error reports, window state.

Only `wiring` imports it.
"""

from ibconsole.ui.shell.about_dialog import AboutDialog
from ibconsole.ui.shell.display import examine_window, has_display
from ibconsole.ui.shell.error_dialogs import show_fatal_dialog
from ibconsole.ui.shell.error_reporter import ErrorReporter
from ibconsole.ui.shell.exception_hooks import ExceptionHooks, log_qt_message
from ibconsole.ui.shell.gc_control import GarbageCollection
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.sandbox_launcher import open_sandbox
from ibconsole.ui.shell.signal_handlers import closed_by_signals
from ibconsole.ui.shell.status_watch import StatusWatch
from ibconsole.ui.shell.tour import tour
from ibconsole.ui.shell.window_state import WindowState

__all__ = [
    "AboutDialog",
    "ErrorReporter",
    "ExceptionHooks",
    "GarbageCollection",
    "MainWindow",
    "StatusWatch",
    "WindowState",
    "closed_by_signals",
    "examine_window",
    "has_display",
    "log_qt_message",
    "open_sandbox",
    "show_fatal_dialog",
    "tour",
]
