"""A table whose new rows come in on top without moving what the user looks at."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit import ROW_HEIGHT

_FLOOR = 120


class FeedTable(RowTable):
    """Stays where the user scrolled, or shows the newest row always while it follows.

    One column is elastic: it takes the width that the others leave. The `yielding` ones
    hide, the first of them first, where it would get less than `least` pixels.
    """

    follow_changed = Signal(bool)
    unseen_changed = Signal(int)
    current_changed = Signal(int)

    def __init__(
        self,
        *,
        elastic: int,
        least: int = _FLOOR,
        yielding: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            elastic=elastic, least=least, floor=_FLOOR, yielding=yielding, parent=parent
        )
        self._follow = False
        self._unseen = 0
        self._moving = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def follow(self) -> bool:
        """Whether the newest row is kept in sight."""
        return self._follow

    def set_follow(self, follow: bool) -> None:
        """Keep the newest row in sight, or the scroll position."""
        if follow:
            self.show_newest()
        if follow != self._follow:
            self._follow = follow
            self.follow_changed.emit(follow)

    def show_newest(self) -> None:
        """Go to the top."""
        self._scroll(0)
        self._count_unseen(0)

    # Qt's side

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if not model:
            return
        # After the view's own connections, so that it knows of the new rows already.
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
        self._count_unseen(min(self._unseen + count, self._above()))

    def _on_model_reset(self) -> None:
        self._count_unseen(0)
        self.current_changed.emit(-1)

    def _on_scrolled(self) -> None:
        if self._moving:
            return
        self._count_unseen(min(self._unseen, self._above()))
        if self._follow and self._above():
            # Who scrolls away wants to read on, not to be taken back by the next arrival.
            self._follow = False
            self.follow_changed.emit(self._follow)

    def _on_current_changed(self, current: QModelIndex) -> None:
        self.current_changed.emit(current.row())

    def _scroll(self, position: int) -> None:
        self._moving = True
        self.verticalScrollBar().setValue(position)
        self._moving = False

    def _anchor(self) -> int:
        """The row that is not to move: the one under the pointer, or else the one on top."""
        place = self.viewport().mapFromGlobal(QCursor.pos())
        inside = self.viewport().underMouse() and self.viewport().rect().contains(place)
        return (self.verticalScrollBar().value() + (place.y() if inside else 0)) // ROW_HEIGHT

    def _above(self) -> int:
        return -(-self.verticalScrollBar().value() // ROW_HEIGHT)

    def _count_unseen(self, count: int) -> None:
        if count != self._unseen:
            self._unseen = count
            self.unseen_changed.emit(count)
