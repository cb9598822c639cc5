"""The table of a case's items in the user's order, which keys and the mouse change."""

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import (
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ibconsole.services.evidence.cases import CaseItem, NoteContent
from ibconsole.ui.evidence.item_details import comment_of
from ibconsole.ui.tables import OrderedModel, OrderedTable
from ibconsole.ui.toolkit import TimeDisplay, times

Index = QModelIndex | QPersistentModelIndex

_HEADERS = ("Item", "Comment", "Pinned")
_TITLE, _COMMENT, _ADDED = range(len(_HEADERS))
_WIDTHS = (0, 170, 132)
_TITLE_WIDTH = 220
_DRAGGED = "application/x-ibconsole-case-item"


class CaseItemsModel(OrderedModel[CaseItem]):
    """The items in order. `dropped` carries the row that is dragged, and the row before which."""

    dropped = Signal(int, int)

    def __init__(self, time_display: TimeDisplay, parent: QObject | None = None) -> None:
        super().__init__(_HEADERS, parent)
        self._time_display = time_display
        self.rowsMoved.connect(self._on_moved)

    def show_items(self, items: Sequence[CaseItem]) -> None:
        """Show these items; without a reset if they are the same ones in the same order."""
        if [one.id for one in items] != [one.id for one in self.rows]:
            self.show_rows(items)
        else:
            self.rows = list(items)
            self.refresh()

    def text(self, row: int, column: int) -> str:
        item = self.rows[row]
        if column == _TITLE:
            return f"{row + 1:,}. {item.title}"
        if column == _COMMENT:
            return comment_of(item)
        return times.second(item.added_at, self._time_display.zone)

    def _on_moved(self) -> None:
        self.refresh()  # the numbers

    # Qt's side

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled  # between the rows, never on one
        return flag.ItemIsSelectable | flag.ItemIsEnabled | flag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_DRAGGED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(_DRAGGED, QByteArray(str(indexes[0].row()).encode()))
        return data

    def dropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, _parent: Index
    ) -> bool:
        text = data.data(_DRAGGED).toStdString()
        if text.isdecimal() and int(text) < len(self.rows):
            self.dropped.emit(int(text), row if row >= 0 else len(self.rows))
        return False  # so that the view removes nothing: the row was moved


class CaseItemsTable(OrderedTable):
    """The items, of which one is selected.

    `item_selected` carries a CaseItem or None, `moved` the id of an item and its new place,
    `removal_requested` and `comment_requested` are about the selected one: Alt+Up and Alt+Down
    move it, Delete removes it, and F2 or Enter asks for its comment.
    """

    item_selected = Signal(object)
    moved = Signal(str, int)
    comment_requested = Signal()

    def __init__(self, time_display: TimeDisplay, parent: QWidget | None = None) -> None:
        super().__init__(
            stretch=_TITLE,
            preferred_width=_TITLE_WIDTH,
            minimum_width=60,
            optional=(_ADDED,),
            parent=parent,
        )
        self.items_model = CaseItemsModel(time_display, self)
        self.setModel(self.items_model)
        self.setAccessibleName("Items of the case")
        self.set_widths(*_WIDTHS)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self.move_requested.connect(self.move_selected)
        self.items_model.dropped.connect(self._on_dropped)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self._selected_id = ""
        self._updating = False
        time_display.changed.connect(self._on_times_changed)

    @property
    def item(self) -> CaseItem | None:
        """The selected item."""
        return self.items_model.rows[self.row] if self.row >= 0 else None

    def show_items(self, items: Sequence[CaseItem], *, select: str = "") -> None:
        """Show these items; the selected one stays selected, else a neighbour, or `select`."""
        row, wanted = self.row, select or self._selected_id
        self._updating = True
        self.items_model.show_rows(items)
        ids = [one.id for one in items]
        place = ids.index(wanted) if wanted in ids else min(max(row, 0), len(ids) - 1)
        if place >= 0:
            self.selectRow(place)
        self._updating = False
        self._announce()

    def replace_item(self, item: CaseItem, comment: str) -> None:
        """Show the comment of an item, or the text of a note, as it is being written."""
        items = tuple(
            one if one.id != item.id else with_comment(one, comment)
            for one in self.items_model.rows
        )
        self.items_model.show_rows(items)

    def move_selected(self, step: int) -> None:
        """Move the selected item up (-1) or down (1)."""
        if self.row >= 0:
            self._move(self.row, self.row + step)

    def _move(self, row: int, place: int) -> None:
        item = self.items_model.rows[row]
        self._updating = True
        is_moved = self.items_model.move(row, place)
        if is_moved:
            self.items_model.refresh()  # the numbers
            self.selectRow(place)
        self._updating = False
        if is_moved:
            self._announce()
            self.moved.emit(item.id, place)

    def _announce(self) -> None:
        item = self.item
        self._selected_id = item.id if item else ""
        self.item_selected.emit(item)

    def _on_current_changed(self) -> None:
        if not self._updating:
            self._announce()

    def _on_dropped(self, row: int, before: int) -> None:
        self._move(row, before - (1 if before > row else 0))

    def _on_times_changed(self) -> None:
        self.items_model.refresh()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.item:
            self.comment_requested.emit()
        else:
            super().keyPressEvent(event)


def with_comment(item: CaseItem, text: str) -> CaseItem:
    """Return an item with another comment, or a note with another text."""
    if isinstance(item.content, NoteContent):
        return replace(item, content=NoteContent(text=text))
    return replace(item, comment=text)
