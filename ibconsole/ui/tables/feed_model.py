"""The Qt table model of a growing list: it holds all ids, and reads records by the page.

The archive filters and sorts: a proxy model would visit every row. There is no `fetchMore`
either, because the scroll bar would then show a wrong size.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
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

from ibconsole.ui.tables.late_records import Identified, LateRecords
from ibconsole.ui.toolkit import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

PAGE = 64  # records that are read at a time, about as many as are visible
CACHED_PAGES = 128
# Runs of adjacent rows that are inserted one by one; resetting the model takes as long.
MAX_RUNS = 256

_NO_KEYS = array("q")

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


R = TypeVar("R", bound=Identified)


class FeedColumn(msgspec.Struct, Generic[R], frozen=True):
    """A header and the text under it. The tooltip is computed only when it is shown.

    `unit` returns what follows the header in brackets, such as the time zone, which may change.
    """

    header: str
    text: Callable[[R], str]
    tooltip: Callable[[R], str] | None = None
    right: bool = False
    unit: Callable[[], str] | None = None


class CachedRow(msgspec.Struct, Generic[R], frozen=True):
    """A record and the texts of its cells, which every repaint needs, and the number of its mark.

    Without a mark the number is -1.
    """

    record: R
    cells: tuple[str, ...]
    mark: int = -1


class FeedModel(QAbstractTableModel, Generic[R]):
    """A table over sorted ids; the last one, the newest, is the first row.

    The ids are sorted by themselves, or by `keys` if these are given, one for each id. The
    record of an id is taken as immutable until `refresh` or `refresh_newest` is called.
    `read` returns the records of some ids and may leave out ids that no longer exist. If they
    cannot be read at once it returns None: their rows are empty, `records_wanted` is emitted, and
    `add_records` shows what was fetched.
    """

    records_wanted = Signal()

    def __init__(
        self,
        columns: Sequence[FeedColumn[R]],
        read: Callable[[Sequence[int]], Sequence[R] | None],
        parent: QObject | None = None,
        *,
        page_size: int = PAGE,
        max_runs: int = MAX_RUNS,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._read = read
        self._page_size = page_size
        self._max_runs = max_runs
        self._ids = array("q")
        self._keys = array("q")
        self._newest = 0
        self._dropped = 0
        self.pages: OrderedDict[int, dict[int, CachedRow[R]]] = OrderedDict()  # those at hand
        self._late = LateRecords[R]()
        self._incomplete: set[int] = set()  # pages with records that are not there yet

    def show(
        self, ids: "array[int]", keys: "array[int]" = _NO_KEYS, newest: int | None = None
    ) -> None:
        """Replace all ids, given oldest first; `newest` is the highest, if known."""
        self._late.clear()
        self._replace(array("q", ids), array("q", keys), newest)

    def append(self, ids: "array[int]", keys: "array[int]" = _NO_KEYS) -> None:
        """Add ids, given oldest first, as the first rows or where their keys belong.

        Without keys, ids that are not greater than every id added before are ignored; with keys,
        those that are listed already.
        """
        if keys:
            self._merge(ids, keys)
            return
        fresh = ids[bisect_left(ids, self._newest + 1) :]
        if fresh:
            self._insert(len(self._ids), fresh, _NO_KEYS, fresh[-1])

    def add_older(self, ids: "array[int]", keys: "array[int]", newest: int) -> None:
        """Add ids, given oldest first, that come before all others; `newest` is the highest."""
        if ids:
            self._insert(0, ids, keys, newest)

    def take_wanted(self) -> "array[int]":
        """Return the ids whose records are to be fetched for `add_records`; none if all are there.

        They are those that were painted last: what went out of sight is left out.
        """
        return self._late.take()

    def add_records(self, ids: Sequence[int], records: Sequence[R]) -> None:
        """Show the records that were fetched for these ids."""
        self._late.add(ids, records)
        if not self._incomplete:
            return
        for page in self._incomplete:
            self.pages.pop(page, None)
        self._incomplete.clear()
        self.emit_changed(len(self._ids))

    def drop_before(self, oldest: int) -> None:
        """Remove the rows of all ids below this one, whose records no longer exist."""
        count = bisect_left(self._ids, oldest)
        if not count:
            return
        self.beginRemoveRows(QModelIndex(), len(self._ids) - count, len(self._ids) - 1)
        del self._ids[:count]
        del self._keys[:count]
        self._dropped += count
        self.endRemoveRows()

    def refresh(self) -> None:
        """Read all records and headers again, after a change of how they are shown."""
        self.pages.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        self.emit_changed(len(self._ids))

    def refresh_newest(self) -> None:
        """Read the newest page again, whose records may still change."""
        page, filled = divmod(self._dropped + len(self._ids) - 1, self._page_size)
        self.pages.pop(page, None)
        self.emit_changed(min(filled + 1, len(self._ids)))

    @property
    def newest(self) -> int:
        """The highest id that was ever added; 0 if there is none."""
        return self._newest

    def id_at(self, row: int) -> int:
        """Return the id of a row."""
        return self._ids[len(self._ids) - 1 - row]

    def ids_of(self, runs: Iterable[range]) -> "array[int]":
        """Return the ids of runs of rows, in the order of the rows."""
        found, end = array("q"), len(self._ids)
        for run in runs:
            part = self._ids[end - run.stop : end - run.start]
            part.reverse()  # a quarter of the time of an iterator
            found += part
        return found

    def row_of(self, record: int) -> int | None:
        """Return the row of an id; None if it is not in the list."""
        position = _index(self._ids, record) if self._keys else bisect_left(self._ids, record)
        if position is None or position == len(self._ids) or self._ids[position] != record:
            return None
        return len(self._ids) - 1 - position

    def record(self, row: int) -> R | None:
        """Return the record of a row; None if it no longer exists."""
        cached = self.cached(row)
        return cached.record if cached else None

    # Qt's side

    @property
    def records_at_hand(self) -> Iterator[R]:
        """The records that were read lately, in any order; nothing is read for it."""
        return (row.record for page in self.pages.values() for row in page.values())

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            cached = self.cached(index.row())
            return cached.cells[index.column()] if cached else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._columns[index.column()].right else LEFT
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
            return _RIGHT if column.right else LEFT
        return None

    def _merge(self, ids: "array[int]", keys: "array[int]") -> None:
        runs = list(self._runs(zip(keys, ids, strict=True)))
        if len(runs) > self._max_runs:
            self._reset_merged(runs)
            return
        added = 0
        for position, run in runs:
            more_ids, more_keys = _unzip(run)
            self._insert(position + added, more_ids, more_keys, max(more_ids))
            added += len(run)

    def _runs(
        self, pairs: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, Sequence[tuple[int, int]]]]:
        """Group pairs of key and id into runs, each with the position that it is inserted at.

        Pairs that are listed already are left out.
        """
        run: list[tuple[int, int]] = []
        start = 0
        for key, one in pairs:
            end = bisect_right(self._keys, key)
            position = bisect_left(self._ids, one, bisect_left(self._keys, key), end)
            if position < end and self._ids[position] == one:
                continue
            if run and position != start:
                yield start, run
                run = []
            start = position
            run.append((key, one))
        if run:
            yield start, run

    def _reset_merged(self, runs: Sequence[tuple[int, Sequence[tuple[int, int]]]]) -> None:
        ids, keys = array("q"), array("q")
        done = 0
        for position, run in runs:
            more_ids, more_keys = _unzip(run)
            ids += self._ids[done:position] + more_ids
            keys += self._keys[done:position] + more_keys
            done = position
        self._replace(ids + self._ids[done:], keys + self._keys[done:], None)

    def _replace(self, ids: "array[int]", keys: "array[int]", newest: int | None) -> None:
        self.beginResetModel()
        self._ids, self._keys = ids, keys
        self._newest = _highest(ids, keys) if newest is None else newest
        self._dropped = 0
        self.pages.clear()
        self.endResetModel()

    def _insert(self, position: int, ids: "array[int]", keys: "array[int]", newest: int) -> None:
        """Insert ids before the one at this position; positions count from the oldest."""
        row = len(self._ids) - position
        self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
        page = (self._dropped + position) // self._page_size
        if position:
            # The records of all later pages move. The page itself may not have been full when
            # it was read, so that it lacks the new ids.
            stale = [one for one in self.pages if one >= page]
        else:
            self._dropped -= len(ids)
            stale = [page] if page in self.pages else []
        for one in stale:
            del self.pages[one]
        self._ids[position:position] = ids
        self._keys[position:position] = keys
        self._newest = max(self._newest, newest)
        self.endInsertRows()

    def emit_changed(self, rows: int) -> None:
        """Announce that the first rows have changed."""
        if rows:
            last = self.index(rows - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    def _tooltip(self, index: Index) -> str | None:
        tooltip = self._columns[index.column()].tooltip
        cached = self.cached(index.row()) if tooltip else None
        return plain_tooltip(tooltip(cached.record)) or None if tooltip and cached else None

    def cached(self, row: int) -> CachedRow[R] | None:
        """Return a row, which is read with its page if need be; None if it no longer exists."""
        # Pages are counted from the oldest record that there ever was, so that neither added
        # nor dropped records change the page of the others.
        position = len(self._ids) - 1 - row
        page = (self._dropped + position) // self._page_size
        if page not in self.pages:
            self.pages[page] = self.read_page(page)
            if len(self.pages) > CACHED_PAGES:
                self.pages.popitem(last=False)
        self.pages.move_to_end(page)
        return self.pages[page].get(self._ids[position])

    def read_page(self, page: int) -> dict[int, CachedRow[R]]:
        """Read the rows of a page, by their ids."""
        start = page * self._page_size - self._dropped
        ids = self._ids[max(start, 0) : start + self._page_size]
        records = self._read(ids)
        if records is None:
            records, is_incomplete = self._late.find(ids)
            if is_incomplete:
                self._incomplete.add(page)
                self.records_wanted.emit()
        return {
            record.id: CachedRow(record, tuple(column.text(record) for column in self._columns))
            for record in records
        }


def _highest(ids: "array[int]", keys: "array[int]") -> int:
    return max(ids, default=0) if keys else (ids[-1] if ids else 0)


def _unzip(pairs: Sequence[tuple[int, int]]) -> tuple["array[int]", "array[int]"]:
    """Return ids and keys, from pairs of key and id."""
    return array("q", [one for _, one in pairs]), array("q", [key for key, _ in pairs])


def _index(ids: "array[int]", wanted: int) -> int | None:
    try:
        return ids.index(wanted)
    except ValueError:
        return None
