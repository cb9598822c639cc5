"""The table of highlight rules in their order, each in its own colour."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ibconsole.services.connections import HighlightRule
from ibconsole.services.list_display import colour_of
from ibconsole.ui.tables import RowMark, RowTable, paint_marked
from ibconsole.ui.toolkit import Theme, one_line

Index = QModelIndex | QPersistentModelIndex

_HEADERS = ("Rule", "Matches")
_RULE, _MATCHES = range(len(_HEADERS))
_WIDTHS = (0, 96)
_NO_INDEX = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class HighlightRulesModel(QAbstractTableModel):
    """The rules in order, of which the first match wins, and how many messages each matches.

    `matches` is empty while the numbers are not known; a rule that cannot be understood has none.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rules: list[HighlightRule] = []
        self.matches: Mapping[int, int] = {}

    def show_rules(self, rules: Sequence[HighlightRule]) -> None:
        """Show other rules."""
        self.beginResetModel()
        self.rules = list(rules)
        self.endResetModel()

    def show_matches(self, matches: Mapping[int, int]) -> None:
        """Show how many messages each rule would highlight."""
        self.matches = matches
        if self.rules:
            last = self.index(len(self.rules) - 1, _MATCHES)
            self.dataChanged.emit(self.index(0, _MATCHES), last, [])

    def insert(self, row: int, rule: HighlightRule) -> None:
        """Insert a rule before a row."""
        self.matches = {}
        self.beginInsertRows(QModelIndex(), row, row)
        self.rules.insert(row, rule)
        self.endInsertRows()

    def remove(self, row: int) -> None:
        """Remove a rule."""
        self.matches = {}
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.rules[row]
        self.endRemoveRows()

    def move(self, row: int, step: int) -> None:
        """Move a rule up (-1) or down (1); the selection goes with it."""
        target = row + step
        if not 0 <= target < len(self.rules):
            return
        self.matches = {}
        # Qt counts the place before the rule is taken out.
        self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), target + (1 if step > 0 else 0))
        self.rules.insert(target, self.rules.pop(row))
        self.endMoveRows()

    def edit(self, row: int, **changes: str) -> None:
        """Change fields of a rule."""
        changed = replace(self.rules[row], **changes)
        if changed != self.rules[row]:
            self.rules[row] = changed
            self.dataChanged.emit(self.index(row, 0), self.index(row, _MATCHES), [])

    # Qt's side

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rules)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() == _MATCHES else _LEFT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == _RULE:
            return one_line(self.rules[index.row()].label) or "New rule"
        count = self.matches.get(index.row())
        return "" if count is None else f"{count:,}"

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == _MATCHES else _LEFT
        return _HEADERS[section] if role == Qt.ItemDataRole.DisplayRole else None


class HighlightRulesTable(RowTable):
    """The rules, with their colours.

    `move_requested` carries -1 for up (Alt+Up) and 1 for down (Alt+Down); Delete removes.
    """

    move_requested = Signal(int)
    removal_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(stretch=_RULE, preferred_width=150, minimum_width=80, parent=parent)
        self._theme = theme
        self.rules = HighlightRulesModel(self)
        self.setModel(self.rules)
        self.setAccessibleName("Highlight rules in their order")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.set_widths(*_WIDTHS)

    @property
    def row(self) -> int:
        """The selected row, -1 for none."""
        return self.currentIndex().row()

    def _mark(self, row: int) -> RowMark | None:
        rule = self.rules.rules[row]
        return RowMark(rule.label, colour_of(rule))

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.move_requested.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_requested.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = super().paintEvent
        paint_marked(self, self._theme.colours, self._mark, lambda: paint(event))
