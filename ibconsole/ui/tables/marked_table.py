"""Tables with marked rows: a background, a bar at the left edge, and the name in the tooltip."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView, QWidget

from ibconsole.ui.tables.extended_model import ExtendedFeedModel, RowMark
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.toolkit import ROW_HEIGHT, Colours, Theme, plain_tooltip

_BAR = 3  # pixels
# The strong variant of a colour, where it is not the field of the same name.
_STRONG = {"violet": "mark_violet", "neutral": "muted"}


def mark_colours(colours: Colours, mark: RowMark) -> tuple[QColor, QColor]:
    """Return the background of a marked row, on which every text is readable, and of its bar."""
    strong = _STRONG.get(mark.colour, mark.colour)
    return QColor(getattr(colours, f"{mark.colour}_soft")), QColor(getattr(colours, strong))


def paint_marked(
    table: QTableView,
    colours: Colours,
    mark_of: Callable[[int], RowMark | None],
    paint_cells: Callable[[], None],
) -> None:
    """Paint the cells of a table, with the marks of the rows in sight below and above them.

    Cells paint no background of their own unless they are selected: then the bar is left.
    """
    marked = [(top, mark_colours(colours, mark)) for top, mark in _marked_rows(table, mark_of)]
    if not marked:
        paint_cells()
        return
    painter = QPainter(table.viewport())
    for top, (soft, _) in marked:
        painter.fillRect(0, top, table.viewport().width(), ROW_HEIGHT, soft)
    painter.end()
    paint_cells()
    painter = QPainter(table.viewport())
    for top, (_, strong) in marked:
        painter.fillRect(0, top, _BAR, ROW_HEIGHT, strong)
    painter.end()


def _marked_rows(
    table: QTableView, mark_of: Callable[[int], RowMark | None]
) -> Iterator[tuple[int, RowMark]]:
    """Yield the top of each marked row in sight, and its mark."""
    first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
    end = table.model().rowCount() if last < 0 else last + 1
    for row in range(max(first, 0), end):
        if mark := mark_of(row):
            yield table.rowViewportPosition(row), mark


class MarkedTable(FeedTable):
    """The view of an ExtendedFeedModel, with the marks of its rows."""

    def __init__(
        self,
        theme: Theme,
        *,
        stretch: int,
        preferred_width: int,
        optional: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            stretch=stretch, preferred_width=preferred_width, optional=optional, parent=parent
        )
        self._theme = theme
        self._extended: ExtendedFeedModel[Any] | None = None

    def tooltip_of(self, index: QModelIndex) -> str:
        """Return the tooltip of a cell, and the name of the mark of its row."""
        tooltip, mark = super().tooltip_of(index), self._mark(index.row())
        if not mark:
            return tooltip
        return "\n".join(filter(None, (tooltip, plain_tooltip(f"Highlighted by: {mark.name}"))))

    def _mark(self, row: int) -> RowMark | None:
        return self._extended.mark(row) if self._extended and row >= 0 else None

    # Qt's side

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self._extended = model if isinstance(model, ExtendedFeedModel) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._extended and self._extended.has_marks:
            paint = super().paintEvent
            paint_marked(self, self._theme.colours, self._mark, lambda: paint(event))
        else:
            super().paintEvent(event)
