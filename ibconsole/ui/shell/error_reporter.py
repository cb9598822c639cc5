"""The last handler of failures that no pane shows; the program goes on afterwards.

A UserError is shown as a toast, any other exception as a bug: a dialog with a report, one at a
time. Both are added to the failure log.
"""

import logging
import platform
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, qVersion
from PySide6.QtWidgets import QWidget

from ibconsole import __version__
from ibconsole.errors import Severity, UserError
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.widgets import Toasts, open_dialog

log = logging.getLogger(__name__)


class ErrorReporter(QObject):
    """Shows and logs failures; `redact` removes secrets, `logs` is the directory of the log."""

    def __init__(
        self,
        window: QWidget,
        toasts: Toasts,
        failure_log: FailureLog,
        redact: Callable[[str], str],
        *,
        logs: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._toasts = toasts
        self._failure_log = failure_log
        self._redact = redact
        self._logs = logs
        self._dialog: UnexpectedDialog | None = None

    def show(self, task: str, error: object) -> None:
        """Show the failure of a task: the sentence of a UserError, else a report of the bug."""
        if isinstance(error, UserError):
            log.warning("%s: %s", task, error)
            self._failure_log.add(task, str(error), error.details)
            self._toasts.show(Severity.DANGER, str(error))
        elif isinstance(error, BaseException):
            log.error("Bug in %s.", task, exc_info=error)
            report = self._redact(bug_report(task, error))
            self._failure_log.add(task, f"Unexpected: {type(error).__name__}", report)
            self._show_report(report)

    def show_notice(self, severity: Severity, sentence: str) -> None:
        """Show a notice as a toast; a warning or an error is added to the failure log."""
        if severity in {Severity.WARNING, Severity.DANGER}:
            self._failure_log.add("The program", sentence)
        self._toasts.show(severity, sentence)

    def _show_report(self, report: str) -> None:
        if self._dialog:
            self._dialog.count_another()
            return
        theme, logs = self._toasts.theme, self._logs
        self._dialog = UnexpectedDialog(report, theme, self._window, logs=logs)
        self._dialog.finished.connect(self._on_finished)
        open_dialog(self._dialog)

    def _on_finished(self) -> None:
        self._dialog = None


def bug_report(task: str, error: BaseException) -> str:
    """Return a report for the developers: versions, stack frames, and the exception's text.

    It has no values of variables, but the exception's text may contain a secret: redact it.
    """
    frames = [
        f"  {frame.name} ({frame.filename.rpartition('ibconsole')[2]}:{frame.lineno})"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join(
        [
            f"ibconsole {__version__}, Python {platform.python_version()}, Qt {qVersion()},"
            f" {platform.system()} {platform.release()}",
            f"Task: {task}",
            f"{type(error).__name__} in",
            *frames,
            f"{str(error)[:500]}",
        ]
    ).rstrip()
