"""The Qt table model of everything that grows: ids only, records a page at a time.

Filtering and sorting belong to the archive: a proxy model would visit every row. No
`fetchMore` either, or the scroll bar would lie about the size.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibconsole.ui.toolkit import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

PAGE = 256
PAGES_KEPT = 32
RUNS = 256  # of rows, put in one by one at most; it takes as long to show all rows anew

_NO_KEYS = array("q")

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
    """A table over ids in order, the last of them on top: the newest.

    They are sorted by themselves, or by `keys` where these are given, one for each id.
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
        self._keys = array("q")
        self._newest = 0
        self._dropped = 0
        self._pages: OrderedDict[int, dict[int, _Line[R]]] = OrderedDict()

    def show(self, ids: "array[int]", keys: "array[int]" = _NO_KEYS) -> None:
        """Start over with these ids, given oldest first."""
        self.beginResetModel()
        self._ids, self._keys = array("q", ids), array("q", keys)
        self._newest = max(ids, default=0) if keys else (ids[-1] if ids else 0)
        self._dropped = 0
        self._pages.clear()
        self.endResetModel()

    def append(self, ids: "array[int]", keys: "array[int]" = _NO_KEYS) -> None:
        """Add these, given oldest first, on top or where their keys belong.

        Those that are not newer than all that were ever added are passed over.
        """
        if keys:
            self._merge(ids, keys)
            return
        fresh = ids[bisect_left(ids, self._newest + 1) :]
        if fresh:
            self._insert(len(self._ids), fresh, _NO_KEYS)

    def complete(self, ids: "array[int]", keys: "array[int]" = _NO_KEYS) -> None:
        """Add what is missing of this whole list, of which a part is shown already.

        That part stays where it is. A list of which it is no part is shown instead.
        """
        start = _place_of(self._ids, ids)
        if start is None:
            self.show(ids, keys)
            return
        end = start + len(self._ids)
        if start:
            self._insert(0, ids[:start], keys[:start])
        if end < len(ids):
            self._insert(end, ids[end:], keys[end:])

    def drop_before(self, oldest: int) -> None:
        """Take away the rows of the ids below this one: their records are gone."""
        count = bisect_left(self._ids, oldest)
        if not count:
            return
        self.beginRemoveRows(QModelIndex(), len(self._ids) - count, len(self._ids) - 1)
        del self._ids[:count]
        del self._keys[:count]
        self._dropped += count
        self.endRemoveRows()

    def reread(self) -> None:
        """Forget what was read: it is to be shown in another way."""
        self._pages.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        self._tell_changed(len(self._ids))

    def reread_newest(self) -> None:
        """Forget what was read of the newest page: its records may still change."""
        page, filled = divmod(self._dropped + len(self._ids) - 1, PAGE)
        self._pages.pop(page, None)
        self._tell_changed(min(filled + 1, len(self._ids)))

    @property
    def newest(self) -> int:
        """The highest id that was added; 0 if there is none."""
        return self._newest

    def id_at(self, row: int) -> int:
        """The id in a row."""
        return self._ids[len(self._ids) - 1 - row]

    def row_of(self, record: int) -> int | None:
        """The row of an id; None if it is not shown."""
        place = _index(self._ids, record) if self._keys else bisect_left(self._ids, record)
        if place is None or place == len(self._ids) or self._ids[place] != record:
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

    def _merge(self, ids: "array[int]", keys: "array[int]") -> None:
        fresh = [(key, one) for one, key in zip(ids, keys, strict=True) if one > self._newest]
        runs = list(self._runs(fresh))
        if len(runs) > RUNS:
            self._show_merged(runs)
            return
        added = 0
        for place, some in runs:
            self._insert(place + added, *_columns(some))
            added += len(some)

    def _runs(
        self, fresh: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, Sequence[tuple[int, int]]]]:
        """New keys and ids that belong side by side, and in front of what they belong."""
        run: list[tuple[int, int]] = []
        at = 0
        for key, one in fresh:
            place = bisect_right(self._keys, key)
            if run and place != at:
                yield at, run
                run = []
            at = place
            run.append((key, one))
        if run:
            yield at, run

    def _show_merged(self, runs: Sequence[tuple[int, Sequence[tuple[int, int]]]]) -> None:
        ids, keys = array("q"), array("q")
        done = 0
        for place, some in runs:
            more_ids, more_keys = _columns(some)
            ids += self._ids[done:place] + more_ids
            keys += self._keys[done:place] + more_keys
            done = place
        self.show(ids + self._ids[done:], keys + self._keys[done:])

    def _insert(self, place: int, ids: "array[int]", keys: "array[int]") -> None:
        """Put new ids in front of the one at this place; places count from the oldest."""
        row = len(self._ids) - place
        self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
        page = (self._dropped + place) // PAGE
        if place:
            # Behind it, another record belongs to each place. The page itself was perhaps not
            # full when it was read, and lacks what comes now.
            stale = [one for one in self._pages if one >= page]
        else:
            self._dropped -= len(ids)
            stale = [page] if page in self._pages else []
        for one in stale:
            del self._pages[one]
        self._ids[place:place] = ids
        self._keys[place:place] = keys
        self._newest = max(self._newest, max(ids) if keys else ids[-1])
        self.endInsertRows()

    def _tell_changed(self, rows: int) -> None:
        if rows:
            last = self.index(rows - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    def _tooltip(self, index: Index) -> str | None:
        tooltip = self._columns[index.column()].tooltip
        line = self._line(index.row()) if tooltip else None
        return plain_tooltip(tooltip(line.record)) or None if tooltip and line else None

    def _line(self, row: int) -> _Line[R] | None:
        # Pages count from the oldest record that there ever was, so that new ones leave them
        # in place, and so do those that are dropped.
        place = len(self._ids) - 1 - row
        page = (self._dropped + place) // PAGE
        if page not in self._pages:
            self._pages[page] = self._lines(page * PAGE - self._dropped)
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page].get(self._ids[place])

    def _lines(self, start: int) -> dict[int, _Line[R]]:
        return {
            record.id: _Line(record, tuple(column.text(record) for column in self._columns))
            for record in self._read(self._ids[max(start, 0) : start + PAGE])
        }


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple["array[int]", "array[int]"]:
    """Ids and keys, from pairs of key and id."""
    return array("q", [one for _, one in pairs]), array("q", [key for key, _ in pairs])


def _index(ids: "array[int]", wanted: int) -> int | None:
    try:
        return ids.index(wanted)
    except ValueError:
        return None


def _place_of(part: "array[int]", whole: "array[int]") -> int | None:
    """Where the part stands in the whole, as one piece; None if it does not."""
    if not part:
        return 0
    # Nearly always at the end, where it takes no look at a million others.
    for start in (len(whole) - len(part), _index(whole, part[0])):
        if start is not None and start >= 0 and whole[start : start + len(part)] == part:
            return start
    return None
