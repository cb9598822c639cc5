"""The dialog before an export: which messages, which format, with codes masked or readable."""

from msgspec.structs import replace
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
from ibconsole.ui.widgets import ButtonKind, PushButton, heading, muted, paragraph

_WIDTH = 520
_FORMATS = {
    "JSON Lines": (
        Format.JSONL,
        "One line per message as the platform sent it, with its source. With readable codes it can"
        " be imported again; duplicates are skipped.",
    ),
    "CSV for spreadsheets": (
        Format.CSV,
        "Values that a spreadsheet would read as a formula get a leading apostrophe.",
    ),
    "Raw bodies (.tar)": (
        Format.RAW,
        "Every received body byte for byte, also those without messages. Codes and the listener's"
        " path are readable in it, and it can be imported again.",
    ),
}
_SUFFIXES = {Format.JSONL: "jsonl", Format.CSV: "csv", Format.RAW: "tar"}
_CODES = "Application codes are also credentials of the mobile SDK."


class ExportDialog(QDialog):
    """Asks for the options of an export; open it with `open()` and read `options` once accepted.

    `shown` is the filter of the list, and `count` the number of messages it leaves.
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
        self.explanation = paragraph()
        self.since, self.since_at = self._bound("From", days=-7)
        self.until, self.until_at = self._bound("Before", days=0)
        self.revealed = QCheckBox("Leave application codes readable")
        self.proceed = PushButton("Export…", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._lay_out()
        self.format.currentTextChanged.connect(self._on_format_changed)
        self.proceed.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._on_format_changed(self.format.currentText())

    @property
    def options(self) -> ExportOptions:
        """The chosen options."""
        filter_ = self._shown if self.listed.isChecked() else Filter()
        return ExportOptions(
            self._format,
            replace(filter_, since=_instant(self.since_at), until=_instant(self.until_at)),
            self.revealed.isChecked(),
        )

    @property
    def suffix(self) -> str:
        """The suffix of the file name, without the dot."""
        return _SUFFIXES[self._format]

    @property
    def _format(self) -> Format:
        return _FORMATS[self.format.currentText()][0]

    def _on_format_changed(self, name: str) -> None:
        chosen, explanation = _FORMATS[name]
        self.explanation.setText(explanation)
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
        form.addRow("", self.explanation)
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
    """Return milliseconds since the epoch; None if the bound is switched off."""
    return edit.dateTime().toMSecsSinceEpoch() if edit.isEnabled() else None
