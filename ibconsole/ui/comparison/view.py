"""The rows of a comparison: a table with a sign and a colour for each relation, and the outcome."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStyleOptionViewItem, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.services.comparison import ComparedValue, RowComparison, Side, clip_pair
from ibconsole.ui.tables import Column, RecordRole, RecordsModel, RecordsTable, TextCells
from ibconsole.ui.toolkit import SPACE, Theme, one_line
from ibconsole.ui.widgets import Banner, BannerOverlay, ElidedLabel, set_tone

Index = QModelIndex | QPersistentModelIndex

_SHOWN = 400  # characters of a value in a cell
# A sign for each relation, so that it is seen without its colour.
_SIGNS = {
    Side.EQUAL: "=",
    Side.DIFFERENT: "\N{NOT EQUAL TO} differs",
    Side.LEFT_ONLY: "\N{LEFTWARDS ARROW} left only",
    Side.RIGHT_ONLY: "\N{RIGHTWARDS ARROW} right only",
}
_COLOURS = {
    Side.EQUAL: "muted",
    Side.DIFFERENT: "warning",
    Side.LEFT_ONLY: "danger",
    Side.RIGHT_ONLY: "ok",
}


class ComparisonView(QWidget):
    """The outcome, the choice of what is shown, and the table of rows.

    `row_selected` carries the selected `ComparedValue`, or None. Rows whose `name` is empty, such
    as those of bodies, need no column for it.
    """

    row_selected = Signal(object)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        widths: Sequence[int],
        group: str = "Object",
        has_names: bool = True,
    ) -> None:
        super().__init__(parent)
        self._comparison: RowComparison | None = None
        self._group = group
        self.outcome = ElidedLabel()
        self.only_differences = QCheckBox("Only differences")
        self.banner = Banner(theme)
        self.table = _table(self, group, has_names=has_names)
        self.table.setItemDelegate(ComparedCells(theme, self.table))
        self.table.set_widths(*widths, by_content=True)
        self.table.record_selected.connect(
            lambda row: self.row_selected.emit(row.value if row else None)
        )
        self.only_differences.toggled.connect(self._show_rows)
        result = QHBoxLayout()
        result.addWidget(self.outcome, 1)
        result.addWidget(self.only_differences)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(result)
        layout.addWidget(BannerOverlay(self.table, self.banner), 1)

    @property
    def comparison(self) -> RowComparison | None:
        """The comparison that is shown."""
        return self._comparison

    def show_comparison(
        self, comparison: RowComparison | None, outcome: str, placeholder: str
    ) -> None:
        """Show a comparison with its outcome as a sentence; `placeholder` is for no rows."""
        self._comparison = comparison
        self.table.placeholder = placeholder
        self.outcome.setText(outcome)
        self.outcome.setAccessibleName(outcome or "Result")
        differs = bool(comparison and comparison.differences)
        set_tone(self.outcome, Severity.WARNING if differs else None)
        self._show_rows()

    def as_text(self, left: str, right: str) -> str:
        """Return what is shown as lines for a ticket, cells separated by tabs."""
        head = ("Difference", self._group, "Value", left, right)
        rows = (
            (_sign(row), row.group, row.name, *clip_pair(row.left, row.right))
            for row in self._rows()
        )
        lines = ("\t".join(map(one_line, cells)) for cells in (head, *rows))
        return "\n".join((self.outcome.text(), *lines)) + "\n"

    def _rows(self) -> Sequence[ComparedValue]:
        rows = self._comparison.rows if self._comparison else ()
        if not self.only_differences.isChecked():
            return rows
        return [row for row in rows if row.side is not Side.EQUAL]

    def _show_rows(self) -> None:
        self.table.show_records([_Row(number, row) for number, row in enumerate(self._rows())])


class ComparedCells(TextCells):
    """Cells in the colour of their row: values that differ stand out."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def colour(self, option: QStyleOptionViewItem, index: Index) -> QColor:
        row = index.data(RecordRole)
        if row is None or row.value.side is Side.EQUAL:
            return super().colour(option, index)
        return QColor(getattr(self._theme.colours, _COLOURS[row.value.side]))


class _Row(msgspec.Struct, frozen=True):
    """A row by its number. What it shows is cut when it is in sight: there may be thousands."""

    number: int
    value: ComparedValue

    @property
    def left(self) -> str:
        """The left value, cut to what differs."""
        return one_line(clip_pair(self.value.left, self.value.right, _SHOWN)[0])

    @property
    def right(self) -> str:
        """The right value, cut to what differs."""
        return one_line(clip_pair(self.value.left, self.value.right, _SHOWN)[1])


def _sign(row: ComparedValue) -> str:
    return f"{_SIGNS[row.side]}, {row.note}" if row.note else _SIGNS[row.side]


def _table(parent: QWidget, group: str, *, has_names: bool) -> RecordsTable:
    name: Sequence[Column[_Row]] = (Column("Value", lambda row: row.value.name),)
    columns: Sequence[Column[_Row]] = (
        Column(
            "Difference",
            lambda row: _sign(row.value),
            sort_key=lambda row: row.number,
            tooltip=lambda row: row.value.note or row.value.side.value,
        ),
        Column(group, lambda row: row.value.group, sort_key=lambda row: row.number),
        *(name if has_names else ()),
        Column("Left", lambda row: row.left, tooltip=lambda row: row.left),
        Column("Right", lambda row: row.right, tooltip=lambda row: row.right),
    )
    table = RecordsTable(
        RecordsModel(columns, lambda row: row.number, parent),
        stretch=len(columns) - 1,
        parent=parent,
    )
    table.setAccessibleName("Values of both sides")
    table.enable_multiple_selection()
    return table
