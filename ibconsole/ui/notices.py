"""The end of the road for what nobody expected: one dialog, a log entry, and life goes on."""

import logging
import platform
import traceback

from PySide6.QtCore import QObject, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from ibconsole import __version__
from ibconsole.errors import UserError

log = logging.getLogger(__name__)


class Notices(QObject):
    """Tells of failures that reached no pane. At most one dialog is open at a time."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._open: QMessageBox | None = None

    def show(self, task: str, error: object) -> None:
        """Say what failed: a known failure in its own words, anything else as the bug it is."""
        if isinstance(error, UserError):
            log.warning("%s: %s", task, error)
            self._say(QMessageBox.Icon.Warning, str(error), "")
            return
        if not isinstance(error, BaseException):
            return
        log.error("Bug in the task %r.", task, exc_info=error)
        self._say(
            QMessageBox.Icon.Critical,
            "Something failed that should not have. It is a mistake in ibconsole; what was"
            " received is on disk, and you can go on.",
            report(task, error),
        )

    def _say(self, icon: QMessageBox.Icon, sentence: str, details: str) -> None:
        if self._open:
            return
        box = QMessageBox(icon, "ibconsole", sentence, parent=self._window)
        if details:
            box.setDetailedText(details)
            copy = box.addButton("Copy report", QMessageBox.ButtonRole.ActionRole)
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        box.addButton(QMessageBox.StandardButton.Close)
        self._open = box
        box.finished.connect(self._on_finished)
        box.open()

    def _on_finished(self) -> None:
        if self._open:
            self._open.deleteLater()
        self._open = None


def report(task: str, error: BaseException) -> str:
    """What a developer needs: versions and places in the code; no values, which may be secret."""
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
        ]
    )
