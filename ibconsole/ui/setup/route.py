"""The route of an inbound message: a sentence, and a small drawing."""

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QWidget

from ibconsole.errors import Severity
from ibconsole.services.setup import UNKNOWN, Destination, DestinationKind, Route
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Theme, icon, plain_tooltip
from ibconsole.ui.widgets import ElidedLabel, paragraph

_ROW = 24
_MAX_DESTINATIONS = 3
_APPLICATION, _PLATFORM, _ARROW = 180, 104, 40
_WIDE = 1_000
_MAX_END, _LEAST_END = 460, 330
_LEAST_LINE = 120  # pixels; a sentence with less room says nothing
_NONE_CHOSEN = Route("Choose an application to see where its messages go.")
_NONE_LISTED = Route("No application, so no route.")
_POSTING = {DestinationKind.LISTENER, DestinationKind.FORWARD}
_ICONS = {
    DestinationKind.LISTENER: "radio",
    DestinationKind.FORWARD: "send",
    DestinationKind.PULL: "inbox",
    DestinationKind.OTHER: "zap",
    DestinationKind.NOWHERE: "circle-x",
}


class RouteView(QFrame):
    """The route of the selected application's messages.

    It has its room also while no application is selected or its route is not known: it would move
    what is above and below it with every selection.
    `test_requested` carries the URL of a destination that the user opened.
    """

    test_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setAccessibleName("Route")
        self.sentence = paragraph()
        self.line = ElidedLabel()
        self.drawing = _Drawing(theme)
        self._compact = False
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        self._layout.setSpacing(SPACE)
        self._layout.addWidget(self.sentence)
        self._layout.addWidget(self.drawing, 3)
        self._layout.addWidget(self.line, 2)
        self.line.enable_tooltip(on=False)  # its tooltip has the notes, too
        self.line.hide()
        self.drawing.opened.connect(self.test_requested)
        self.show_route("", None)
        self._keep_room(line=True)

    def set_shown(self, *, on: bool) -> None:
        """Show the route or hide it."""
        self.setVisible(on)

    def set_compact(self, *, on: bool) -> None:
        """Show the route on one line, for a low window, or the sentence above the drawing."""
        directions = QBoxLayout.Direction
        self._layout.setDirection(directions.LeftToRight if on else directions.TopToBottom)
        self._layout.setSpacing(3 * SPACE if on else SPACE)
        self._compact = on
        self.sentence.setVisible(not on)
        self.drawing.set_compact(on=on)
        self._keep_room(line=not on)
        self._show_line()

    def show_route(self, application: str, route: Route | None, *, choice: bool = True) -> None:
        """Show the route of an application's messages; None if no application is selected.

        Without a `choice` the account has no application.
        """
        route = route or (_NONE_CHOSEN if choice else _NONE_LISTED)
        self.sentence.setText(route.sentence)
        notes = "\n".join(route.notes)
        self.sentence.setToolTip(plain_tooltip(notes))
        self.line.setText(route.sentence)
        self.line.setToolTip(plain_tooltip("\n".join((route.sentence, *route.notes))))
        self.drawing.show_route(application, route)
        self.drawing.setToolTip(self.line.toolTip())
        self.drawing.setVisible(bool(route.destinations))
        self._show_line()

    def _show_line(self) -> None:
        drawn = 0 if self.drawing.isHidden() else self.drawing.minimumSizeHint().width()
        self.line.setVisible(self._compact and self.width() - drawn >= _LEAST_LINE)

    def _keep_room(self, *, line: bool) -> None:
        """Have the height of a route with one destination, and a line above it."""
        above = self.sentence.heightForWidth(_WIDE) + SPACE if line else 0
        border = 1
        self.setMinimumHeight(above + _ROW + SPACE + 2 * SPACE + border)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_line()


class _Box(msgspec.Struct, frozen=True):
    area: QRectF
    icon_name: str
    label: str
    mark: str = ""
    url: str = ""


class _Drawing(QWidget):
    """A drawing of the application, the platform, and each destination of a message.

    A destination with a URL can be opened, by the mouse or with the arrow keys and Enter.
    """

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._application = ""
        self._route = UNKNOWN
        self._compact = False
        self._current = 0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_route(self, application: str, route: Route) -> None:
        """Draw another route."""
        self._application = application
        self._route = route
        ends = "; ".join(
            " ".join(filter(None, (one.label, f"({one.doubt})" if one.doubt else "")))
            for one in route.destinations
        )
        self.setAccessibleName(f"Route: {application} to the platform to {ends or 'unknown'}")
        self._update_targets()

    def set_compact(self, *, on: bool) -> None:
        """Draw one row, or a row for each destination."""
        self._compact = on
        self._update_targets()

    def _update_targets(self) -> None:
        self._current = 0
        policies = Qt.FocusPolicy
        self.setFocusPolicy(policies.TabFocus if self._targets() else policies.NoFocus)
        hint = "Press Enter to test the URL." if self._targets() else ""
        self.setAccessibleDescription(hint)
        self.updateGeometry()
        self.update()

    def _targets(self) -> list[_Box]:
        """Return the destinations that can be opened, from top to bottom."""
        return [box for box, _ in self._ends(self._left) if box.url]

    @property
    def _left(self) -> float:
        return _APPLICATION + _PLATFORM + 2 * _ARROW

    def _target_at(self, point: QPointF) -> _Box | None:
        return next((box for box in self._targets() if box.area.contains(point)), None)

    # Qt's side

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        texts = [f"{box.label}  {box.mark}" for box, _ in self._ends(self._left)]
        widest = max(map(metrics.horizontalAdvance, texts), default=0)
        width = int(self._left) + min(widest + ICON_SIZE + 7 * SPACE, _MAX_END)
        return QSize(width, self._rows() * (_ROW + SPACE))

    def minimumSizeHint(self) -> QSize:
        # On one line the sentence is shortened first: its tooltip has all of it.
        width = min(self.sizeHint().width(), int(self._left) + _LEAST_END) if self._compact else 0
        return QSize(width, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._target_at(event.position())
        shapes = Qt.CursorShape
        self.setCursor(shapes.PointingHandCursor if over else shapes.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        target = self._target_at(event.position())
        if target and event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(target.url)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        targets, keys = self._targets(), Qt.Key
        step = {keys.Key_Down: 1, keys.Key_Up: -1}.get(keys(event.key()), 0)
        if targets and step:
            self._current = (self._current + step) % len(targets)
            self.update()
        elif targets and event.key() in {keys.Key_Return, keys.Key_Enter, keys.Key_Space}:
            self.opened.emit(targets[self._current].url)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = (self.height() - _ROW) / 2
        start = QRectF(0.5, middle, _APPLICATION, _ROW)
        platform = QRectF(_APPLICATION + _ARROW, middle, _PLATFORM, _ROW)
        self._arrow(painter, start, platform, dashed=False)
        self._box(painter, _Box(start, "smartphone", self._application))
        focused = self._targets()[self._current : self._current + 1] if self.hasFocus() else []
        for box, certain in self._ends(self._left):
            self._arrow(painter, platform, box.area, dashed=not certain)
            self._box(painter, box, focused=box in focused)
        self._box(painter, _Box(platform, "layers", "Platform"))

    def _rows(self) -> int:
        return max(min(len(self._route.destinations), self._most()), 1)

    def _most(self) -> int:
        return 1 if self._compact else _MAX_DESTINATIONS

    def _ends(self, left: float) -> list[tuple[_Box, bool]]:
        shown = list(self._route.destinations)
        if len(shown) > self._most():
            more = len(shown) - self._most() + 1
            label = f"{more} actions" if self._compact else f"{more} more actions"
            shown = [*shown[: self._most() - 1], Destination(DestinationKind.OTHER, label)]
        width = max(self.width() - left - 1, 40.0)
        several = len(self._route.destinations) > 1
        boxes = []
        for row, one in enumerate(shown):
            top = row * (_ROW + SPACE) + SPACE / 2
            area = QRectF(left, top, min(width, float(_MAX_END)), _ROW)
            certain = not several and not one.doubt
            url = one.detail if one.kind in _POSTING else ""
            boxes.append((_Box(area, _ICONS[one.kind], one.label, one.doubt or "", url), certain))
        return boxes

    def _box(self, painter: QPainter, box: _Box, *, focused: bool = False) -> None:
        colours = self._theme.colours
        outline = QPen(QColor(colours.accent), 2) if focused else QPen(QColor(colours.outline), 1)
        painter.setPen(outline)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(box.area, 5, 5)
        inner = box.area.adjusted(2 * SPACE, 0, -2 * SPACE, 0)
        top = int(inner.center().y() - ICON_SIZE / 2)
        role = Severity.WARNING if box.mark else Severity.MUTED
        picture = icon(box.icon_name, self._theme, role).pixmap(ICON_SIZE, ICON_SIZE)
        painter.drawPixmap(int(inner.left()), top, picture)
        inner.setLeft(inner.left() + ICON_SIZE + 1.5 * SPACE)
        mark = f"  {box.mark}" if box.mark else ""
        metrics = painter.fontMetrics()
        room = int(inner.width()) - metrics.horizontalAdvance(mark)
        label = metrics.elidedText(box.label, Qt.TextElideMode.ElideMiddle, max(room, 20))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setPen(QColor(colours.text))
        painter.drawText(inner, flags, label)
        inner.setLeft(inner.left() + metrics.horizontalAdvance(label))
        painter.setPen(QColor(colours.warning))
        painter.drawText(inner, flags, mark)

    def _arrow(self, painter: QPainter, begin: QRectF, end: QRectF, *, dashed: bool) -> None:
        pen = QPen(QColor(self._theme.colours.muted), 1.2)
        if dashed:  # it is not documented whether a message takes this way
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        tip = QPointF(end.left() - 2, end.center().y())
        bend = begin.right() + _ARROW / 2
        corners = [
            QPointF(begin.right(), begin.center().y()),
            QPointF(bend, begin.center().y()),
            QPointF(bend, tip.y()),
            tip,
        ]
        painter.drawPolyline(QPolygonF(corners))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.colours.muted))
        head = [tip, QPointF(tip.x() - 6, tip.y() - 3.5), QPointF(tip.x() - 6, tip.y() + 3.5)]
        painter.drawPolygon(QPolygonF(head))
