"""Painting of a timeline: bars of messages by way, lanes of marks, and the time axis.

What is painted is bounded by the pixels: bars and marks were put together before.
"""

from collections.abc import Sequence
from itertools import zip_longest
from math import ceil, log10

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
)

from ibconsole.ui.timeline.hour_bars import Bar
from ibconsole.ui.timeline.marks import LANES, Mark, Shape
from ibconsole.ui.timeline.time_axis import Tick, TimeAxis
from ibconsole.ui.toolkit import SPACE, Theme

_LANE_HEIGHT, _LEAST_LANE_HEIGHT = 20.0, 13.0
LEGEND_HEIGHT = 20.0
AXIS_HEIGHT = 20.0
LEFT, RIGHT = 112.0, 14.0
LEAST_BARS_HEIGHT = 40.0
_RADIUS, _MIDDLE = 5.0, 8.0  # of a mark, and of the picture of one
_ROOM_FOR_COUNT = 22.0
_COLOURS = {
    Shape.HERE: "accent",
    Shape.ELSEWHERE: "warning",
    Shape.UNKNOWN: "muted",
    Shape.ACT: "accent",
    Shape.FAILED: "danger",
    Shape.PASSED: "ok",
    Shape.MESSAGE: "text",
    Shape.GAP: "warning",
}


class ChartLayout(msgspec.Struct, frozen=True):
    """The places of the parts of a chart of this size."""

    width: float
    height: float

    @property
    def bars(self) -> QRectF:
        """The area of the bars."""
        lanes = self.lane_height * len(LANES)
        height = self.height - LEGEND_HEIGHT - lanes - AXIS_HEIGHT
        return QRectF(LEFT, LEGEND_HEIGHT, self.plot_width, max(height, LEAST_BARS_HEIGHT))

    @property
    def lane_height(self) -> float:
        """The height of a lane, which is lower where there is little room."""
        room = self.height - LEGEND_HEIGHT - LEAST_BARS_HEIGHT - AXIS_HEIGHT
        return float(min(max(room // len(LANES), _LEAST_LANE_HEIGHT), _LANE_HEIGHT))

    @property
    def plot_width(self) -> float:
        """The width of the axis in pixels."""
        return max(self.width - LEFT - RIGHT, 1.0)

    def lane(self, number: int) -> QRectF:
        """Return the area of a lane."""
        top = self.bars.bottom() + number * self.lane_height
        return QRectF(LEFT, top, self.plot_width, self.lane_height)

    @property
    def axis_top(self) -> float:
        """The upper edge of the labels of the axis."""
        return self.bars.bottom() + len(LANES) * self.lane_height


class Picture(msgspec.Struct, frozen=True):
    """All that is painted of the data; `highest` is the value at the top of the bars."""

    layout: ChartLayout
    axis: TimeAxis
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    ticks: Sequence[Tick]
    legend: tuple[str, str, str]
    scale: float = 1.0  # of the screen
    recorded_from: int | None = None
    worked_at: int | None = None

    @property
    def highest(self) -> int:
        """The value at the upper edge: a round number that no bar exceeds."""
        return round_up(max((bar.total for bar in self.bars), default=0))


class Highlights(msgspec.Struct, frozen=True):
    """The selected and the current mark, and the range that is being dragged."""

    selected: frozenset[str] = frozenset()
    current: Mark | None = None
    dragged: tuple[float, float] | None = None
    focused: bool = False


def round_up(number: int) -> int:
    """Return the next number with one digit before its zeros, or 15 before them; at least 2."""
    if number <= 2:
        return 2
    power: int = 10 ** int(log10(number))
    tops = (power, power * 15 // 10, *(step * power for step in range(2, 11)))
    return next(top for top in tops if top >= number)


class ChartPainter:
    """Paints pictures in the colours of the theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._sprites: dict[tuple[Shape, bool, float], QPixmap] = {}
        self._parsed: dict[str, QColor] = {}

    def paint(self, painter: QPainter, picture: Picture, highlights: Highlights) -> None:
        """Paint the whole chart."""
        font = QFont(painter.font())
        font.setPixelSize(11)
        painter.setFont(font)
        self._grid(painter, picture)
        self._bars(painter, picture)
        self._lines(painter, picture, highlights)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._marks(painter, picture)
        self._highlight(painter, picture, highlights)

    def _colour(self, role: str) -> QColor:
        text = getattr(self._theme.colours, role)
        if text not in self._parsed:
            self._parsed[text] = QColor(text)
        return self._parsed[text]

    def _grid(self, painter: QPainter, picture: Picture) -> None:
        layout, area = picture.layout, picture.layout.bars
        border, muted = self._colour("border"), self._colour("muted")
        metrics = QFontMetricsF(painter.font())
        self._legend(painter, picture, metrics)
        painter.setPen(QPen(border, 1))
        for tick in picture.ticks:
            x = round(picture.axis.x_of(tick.at)) + 0.5
            painter.drawLine(QPointF(x, area.top()), QPointF(x, layout.axis_top + 3))
        for number in range(len(LANES) + 1):
            y = round(area.bottom() + number * layout.lane_height) + 0.5
            painter.drawLine(QPointF(0, y), QPointF(area.right(), y))
        painter.setPen(self._colour("text"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number, name in enumerate(LANES):
            lane = layout.lane(number)
            label = QRectF(0, lane.top(), LEFT - 2 * SPACE, lane.height())
            painter.drawText(label, int(right), name)
        painter.setPen(muted)
        half = metrics.height() / 2
        for value, y in ((picture.highest, area.top() + half), (0, area.bottom() - half)):
            label = QRectF(0, y - half, LEFT - 2 * SPACE, 2 * half)
            painter.drawText(label, int(right), f"{value:,}")
        self._tick_labels(painter, picture, metrics)

    def _legend(self, painter: QPainter, picture: Picture, metrics: QFontMetricsF) -> None:
        pulled, forwarded, length = picture.legend
        x, middle = LEFT, LEGEND_HEIGHT / 2
        for number, text in enumerate((pulled, forwarded)):
            swatch = [QRectF(x, middle - 5, 14, 10)]
            self._fill_bars(painter, () if number else swatch, swatch if number else ())
            x = self._legend_text(painter, text, x + 18, picture, metrics) + 4 * SPACE
        self._legend_text(painter, length, x, picture, metrics)

    def _legend_text(
        self, painter: QPainter, text: str, x: float, picture: Picture, metrics: QFontMetricsF
    ) -> float:
        room = max(picture.layout.width - x - RIGHT, 0)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.setPen(self._colour("muted"))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        width = metrics.horizontalAdvance(shown)
        painter.drawText(QRectF(x, 0, width + 1, LEGEND_HEIGHT), flags, shown)
        return x + width

    def _tick_labels(self, painter: QPainter, picture: Picture, metrics: QFontMetricsF) -> None:
        free = 0.0
        for tick in picture.ticks:
            width = metrics.horizontalAdvance(tick.label)
            left = picture.axis.x_of(tick.at) - width / 2
            left = min(left, picture.layout.width - width - 2)
            if left < free:
                continue
            painter.setPen(self._colour("text" if tick.major else "muted"))
            area = QRectF(left, picture.layout.axis_top, width + 1, AXIS_HEIGHT)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), tick.label)
            free = left + width + 2 * SPACE

    def _bars(self, painter: QPainter, picture: Picture) -> None:
        area = picture.layout.bars
        first, last, bottom = area.left(), area.right(), area.bottom()
        # Not with the methods of the axis: of 500 bars that takes twice as long.
        since, scale = picture.axis.period.since, picture.axis.width / picture.axis.period.length
        unit = area.height() / picture.highest
        pulls: list[QRectF] = []
        forwards: list[QRectF] = []
        for bar in picture.bars:
            left = max(round(first + (bar.since - since) * scale), first)
            right = min(round(first + (bar.until - since) * scale), last)
            width = max(right - left - 1, 1.0)
            # At least a pixel, so that a single message can be seen.
            pulled = max(ceil(bar.pulled * unit), 1) if bar.pulled else 0
            if pulled:
                pulls.append(QRectF(left, bottom - pulled, width, pulled))
            if bar.forwarded:
                height = max(ceil(bar.forwarded * unit), 1)
                forwards.append(QRectF(left, bottom - pulled - height, width, height))
        self._fill_bars(painter, pulls, forwards)

    def _fill_bars(
        self, painter: QPainter, pulls: Sequence[QRectF], forwards: Sequence[QRectF]
    ) -> None:
        """Paint full bars of pulls, and hollow ones of forwards, a few calls for all of them.

        To fill the forwards with a pattern would take fifty times as long.
        """
        inner = [
            area.adjusted(1, 1, -1, -1)
            for area in forwards
            if area.width() > 2 and area.height() > 2
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        for role, areas in (("accent", pulls), ("mark_teal", forwards), ("surface", inner)):
            if areas:
                painter.setBrush(self._colour(role))
                painter.drawRects(areas)

    def _lines(self, painter: QPainter, picture: Picture, highlights: Highlights) -> None:
        """Paint what stands behind the marks: times of note, and the selected marks' places."""
        layout, axis = picture.layout, picture.axis
        lane = layout.lane(0)
        unknown = picture.recorded_from
        if unknown is not None and unknown > axis.period.since:
            until = min(axis.x_of(unknown), lane.right())
            ground = self._colour("neutral_soft")
            painter.fillRect(
                QRectF(lane.left(), lane.top() + 1, until - lane.left(), lane.height() - 1), ground
            )
        for mark in picture.marks:
            if mark.has(highlights.selected):
                self._upright(painter, picture, mark.x, "accent", Qt.PenStyle.DashLine)
        worked = picture.worked_at
        if worked is not None and axis.period.contains(worked):
            self._upright(painter, picture, axis.x_of(worked), "ok", Qt.PenStyle.SolidLine)
            painter.setPen(self._colour("ok"))
            text = "last worked"
            width = QFontMetricsF(painter.font()).horizontalAdvance(text)
            left = axis.x_of(worked) - width - SPACE
            left = left if left > LEFT else axis.x_of(worked) + SPACE
            painter.drawText(QPointF(left, layout.bars.top() + 10), text)

    def _upright(
        self, painter: QPainter, picture: Picture, x: float, role: str, style: Qt.PenStyle
    ) -> None:
        if LEFT - 1 <= x <= picture.layout.bars.right() + 1:
            painter.setPen(QPen(self._colour(role), 1.5, style))
            top, bottom = picture.layout.bars.top(), picture.layout.axis_top
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))

    def _marks(self, painter: QPainter, picture: Picture) -> None:
        layout = picture.layout
        right = layout.bars.right()
        middles = [round(layout.lane(number).center().y()) for number in range(len(LANES))]
        sprites = {shape: self._sprite(shape, picture.scale) for shape in Shape}
        painter.setPen(self._colour("text"))
        for mark, after in zip_longest(picture.marks, picture.marks[1:]):
            x, middle = mark.x, middles[mark.lane]
            if mark.from_x < x:
                self._span(painter, mark, middle, right)
            if mark.shape is not Shape.GAP and LEFT - 1 <= x <= right + 1:
                corner = QPointF(round(x) - _MIDDLE, middle - _MIDDLE)
                painter.drawPixmap(corner, sprites[mark.shape])
            is_last = after is None or after.lane != mark.lane
            room = (right + RIGHT if is_last else after.x) - x
            if len(mark.events) > 1 and room >= _ROOM_FOR_COUNT:
                painter.drawText(QPointF(x + 8, middle + 4), f"{len(mark.events)}")

    def _span(self, painter: QPainter, mark: Mark, middle: float, right: float) -> None:
        """Paint the time within which it happened, or for which a gap lasted."""
        begin, end = max(mark.from_x, LEFT), min(mark.x, right)
        colour = self._colour(_COLOURS[mark.shape])
        is_gap = mark.shape is Shape.GAP
        thickness = 3 if is_gap else 1
        painter.fillRect(
            QRectF(begin, round(middle) - thickness // 2, max(end - begin, 1), thickness), colour
        )
        for x in (mark.from_x, *([mark.x] if is_gap else ())):
            if begin <= x <= end:
                painter.fillRect(QRectF(x, middle - 5, 1.5, 10), colour)

    def _sprite(self, shape: Shape, scale: float) -> QPixmap:
        """Return a mark as a picture: to paint its outline each time takes twenty times as long."""
        key = (shape, self._theme.dark, scale)
        if key not in self._sprites:
            sprite = QPixmap(round(2 * _MIDDLE * scale), round(2 * _MIDDLE * scale))
            sprite.setDevicePixelRatio(scale)
            sprite.fill(Qt.GlobalColor.transparent)
            painter = QPainter(sprite)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._shape(painter, shape)
            painter.end()
            self._sprites[key] = sprite
        return self._sprites[key]

    def _shape(self, painter: QPainter, shape: Shape) -> None:
        colour, surface = self._colour(_COLOURS[shape]), self._colour("surface")
        left, middle, right = _MIDDLE - _RADIUS, _MIDDLE, _MIDDLE + _RADIUS
        painter.setPen(QPen(colour, 2))
        painter.setBrush(surface)
        if shape in {Shape.HERE, Shape.ELSEWHERE, Shape.UNKNOWN}:
            painter.setBrush(colour if shape is Shape.HERE else surface)
            half = ((middle, left), (middle, right), (left, middle))
            painter.drawPolygon(_polygon(*half[:1], (right, middle), *half[1:]))
            if shape is Shape.UNKNOWN:
                painter.setBrush(colour)
                painter.drawPolygon(_polygon(*half))
        elif shape is Shape.ACT:
            painter.fillRect(QRectF(middle - 4, middle - 4, 8, 8), colour)
        elif shape is Shape.FAILED:
            painter.drawLine(QPointF(middle - 4, middle - 4), QPointF(middle + 4, middle + 4))
            painter.drawLine(QPointF(middle - 4, middle + 4), QPointF(middle + 4, middle - 4))
        elif shape is Shape.PASSED:
            corners = ((middle - 4, middle), (middle - 1, middle + 4), (right, middle - 4))
            painter.drawPolyline(_polygon(*corners))
        elif shape is Shape.MESSAGE:
            painter.setBrush(colour)
            painter.drawPolygon(_polygon((middle, left), (right, middle + 4), (left, middle + 4)))

    def _highlight(self, painter: QPainter, picture: Picture, highlights: Highlights) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        accent = self._colour("accent")
        if mark := highlights.current:
            painter.setPen(QPen(accent, 2 if highlights.focused else 1))
            middle = picture.layout.lane(mark.lane).center().y()
            painter.drawEllipse(QPointF(mark.x, middle), _RADIUS + 3.5, _RADIUS + 3.5)
        if highlights.dragged:
            begin, end = sorted(highlights.dragged)
            ground = QColor(accent)
            ground.setAlpha(50)
            bars = picture.layout.bars
            height = picture.layout.axis_top - bars.top()
            painter.fillRect(QRectF(begin, bars.top(), end - begin, height), ground)
        if highlights.focused:
            painter.setPen(QPen(accent, 1))
            layout = picture.layout
            painter.drawRect(QRectF(0.5, 0.5, layout.width - 1, layout.height - 1))


def _polygon(*corners: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners])
