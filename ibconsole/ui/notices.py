"""The end of the road for failures that reached no pane: told, kept, and life goes on.

What a user could act on is a toast; a bug is a dialog, one at a time, with a report. Either
stands in the panel "What failed" afterwards.
"""

import logging
import platform
import traceback
from collections.abc import Callable

from PySide6.QtCore import QObject, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from ibconsole import __version__
from ibconsole.errors import UserError
from ibconsole.ui.failures import Failures
from ibconsole.ui.widgets.toasts import Toasts

log = logging.getLogger(__name__)

_BUG = (
    "Something failed that should not have. It is a mistake in ibconsole; what was received is on"
    " disk, and you can go on."
)


class Notices(QObject):
    """Tells of failures; `redact` takes secrets out of what a report says."""

    def __init__(
        self,
        window: QWidget,
        toasts: Toasts,
        failures: Failures,
        redact: Callable[[str], str],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._toasts = toasts
        self._failures = failures
        self._redact = redact
        self._open: QMessageBox | None = None
        self._more = 0

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

    def _say(self, details: str) -> None:
        if self._open:
            self._more += 1
            self._open.setInformativeText(
                f"{self._more} more since then: see “What failed” in the menu View."
            )
            return
        box = QMessageBox(QMessageBox.Icon.Critical, "ibconsole", _BUG, parent=self._window)
        box.setDetailedText(details)
        copy = box.addButton("Copy report", QMessageBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        box.addButton(QMessageBox.StandardButton.Close)
        self._open, self._more = box, 0
        box.finished.connect(self._on_finished)
        box.open()

    def _on_finished(self) -> None:
        if self._open:
            self._open.deleteLater()
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
