"""The end of the road for failures that reached no pane: told, kept, and life goes on.

What a user could act on is a toast; a bug is a dialog, one at a time, with a report. Either
stands in the panel "What failed" afterwards.
"""

import logging
import platform
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, qVersion
from PySide6.QtWidgets import QWidget

from ibconsole import __version__
from ibconsole.errors import UserError
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.widgets import Toasts

log = logging.getLogger(__name__)


class ErrorReporter(QObject):
    """Tells of failures; `redact` takes secrets out of reports. `logs` is where the log is."""

    def __init__(
        self,
        window: QWidget,
        toasts: Toasts,
        failures: FailureLog,
        redact: Callable[[str], str],
        *,
        logs: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._toasts = toasts
        self._failures = failures
        self._redact = redact
        self._logs = logs
        self._open: UnexpectedDialog | None = None

    def show(self, task: str, error: object) -> None:
        """Say what failed: a known failure in its own words, anything else as the bug it is."""
        if isinstance(error, UserError):
            log.warning("%s: %s", task, error)
            self._failures.add(task, str(error), str(getattr(error, "details", "")))
            self._toasts.show("danger", str(error))
        elif isinstance(error, BaseException):
            log.error("Bug in %s.", task, exc_info=error)
            told = self._redact(report(task, error))
            self._failures.add(task, f"Unexpected: {type(error).__name__}", told)
            self._say(told)

    def tell(self, kind: str, sentence: str) -> None:
        """A remark that concerns no pane in particular; what is serious is kept."""
        if kind in {"warning", "danger"}:
            self._failures.add("The program", sentence)
        self._toasts.show(kind, sentence)

    def _say(self, told: str) -> None:
        if self._open:
            self._open.count()
            return
        theme, logs = self._toasts.theme, self._logs
        self._open = UnexpectedDialog(told, theme, self._window, logs=logs)
        self._open.finished.connect(self._on_finished)
        self._open.open()

    def _on_finished(self) -> None:
        self._open = None


def report(task: str, error: BaseException) -> str:
    """What a developer needs: versions, places in the code, and what the exception says.

    Values of variables are not in it; what the exception says may still hold a secret.
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
