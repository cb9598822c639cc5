"""The view of a RecordsModel: sorted, filtered, with a selection that only the user changes."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from ibconsole.ui.tables.filter_sort import FilterSortModel
from ibconsole.ui.tables.records_model import RecordRole, RecordsModel
from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit import ROW_HEIGHT, SPACE, copy_to_clipboard

_MINIMUM_WIDTH = 60
_MANY = 8  # selected records


class RecordsTable(RowTable):
    """A table of records, of which none, one or several are selected.

    `record_selected` is emitted with the selected record when the user selects another one,
    and with None when it was removed, or when none or several are selected;
    `selection_changed` is emitted for every change. Sorting and filtering do not change the
    selection: a record that is filtered out stays selected. For the columns, see `Columns`.
    `copies` are entries of the context menu: a name, and the text to copy of a record.
    Of some thousand records, rows follow a moment later: `arranged` is emitted when they do.
    """

    arranged = Signal()

    record_selected = Signal(object)
    selection_changed = Signal()
    delete_pressed = Signal()

    def __init__(
        self,
        model: RecordsModel[Any],
        *,
        stretch: int,
        preferred_width: int = 150,
        optional: Sequence[int] = (),
        copies: Sequence[tuple[str, Callable[[Any], str]]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            stretch=stretch,
            preferred_width=preferred_width,
            minimum_width=_MINIMUM_WIDTH,
            optional=optional,
            parent=parent,
        )
        self._records = model
        self.copies = copies
        self._updating = False
        self._revealing = False
        self._top_before: tuple[Hashable, int] | None = None
        self._selected: tuple[Hashable, ...] = ()
        self._most: int | None = None
        self.placeholder = ""
        self._proxy = FilterSortModel(model, self)
        self.setModel(self._proxy)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._proxy.modelAboutToBeReset.connect(self._on_about_to_be_reset)
        self._proxy.arranged.connect(self._on_arranged)

    def enable_multiple_selection(self, *, most: int | None = None) -> None:
        """Let the user select several records, with Shift and Ctrl as in native lists.

        Who selects more than `most` of a long list, as with Ctrl+A, selects the current one: to
        look at 50,000 records would block the window.
        """
        self._most = most
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    @property
    def selected_record(self) -> Any:
        """The selected record, visible or filtered out; None if none or several are selected."""
        selected = self.selected_records if len(self._selected) == 1 else ()
        return selected[0] if selected else None

    @property
    def selected_records(self) -> Sequence[Any]:
        """The selected records in the order of their rows, visible or filtered out."""
        if len(self._selected) > _MANY:  # one look at all is quicker than a search for each
            identity_of = self._records.identity
            found = {identity_of(one): one for one in reversed(self.records)}
            return [found[one] for one in self._selected if one in found]
        rows = (self._records.row_of(identity) for identity in self._selected)
        return [self._records.records[row] for row in rows if row is not None]

    @property
    def records(self) -> Sequence[Any]:
        """All records, those that are filtered out included."""
        return self._records.records

    @property
    def total(self) -> int:
        """The number of records, including those that are filtered out."""
        return self._records.rowCount()

    def show_records(self, records: Sequence[Any]) -> None:
        """Replace the records; selection and scroll position stay with their records."""
        self._records.show(records)
        present = tuple(one for one in self._selected if self._records.row_of(one) is not None)
        if present != self._selected:
            self._set_selected(present)

    def filter(self, text: str) -> None:
        """Show only records that contain a text, ignoring case."""
        self._proxy.set_filter(text)

    def filter_by(self, condition: Callable[[Any], bool] | None) -> None:
        """Show only records that meet a condition too; None for all."""
        self._proxy.set_condition(condition)

    def refresh_values(self) -> None:
        """Sort and filter again, because values changed that the records do not hold."""
        self._records.show(self._records.records)

    def select_records(self, *identities: Hashable) -> None:
        """Select the records of these identities, or none, without emitting a signal."""
        self._selected = identities
        self._revealing = True
        if not self._proxy.busy:
            self._on_arranged()

    def fill_menu(self, menu: QMenu, index: QModelIndex) -> None:
        super().fill_menu(menu, index)
        record = index.data(RecordRole)
        for name, read in self.copies:
            text = read(record)
            entry = menu.addAction(name)
            entry.triggered.connect(partial(copy_to_clipboard, text))
            entry.setEnabled(bool(text))

    def _on_about_to_be_reset(self) -> None:
        # Until the selection is restored: Qt would select a neighbour of a removed row.
        self._updating = True
        self._top_before = self._top() if self._proxy.outdated else None

    def _on_arranged(self) -> None:
        self._updating = True
        try:
            self._restore_selection()
        finally:
            self._updating = False
        self._restore_top(self._top_before)
        self._top_before = None
        if self._revealing and self.selectionModel().hasSelection():
            self.scrollTo(self.selectionModel().selectedRows()[0])
        self._revealing = False
        self.arranged.emit()

    def _restore_selection(self) -> None:
        indexes = self._selected_indexes()
        if not indexes:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif set(indexes) != set(self.selectionModel().selectedRows()):
            self._select(indexes)

    def _selected_indexes(self) -> list[QModelIndex]:
        """Return the indexes of the selected records that are not filtered out."""
        indexes = map(self._proxy.find, self._selected)
        return [index for index in indexes if index.isValid()]

    def _select(self, indexes: Sequence[QModelIndex]) -> None:
        rows = QItemSelection()
        for index in indexes:
            rows.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(indexes[0], flags.NoUpdate)
        self.selectionModel().select(rows, flags.ClearAndSelect | flags.Rows)

    def _top(self) -> tuple[Hashable, int] | None:
        """Return the identity in the first visible row, and its row; None if not scrolled."""
        index = self.indexAt(QPoint(0, 0))
        if not self.verticalScrollBar().value() or not index.isValid():
            return None
        return self._records.identity(index.data(RecordRole)), index.row()

    def _restore_top(self, before: tuple[Hashable, int] | None) -> None:
        """Scroll so that the record that was in the first visible row is there again."""
        if before is None:
            return
        row = self._proxy.find(before[0]).row()
        if row not in {-1, before[1]}:
            bar = self.verticalScrollBar()
            self.updateGeometries()
            bar.setValue(bar.value() + (row - before[1]) * ROW_HEIGHT)

    def _on_selection_changed(self) -> None:
        if self._updating:
            return
        if self._most is not None and sum(map(len, self.selected_runs())) > self._most:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().select(
                self.currentIndex(), flags.ClearAndSelect | flags.Rows
            )  # which calls this again
            return
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        records = (self._proxy.index(row, 0).data(RecordRole) for row in rows)
        identities = tuple(self._records.identity(record) for record in records)
        if identities != self._selected:
            self._set_selected(identities)

    def _set_selected(self, identities: tuple[Hashable, ...]) -> None:
        before = self.selected_record
        self._selected = identities
        if before is not self.selected_record or not identities:
            self.record_selected.emit(self.selected_record)
        self.selection_changed.emit()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.placeholder and not self._proxy.rowCount() and not self._proxy.busy:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self.palette().color(QPalette.ColorRole.PlaceholderText)))
            area = self.viewport().rect().adjusted(4 * SPACE, 4 * SPACE, -4 * SPACE, -4 * SPACE)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(area, int(flags | Qt.TextFlag.TextWordWrap), self.placeholder)
