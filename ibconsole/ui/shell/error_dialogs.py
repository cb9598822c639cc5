"""Says that something failed which should not have, with a report for those who mend it."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.ui.toolkit import SPACE, Theme, icon, mono_font
from ibconsole.ui.widgets import PushButton, fit_height, heading, muted, paragraph


def ending(sentence: str) -> QMessageBox:
    """The box, not shown yet."""
    box = QMessageBox(QMessageBox.Icon.Critical, "ibconsole", sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


async def show_fatal_dialog(sentence: str) -> None:
    """Show it, and return once its user has closed it."""
    closed = asyncio.Event()
    box = ending(sentence)
    box.finished.connect(lambda _: closed.set())
    box.show()
    await closed.wait()


_WIDTH = 600
_PICTURE = 24
_BUG = (
    "It is a mistake in ibconsole, and nothing that you did wrong. What was received is on disk,"
    " and you can go on. The report says where it happened; secrets are taken out of it."
)


class UnexpectedDialog(QDialog):
    """Shows the report as it is, which has to be redacted. `logs` is the directory of the log."""

    def __init__(
        self, report: str, theme: Theme, parent: QWidget | None = None, *, logs: Path | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something failed that should not have")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._logs = logs
        self._more = 0
        self.more = muted("")
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

    def count(self) -> None:
        """It happened once more, or something else did, while this is open."""
        self._more += 1
        times = "Once" if self._more == 1 else f"{self._more:,} times"
        self.more.setText(f"{times} more since then: see “What failed” in the menu View.")
        self.more.show()
        fit_height(self)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy.setText("Copied")

    def _on_show_log_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs)))

    def _lay_out(self, theme: Theme) -> None:
        picture = QLabel()
        picture.setPixmap(icon("circle-alert", theme, "danger").pixmap(_PICTURE, _PICTURE))
        words = QVBoxLayout()
        words.setSpacing(2 * SPACE)
        words.addWidget(heading(self.windowTitle()))
        words.addWidget(paragraph(_BUG))
        words.addWidget(self.more)
        top = QHBoxLayout()
        top.setSpacing(3 * SPACE)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.show_log)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addLayout(top)
        layout.addWidget(self.report, 1)
        layout.addLayout(buttons)
        self.more.hide()
        self.show_log.setVisible(self._logs is not None)
