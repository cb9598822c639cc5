"""The chart of a retry simulation, on which the endpoint is drawn with mouse or keyboard.

The mouse draws on the strip. Left and Right move the cursor (with Ctrl ten times as far), Shift
selects, 1 to 4 draw up, error, hang and slow there; Up and Down choose a message.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ibconsole.services.retry_simulation import (
    BehaviourPhase,
    EndpointState,
    MessageFate,
    RetryAttempt,
    show_seconds,
)
from ibconsole.ui.retries.chart_painter import (
    STRIP,
    RetryAxis,
    RetryPainter,
    RetryPicture,
    visible_attempts,
)
from ibconsole.ui.toolkit import Theme

_FEW, _MANY = 1, 10  # steps of the cursor
_NEAR = 6.0  # pixels between the pointer and what it points at
_KEYS = {
    Qt.Key.Key_1: EndpointState.UP,
    Qt.Key.Key_2: EndpointState.ERROR,
    Qt.Key.Key_3: EndpointState.HANG,
    Qt.Key.Key_4: EndpointState.SLOW,
}


class RetryChart(QWidget):
    """Shows phases and messages, and lets the user draw.

    `drawn` carries start and end in seconds, and the state: `tool` with the mouse. `picked` carries
    the number of a message.
    """

    drawn = Signal(float, float, object)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool = EndpointState.ERROR
        self._painter = RetryPainter(theme)
        self._span = 1.0
        self._phases: Sequence[BehaviourPhase] = ()
        self._messages: Sequence[MessageFate] = ()
        self._selected: int | None = None
        self._cursor = 0.0
        self._anchor: float | None = None  # the other end of what is selected
        self._is_drawing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Endpoint and attempts over time")
        theme.changed.connect(self.update)
        self._describe()

    @property
    def span(self) -> float:
        """The seconds that are shown."""
        return self._span

    @property
    def axis(self) -> RetryAxis:
        """The time axis."""
        return RetryAxis(float(self.width()), self._span)

    @property
    def picture(self) -> RetryPicture:
        """All that is painted."""
        selection = self._selection()
        return RetryPicture(
            self.axis,
            float(self.height()),
            self._phases,
            self._messages,
            self._selected,
            selection if selection and selection[0] < selection[1] else None,
            self._cursor if self.hasFocus() else None,
        )

    def show_span(self, seconds: float) -> None:
        """Show this much time from the start."""
        self._span = max(seconds, 1.0)
        self._cursor = min(self._cursor, self._span)
        self._anchor = None
        self.update()

    def show_phases(self, phases: Sequence[BehaviourPhase]) -> None:
        """Show the behaviour of the endpoint."""
        self._phases = phases
        self._describe()
        self.update()

    def show_messages(self, messages: Sequence[MessageFate]) -> None:
        """Show the fates of messages."""
        self._messages = messages
        self.update()

    def select(self, number: int | None) -> None:
        """Mark a message by its number."""
        self._selected = number
        self.update()

    def _selection(self) -> tuple[float, float] | None:
        if self._anchor is None:
            return None
        return min(self._anchor, self._cursor), max(self._anchor, self._cursor)

    def _move(self, seconds: float, *, extend: bool) -> None:
        if extend and self._anchor is None:
            self._anchor = self._cursor
        elif not extend:
            self._anchor = None
        self._cursor = self.axis.snapped(min(max(seconds, 0.0), self._span))
        self._describe()
        self.update()

    def _draw(self, state: EndpointState) -> None:
        """Draw what is selected, or from the cursor to the next label."""
        start, end = self._selection() or (self._cursor, self._cursor + self.axis.tick)
        self._anchor = None
        if start < end:
            self.drawn.emit(start, end, state)

    def _step(self, step: int) -> None:
        numbers = [one.number for one in self._messages]
        if not numbers:
            return
        place = numbers.index(self._selected) + step if self._selected in numbers else 0
        self._pick(numbers[min(max(place, 0), len(numbers) - 1)])

    def _pick(self, number: int) -> None:
        self.select(number)
        self.picked.emit(number)

    def _describe(self) -> None:
        """Tell screen readers where the cursor is, and what the endpoint does there."""
        state = next(
            (one.state for one in reversed(self._phases) if one.start <= self._cursor),
            EndpointState.UP,
        )
        text = f"Cursor at {show_seconds(self._cursor)}: {state}"
        if selection := self._selection():
            text += f"; selected from {show_seconds(selection[0])} to {show_seconds(selection[1])}"
        self.setAccessibleDescription(text)

    def _tooltip(self, x: float, y: float) -> str:
        picture = self.picture
        if y < STRIP:
            at = picture.axis.seconds(x)
            phase = next((one for one in reversed(self._phases) if one.start <= at), None)
            rule = f" ({phase.rule})" if phase and phase.rule else ""
            return f"{show_seconds(at)}: {phase.state}{rule}" if phase else ""
        fate = picture.message_at(y)
        if fate is None:
            return ""
        near = [
            one
            for one in visible_attempts(fate, picture.axis)
            if abs(picture.axis.x(one.at) - x) <= _NEAR
        ]
        return _attempt_text(fate, near[0]) if near else f"message {fate.number}"

    # Qt's side

    def sizeHint(self) -> QSize:
        return QSize(640, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 110)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._painter.paint(painter, self.picture, self.font())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        point = event.position()
        if point.y() < STRIP:
            self._is_drawing = True
            self._cursor = self.axis.snapped(self.axis.seconds(point.x()))
            self._anchor = self._cursor
            self.update()
        elif fate := self.picture.message_at(point.y()):
            self._pick(fate.number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        on_strip = event.position().y() < STRIP
        shapes = Qt.CursorShape
        self.setCursor(shapes.CrossCursor if on_strip else shapes.ArrowCursor)
        if self._is_drawing:
            self._cursor = self.axis.snapped(self.axis.seconds(event.position().x()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_drawing and event.button() == Qt.MouseButton.LeftButton:
            self._is_drawing = False
            selection = self._selection()
            self._anchor = None
            if selection and selection[0] < selection[1]:
                self.drawn.emit(*selection, self.tool)
            self._describe()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, key = Qt.Key, Qt.Key(event.key())
        modifiers = event.modifiers()
        extend = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        steps = _MANY if modifiers & Qt.KeyboardModifier.ControlModifier else _FEW
        moves = {
            keys.Key_Left: self._cursor - steps * self.axis.snap,
            keys.Key_Right: self._cursor + steps * self.axis.snap,
            keys.Key_Home: 0.0,
            keys.Key_End: self._span,
        }
        if key in moves:
            self._move(moves[key], extend=extend)
        elif key in _KEYS:
            self._draw(_KEYS[key])
        elif key in {keys.Key_Up, keys.Key_Down}:
            self._step(1 if key == keys.Key_Down else -1)
        elif key == keys.Key_Escape and self._anchor is not None:
            self._move(self._cursor, extend=False)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tooltip(event.x(), event.y()), self)
            return True
        return super().event(event)


def _attempt_text(fate: MessageFate, attempt: RetryAttempt) -> str:
    number = fate.attempts.index(attempt) + 1
    after = f", {show_seconds(attempt.at - fate.at)} after its arrival" if number > 1 else ""
    return (
        f"message {fate.number}, attempt {number} at {show_seconds(attempt.at)}{after}:"
        f" {attempt.answer}"
    )
