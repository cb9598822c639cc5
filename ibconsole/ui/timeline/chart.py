"""The chart of a timeline as the user moves through it, with the mouse or the keyboard.

Up and Down move between marks, Left and Right through time; plus, minus and 0 zoom.
"""

from bisect import bisect_right

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ibconsole.services.setup.history import TimelineEvent
from ibconsole.ui.timeline.chart_canvas import ChartCanvas
from ibconsole.ui.timeline.chart_painter import LEFT
from ibconsole.ui.timeline.marks import Mark
from ibconsole.ui.timeline.time_axis import Period
from ibconsole.ui.toolkit import Theme, TimeDisplay

_NOTCH = 120  # of a wheel
_PAN = 0.1
_CLICK = 4  # pixels that a click may move


class TimelineChart(ChartCanvas):
    """A chart that is zoomed, moved, and whose marks are chosen.

    `picked` carries the identities of the events that the user chose, and whether they are chosen
    in addition to the selected ones. A range that is dragged is zoomed to; the axis, the middle
    button and Shift move through time instead.
    """

    picked = Signal(object, bool)
    activated = Signal()
    copy_pressed = Signal()

    def __init__(
        self, theme: Theme, time_display: TimeDisplay, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, time_display, parent)
        self._pressed: QPointF | None = None
        self._panned_from: Period | None = None

    def _step(self, step: int, *, extend: bool) -> None:
        """Choose the next mark or the one before; out of the visible period, move there."""
        if self._data is None or self.picture is None:
            return
        visible = [mark for mark in self.picture.marks if self._is_inside(mark)]
        marks = sorted(visible, key=lambda mark: (mark.x, mark.lane))
        wanted = frozenset((self._current,))
        place = next((number for number, one in enumerate(marks) if one.has(wanted)), None)
        if place is None:
            place = -1 if step > 0 else len(marks)
        following = place + step
        if 0 <= following < len(marks):
            self._pick(marks[following], extend=extend)
        elif event := self._event_outside(step):
            self.reveal(event)
            found = self.picture and next(
                (mark for mark in self.picture.marks if event in mark.events), None
            )
            if found:
                self._pick(found, extend=extend)

    def _event_outside(self, step: int) -> TimelineEvent | None:
        """Return the nearest event before or after the visible period."""
        assert self._data is not None  # noqa: S101 checked by the caller
        events = self._data.timeline.events
        if step > 0:
            number = bisect_right(events, self._period.until, key=lambda event: event.at)
            return events[number] if number < len(events) else None
        earlier = [event for event in events if event.at < self._period.since]
        return earlier[-1] if earlier else None

    def _pick(self, mark: Mark, *, extend: bool) -> None:
        self._current = mark.events[-1].identity
        self.picked.emit(tuple(event.identity for event in mark.events), extend)
        self.update()
        if self.picture:
            middle = self.picture.layout.lane(mark.lane).center().y()
            self._show_tooltip(QPoint(int(mark.x), int(middle)))

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, key = Qt.Key, event.key()
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        pans = {
            keys.Key_Left: -_PAN,
            keys.Key_Right: _PAN,
            keys.Key_PageUp: -1.0,
            keys.Key_PageDown: 1.0,
            keys.Key_Home: -1e6,
            keys.Key_End: 1e6,
        }
        if key in pans:
            self.pan(pans[keys(key)])
        elif key in {keys.Key_Up, keys.Key_Down}:
            self._step(1 if key == keys.Key_Down else -1, extend=extend)
        elif key in {keys.Key_Plus, keys.Key_Equal, keys.Key_Minus}:
            self.zoom(-1 if key == keys.Key_Minus else 1)
        elif key == keys.Key_0:
            self.show_all()
        elif key in {keys.Key_Return, keys.Key_Enter}:
            self.activated.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_pressed.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        sideways = turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self.picture is None:
            event.ignore()
        elif sideways:
            self.pan(-_PAN * (turned.x() or turned.y()) / _NOTCH)
        else:
            anchor = self.picture.axis.instant_at(event.position().x())
            self.zoom(turned.y() / _NOTCH, anchor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        buttons = Qt.MouseButton
        if event.button() not in {buttons.LeftButton, buttons.MiddleButton} or not self.picture:
            super().mousePressEvent(event)
            return
        self._pressed = event.position()
        on_axis = event.position().y() >= self.picture.layout.axis_top
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        by_hand = event.button() == buttons.MiddleButton or on_axis
        pans = by_hand or (shift and not self.mark_at(event.position()))
        self._panned_from = self._period if pans else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        picture = self.picture
        if picture is None:
            return
        point = event.position()
        shapes = Qt.CursorShape
        self.setCursor(shapes.PointingHandCursor if self.mark_at(point) else shapes.ArrowCursor)
        if self._pressed is None:
            return
        moved = point.x() - self._pressed.x()
        if self._panned_from and self._data:
            by = int(-moved * self._panned_from.length / picture.axis.width)
            self._set_period(self._panned_from.moved(by, self._data.bounds))
        elif abs(moved) >= _CLICK or self._dragged:
            ends = (
                max(min(x, picture.layout.bars.right()), LEFT)
                for x in (self._pressed.x(), point.x())
            )
            self._dragged = (next(ends), next(ends))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, pressed, panned = self._dragged, self._pressed, self._panned_from
        self._dragged = self._pressed = self._panned_from = None
        if dragged and self.picture and abs(dragged[1] - dragged[0]) >= _CLICK:
            since, until = (self.picture.axis.instant_at(x) for x in sorted(dragged))
            self.show_period(Period(since, until))
        elif pressed is not None and panned is None and (mark := self.mark_at(event.position())):
            several = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self._pick(mark, extend=bool(event.modifiers() & several))
        elif pressed is not None and panned is None:
            nothing_more = False
            self.picked.emit((), nothing_more)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.mark_at(event.position()):
            self.activated.emit()
