"""Sorts and filters a table of records, all at once.

Qt's own proxy asks the model for each comparison and each row: through Python that holds
the window for 0.6 s with 5,000 records. Here the keys are read once into lists, and a
filter over 5,000 records takes 1 ms.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractProxyModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibconsole.ui.tables.records_model import RecordsModel

Index = QModelIndex | QPersistentModelIndex


class SiftedModel(QAbstractProxyModel):
    """The records of another model, in another order, and only those that contain a text.

    What is shown is reset when other rows are shown, and not when only values changed.
    """

    def __init__(self, source: RecordsModel[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records = source
        self._column = -1
        self._descending = False
        self._text = ""
        self._texts: Sequence[str] | None = None
        self._keys: dict[int, Sequence[Any]] = {}
        self._sorted: Sequence[int] = ()
        self._rows: Sequence[int] = ()
        self._places: dict[int, int] | None = None
        self._identities: Sequence[Hashable] = ()
        self.setSourceModel(source)
        source.shown.connect(self._on_shown)
        self._on_shown()

    def sift(self, text: str) -> None:
        """Show only what contains a text, in any case; everything for an empty one."""
        self._text = text.casefold()
        rows = self._sift()
        if rows != self._rows:
            self._replace(rows)

    def _on_shown(self) -> None:
        """The records are others now, or others in their values."""
        self._texts = None
        self._keys.clear()
        self._sorted = self._sort()
        rows = self._sift()
        identities = self._identities_of(rows)
        if identities != self._identities:
            self._replace(rows)
        else:
            self._rows, self._places = rows, None
            if rows:
                last = self.index(len(rows) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last, [])

    def _replace(self, rows: Sequence[int]) -> None:
        self.beginResetModel()
        self._rows, self._places = rows, None
        self._identities = self._identities_of(rows)
        self.endResetModel()

    def _identities_of(self, rows: Sequence[int]) -> Sequence[Hashable]:
        identities = self._records.identities
        return [identities[row] for row in rows]

    def _sort(self) -> Sequence[int]:
        rows = range(self._records.rowCount())
        if self._column < 0:
            return rows
        if self._column not in self._keys:
            self._keys[self._column] = list(map(_in_any_case, self._records.keys(self._column)))
        return sorted(rows, key=self._keys[self._column].__getitem__, reverse=self._descending)

    def _sift(self) -> Sequence[int]:
        if not self._text:
            return self._sorted
        if self._texts is None:
            self._texts = [text.casefold() for text in self._records.texts()]
        wanted, texts = self._text, self._texts
        return [row for row in self._sorted if wanted in texts[row]]

    # Qt's side

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        places = [(self._rows[index.row()], index.column()) for index in held]
        self._sorted = self._sort()
        self._rows, self._places = self._sift(), None
        self._identities = self._identities_of(self._rows)
        moved = [self.mapFromSource(self._records.index(*place)) for place in places]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        if parent.isValid() or not 0 <= row < len(self._rows):
            return QModelIndex()
        return self.createIndex(row, column) if 0 <= column < self.columnCount() else QModelIndex()

    def parent(self, _child: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return self._records.columnCount(parent)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        return self._records.value(self._rows[index.row()], index.column(), role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        return self._records.headerData(section, orientation, role)

    def mapToSource(self, index: Index) -> QModelIndex:
        if not index.isValid():
            return QModelIndex()
        return self._records.index(self._rows[index.row()], index.column())

    def mapFromSource(self, index: Index) -> QModelIndex:
        if not index.isValid():
            return QModelIndex()
        if self._places is None:
            self._places = {row: place for place, row in enumerate(self._rows)}
        place = self._places.get(index.row())
        return QModelIndex() if place is None else self.index(place, index.column())


def _in_any_case(key: Any) -> Any:
    return key.casefold() if isinstance(key, str) else key
