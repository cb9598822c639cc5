"""Painting of one line of text with its matches marked."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QTextCharFormat, QTextLayout, QTextOption

from ibconsole.ui.toolkit.matches import Spans
from ibconsole.ui.toolkit.theme import Colours


@lru_cache(maxsize=4)
def match_format(colours: Colours) -> QTextCharFormat:
    """Return the format of a match: a background, and a line for those who see no colours."""
    result = QTextCharFormat()
    result.setBackground(QBrush(QColor(colours.match)))
    result.setForeground(QBrush(QColor(colours.on_match)))
    result.setFontUnderline(True)
    return result


def utf16_length(text: str) -> int:
    """Return the number of places that a text takes in Qt, where an emoji takes two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def draw_marked(painter: QPainter, area: QRect, text: str, spans: Spans, colours: Colours) -> None:
    """Draw a line of text in the painter's font and pen, the matches marked, in an area."""
    layout = QTextLayout(text, painter.font())
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)  # as of all cells, for any script
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(area.width())
    layout.endLayout()
    top = area.top() + (area.height() - line.height()) / 2
    formats = []
    for start, end in spans:
        one = QTextLayout.FormatRange()
        one.start = utf16_length(text[:start])
        one.length = utf16_length(text[start:end])
        one.format = match_format(colours)
        formats.append(one)
    layout.draw(painter, QPointF(area.left(), top), formats)
