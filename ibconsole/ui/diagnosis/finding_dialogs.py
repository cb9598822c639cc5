"""The dialogs about one finding: its page, and muting it until a date."""

from datetime import datetime, time

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QDateEdit,
    QDialog,
    QFormLayout,
    QLineEdit,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.diagnosis import Definition, Finding, page_of
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ButtonKind, PushButton, button_row, heading, paragraph

_DEFAULT_DAYS, _MOST_DAYS = 30, 399
_MARGIN = 4 * SPACE


class FindingPageDialog(QDialog):
    """The page of one number: what it means, why, the remedy, and what would refute it."""

    def __init__(self, definition: Definition, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(definition.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.page = QTextBrowser()
        self.page.setAccessibleName(f"Explanation of {definition.name}")
        self.page.setMarkdown(page_of(definition))
        self.close_button = PushButton("Close", theme)
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.addWidget(self.page, 1)
        layout.addWidget(self.close_button, alignment=Qt.AlignmentFlag.AlignRight)
        self.resize(600, 460)


class MuteDialog(QDialog):
    """Asks why and until when a finding is muted; `mute_requested` carries both."""

    mute_requested = Signal(str, object)

    def __init__(self, finding: Finding, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Mute {finding.name}")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        today = QDate.currentDate()
        self.reason = QLineEdit(placeholderText="Why this is not a fault")
        self.reason.setAccessibleName("Reason")
        self.reason.setMaxLength(500)
        self.until = QDateEdit(today.addDays(_DEFAULT_DAYS))
        self.until.setAccessibleName("Muted until the end of")
        self.until.setDisplayFormat("yyyy-MM-dd")
        self.until.setDateRange(today, today.addDays(_MOST_DAYS))
        self.cancel = PushButton("Cancel", theme)
        self.submit = PushButton("Mute", theme, kind=ButtonKind.PRIMARY)
        self.submit.setDefault(True)
        self.submit.setEnabled(False)
        self.reason.textChanged.connect(self._on_reason_changed)
        self.cancel.clicked.connect(self.reject)
        self.submit.clicked.connect(self._on_submit_clicked)
        self._lay_out(finding)

    def _on_reason_changed(self, text: str) -> None:
        self.submit.setEnabled(bool(text.strip()))

    def _on_submit_clicked(self) -> None:
        date = self.until.date()
        end = datetime.combine(datetime(date.year(), date.month(), date.day()), time.max)  # noqa: DTZ001 the user's zone
        self.mute_requested.emit(self.reason.text().strip(), int(end.timestamp() * 1000))
        self.accept()

    def _lay_out(self, finding: Finding) -> None:
        form = QFormLayout()
        form.addRow("Reason", self.reason)
        form.addRow("Until the end of", self.until)
        buttons = button_row(self.cancel, self.submit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading(f"Mute {finding.name} for {finding.subject.label}"))
        layout.addWidget(paragraph("It is counted as muted, and shown again after that day."))
        layout.addLayout(form)
        layout.addLayout(buttons)
        self.resize(460, self.sizeHint().height())
