"""Cells in which the matches of a searched text are marked."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ibconsole.ui.tables.feed_model import FeedModel, HasId
from ibconsole.ui.toolkit import Spans, Theme, draw_marked, elide_matches, shown_matches

R = TypeVar("R", bound=HasId)

_MOST_ELIDED = 1000


class MarkedCells(QStyledItemDelegate, Generic[R]):
    """A delegate that marks the matches in a column.

    `source` returns the text of a record that was searched, `show` how a text is shown. Without a
    match a cell looks as without this delegate.
    """

    def __init__(
        self,
        model: FeedModel[R],
        theme: Theme,
        source: Callable[[R], str],
        show: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._source = source
        self._show = show
        self._elided: dict[tuple[str, int], tuple[str, Spans]] = {}
        self.wanted = ""

    def mark(self, wanted: str) -> None:
        """Mark the matches of this text from now on; an empty one has none."""
        self.wanted = wanted
        self._elided.clear()

    def matches(self, row: int) -> tuple[str, Spans]:
        """Return the text of a row as shown, and where its matches are."""
        record = self._model.record(row) if self.wanted else None
        return shown_matches(self._source(record), self.wanted, self._show) if record else ("", ())

    def _elide(
        self, text: str, spans: Spans, cell: QStyleOptionViewItem, width: int
    ) -> tuple[str, Spans]:
        """Elide a text, or return it as at the last repaint, since measuring takes most of one."""
        known = self._elided.get((text, width))
        if known is None:
            if len(self._elided) >= _MOST_ELIDED:
                self._elided.clear()
            known = elide_matches(text, spans, cell.fontMetrics, cell.textElideMode, width)
            self._elided[text, width] = known
        return known

    # Qt's side

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        text, spans = self.matches(index.row())
        if not spans:
            super().paint(painter, option, index)
            return
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        style = cell.widget.style()
        area = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, cell, cell.widget)
        cell.text = ""
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, cell.widget)
        # As the style does it for the texts of other cells.
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, cell, cell.widget) + 1
        area = area.adjusted(margin, 0, -margin, 0)
        shown = self._elide(text, spans, cell, area.width())
        selected = cell.state & QStyle.StateFlag.State_Selected
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.save()
        painter.setFont(cell.font)
        painter.setPen(cell.palette.color(role))
        draw_marked(painter, area, *shown, self._theme.colours)
        painter.restore()
