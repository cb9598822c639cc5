"""The view of a RecordsModel: sorted, filtered, and never changing its choice by itself."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from ibconsole.ui.tables.filter_sort import SiftedModel
from ibconsole.ui.tables.records_model import RecordRole, RecordsModel
from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit import ROW_HEIGHT, SPACE, copy

_FLOOR = 60


class RecordsTable(RowTable):
    """A table of whole rows, of which one is chosen, or none, or several.

    `chosen` is told when the user chooses another record, and with None when the chosen
    one is there no more; neither sorting nor filtering chooses anything. Where several may
    be chosen it tells the only one, and None for none or several; `choices_changed` tells
    every change. One column is elastic; the `yielding` ones hide, the first of them first,
    where it would get less than `least` pixels. `copies` are entries of the context menu:
    what to copy of a record.
    """

    chosen = Signal(object)
    choices_changed = Signal()
    delete_pressed = Signal()

    def __init__(
        self,
        model: RecordsModel[Any],
        *,
        elastic: int,
        least: int = 150,
        yielding: Sequence[int] = (),
        copies: Sequence[tuple[str, Callable[[Any], str]]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            elastic=elastic, least=least, floor=_FLOOR, yielding=yielding, parent=parent
        )
        self._records = model
        self._copies = copies
        self._quiet = False
        self._choices: tuple[Hashable, ...] = ()
        self.placeholder = ""
        self._proxy = SiftedModel(model, self)
        self.setModel(self._proxy)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def allow_several(self) -> None:
        """Let more than one be chosen, as the system's lists do: with Shift and Ctrl."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    @property
    def record(self) -> Any:
        """The chosen record, be it filtered out of sight; None if there is none, or several."""
        chosen = self.chosen_records
        return chosen[0] if len(chosen) == 1 else None

    @property
    def chosen_records(self) -> Sequence[Any]:
        """What is chosen, in the order of the rows; filtered out of sight or not."""
        rows = (self._records.row_of(identity) for identity in self._choices)
        return [self._records.records[row] for row in rows if row is not None]

    @property
    def total(self) -> int:
        """How many records there are, those filtered out included."""
        return self._records.rowCount()

    def show_records(self, records: Sequence[Any]) -> None:
        """Show these instead; the choice stays if it is still there, and so does the view."""
        top = self._top()
        with self._unchanged_choice():
            self._records.show(records)
        self._scroll_to_top(top)
        there = tuple(one for one in self._choices if self._records.row_of(one) is not None)
        if there != self._choices:
            self._tell(there)

    def filter(self, text: str) -> None:
        """Show only what contains a text, in any case."""
        with self._unchanged_choice():
            self._proxy.sift(text)

    def choose(self, *identities: Hashable) -> None:
        """Choose records, or none, without telling so."""
        self._choices = identities
        with self._unchanged_choice():
            pass
        if self.selectionModel().hasSelection():
            self.scrollTo(self.selectionModel().selectedRows()[0])

    def offer(self, menu: QMenu, index: QModelIndex) -> None:
        super().offer(menu, index)
        record = index.data(RecordRole)
        for words, value in self._copies:
            text = value(record)
            entry = menu.addAction(words)
            entry.triggered.connect(partial(copy, text))
            entry.setEnabled(bool(text))

    @contextmanager
    def _unchanged_choice(self) -> Iterator[None]:
        """Qt moves to a neighbour when the chosen row goes away; here nobody did choose it."""
        self._quiet = True
        try:
            yield
            indexes = self._chosen_indexes()
            if not indexes:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
            elif set(indexes) != set(self.selectionModel().selectedRows()):
                self._select(indexes)
        finally:
            self._quiet = False

    def _chosen_indexes(self) -> list[QModelIndex]:
        """Where the chosen records are, as far as they are in sight."""
        rows = (self._records.row_of(identity) for identity in self._choices)
        sources = (self._records.index(row, 0) for row in rows if row is not None)
        indexes = map(self._proxy.mapFromSource, sources)
        return [index for index in indexes if index.isValid()]

    def _select(self, indexes: Sequence[QModelIndex]) -> None:
        rows = QItemSelection()
        for index in indexes:
            rows.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(indexes[0], flags.NoUpdate)
        self.selectionModel().select(rows, flags.ClearAndSelect | flags.Rows)

    def _top(self) -> tuple[Hashable, int] | None:
        """The record in the first visible row, and its place; None where nothing is scrolled."""
        index = self.indexAt(QPoint(0, 0))
        if not self.verticalScrollBar().value() or not index.isValid():
            return None
        return self._records.identity(index.data(RecordRole)), index.row()

    def _scroll_to_top(self, before: tuple[Hashable, int] | None) -> None:
        """Let the record that was on top be there again: rows never jump."""
        row = self._records.row_of(before[0]) if before else None
        if before is None or row is None:
            return
        place = self._proxy.mapFromSource(self._records.index(row, 0)).row()
        if place not in {-1, before[1]}:
            bar = self.verticalScrollBar()
            self.updateGeometries()
            bar.setValue(bar.value() + (place - before[1]) * ROW_HEIGHT)

    def _on_selection_changed(self) -> None:
        if self._quiet:
            return
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        records = (self._proxy.index(row, 0).data(RecordRole) for row in rows)
        identities = tuple(self._records.identity(record) for record in records)
        if identities != self._choices:
            self._tell(identities)

    def _tell(self, choices: tuple[Hashable, ...]) -> None:
        before = self.record
        self._choices = choices
        if before is not self.record or not choices:
            self.chosen.emit(self.record)
        self.choices_changed.emit()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.placeholder and not self._proxy.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self.palette().color(QPalette.ColorRole.PlaceholderText)))
            area = self.viewport().rect().adjusted(4 * SPACE, 4 * SPACE, -4 * SPACE, -4 * SPACE)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(area, int(flags | Qt.TextFlag.TextWordWrap), self.placeholder)
