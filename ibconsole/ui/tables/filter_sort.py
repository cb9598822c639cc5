"""A proxy model that filters and sorts a table of records in one step.

Qt's own proxy model calls the source model for each comparison and each row: through Python
this blocks the window for 0.6 s with 5,000 records. Here sort keys and folded texts are computed
once for all records. With many records this is done in slices: the former rows stay until then.
"""

from collections.abc import Callable, Hashable, Sequence
from itertools import compress
from typing import Any

from PySide6.QtCore import (
    QAbstractProxyModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ibconsole.text import fold
from ibconsole.ui.tables.records_model import RecordsModel
from ibconsole.ui.tables.slices import CHUNK, Slices, Steps, equal, mapped
from ibconsole.ui.tables.snapshot import Snapshot

Index = QModelIndex | QPersistentModelIndex

# Of a row among 50,000, 1 ms each; a dictionary of all takes 7 ms.
_MOST_SEARCHES = 4


class FilterSortModel(QAbstractProxyModel):
    """The records of a model that contain a text, in the order of a column.

    The model is reset when other rows become visible, not when only values changed. `arranged` is
    emitted when it shows what was last asked of it, before which it may be `busy`.
    """

    arranged = Signal()

    def __init__(self, source: RecordsModel[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records = source
        self._slices = Slices(self)
        self._releasing = Slices(self)
        self._column = -1
        self._descending = False
        self._text = ""
        self._condition: Callable[[Any], bool] | None = None
        self._filters = 0  # the number of changes of text or condition, and that of the rows
        self._shown_filters = 0
        self._shown = source.snapshot
        self._rows: Sequence[int] = ()
        # Of those rows that were searched, or of all; None of one that is not shown.
        self._proxy_rows: dict[int, int | None] = {}
        self._identities: Sequence[Hashable] = ()
        self.setSourceModel(source)
        source.shown.connect(self._arrange)
        self._arrange()

    @property
    def busy(self) -> bool:
        """True while other rows than the present ones are being prepared."""
        return self._slices.busy

    @property
    def outdated(self) -> bool:
        """True if other records are being prepared."""
        return self._shown is not self._records.snapshot

    def set_filter(self, text: str) -> None:
        """Show only records that contain a text, compared by `fold`; all records if it is empty."""
        self._text = fold(text)
        self._filters += 1
        self._arrange()

    def set_condition(self, condition: Callable[[Any], bool] | None) -> None:
        """Show only records that meet a condition too; None for all."""
        self._condition = condition
        self._filters += 1
        self._arrange()

    def find(self, identity: Hashable) -> QModelIndex:
        """Return the index of a record among the present rows; an invalid one if it has none."""
        row = self._shown.row_of(identity)
        row = None if row is None else self._proxy_row(row)
        return QModelIndex() if row is None else self.index(row, 0)

    def _arrange(self) -> None:
        self._slices.run(self._steps())

    def _steps(self) -> Steps[None]:
        snapshot, before = self._records.snapshot, self._shown
        all_identities = yield from snapshot.identities()
        rows = yield from snapshot.arranged(self._column, self._text, descending=self._descending)
        if self._condition:
            wanted = [snapshot.records[row] for row in rows]
            met = yield from mapped(self._condition, wanted)
            rows = list(compress(rows, met))
        identities = yield from mapped(all_identities.__getitem__, rows)
        same = yield from equal(identities, self._identities)
        if len(rows) > CHUNK:
            yield
        if not same:
            if snapshot is self._shown and self._filters == self._shown_filters:
                self._reorder(rows, identities)
            else:
                self.beginResetModel()
                self._set(snapshot, rows, identities)
                self.endResetModel()
        elif snapshot is not self._shown or rows != self._rows:
            self._set(snapshot, rows, identities)
            if rows:
                last = self.index(len(rows) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last, [])
        self._shown_filters = self._filters
        self.arranged.emit()
        if before is not snapshot:
            self._releasing.schedule(before.release())

    def _reorder(self, rows: Sequence[int], identities: Sequence[Hashable]) -> None:
        self.layoutAboutToBeChanged.emit()
        persistent = self.persistentIndexList()
        cells = [(self._rows[index.row()], index.column()) for index in persistent]
        self._set(self._shown, rows, identities)
        moved = [self.mapFromSource(self._records.index(*cell)) for cell in cells]
        self.changePersistentIndexList(persistent, moved)
        self.layoutChanged.emit()

    def _set(
        self, snapshot: Snapshot[Any], rows: Sequence[int], identities: Sequence[Hashable]
    ) -> None:
        self._shown, self._rows, self._identities = snapshot, rows, identities
        self._proxy_rows = {}

    def _proxy_row(self, row: int) -> int | None:
        known = self._proxy_rows
        if row in known or len(known) > _MOST_SEARCHES:
            return known.get(row)
        if len(known) == _MOST_SEARCHES:
            known.update(zip(self._rows, range(len(self._rows)), strict=True))
            return known.get(row)
        try:
            known[row] = self._rows.index(row)
        except ValueError:
            known[row] = None
        return known[row]

    # Qt's side

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

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
        record = self._shown.records[self._rows[index.row()]]
        return self._records.value(record, index.column(), role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        return self._records.headerData(section, orientation, role)

    def mapToSource(self, index: Index) -> QModelIndex:
        if not index.isValid() or self.outdated:
            return QModelIndex()
        return self._records.index(self._rows[index.row()], index.column())

    def mapFromSource(self, index: Index) -> QModelIndex:
        row = self._proxy_row(index.row()) if index.isValid() and not self.outdated else None
        return QModelIndex() if row is None else self.index(row, index.column())
