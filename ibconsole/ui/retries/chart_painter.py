"""Painting of a retry simulation: the endpoint over time, and a lane for each message.

What is painted is bounded by the pixels, whatever the number of messages and attempts.
"""

from collections.abc import Iterator, Sequence
from math import ceil, log10

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from ibconsole.services.retry_simulation import (
    BehaviourPhase,
    EndpointState,
    MessageFate,
    RetryAttempt,
    show_seconds,
)
from ibconsole.ui.toolkit import Theme

LEFT, RIGHT = 92.0, 16.0
STRIP, AXIS = 30.0, 20.0
_LANE, _LEAST_LANE = 18.0, 9.0
_TICK = 84.0  # pixels between two labels
_NEAR = 3.0  # pixels at which an attempt covers the one before
_SNAP = 6.0  # pixels
_RADIUS = 4.0
_STEPS = (
    *(1.0, 2.0, 5.0, 10.0, 30.0),
    *(60.0 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3_600.0 * hours for hours in (1, 2, 3, 6, 12)),
    *(86_400.0 * days for days in (1, 2, 5, 10, 30, 100, 365)),
)
_SIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_FILLS = {
    EndpointState.UP: ("ok_soft", "ok", Qt.BrushStyle.NoBrush),
    EndpointState.ERROR: ("danger_soft", "danger", Qt.BrushStyle.BDiagPattern),
    EndpointState.HANG: ("warning_soft", "warning", Qt.BrushStyle.DiagCrossPattern),
    EndpointState.SLOW: ("info_soft", "info", Qt.BrushStyle.Dense7Pattern),
}


class RetryAxis(msgspec.Struct, frozen=True):
    """The time axis of a chart of this width, which shows `span` seconds."""

    width: float
    span: float

    @property
    def plot(self) -> float:
        """The width of the axis in pixels."""
        return max(self.width - LEFT - RIGHT, 1.0)

    def x(self, seconds: float) -> float:
        """Return the place of an instant, which may be out of sight."""
        return LEFT + min(seconds / self.span, 2.0) * self.plot

    def seconds(self, x: float) -> float:
        """Return the instant at a place, within the axis."""
        return min(max((x - LEFT) / self.plot, 0.0), 1.0) * self.span

    @property
    def tick(self) -> float:
        """The seconds between two labels: a round number."""
        return self._step(_TICK)

    @property
    def snap(self) -> float:
        """The seconds to which drawing snaps: a round number."""
        return self._step(_SNAP)

    def snapped(self, seconds: float) -> float:
        """Return the nearest instant to which drawing snaps, within the axis."""
        return min(round(seconds / self.snap) * self.snap, self.span)

    def ticks(self) -> Iterator[float]:
        """Yield the instants with a label."""
        number = 0
        while number * self.tick <= self.span:
            yield number * self.tick
            number += 1

    def _step(self, pixels: float) -> float:
        least = pixels / self.plot * self.span
        decades = max(ceil(log10(least / _STEPS[-1])), 0)  # of years, whatever a file says
        return next((step for step in _STEPS if step >= least), _STEPS[-1] * 10.0**decades)


class RetryPicture(msgspec.Struct, frozen=True):
    """All that is painted. `drawn` is the range that is drawn or selected, `selected` a message."""

    axis: RetryAxis
    height: float
    phases: Sequence[BehaviourPhase] = ()
    messages: Sequence[MessageFate] = ()
    selected: int | None = None
    drawn: tuple[float, float] | None = None
    cursor: float | None = None

    @property
    def lane_height(self) -> float:
        """The height of a lane."""
        room = self.height - STRIP - AXIS
        return min(max(room / max(len(self.messages), 1), _LEAST_LANE), _LANE)

    @property
    def lanes(self) -> int:
        """The number of messages that have room."""
        room = self.height - STRIP - AXIS
        fitting = max(int(room / self.lane_height), 0)
        if fitting >= len(self.messages):
            return len(self.messages)
        return max(fitting - 1, 0)  # the last line says how many are left out

    def lane(self, place: int) -> QRectF:
        """Return the area of a message by its place."""
        top = STRIP + AXIS + place * self.lane_height
        return QRectF(LEFT, top, self.axis.plot, self.lane_height)

    def message_at(self, y: float) -> MessageFate | None:
        """Return the message whose lane is at this height."""
        place = int((y - STRIP - AXIS) // self.lane_height)
        return self.messages[place] if 0 <= place < self.lanes else None


def visible_attempts(fate: MessageFate, axis: RetryAxis) -> Iterator[RetryAttempt]:
    """Yield the attempts in sight, the last of those that cover each other."""
    before = None
    for attempt in fate.attempts:
        x = axis.x(attempt.at)
        if attempt.at > axis.span:
            break
        if before is not None and x - axis.x(before.at) >= _NEAR:
            yield before
        before = attempt
    if before is not None:
        yield before


class RetryPainter:
    """Paints pictures in the colours of the theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint(self, painter: QPainter, picture: RetryPicture, font: QFont) -> None:
        """Paint a picture."""
        painter.setFont(font)
        painter.fillRect(QRectF(0, 0, picture.axis.width, picture.height), self._colour("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_strip(painter, picture)
        self._paint_axis(painter, picture)
        for place in range(picture.lanes):
            self._paint_lane(painter, picture, place)
        left_out = len(picture.messages) - picture.lanes
        if left_out:
            painter.setPen(self._colour("muted"))
            area = picture.lane(picture.lanes)
            text = f"{left_out:,} more in the table"
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_drawn(painter, picture)

    def _paint_strip(self, painter: QPainter, picture: RetryPicture) -> None:
        painter.setPen(self._colour("muted"))
        label = QRectF(0, 0, LEFT - 8, STRIP)
        painter.drawText(label, _SIDE, "Endpoint")
        metrics = QFontMetricsF(painter.font())
        for phase in picture.phases:
            if phase.start > picture.axis.span:
                break
            left = picture.axis.x(phase.start)
            end = picture.axis.span if phase.end is None else min(phase.end, picture.axis.span)
            area = QRectF(left, 2, max(picture.axis.x(end) - left, 1.0), STRIP - 4)
            self._paint_phase(painter, area, phase, metrics)

    def _paint_phase(
        self, painter: QPainter, area: QRectF, phase: BehaviourPhase, metrics: QFontMetricsF
    ) -> None:
        fill, ink, pattern = _FILLS[phase.state]
        painter.fillRect(area, self._colour(fill))
        colour = self._colour(ink)
        styles = Qt.PenStyle
        painter.setPen(QPen(colour, 1, styles.DashLine if phase.is_partial else styles.SolidLine))
        painter.drawRect(area)
        text = f"{phase.state}, some" if phase.is_partial else str(phase.state)
        width = metrics.horizontalAdvance(text) + 8
        if width <= area.width():
            hatched = QRectF(area.left() + width, area.top(), area.width() - width, area.height())
            painter.drawText(area.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
        else:
            hatched = area
        painter.fillRect(hatched, QBrush(_faded(colour), pattern))

    def _paint_axis(self, painter: QPainter, picture: RetryPicture) -> None:
        axis = picture.axis
        for at in axis.ticks():
            x = axis.x(at)
            painter.setPen(self._colour("border"))
            painter.drawLine(QPointF(x, STRIP), QPointF(x, picture.height))
            painter.setPen(self._colour("muted"))
            area = QRectF(x + 3, STRIP, _TICK, AXIS)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, show_seconds(at) if at else "0")

    def _paint_lane(self, painter: QPainter, picture: RetryPicture, place: int) -> None:
        fate, area, axis = picture.messages[place], picture.lane(place), picture.axis
        if fate.number == picture.selected:
            painter.fillRect(area.adjusted(-LEFT, 0, RIGHT, 0), self._colour("selection"))
        middle = area.center().y()
        if area.height() >= _LANE or fate.number == picture.selected:
            painter.setPen(self._colour("muted"))
            label = QRectF(0, area.top() - 4, LEFT - 8, area.height() + 8)
            painter.drawText(label, _SIDE, f"message {fate.number}")
        is_lost = fate.delivered_at is None
        painter.setPen(QPen(self._colour("danger" if is_lost else "muted"), 1))
        end = min(axis.x(fate.ended), LEFT + axis.plot + RIGHT)
        painter.drawLine(QPointF(axis.x(fate.at), middle), QPointF(end, middle))
        for attempt in visible_attempts(fate, axis):
            is_last = attempt is fate.attempts[-1]
            self._paint_attempt(painter, QPointF(axis.x(attempt.at), middle), attempt, is_last)

    def _paint_attempt(
        self, painter: QPainter, point: QPointF, attempt: RetryAttempt, is_last: bool
    ) -> None:
        """Paint a disk for a delivery, a cross for a failure, and a square for a loss."""
        x, y, size = point.x(), point.y(), _RADIUS - 1
        if attempt.accepted:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour("ok"))
            painter.drawEllipse(point, _RADIUS, _RADIUS)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        elif is_last:
            square = QRectF(x - _RADIUS, y - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
            painter.fillRect(square, self._colour("danger"))
        else:
            painter.setPen(QPen(self._colour("danger"), 1.5))
            painter.drawLine(QPointF(x - size, y - size), QPointF(x + size, y + size))
            painter.drawLine(QPointF(x - size, y + size), QPointF(x + size, y - size))

    def _paint_drawn(self, painter: QPainter, picture: RetryPicture) -> None:
        painter.setPen(QPen(self._colour("accent"), 2))
        if picture.drawn:
            left, right = (picture.axis.x(at) for at in picture.drawn)
            painter.drawRect(QRectF(left, 1, right - left, STRIP - 2))
        elif picture.cursor is not None:
            x = picture.axis.x(picture.cursor)
            painter.drawLine(QPointF(x, 0), QPointF(x, STRIP))

    def _colour(self, name: str) -> QColor:
        return QColor(getattr(self._theme.colours, name))


def _faded(colour: QColor) -> QColor:
    faded = QColor(colour)
    faded.setAlphaF(0.45)
    return faded
