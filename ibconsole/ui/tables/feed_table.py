"""A table whose new rows are inserted at the top without moving what the user reads."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit import ROW_HEIGHT

_MINIMUM_WIDTH = 120


class FeedTable(RowTable):
    """A view that keeps its scroll position, or the newest row in sight while `follow` is on.

    For the columns, see `Columns`. `unseen_changed` is emitted with the number of rows that were
    added above the visible part, `current_changed` with the current row, -1 if there is none.
    """

    follow_changed = Signal(bool)
    unseen_changed = Signal(int)
    current_changed = Signal(int)

    def __init__(
        self,
        *,
        stretch: int,
        preferred_width: int = _MINIMUM_WIDTH,
        optional: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            stretch=stretch,
            preferred_width=preferred_width,
            minimum_width=_MINIMUM_WIDTH,
            optional=optional,
            parent=parent,
        )
        self._follow = False
        self._unseen = 0
        self._scrolling = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def follow(self) -> bool:
        """True if the newest row is kept in sight."""
        return self._follow

    def set_follow(self, follow: bool) -> None:
        """Keep the newest row in sight, or the scroll position."""
        if follow:
            self.show_newest()
        if follow != self._follow:
            self._follow = follow
            self.follow_changed.emit(follow)

    def show_newest(self) -> None:
        """Scroll to the newest row."""
        self._scroll(0)
        self._set_unseen(0)

    def open_row(self, row: int) -> None:
        """Select a row, and bring it in sight unless the newest is kept there."""
        index = self.model().index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self._scrolling = True
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if self._follow:
            self.verticalScrollBar().setValue(0)
        else:
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._scrolling = False

    # Qt's side

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if not model:
            return
        # Connected after the view's own slots, so that the view has processed the new rows.
        model.rowsInserted.connect(self._on_rows_inserted)
        model.modelReset.connect(self._on_model_reset)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.set_follow(not self._follow)
        elif event.key() == Qt.Key.Key_Escape and self.currentIndex().isValid():
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            super().keyPressEvent(event)

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        if self._follow or self.model().rowCount() == count:
            self.show_newest()
            return
        if first > self._anchor():
            return
        position = self.verticalScrollBar().value() + count * ROW_HEIGHT
        self.updateGeometries()
        self._scroll(position)
        self._set_unseen(min(self._unseen + count, self._rows_above()))

    def _on_model_reset(self) -> None:
        self._set_unseen(0)
        self.current_changed.emit(-1)

    def _on_scrolled(self) -> None:
        if self._scrolling:
            return
        self._set_unseen(min(self._unseen, self._rows_above()))
        if self._follow and self._rows_above():
            # A user who scrolls away wants to read there, not to jump back with the next row.
            self._follow = False
            self.follow_changed.emit(self._follow)

    def _on_current_changed(self, current: QModelIndex) -> None:
        self.current_changed.emit(current.row())

    def _scroll(self, position: int) -> None:
        self._scrolling = True
        self.verticalScrollBar().setValue(position)
        self._scrolling = False

    def _anchor(self) -> int:
        """Return the row that must not move: the one under the pointer, else the top one."""
        point = self.viewport().mapFromGlobal(QCursor.pos())
        inside = self.viewport().underMouse() and self.viewport().rect().contains(point)
        return (self.verticalScrollBar().value() + (point.y() if inside else 0)) // ROW_HEIGHT

    def _rows_above(self) -> int:
        return -(-self.verticalScrollBar().value() // ROW_HEIGHT)

    def _set_unseen(self, count: int) -> None:
        if count != self._unseen:
            self._unseen = count
            self.unseen_changed.emit(count)
