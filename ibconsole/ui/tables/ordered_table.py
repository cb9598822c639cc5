"""Rows in an order that the user changes: a model of them, and the keys that move and remove."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent

from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit import one_line

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")

_NO_INDEX = QModelIndex()
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class OrderedModel(QAbstractTableModel, Generic[Row]):
    """Rows in order, with a text in each column; the columns of `numbers` are aligned right."""

    def __init__(
        self, headers: Sequence[str], parent: QObject | None = None, *, numbers: Sequence[int] = ()
    ) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._headers = headers
        self._numbers = numbers

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        raise NotImplementedError

    def show_rows(self, rows: Iterable[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def insert(self, place: int, row: Row) -> None:
        """Insert a row, which is at this place afterwards."""
        self.beginInsertRows(QModelIndex(), place, place)
        self.rows.insert(place, row)
        self.endInsertRows()

    def remove(self, place: int) -> None:
        """Remove a row."""
        self.beginRemoveRows(QModelIndex(), place, place)
        del self.rows[place]
        self.endRemoveRows()

    def move(self, place: int, target: int) -> bool:
        """Move a row so that it is at `target` afterwards, and the selection with it.

        Returns whether anything changed.
        """
        if not 0 <= target < len(self.rows) or target == place:
            return False
        # Qt counts the place before the row is taken out.
        before = target + (1 if target > place else 0)
        self.beginMoveRows(QModelIndex(), place, place, QModelIndex(), before)
        self.rows.insert(target, self.rows.pop(place))
        self.endMoveRows()
        return True

    def refresh(self, first: int = 0, last: int | None = None) -> None:
        """Show rows again, all of them without a place."""
        last = len(self.rows) - 1 if last is None else last
        if first <= last:
            edge = self.index(last, len(self._headers) - 1)
            self.dataChanged.emit(self.index(first, 0), edge, [])

    # Qt's side

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._headers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return one_line(self.text(index.row(), index.column()))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return self._headers[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        return _RIGHT if column in self._numbers else _LEFT


class OrderedTable(RowTable):
    """A table of such rows, of which one is selected.

    `move_requested` carries -1 for up (Alt+Up) and 1 for down (Alt+Down); Delete removes.
    """

    move_requested = Signal(int)
    removal_requested = Signal()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.setSelectionMode(RowTable.SelectionMode.SingleSelection)

    @property
    def row(self) -> int:
        """The selected row, -1 for none."""
        return self.currentIndex().row()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and key in _STEPS:
            self.move_requested.emit(_STEPS[key])
        elif key == Qt.Key.Key_Delete:
            self.removal_requested.emit()
        else:
            super().keyPressEvent(event)
