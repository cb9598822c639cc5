"""Matches are painted on their background, and the rest as it is."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from ibconsole.ui.toolkit.marking import draw_marked, utf16_length
from ibconsole.ui.toolkit.theme import LIGHT, base_font


def test_places_in_qt() -> None:
    """Qt counts an emoji as two, and half of one as one."""
    assert [utf16_length(text) for text in ("abc", "日本", "\U0001f642x", "\ud83d")] == [3, 2, 3, 1]


def test_background_of_a_match(qapp: QApplication) -> None:
    """The background of a match is where the match is, also after an emoji."""
    image = QImage(200, 26, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.surface))
    painter = QPainter(image)
    painter.setFont(base_font())
    text = "\U0001f642 and then order"
    draw_marked(painter, QRect(0, 0, 200, 26), text, [(11, 16)], LIGHT)
    metrics = painter.fontMetrics()
    left, right = metrics.horizontalAdvance(text[:11]), metrics.horizontalAdvance(text)
    painter.end()
    marked = [x for x in range(200) if image.pixelColor(x, 8) == QColor(LIGHT.match)]

    assert abs(marked[0] - left) <= 2
    assert abs(marked[-1] - right) <= 2
