"""A small mark that shows a state, next to a text that says the same."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import Indicator, Theme

_COLOURS = {
    Indicator.OK: Severity.OK,
    Indicator.BUSY: Severity.INFO,
    Indicator.OFF: Severity.MUTED,
    Indicator.WARNING: Severity.WARNING,
    Indicator.DANGER: Severity.DANGER,
}
_LINE = 3 / 16  # of the side: 1.5 pixels of the dot


class StateDot(QWidget):
    """A dot for an `Indicator`; the shapes differ as well as the colours."""

    SIDE = 10

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._indicator = Indicator.OFF
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def indicator(self) -> Indicator:
        """The state that is shown."""
        return self._indicator

    def show_state(self, indicator: Indicator, text: str) -> None:
        """Show a state; the text is its tooltip and its name for screen readers."""
        self._indicator = indicator
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    # Qt's side

    def sizeHint(self) -> QSize:
        return QSize(self.SIDE, self.SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.SIDE
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        area = QRectF(left + 1, top + 1, side - 2, side - 2)
        draw_state(painter, area, self._indicator, self._theme)


def draw_state(painter: QPainter, area: QRectF, indicator: Indicator, theme: Theme) -> None:
    """Draw the mark of a state into a square, by its shape and its colour."""
    colour = QColor(getattr(theme.colours, _COLOURS[indicator]))
    line = area.width() * _LINE
    ring = area.adjusted(line / 3, line / 3, -line / 3, -line / 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    match indicator:
        case Indicator.OFF:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, line))
            painter.drawEllipse(ring)
        case Indicator.BUSY:
            painter.drawPie(area, 90 * 16, -180 * 16)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, line))
            painter.drawEllipse(ring)
        case Indicator.WARNING:
            painter.drawPolygon(_polygon(area, 3))
        case Indicator.DANGER:
            painter.drawPolygon(_polygon(area, 4))
        case _:
            painter.drawEllipse(area)


def _polygon(area: QRectF, corners: int) -> QPolygonF:
    centre, radius = area.center(), area.width() / 2 + 0.5
    angles = (math.tau * corner / corners - math.pi / 2 for corner in range(corners))
    return QPolygonF(
        [
            QPointF(centre.x() + radius * math.cos(angle), centre.y() + radius * math.sin(angle))
            for angle in angles
        ]
    )
