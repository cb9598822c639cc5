"""The base class of all tables: appearance, keyboard, context menu, tooltips and copying."""

from collections.abc import Sequence
from itertools import chain, islice

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QTableView,
    QToolTip,
    QWidget,
)

from ibconsole.plural import counted
from ibconsole.ui.tables.columns import Columns
from ibconsole.ui.tables.slices import Slices, Steps
from ibconsole.ui.tables.text_cells import TextCells
from ibconsole.ui.toolkit import ROW_HEIGHT, copy_to_clipboard, plain_tooltip

MAX_COPIED = 1000  # rows of which a copy is ready before the user can paste it
_COPIED_AT_ONCE = 8
_MEASURE_MS = 50


class RowTable(QTableView):
    """A table of whole rows of equal height, which can be copied; for the columns, see `Columns`.

    Commands that were added to the table are the first entries of its context menu, which the
    Menu key opens at the current row. A cell has a tooltip if the tooltip says more than the
    cell, or if the cell is elided.
    """

    def __init__(
        self,
        *,
        stretch: int,
        preferred_width: int,
        minimum_width: int,
        optional: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = Columns(
            self,
            stretch=stretch,
            preferred_width=preferred_width,
            minimum_width=minimum_width,
            optional=optional,
        )
        self._measuring = QTimer(self, singleShot=True, interval=_MEASURE_MS)
        self._measuring.timeout.connect(self.columns.measure)
        self.setItemDelegate(TextCells(self))
        self._copying = Slices(self)
        self._set_up()
        self.customContextMenuRequested.connect(self._on_context_menu_requested)

    def set_widths(self, *widths: int, by_content: bool = False) -> None:
        """Set the default width of each column; see `Columns.set_widths`."""
        self.columns.set_widths(*widths, by_content=by_content)

    def reset(self) -> None:
        super().reset()
        # Else Qt makes the first row current with the focus, without selecting it: it would be
        # shown in detail as if it were, and the arrow key would pass it over.
        self.setCurrentIndex(QModelIndex())

    def selected_runs(self) -> list[range]:
        """Return the runs of selected rows from top to bottom, also of a million at once."""
        selection = self.selectionModel().selection()
        ranges = (selection.at(number) for number in range(selection.count()))
        return sorted(
            (range(one.top(), one.bottom() + 1) for one in ranges), key=lambda run: run.start
        )

    def copy_row(self) -> None:
        """Copy the selected rows as shown: one line each, cells separated by tabs.

        At most MAX_COPIED of them; a last line says how many more are selected. Of many rows the
        clipboard has the text a moment later: to read and format 1,000 takes 0.1 s.
        """
        runs = self.selected_runs()
        rows = islice(chain.from_iterable(runs), MAX_COPIED)
        # They stay those that were selected, whatever is inserted meanwhile.
        indexes = [QPersistentModelIndex(self.model().index(row, 0)) for row in rows]
        if indexes:
            self._copying.run(self._copy(indexes, sum(map(len, runs)) - len(indexes)))

    def fill_menu(self, menu: QMenu, _index: QModelIndex) -> None:
        """Add the entries for a row to its context menu."""
        menu.addActions(self.actions())
        menu.addSeparator()
        copy_key = QKeySequence(QKeySequence.StandardKey.Copy)
        if copy_key not in [action.shortcut() for action in self.actions()]:
            several = sum(map(len, self.selected_runs())) > 1
            keys = copy_key.toString(QKeySequence.SequenceFormat.NativeText)
            menu.addAction(f"Copy {'rows' if several else 'row'}\t{keys}", self.copy_row)

    def tooltip_of(self, index: QModelIndex) -> str:
        """Return the tooltip of a cell; empty if it would only repeat a cell that is not elided."""
        if not index.isValid():
            return ""
        full_text = plain_tooltip(str(index.data() or ""))
        tooltip = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        if tooltip and tooltip != full_text:
            return tooltip
        elided = self.sizeHintForIndex(index).width() > self.visualRect(index).width()
        return full_text if elided else ""

    def _on_rows_changed(self) -> None:
        # Not restarted: under a stream of new rows it would never end.
        if self.isVisible() and not self._measuring.isActive():
            self._measuring.start()

    def _copy(self, rows: Sequence[QPersistentModelIndex], more: int) -> Steps[None]:
        lines = []
        for number, row in enumerate(rows):
            if number % _COPIED_AT_ONCE == _COPIED_AT_ONCE - 1:
                yield
            if row.isValid():
                lines.append(self._row_text(QModelIndex(row)))
        if more:
            lines.append(f"({counted(more, 'more row')} not copied)")
        copy_to_clipboard("\n".join(lines))

    def _row_text(self, row: QModelIndex) -> str:
        cells = (row.siblingAtColumn(column).data() for column in self.columns.visible)
        return "\t".join(str(cell or "") for cell in cells)

    def _on_context_menu_requested(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        index = self.indexAt(point)
        if index.isValid():
            self.fill_menu(menu, index)
            menu.addSeparator()
        # The header has this menu too, but the keyboard does not reach it.
        self.columns.fill_menu(menu.addMenu("Columns"))
        menu.popup(self.viewport().mapToGlobal(point))

    def _open_menu_by_key(self) -> None:
        current = self.currentIndex()
        if current.isValid():
            self.scrollTo(current)
        point = self.visualRect(current).center() if current.isValid() else QPoint()
        self._on_context_menu_requested(point)

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
        # Home and End go to the first and the last row, since the current cell has no meaning.
        actions = QAbstractItemView.CursorAction
        rows = self.model().rowCount()
        if not rows or action not in {actions.MoveHome, actions.MoveEnd}:
            return super().moveCursor(action, modifiers)
        row = 0 if action == actions.MoveHome else rows - 1
        return self.model().index(row, max(self.currentIndex().column(), 0))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model:
            for changed in (model.modelReset, model.rowsInserted, model.layoutChanged):
                changed.connect(self._on_rows_changed)
            model.dataChanged.connect(self._on_rows_changed)
            model.modelAboutToBeReset.connect(self._copying.finish)

    def setSelectionModel(self, model: QItemSelectionModel) -> None:
        super().setSelectionModel(model)
        # To paint the header, Qt would ask for the flags of each selected row in each column:
        # 50 s for a million rows. The header shows no selection.
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(model.model(), header))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.columns.measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_row()
        else:
            super().keyPressEvent(event)

    def _set_up(self) -> None:
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
