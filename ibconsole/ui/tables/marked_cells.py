"""Cells in which the matches of a searched text are marked."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from ibconsole.ui.tables.feed_model import FeedModel
from ibconsole.ui.tables.late_records import Identified
from ibconsole.ui.tables.text_cells import TextCells
from ibconsole.ui.toolkit import Spans, Theme, draw_marked, elide_matches, shown_matches

R = TypeVar("R", bound=Identified)

_MOST_ELIDED = 1000


class MarkedCells(TextCells, Generic[R]):
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
        self._marked: dict[tuple[str, int], tuple[str, Spans]] = {}
        self.wanted = ""

    def mark(self, wanted: str) -> None:
        """Mark the matches of this text from now on; an empty one has none."""
        self.wanted = wanted
        self._marked.clear()

    def matches(self, row: int) -> tuple[str, Spans]:
        """Return the text of a row as shown, and where its matches are."""
        record = self._model.record(row) if self.wanted else None
        return shown_matches(self._source(record), self.wanted, self._show) if record else ("", ())

    def _elide_matches(
        self, text: str, spans: Spans, cell: QStyleOptionViewItem, width: int
    ) -> tuple[str, Spans]:
        """Elide a text, or return it as at the last repaint, since measuring takes most of one."""
        known = self._marked.get((text, width))
        if known is None:
            if len(self._marked) >= _MOST_ELIDED:
                self._marked.clear()
            known = elide_matches(text, spans, cell.fontMetrics, cell.textElideMode, width)
            self._marked[text, width] = known
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
        self.paint_background(painter, option, index)
        area = self.text_area(option, index)
        shown = self._elide_matches(text, spans, option, area.width())
        painter.save()
        painter.setFont(option.font)
        painter.setPen(self.colour(option, index))
        draw_marked(painter, area, *shown, self._theme.colours)
        painter.restore()
