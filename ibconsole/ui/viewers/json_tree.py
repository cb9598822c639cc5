"""JSON as a tree, from which paths and values can be copied."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QMenu, QTreeView, QWidget

from ibconsole.ui.toolkit import copy_to_clipboard
from ibconsole.ui.viewers.json_tree_model import JsonTreeModel

_EXPANDED_LEVELS = 2  # that are expanded at first
_NAMES_WIDTH = 180
_MAX_EXPANDED = 50  # members; an object or array with more is not expanded at first


class JsonTree(QTreeView):
    """A tree view: Ctrl+C copies a value, Ctrl+Shift+C its path, as does the context menu.

    While `offers_column` is true, `column_requested` carries the path of a value that is to be a
    column of the list of messages.
    """

    column_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = JsonTreeModel(self)
        self.setModel(self.tree)
        self.offers_column = False
        self.setAccessibleName("JSON as a tree")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setColumnWidth(0, _NAMES_WIDTH)
        self.customContextMenuRequested.connect(self._on_menu_requested)

    def show_body(self, body: bytes) -> bool:
        """Show a body with its first levels expanded; return whether it can be shown as a tree."""
        is_tree = self.tree.show(body)
        self._expand(QModelIndex(), _EXPANDED_LEVELS)
        return is_tree

    def copy_path(self) -> None:
        """Copy the path of the current value."""
        if self.currentIndex().isValid():
            copy_to_clipboard(self.tree.path(self.currentIndex()))

    def copy_value(self) -> None:
        """Copy the current value."""
        if self.currentIndex().isValid():
            copy_to_clipboard(self.tree.value(self.currentIndex()))

    def _expand(self, parent: QModelIndex, levels: int) -> None:
        if self.tree.canFetchMore(parent):
            self.tree.fetchMore(parent)
        count = self.tree.rowCount(parent)
        if not levels or count > _MAX_EXPANDED:
            return
        for row in range(count):
            child = self.tree.index(row, 0, parent)
            if self.tree.hasChildren(child):
                self._expand(child, levels - 1)
                self.expand(child)

    def _on_menu_requested(self, point: QPoint) -> None:
        if not self.indexAt(point).isValid():
            return
        menu = self.menu()
        menu.popup(self.viewport().mapToGlobal(point))

    def menu(self) -> QMenu:
        """Return the context menu of the current value."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy path\tCtrl+Shift+C", self.copy_path)
        menu.addAction("Copy value\tCtrl+C", self.copy_value)
        if self.offers_column and self.currentIndex().isValid():
            menu.addSeparator()
            path = self.tree.path(self.currentIndex())
            menu.addAction("Add as column…", lambda: self.column_requested.emit(path))
        return menu

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_value()
        elif event.keyCombination() == QKeySequence("Ctrl+Shift+C")[0]:
            self.copy_path()
        else:
            super().keyPressEvent(event)
