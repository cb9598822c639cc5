"""Cells in one of the palette's colours."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ibconsole.ui.theme import Theme


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
