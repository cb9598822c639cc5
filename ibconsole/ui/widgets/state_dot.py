"""A state as a small mark, beside the words that say it."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ibconsole.ui.toolkit import Theme

_COLOURS = {
    "ok": "ok",
    "busy": "info",
    "off": "muted",
    "warning": "warning",
    "danger": "danger",
}


class StateDot(QWidget):
    """Shows ok, busy, off, warning or danger; the shapes differ as well as the colours."""

    SIDE = 10

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = "off"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def kind(self) -> str:
        """What is shown."""
        return self._kind

    def show_state(self, kind: str, words: str) -> None:
        """Show a state; the words are for the tooltip and for those who cannot see it."""
        self._kind = kind
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    # Qt's side

    def sizeHint(self) -> QSize:
        return QSize(self.SIDE, self.SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(getattr(self._theme.colours, _COLOURS[self._kind]))
        side = self.SIDE
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        area = QRectF(left + 1, top + 1, side - 2, side - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        match self._kind:
            case "off":
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, 1.5))
                painter.drawEllipse(area.adjusted(0.5, 0.5, -0.5, -0.5))
            case "busy":
                painter.drawPie(area, 90 * 16, -180 * 16)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, 1.5))
                painter.drawEllipse(area.adjusted(0.5, 0.5, -0.5, -0.5))
            case "warning":
                painter.drawPolygon(_polygon(area, 3))
            case "danger":
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
