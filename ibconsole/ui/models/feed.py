"""The Qt table model of everything that grows: ids only, records a page at a time.

Filtering and sorting belong to the archive: a proxy model would visit every row. No
`fetchMore` either, or the scroll bar would lie about the size.
"""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibconsole.ui.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

PAGE = 256
PAGES_KEPT = 32

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Numbered(Protocol):
    """A record that knows its id in the archive."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Numbered)


@dataclass(frozen=True, slots=True)
class FeedColumn(Generic[R]):
    """A header and what stands under it. The tooltip is made only when it is asked for.

    `unit` stands in brackets behind the header: a zone, which may change.
    """

    header: str
    text: Callable[[R], str]
    tooltip: Callable[[R], str] | None = None
    right: bool = False
    unit: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class _Line(Generic[R]):
    """A record and its ready strings: a repaint asks for them over and over."""

    record: R
    cells: tuple[str, ...]


class FeedModel(QAbstractTableModel, Generic[R]):
    """A table over ascending ids, the newest on top.

    Records are immutable by id unless `reread` says otherwise.
    """

    def __init__(
        self,
        columns: Sequence[FeedColumn[R]],
        read: Callable[[Sequence[int]], Sequence[R]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._read = read
        self._ids = array("q")
        self._pages: OrderedDict[int, dict[int, _Line[R]]] = OrderedDict()

    def show(self, ids: "array[int]") -> None:
        """Start over with these ids, given oldest first."""
        self.beginResetModel()
        self._ids = array("q", ids)
        self._pages.clear()
        self.endResetModel()

    def append(self, ids: "array[int]") -> None:
        """Put these on top, given oldest first; those that are not newer are passed over."""
        fresh = ids[bisect_left(ids, self.newest + 1) :]
        if not fresh:
            return
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        # The page that was not full when it was read lacks what comes now.
        self._pages.pop(len(self._ids) // PAGE, None)
        self._ids.extend(fresh)
        self.endInsertRows()

    def reread(self) -> None:
        """Forget what was read: it is to be shown in another way."""
        self._pages.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        self._tell_changed(len(self._ids))

    def reread_newest(self) -> None:
        """Forget what was read of the newest page: its records may still change."""
        page, filled = divmod(len(self._ids) - 1, PAGE)
        self._pages.pop(page, None)
        self._tell_changed(filled + 1 if self._ids else 0)

    @property
    def newest(self) -> int:
        """The highest id shown; 0 if there is none."""
        return self._ids[-1] if self._ids else 0

    def id_at(self, row: int) -> int:
        """The id in a row."""
        return self._ids[len(self._ids) - 1 - row]

    def row_of(self, record: int) -> int | None:
        """The row of an id; None if it is not shown."""
        place = bisect_left(self._ids, record)
        if place == len(self._ids) or self._ids[place] != record:
            return None
        return len(self._ids) - 1 - place

    def record(self, row: int) -> R | None:
        """The record in a row; None if the archive has it no more."""
        line = self._line(row)
        return line.record if line else None

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            line = self._line(index.row())
            return line.cells[index.column()] if line else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._columns[index.column()].right else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(index)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.header} ({column.unit()})" if column.unit else column.header
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else _LEFT
        return None

    def _tell_changed(self, rows: int) -> None:
        if rows:
            last = self.index(rows - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    def _tooltip(self, index: Index) -> str | None:
        tooltip = self._columns[index.column()].tooltip
        line = self._line(index.row()) if tooltip else None
        return plain_tooltip(tooltip(line.record)) or None if tooltip and line else None

    def _line(self, row: int) -> _Line[R] | None:
        # Pages count from the oldest record, so that new ones leave them in place.
        place = len(self._ids) - 1 - row
        page = place // PAGE
        if page not in self._pages:
            self._pages[page] = self._lines(page * PAGE)
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page].get(self._ids[place])

    def _lines(self, start: int) -> dict[int, _Line[R]]:
        return {
            record.id: _Line(record, tuple(column.text(record) for column in self._columns))
            for record in self._read(self._ids[start : start + PAGE])
        }
