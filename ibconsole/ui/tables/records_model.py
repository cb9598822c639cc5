"""The Qt table model of some thousand records, described by its columns."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ibconsole.ui.tables.snapshot import Column, Snapshot
from ibconsole.ui.toolkit import plain_tooltip

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

RecordRole = Qt.ItemDataRole.UserRole
SortRole = Qt.ItemDataRole.UserRole + 1
SearchRole = Qt.ItemDataRole.UserRole + 2

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RecordsModel(QAbstractTableModel, Generic[T]):
    """A list of records; each has an identity that stays the same when its values change.

    `search` returns the text of a record that a filter searches (SearchRole). `shown` is emitted
    after each change, once it is complete. `FilterSortModel` keeps what a view shows in place.
    """

    shown = Signal()

    def __init__(
        self,
        columns: Sequence[Column[T]],
        identity: Callable[[T], Hashable],
        parent: QObject | None = None,
        *,
        search: Callable[[T], str] = str,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self.identity = identity
        self._search = search
        self.snapshot: Snapshot[T] = Snapshot([], columns, identity, search)

    @property
    def records(self) -> Sequence[T]:
        """The records, in the order in which they were given."""
        return self.snapshot.records

    def show(self, records: Sequence[T]) -> None:
        """Replace the records."""
        self.beginResetModel()
        self.snapshot = Snapshot(list(records), self._columns, self.identity, self._search)
        self.endResetModel()
        self.shown.emit()

    def row_of(self, identity: Hashable) -> int | None:
        """Return the row of the first record with this identity; None if there is none."""
        return self.snapshot.row_of(identity)

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.snapshot.records)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        return self.value(self.snapshot.records[index.row()], index.column(), role)

    def value(self, record: T, column: int, role: int) -> Any:
        """Return what `data` returns for a record and a column, without the need for an index."""
        shown = self._columns[column]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown.text(record)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if shown.right else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(shown.tooltip(record)) if shown.tooltip else None
            case _:
                return self._own_role(record, shown, role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._columns[section].header
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if self._columns[section].right else _LEFT
        return None

    def _own_role(self, record: T, column: Column[T], role: int) -> Any:
        if role == SortRole:
            return (column.sort_key or column.text)(record)
        if role == RecordRole:
            return record
        return self._search(record) if role == SearchRole else None
