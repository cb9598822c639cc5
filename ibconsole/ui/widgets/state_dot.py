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
        colour = QColor(getattr(self._theme.colours, _COLOURS[self._indicator]))
        side = self.SIDE
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        area = QRectF(left + 1, top + 1, side - 2, side - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        match self._indicator:
            case Indicator.OFF:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, 1.5))
                painter.drawEllipse(area.adjusted(0.5, 0.5, -0.5, -0.5))
            case Indicator.BUSY:
                painter.drawPie(area, 90 * 16, -180 * 16)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, 1.5))
                painter.drawEllipse(area.adjusted(0.5, 0.5, -0.5, -0.5))
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
