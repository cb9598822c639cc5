"""A growing list with extras that come later: further columns, and marks of rows."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from ibconsole.ui.tables.feed_model import LEFT, PAGE, CachedRow, FeedColumn, FeedModel, Index
from ibconsole.ui.tables.late_records import Identified, LateRecords
from ibconsole.ui.toolkit import one_line, plain_tooltip

R = TypeVar("R", bound=Identified)

_WAITING = "…"
_NO_KEYS = array("q")


class Extras(Protocol):
    """The texts of the extra columns of a record, and the number of its mark, -1 for none."""

    @property
    def id(self) -> int: ...
    @property
    def texts(self) -> Sequence[str]: ...
    @property
    def rule(self) -> int: ...


class ExtraColumn(msgspec.Struct, frozen=True):
    """The header of an extra column; `tooltip` is that of the header."""

    header: str
    tooltip: str = ""


class RowMark(msgspec.Struct, frozen=True):
    """A mark of rows: its name, and its colour, a name of the theme with a soft variant."""

    name: str
    colour: str


class ExtendedFeedModel(FeedModel[R]):
    """A FeedModel whose rows have extras.

    If there are marks, the first extra column has their names. Where extras are missing, cells
    show `…` and `extras_wanted` is emitted; what `take_wanted_extras` names is to be fetched for
    `add_extras`. Extras are taken as immutable until the list or the columns are replaced.
    """

    extras_wanted = Signal()

    def __init__(
        self,
        columns: Sequence[FeedColumn[R]],
        read: Callable[[Sequence[int]], Sequence[R] | None],
        parent: QObject | None = None,
        *,
        page_size: int = PAGE,
    ) -> None:
        super().__init__(columns, read, parent, page_size=page_size)
        self._own = len(columns)
        self._added: Sequence[ExtraColumn] = ()
        self._marks: Sequence[RowMark] = ()
        self._names = ""
        self._extras = LateRecords[Extras]()
        self._without: set[int] = set()  # pages of which extras are missing

    def show_extras(
        self, columns: Sequence[ExtraColumn], marks: Sequence[RowMark] = (), names: str = ""
    ) -> None:
        """Replace extra columns and marks; `names` is the header of the column with their names."""
        added = (ExtraColumn(names), *columns) if marks and names else tuple(columns)
        self._names, self._marks = names if marks else "", marks
        self.forget_extras()
        if added == self._added:
            self.emit_changed(self.rowCount())
            return
        if self._added:
            last = self._own + len(self._added) - 1
            self.beginRemoveColumns(QModelIndex(), self._own, last)
            self._replace_columns(())
            self.endRemoveColumns()
        if added:
            self.beginInsertColumns(QModelIndex(), self._own, self._own + len(added) - 1)
            self._replace_columns(added)
            self.endInsertColumns()
        self.emit_changed(self.rowCount())

    def _replace_columns(self, added: Sequence[ExtraColumn]) -> None:
        # Views read while columns change: rows with other cells would raise in Qt's calls.
        self._added = added
        self.forget_extras()

    def forget_extras(self) -> None:
        """Forget all extras, so that those in sight are fetched again."""
        self._extras.clear()
        self._without.clear()
        self.pages.clear()

    def take_wanted_extras(self) -> "array[int]":
        """Return the ids whose extras are to be fetched; none if all are there."""
        return self._extras.take()

    def add_extras(self, ids: Sequence[int], extras: Sequence[Extras]) -> None:
        """Show the extras that were fetched for these ids."""
        self._extras.add(ids, extras)
        for page in tuple(self._without):
            rows = self.pages.pop(page, None)
            # Others are read again when they are in sight again.
            if rows and all(map(self._extras.knows, rows)):
                self.pages[page] = self._extended(rows)[0]
        self._without.clear()
        self.emit_changed(self.rowCount())

    def mark(self, row: int) -> RowMark | None:
        """Return the mark of a row; None if it has none, or none yet."""
        if not self._marks:
            return None
        cached = self.cached(row)
        return self._marks[cached.mark] if cached and cached.mark >= 0 else None

    @property
    def has_marks(self) -> bool:
        """True if rows may have marks."""
        return bool(self._marks)

    def show(
        self, ids: "array[int]", keys: "array[int]" = _NO_KEYS, newest: int | None = None
    ) -> None:
        """Replace all ids as a FeedModel does, and forget all extras."""
        self._extras.clear()
        self._without.clear()
        super().show(ids, keys, newest)

    def read_page(self, page: int) -> dict[int, CachedRow[R]]:
        rows = super().read_page(page)
        if not rows or not (self._added or self._marks):
            return rows
        rows, is_incomplete = self._extended(rows)
        if is_incomplete:
            self._without.add(page)
            self.extras_wanted.emit()
        return rows

    def _extended(self, rows: Mapping[int, CachedRow[R]]) -> tuple[dict[int, CachedRow[R]], bool]:
        """Return rows with their extras, and whether some of these are missing."""
        found, is_incomplete = self._extras.find(rows)
        extras = {one.id: one for one in found}
        missing = (_WAITING if is_incomplete else "",) * len(self._added)
        extended = {}
        for number, row in rows.items():
            own, one = row.cells[: self._own], extras.get(number)
            cells = self._cells(one) if one else missing
            extended[number] = replace(row, cells=own + cells, mark=one.rule if one else -1)
        return extended, is_incomplete

    def _cells(self, extras: Extras) -> tuple[str, ...]:
        texts = tuple(one_line(text) for text in extras.texts)
        if not self._names:
            return texts
        return (self._marks[extras.rule].name if extras.rule >= 0 else "", *texts)

    # Qt's side

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._own + len(self._added)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return super().data(index, role)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and index.isValid():
            mark = self.mark(index.row())
            return f"{self._names or 'Marked'}: {mark.name}" if mark else None
        return super().data(index, role) if index.column() < self._own else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        number = section - self._own
        if orientation != Qt.Orientation.Horizontal or not 0 <= number < len(self._added):
            return super().headerData(section, orientation, role)
        column = self._added[number]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.header
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(column.tooltip) if column.tooltip else None
        return LEFT if role == Qt.ItemDataRole.TextAlignmentRole else None
