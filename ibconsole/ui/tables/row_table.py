"""The look and the manners that all tables have in common."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from ibconsole.ui.tables.columns import Columns
from ibconsole.ui.toolkit import ROW_HEIGHT, Theme, copy, plain_tooltip


class TintedCells(QStyledItemDelegate):
    """For columns of lesser or of greater weight: muted, warning, danger and so on."""

    def __init__(self, theme: Theme, role: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role

    # Qt's side

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        colour = QColor(getattr(self._theme.colours, self._role))
        for name in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
            option.palette.setColor(name, colour)


class RowTable(QTableView):
    """Whole rows of one height; they can be copied, and the columns arranged (see `Columns`).

    Commands that reach the table stand at the top of its context menu, which the Menu key
    opens at the current row. A tooltip tells what the cell does not, or what is elided.
    """

    def __init__(
        self,
        *,
        elastic: int,
        least: int,
        floor: int,
        yielding: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = Columns(self, elastic=elastic, least=least, floor=floor, yielding=yielding)
        self._look()
        self.customContextMenuRequested.connect(self._on_context_menu_requested)

    def set_widths(self, *widths: int) -> None:
        """Give each column its width; that of the elastic one does not matter."""
        self.columns.set_widths(*widths)

    def copy_row(self) -> None:
        """Put the selected rows into the clipboard as shown: a line each, cells parted by tabs."""
        rows = sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)
        if rows:
            copy("\n".join(map(self._line, rows)))

    def offer(self, menu: QMenu, _index: QModelIndex) -> None:
        """Add what can be done with a row to its context menu."""
        menu.addActions(self.actions())
        menu.addSeparator()
        copies = QKeySequence(QKeySequence.StandardKey.Copy)
        if copies not in [action.shortcut() for action in self.actions()]:
            many = len(self.selectionModel().selectedRows()) > 1
            menu.addAction("Copy rows" if many else "Copy row", self.copy_row)

    def tooltip_of(self, index: QModelIndex) -> str:
        """What the tooltip of a cell says; empty if the cell says it all."""
        if not index.isValid():
            return ""
        whole = plain_tooltip(str(index.data() or ""))
        told = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        if told and told != whole:
            return told
        elided = self.sizeHintForIndex(index).width() > self.visualRect(index).width()
        return whole if elided else ""

    def _line(self, row: QModelIndex) -> str:
        cells = (row.siblingAtColumn(column).data() for column in self.columns.visible)
        return "\t".join(str(cell or "") for cell in cells)

    def _on_context_menu_requested(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        index = self.indexAt(place)
        if index.isValid():
            self.offer(menu, index)
            menu.addSeparator()
        # For those who cannot reach the header, which only a mouse can.
        self.columns.fill(menu.addMenu("Columns"))
        menu.popup(self.viewport().mapToGlobal(place))

    def _open_menu_by_key(self) -> None:
        current = self.currentIndex()
        if current.isValid():
            self.scrollTo(current)
        place = self.visualRect(current).center() if current.isValid() else QPoint()
        self._on_context_menu_requested(place)

    # Qt's side

    def event(self, event: QEvent) -> bool:
        by_key = (
            isinstance(event, QContextMenuEvent)
            and event.reason() == QContextMenuEvent.Reason.Keyboard
        )
        if not by_key:
            return super().event(event)
        self._open_menu_by_key()
        event.accept()
        return True

    def viewportEvent(self, event: QEvent) -> bool:
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return super().viewportEvent(event)
        index = self.indexAt(event.pos())
        area = self.visualRect(index)
        QToolTip.showText(event.globalPos(), self.tooltip_of(index), self.viewport(), area)
        return True

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        # To the first and the last row: the cells of a row are not gone to one by one.
        actions = QAbstractItemView.CursorAction
        rows = self.model().rowCount()
        if not rows or action not in {actions.MoveHome, actions.MoveEnd}:
            return super().moveCursor(action, modifiers)
        row = 0 if action == actions.MoveHome else rows - 1
        return self.model().index(row, max(self.currentIndex().column(), 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_row()
        else:
            super().keyPressEvent(event)

    def _look(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setFixedHeight(ROW_HEIGHT)
