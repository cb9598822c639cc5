"""The main window and what surrounds the panes: menus, status bar, error reports, saved layout.

Only `wiring` and the program's start import it.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.shell.about_dialog import AboutDialog
    from ibconsole.ui.shell.display import has_display, probe_display
    from ibconsole.ui.shell.error_dialogs import show_fatal_dialog
    from ibconsole.ui.shell.error_reporter import ErrorReporter
    from ibconsole.ui.shell.exception_hooks import ExceptionHooks, log_qt_message
    from ibconsole.ui.shell.failure_log import FailureLog
    from ibconsole.ui.shell.gc_control import GarbageCollection
    from ibconsole.ui.shell.main_window import MainWindow
    from ibconsole.ui.shell.sandbox_launcher import launch_case, launch_sandbox
    from ibconsole.ui.shell.signal_handlers import SessionEnd, close_on_signals
    from ibconsole.ui.shell.status_watch import StatusWatch
    from ibconsole.ui.shell.window_commands import WindowCommands
    from ibconsole.ui.shell.window_presenter import WindowPresenter
    from ibconsole.ui.shell.window_state import SavedLayout, WindowState
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "about_dialog": "AboutDialog",
            "display": "has_display probe_display",
            "error_dialogs": "show_fatal_dialog",
            "error_reporter": "ErrorReporter",
            "exception_hooks": "ExceptionHooks log_qt_message",
            "failure_log": "FailureLog",
            "gc_control": "GarbageCollection",
            "main_window": "MainWindow",
            "sandbox_launcher": "launch_case launch_sandbox",
            "signal_handlers": "SessionEnd close_on_signals",
            "status_watch": "StatusWatch",
            "window_commands": "WindowCommands",
            "window_presenter": "WindowPresenter",
            "window_state": "SavedLayout WindowState",
        },
    )

__all__ = [
    "AboutDialog",
    "ErrorReporter",
    "ExceptionHooks",
    "FailureLog",
    "GarbageCollection",
    "MainWindow",
    "SavedLayout",
    "SessionEnd",
    "StatusWatch",
    "WindowCommands",
    "WindowPresenter",
    "WindowState",
    "close_on_signals",
    "has_display",
    "launch_case",
    "launch_sandbox",
    "log_qt_message",
    "probe_display",
    "show_fatal_dialog",
]
