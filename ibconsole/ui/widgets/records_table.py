"""The view of a RecordsModel: sorted, filtered, and never changing its choice by itself."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from ibconsole.ui.models.records import RecordRole, RecordsModel, SearchRole, SortRole
from ibconsole.ui.theme import SPACE
from ibconsole.ui.widgets.row_table import RowTable, copy

_FLOOR = 60


class RecordsTable(RowTable):
    """A table of whole rows, of which one is chosen, or none.

    `chosen` is told when the user chooses another record, and with None when the chosen
    one is there no more; neither sorting nor filtering chooses anything. One column is
    elastic; the `yielding` ones hide, the first of them first, where it would get less than
    `least` pixels. `copies` are the entries of the context menu: what to copy of a record.
    """

    chosen = Signal(object)
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
        self._choice: Hashable | None = None
        self.placeholder = ""
        self._proxy = QSortFilterProxyModel(self, sortRole=SortRole, filterRole=SearchRole)
        self._proxy.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSourceModel(model)
        self.setModel(self._proxy)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    @property
    def record(self) -> Any:
        """The chosen record, be it filtered out of sight; None if there is none."""
        row = None if self._choice is None else self._records.row_of(self._choice)
        return None if row is None else self._records.records[row]

    @property
    def total(self) -> int:
        """How many records there are, those filtered out included."""
        return self._records.rowCount()

    def show_records(self, records: Sequence[Any]) -> None:
        """Show these instead; the choice stays if it is still there."""
        with self._unchanged_choice():
            self._records.show(records)
        if self._choice is not None and self._records.row_of(self._choice) is None:
            self._choice = None
            self.chosen.emit(None)

    def filter(self, text: str) -> None:
        """Show only what contains a text, in any case."""
        with self._unchanged_choice():
            self._proxy.setFilterFixedString(text)

    def choose(self, identity: Hashable | None) -> None:
        """Choose a record, or none, without telling so."""
        self._choice = identity
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
            row = None if self._choice is None else self._records.row_of(self._choice)
            source = QModelIndex() if row is None else self._records.index(row, 0)
            index = self._proxy.mapFromSource(source)
            if not index.isValid():
                self.clearSelection()
                self.setCurrentIndex(index)
            elif [index] != self.selectionModel().selectedRows():
                self.setCurrentIndex(index)
                self.selectRow(index.row())
        finally:
            self._quiet = False

    def _on_selection_changed(self) -> None:
        if self._quiet:
            return
        rows = self.selectionModel().selectedRows()
        record = rows[0].data(RecordRole) if rows else None
        identity = None if record is None else self._records.identity(record)
        if identity != self._choice:
            self._choice = identity
            self.chosen.emit(record)

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
