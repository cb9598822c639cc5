"""The Qt table model of some thousand records, described by its columns."""

from collections.abc import Callable, Hashable, Sequence
from itertools import groupby
from typing import Any, Generic, TypeVar

import msgspec
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ibconsole.ui.toolkit import plain_tooltip

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

RecordRole = Qt.ItemDataRole.UserRole
SortRole = Qt.ItemDataRole.UserRole + 1
SearchRole = Qt.ItemDataRole.UserRole + 2

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(msgspec.Struct, Generic[T], frozen=True):
    """A header, and how a record is shown and sorted under it.

    `tooltip` returns what does not fit or is not shown; numbers are aligned to the `right`.
    """

    header: str
    text: Callable[[T], str]
    sort_key: Callable[[T], Any] | None = None
    tooltip: Callable[[T], str] | None = None
    right: bool = False


class RecordsModel(QAbstractTableModel, Generic[T]):
    """A list of records; each has an identity that stays the same when its values change.

    When other records are shown, rows whose records remain keep their selection, and the view
    keeps its scroll position. `search` returns the text of a record that a filter searches
    (SearchRole). `shown` is emitted after each change, once it is complete.
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
        self._records: list[T] = []
        self.identities: Sequence[Hashable] = ()
        self._rows: dict[Hashable, int] = {}

    @property
    def records(self) -> Sequence[T]:
        """The records, in the order in which they were given."""
        return self._records

    def show(self, records: Sequence[T]) -> None:
        """Replace the records."""
        identities = [self.identity(record) for record in records]
        self._replace(records, identities)
        self.identities = identities
        # Of equal identities the first one counts: in reverse order, it is stored last.
        rows = range(len(identities) - 1, -1, -1)
        self._rows = dict(zip(reversed(identities), rows, strict=True))
        self.shown.emit()

    def keys(self, column: int) -> Sequence[Any]:
        """Return the sort key of each record for a column, in the order of `records`."""
        key = self._columns[column].sort_key or self._columns[column].text
        return [key(record) for record in self._records]

    def texts(self) -> Sequence[str]:
        """Return the searchable text of each record."""
        return [self._search(record) for record in self._records]

    def _replace(self, records: Sequence[T], identities: Sequence[Hashable]) -> None:
        if len(set(identities)) < len(identities) or not self._keeps_order(identities):
            self.beginResetModel()
            self._records = list(records)
            self.endResetModel()
            return
        self._remove_all_but(set(identities))
        self._insert_missing(records)
        self._records = list(records)
        if records:
            last = self.index(len(records) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    def row_of(self, identity: Hashable) -> int | None:
        """Return the row of the record with this identity; None if there is none."""
        return self._rows.get(identity)

    def _keeps_order(self, identities: Sequence[Hashable]) -> bool:
        rows = {identity: row for row, identity in enumerate(identities)}
        present = [self.identity(record) for record in self._records]
        staying = [rows[identity] for identity in present if identity in rows]
        return staying == sorted(set(staying))

    def _remove_all_but(self, identities: set[Hashable]) -> None:
        def stays(row: int) -> bool:
            return self.identity(self._records[row]) in identities

        rows = range(len(self._records) - 1, -1, -1)
        for staying, run in groupby(rows, key=stays):
            if staying:
                continue
            gone = list(run)
            first, last = gone[-1], gone[0]
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._records[first : last + 1]
            self.endRemoveRows()

    def _insert_missing(self, records: Sequence[T]) -> None:
        present = {self.identity(record) for record in self._records}

        def is_new(row: int) -> bool:
            return self.identity(records[row]) not in present

        for new, run in groupby(range(len(records)), key=is_new):
            if not new:
                continue
            added = list(run)
            first, last = added[0], added[-1]
            self.beginInsertRows(QModelIndex(), first, last)
            self._records[first:first] = records[first : last + 1]
            self.endInsertRows()

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.value(index.row(), index.column(), role) if index.isValid() else None

    def value(self, row: int, column: int, role: int) -> Any:
        """Return what `data` returns for a row and a column, without the need for an index."""
        record, shown = self._records[row], self._columns[column]
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
