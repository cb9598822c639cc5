"""What is asked before messages are exported: which, how, and with which codes readable."""

from dataclasses import replace

from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.messages import ExportOptions, Filter, Format
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import Kind, PushButton, heading, muted, paragraph

_WIDTH = 520
_FORMATS = {
    "JSON Lines": (
        Format.JSONL,
        "A line for each message, as the platform wrote it, with where it came from. With codes"
        " readable it can be imported again, and nothing is doubled then.",
    ),
    "CSV for spreadsheets": (
        Format.CSV,
        "What would be taken for a formula gets an apostrophe in front.",
    ),
    "Raw bodies (.tar)": (
        Format.RAW,
        "All that was received, to the byte, with and without messages in it. Codes and the"
        " listener's path are readable in it. It can be imported again.",
    ),
}
_SUFFIXES = {Format.JSONL: "jsonl", Format.CSV: "csv", Format.RAW: "tar"}
_CODES = "They double as credentials of the mobile SDK."


class ExportDialog(QDialog):
    """Use `open()`, and `accepted`; `wish` is what was chosen then.

    `shown` is the filter of the list, and `count` how many messages it has.
    """

    def __init__(
        self, shown: Filter, count: int, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shown = shown
        self.setWindowTitle("Export messages")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.all = QRadioButton("All messages")
        self.listed = QRadioButton(f"The {count:,} that are listed")
        self.all.setChecked(shown == Filter())
        self.listed.setChecked(shown != Filter())
        self.listed.setEnabled(shown != Filter())
        self.format = QComboBox()
        self.format.addItems(list(_FORMATS))
        self.means = paragraph()
        self.since, self.since_at = self._bound("From", days=-7)
        self.until, self.until_at = self._bound("Before", days=0)
        self.revealed = QCheckBox("Leave application codes readable")
        self.proceed = PushButton("Export…", theme, kind=Kind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._lay_out()
        self.format.currentTextChanged.connect(self._on_format_changed)
        self.proceed.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._on_format_changed(self.format.currentText())

    @property
    def wish(self) -> ExportOptions:
        """What was chosen."""
        wanted = self._shown if self.listed.isChecked() else Filter()
        return ExportOptions(
            self._format,
            replace(wanted, since=_instant(self.since_at), until=_instant(self.until_at)),
            self.revealed.isChecked(),
        )

    @property
    def suffix(self) -> str:
        """What the file's name ends in."""
        return _SUFFIXES[self._format]

    @property
    def _format(self) -> Format:
        return _FORMATS[self.format.currentText()][0]

    def _on_format_changed(self, name: str) -> None:
        chosen, means = _FORMATS[name]
        self.means.setText(means)
        raw = chosen is Format.RAW
        self.revealed.setEnabled(not raw)
        if raw:
            self.revealed.setChecked(True)

    def _bound(self, name: str, *, days: int) -> tuple[QCheckBox, QDateTimeEdit]:
        box = QCheckBox(name)
        edit = QDateTimeEdit(QDateTime.currentDateTime().addDays(days))
        edit.setDisplayFormat("yyyy-MM-dd HH:mm")
        edit.setCalendarPopup(True)
        edit.setAccessibleName(f"{name} when they arrived")
        edit.setEnabled(False)
        box.toggled.connect(edit.setEnabled)
        return box, edit

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        form.addRow("Messages", self.listed)
        form.addRow("", self.all)
        form.addRow("Arrived", _side_by_side(self.since, self.since_at))
        form.addRow("", _side_by_side(self.until, self.until_at))
        form.addRow("Format", self.format)
        form.addRow("", self.means)
        form.addRow("Codes", self.revealed)
        form.addRow("", muted(_CODES))
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.proceed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addWidget(heading("Export messages"))
        layout.addLayout(form)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)


def _side_by_side(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2 * SPACE)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _instant(edit: QDateTimeEdit) -> int | None:
    """Milliseconds since the epoch; None where no bound was wanted."""
    return edit.dateTime().toMSecsSinceEpoch() if edit.isEnabled() else None
