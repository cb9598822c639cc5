"""The dialog before an export: which messages, which format, with codes masked or readable."""

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QDateTime, QRect, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QFormLayout,
    QGridLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages import ExportOptions, Filter, Format
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, icon
from ibconsole.ui.widgets import (
    ButtonKind,
    PushButton,
    button_row,
    heading,
    muted,
    paragraph,
    tab_to_checked,
)

_WIDTH = 520
_LABELS = 120  # pixels of the width that labels and margins take at most
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
    "Excel (.xlsx)": (
        Format.XLSX,
        "Every cell is a text, so that identifiers keep all their digits and nothing is a formula.",
    ),
    "Raw bodies (.tar)": (
        Format.RAW,
        "Every received body byte for byte, whole even if only some of its messages are wanted."
        " Codes and the listener's path are readable in it, and it can be imported again.",
    ),
}
_SUFFIXES = {
    Format.JSONL: "jsonl",
    Format.CSV: "csv",
    Format.XLSX: "xlsx",
    Format.RAW: "tar",
}
_SPREADSHEETS = {Format.CSV, Format.XLSX}
_CODES = "Application codes are also credentials of the mobile SDK."


class ExportDialog(QDialog):
    """Asks for the options of an export; open it with `open()` and read `options` once accepted.

    `shown` is the filter of the list, `count` the number of messages that match it, None while they
    are counted, and `selected` the ids of the selected ones. Where `codes` stay masked, nothing
    that reveals them is offered.
    """

    def __init__(
        self,
        shown: Filter,
        count: int | None,
        selected: Sequence[int],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns: tuple[JsonColumn, ...] = ()
        self._codes = codes or CodeDisplay(self)
        self._shown = shown
        self._selected = selected
        self._theme = theme
        self.selected = QRadioButton(selected_name(len(selected)))
        self.listed = QRadioButton(listed_name(count))
        self.all = QRadioButton("All messages")
        self.selected.setEnabled(bool(selected))
        self.listed.setEnabled(shown != Filter())
        tab_to_checked(self.selected, self.listed, self.all)
        default = self.all if shown == Filter() else self.listed
        default.setChecked(True)
        self.format = QComboBox()
        self.explanation = paragraph()
        self.since, self.since_at = self._bound("From", days=-7)
        self.until, self.until_at = self._bound("Before", days=0)
        self._bounds = QWidget()
        self._about_codes = muted(_CODES)
        self.added = QCheckBox(checked=True)
        self._form = QFormLayout()
        self.revealed = QCheckBox("Leave application codes readable")
        self.proceed = PushButton("Export…", theme, kind=ButtonKind.PRIMARY)
        self.proceed.setDefault(True)
        self.cancel = PushButton("Cancel", theme)
        self._lay_out()
        default.setFocus()
        self._connect()
        self._on_format_changed(self.format.currentText())

    def offer_columns(self, columns: Sequence[JsonColumn]) -> None:
        """Offer the columns from JSON paths of the list, which a spreadsheet can have as well."""
        self._columns = tuple(columns)
        self.added.setText(columns_name(len(columns)))
        self._form.setRowVisible(self.added, bool(columns))

    @property
    def options(self) -> ExportOptions:
        """The chosen options."""
        return ExportOptions(self._format, self._criteria, self._reveals, self._added)

    @property
    def suffix(self) -> str:
        """The suffix of the file name, without the dot."""
        return _SUFFIXES[self._format]

    @property
    def _reveals(self) -> bool:
        return self._codes.reveals(wanted=self.revealed.isChecked())

    @property
    def _added(self) -> tuple[JsonColumn, ...]:
        wanted = self.added.isEnabled() and self.added.isChecked()
        return self._columns if wanted else ()

    @property
    def _format(self) -> Format:
        return _FORMATS[self.format.currentText()][0]

    @property
    def _criteria(self) -> Filter:
        if self.selected.isChecked():
            return Filter(ids=tuple(self._selected))
        filter_ = self._shown if self.listed.isChecked() else Filter()
        return replace(filter_, since=_instant(self.since_at), until=_instant(self.until_at))

    def _on_format_changed(self, name: str) -> None:
        chosen, explanation = _FORMATS[name]
        self.explanation.setText(explanation)
        if chosen is Format.RAW:
            self.revealed.setChecked(True)
        self.added.setEnabled(chosen in _SPREADSHEETS)
        self._update_codes()

    def _update_codes(self) -> None:
        raw, why = self._format is Format.RAW, self._codes.why_masked
        if why:
            self.revealed.setChecked(False)
        self.revealed.setEnabled(not raw and not why)
        self.revealed.setIcon(icon("lock", self._theme, "muted") if why else QIcon())
        self.revealed.setToolTip(why)
        self._about_codes.setText(why or _CODES)
        self.proceed.setEnabled(not (raw and why))
        self.proceed.setToolTip(why if raw else "")

    def _connect(self) -> None:
        self.format.currentTextChanged.connect(self._on_format_changed)
        self.selected.toggled.connect(self._bounds.setDisabled)
        self._codes.changed.connect(self._update_codes)

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
        self.setWindowTitle("Export messages")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lay_out_bounds()
        self._fill_form()
        self.proceed.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        buttons = button_row(self.cancel, self.proceed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addWidget(heading("Export messages"))
        layout.addLayout(self._form)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self._limit_explanation()

    def _fill_form(self) -> None:
        form = self._form
        self.format.addItems(list(_FORMATS))
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        form.addRow("Messages", self.selected)
        form.addRow("", self.listed)
        form.addRow("", self.all)
        form.addRow("Arrived", self._bounds)
        form.addRow("Format", self.format)
        form.addRow("", self.explanation)
        form.addRow("Columns", self.added)
        form.addRow("Codes", self.revealed)
        form.addRow("", self._about_codes)
        self.offer_columns(())

    def _lay_out_bounds(self) -> None:
        bounds = QGridLayout(self._bounds)
        bounds.setContentsMargins(0, 0, 0, 0)
        bounds.setSpacing(2 * SPACE)
        bounds.setColumnStretch(2, 1)
        for row, widgets in enumerate(((self.since, self.since_at), (self.until, self.until_at))):
            for column, widget in enumerate(widgets):
                bounds.addWidget(widget, row, column)

    def _limit_explanation(self) -> None:
        """Give the explanation the height of the longest: as a row, a form doubles its height."""
        area = QRect(0, 0, _WIDTH - _LABELS, _WIDTH)
        measure = self.explanation.fontMetrics().boundingRect
        flags = Qt.TextFlag.TextWordWrap
        heights = [measure(area, flags, text).height() for _, text in _FORMATS.values()]
        self.explanation.setFixedHeight(max(heights))
        self.explanation.setAlignment(Qt.AlignmentFlag.AlignTop)


def _instant(edit: QDateTimeEdit) -> int | None:
    """Return milliseconds since the epoch; None if the bound is switched off."""
    return edit.dateTime().toMSecsSinceEpoch() if edit.isEnabled() else None


def columns_name(count: int) -> str:
    """Return the name of a choice of the columns from JSON paths."""
    which = "the column" if count == 1 else f"the {count:,} columns"
    return f"With {which} from JSON paths"


def selected_name(count: int) -> str:
    """Return the name of a choice of the selected messages."""
    if count == 1:
        return "The selected message"
    return f"The {count:,} selected messages" if count else "The selected messages"


def listed_name(count: int | None) -> str:
    """Return the name of a choice of those that match the filter; None while they are counted."""
    if count == 1:
        return "The message that matches the filter"
    number = "Those" if count is None else f"The {count:,}"
    return f"{number} that match the filter"
