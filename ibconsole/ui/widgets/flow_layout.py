"""A row of widgets that goes on in a further row where it has too little width."""

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem

from ibconsole.ui.toolkit import SPACE


class FlowLayout(QLayout):
    """Places the visible widgets at their preferred sizes, in rows from the left or centred."""

    def __init__(self, spacing: int = 2 * SPACE, *, centred: bool = False) -> None:
        super().__init__()
        self._centred = centred
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    # Qt's side

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        heights = [_height_of(row) for row in self._rows(width)]
        return sum(heights) + self.spacing() * max(len(heights) - 1, 0)

    def sizeHint(self) -> QSize:
        row = [item for item in self._items if not item.isEmpty()]
        return QSize(self._width_of(row), _height_of(row))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        top = area.top()
        for row in self._rows(area.width()):
            spare = max(area.width() - self._width_of(row), 0)
            left = area.left() + (spare // 2 if self._centred else 0)
            for item in row:
                size = item.sizeHint().boundedTo(QSize(area.width(), area.height()))
                item.setGeometry(QRect(QPoint(left, top), size))
                left += size.width() + self.spacing()
            top += _height_of(row) + self.spacing()

    def _rows(self, width: int) -> Iterator[list[QLayoutItem]]:
        row: list[QLayoutItem] = []
        for item in self._items:
            if item.isEmpty():
                continue
            if row and self._width_of([*row, item]) > width:
                yield row
                row = []
            row.append(item)
        if row:
            yield row

    def _width_of(self, row: list[QLayoutItem]) -> int:
        gaps = self.spacing() * max(len(row) - 1, 0)
        return sum(item.sizeHint().width() for item in row) + gaps


def _height_of(row: list[QLayoutItem]) -> int:
    return max((item.sizeHint().height() for item in row), default=0)
