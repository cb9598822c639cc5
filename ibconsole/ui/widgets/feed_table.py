"""A table whose new rows come in on top without moving what the user looks at."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from ibconsole.ui.theme import ROW_HEIGHT

_NARROWEST = 120


class FeedTable(QTableView):
    """Stays where the user scrolled, or shows the newest row always while it follows.

    One column is elastic: it takes the width that the others leave.
    """

    follow_changed = Signal(bool)
    unseen_changed = Signal(int)
    current_changed = Signal(int)

    def __init__(self, *, elastic: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._elastic = elastic
        self._follow = False
        self._unseen = 0
        self._moving = False
        self._set_up()
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalHeader().sectionResized.connect(self._on_section_resized)

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

    def set_widths(self, *widths: int) -> None:
        """Give each column its width; that of the elastic one does not matter."""
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        self._stretch()

    def copy(self) -> None:
        """Put the selected rows into the clipboard, a line each, cells separated by tabs."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText("\n".join(map(self._line, rows)))

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stretch()

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        copy = QAction("Copy", self, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setFixedHeight(ROW_HEIGHT)
        columns.setMinimumSectionSize(32)

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        if self._follow or self.model().rowCount() == count:
            self.show_newest()
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

    def _on_section_resized(self, column: int) -> None:
        if column != self._elastic:
            self._stretch()

    def _scroll(self, position: int) -> None:
        self._moving = True
        self.verticalScrollBar().setValue(position)
        self._moving = False

    def _above(self) -> int:
        return -(-self.verticalScrollBar().value() // ROW_HEIGHT)

    def _count_unseen(self, count: int) -> None:
        if count != self._unseen:
            self._unseen = count
            self.unseen_changed.emit(count)

    def _stretch(self) -> None:
        if not self.model() or self._elastic >= self.model().columnCount():
            return
        others = sum(
            self.columnWidth(column)
            for column in range(self.model().columnCount())
            if column != self._elastic and not self.isColumnHidden(column)
        )
        self.setColumnWidth(self._elastic, max(self.viewport().width() - others, _NARROWEST))

    def _line(self, row: int) -> str:
        columns = range(self.model().columnCount())
        cells = (self.model().index(row, column).data() for column in columns)
        return "\t".join(str(cell or "") for cell in cells)
