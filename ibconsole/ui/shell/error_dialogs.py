"""Dialogs for errors: a fatal one, and an unexpected one with a report for the developers."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard, icon, mono_font
from ibconsole.ui.widgets import PushButton, button_row, fit_height, heading, muted, paragraph

_WIDTH = 600
_ICON_SIZE = 24
_BUG = (
    "This is a bug in ibconsole; everything received is on disk, and you can go on. The report"
    " shows where it happened; secrets are removed from it."
)


def fatal_dialog(sentence: str) -> QMessageBox:
    """Return the dialog with a sentence as plain text, not shown yet."""
    box = QMessageBox(QMessageBox.Icon.Critical, "ibconsole", sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


async def show_fatal_dialog(sentence: str) -> None:
    """Show the sentence in a dialog, and return once the user has closed it."""
    closed = asyncio.Event()
    box = fatal_dialog(sentence)
    box.finished.connect(lambda _: closed.set())
    box.show()
    await closed.wait()


class UnexpectedDialog(QDialog):
    """Shows a report, which must be redacted already; `logs` is the directory of the log."""

    def __init__(
        self, report: str, theme: Theme, parent: QWidget | None = None, *, logs: Path | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unexpected error")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._logs = logs
        self._repeats = 0
        self.repeats = muted("")
        self.report = QPlainTextEdit(report, readOnly=True)
        self.report.setAccessibleName("Report")
        self.report.setFont(mono_font())
        self.report.setProperty("field", "true")
        self.report.setTabChangesFocus(True)
        self.report.setMinimumHeight(40 * SPACE)
        self.copy = PushButton("Copy report", theme, icon_name="copy")
        self.show_log = PushButton("Show log", theme, icon_name="external-link")
        self.close_button = PushButton("Close", theme)
        self._lay_out(theme)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.show_log.clicked.connect(self._on_show_log_clicked)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self.close_button.setFocus()
        self.resize(_WIDTH, self.sizeHint().height())

    def count_another(self) -> None:
        """Count another unexpected error that happened while the dialog is open."""
        self._repeats += 1
        errors = counted(self._repeats, "more error")
        self.repeats.setText(f"{errors} since then: see “Error log” in the View menu.")
        self.repeats.show()
        fit_height(self)

    def _on_copy_clicked(self) -> None:
        copy_to_clipboard(self.report.toPlainText())
        self.copy.setText("Copied")

    def _on_show_log_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs)))

    def _lay_out(self, theme: Theme) -> None:
        icon_label = QLabel()
        icon_label.setPixmap(
            icon("circle-alert", theme, Severity.DANGER).pixmap(_ICON_SIZE, _ICON_SIZE)
        )
        texts = QVBoxLayout()
        texts.setSpacing(2 * SPACE)
        texts.addWidget(heading(self.windowTitle()))
        texts.addWidget(paragraph(_BUG))
        texts.addWidget(self.repeats)
        top = QHBoxLayout()
        top.setSpacing(3 * SPACE)
        top.addWidget(icon_label, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(texts, 1)
        buttons = button_row(self.close_button, at_start=(self.copy, self.show_log))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addLayout(top)
        layout.addWidget(self.report, 1)
        layout.addLayout(buttons)
        self.repeats.hide()
        self.show_log.setVisible(self._logs is not None)
