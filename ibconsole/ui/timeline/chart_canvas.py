"""The picture of a timeline: what part of it is visible, and how it is shown.

A screen reader is given the current mark as the chart's name; the figures are in tables next to it.
"""

from collections.abc import Sequence
from datetime import tzinfo

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ibconsole.plural import counted
from ibconsole.services.setup.history import Timeline, TimelineEvent
from ibconsole.ui.timeline.chart_painter import (
    LEFT,
    LEGEND_HEIGHT,
    ChartLayout,
    ChartPainter,
    Highlights,
    Picture,
)
from ibconsole.ui.timeline.event_texts import describe_bar, name_events
from ibconsole.ui.timeline.hour_bars import Bar, HourTotals, bar_length, name_of_length
from ibconsole.ui.timeline.marks import EventLanes, Mark
from ibconsole.ui.timeline.time_axis import DAY_MS, Period, TimeAxis, ticks
from ibconsole.ui.toolkit import Theme, TimeDisplay, plain_tooltip, times

_ZOOM = 1.4  # for a key, a button, or a notch of the wheel
_BAR_WIDTH, _TICK_WIDTH = 5, 74
_NEAR = 7.0  # pixels within which a mark is hit
_MINIMUM = QSize(260, 134)
_KEYS = (
    "Up and Down move between marks, Left and Right through time; plus and minus zoom, 0 shows"
    " everything."
)
_MOUSE = (
    "Drag a range or turn the wheel to zoom; drag the axis to move through time. Click a mark to"
    " select it, with Ctrl a second one to compare."
)
_PADDING = 0.02  # of the period, before the first event of everything


class ChartData(msgspec.Struct, frozen=True):
    """A timeline with what the chart computes of it once, off the window's thread."""

    timeline: Timeline
    totals: HourTotals
    lanes: EventLanes
    bounds: Period


def prepare_chart(timeline: Timeline) -> ChartData:
    """Return the data of a chart; takes a millisecond for some thousand hours."""
    totals = HourTotals(timeline.hours)
    until = timeline.until
    since = timeline.since
    if since is None:
        begins = [event.at if event.since is None else event.since for event in timeline.events]
        begins += [one for one in (totals.first, timeline.recorded_from) if one is not None]
        since = min(begins, default=until)
        since = min(since - int((until - since) * _PADDING), until - DAY_MS)
    return ChartData(
        timeline, totals, EventLanes(timeline.events), Period(since, max(until, since + 1))
    )


class ChartCanvas(QWidget):
    """Shows a part of a timeline; `period_changed` is emitted when it shows another one."""

    period_changed = Signal()

    def __init__(
        self, theme: Theme, time_display: TimeDisplay, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display
        self._painter = ChartPainter(theme)
        self._data: ChartData | None = None
        self._period = Period(0, 1)
        self._picture: Picture | None = None
        self._selected: frozenset[str] = frozenset()
        self._current = ""
        self._worked_at: int | None = None
        self._dragged: tuple[float, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_MINIMUM)
        theme.changed.connect(self.update)
        time_display.changed.connect(self._rebuild)
        self._announce()

    @property
    def period(self) -> Period:
        """The visible period."""
        return self._period

    @property
    def picture(self) -> Picture | None:
        """The bars and marks that are shown; None before there is a timeline."""
        if self._picture is None and self._data is not None:
            self._picture = self._make_picture(self._data)
        return self._picture

    @property
    def is_whole(self) -> bool:
        """True if nothing is left out by zooming."""
        return self._data is None or self._period == self._data.bounds

    def show_data(self, data: ChartData, *, keep: bool) -> None:
        """Show a timeline; with `keep` the visible period stays, and follows a growing end."""
        before, self._data = self._data, data
        bounds, period = data.bounds, self._period
        if before is None or not keep or period == before.bounds:
            period = bounds
        elif period.until >= before.bounds.until:
            period = period.moved(bounds.until - period.until, bounds)
        self._set_period(period.within(bounds))
        self._rebuild()

    def show_period(self, period: Period) -> None:
        """Show a part of the timeline."""
        if self._data is not None:
            self._set_period(period.within(self._data.bounds))

    def show_all(self) -> None:
        """Show the whole timeline."""
        if self._data is not None:
            self._set_period(self._data.bounds)

    def zoom(self, steps: float, anchor: int | None = None) -> None:
        """Zoom in by some steps, or out if there are less than none; `anchor` keeps its place."""
        if self._data is None:
            return
        if anchor is None:
            mark = self._current_mark()
            middle = (self._period.since + self._period.until) // 2
            anchor = mark.events[-1].at if mark and self._is_inside(mark) else middle
        self._set_period(self._period.zoomed(_ZOOM**-steps, anchor, self._data.bounds))

    def pan(self, share: float) -> None:
        """Move through time by a share of the visible period."""
        if self._data is not None:
            by = int(self._period.length * share)
            self._set_period(self._period.moved(by, self._data.bounds))

    def mark_worked(self, instant: int | None) -> None:
        """Mark the time at which messages last arrived as usual; None for no mark."""
        if instant != self._worked_at:
            self._worked_at = instant
            self._rebuild()

    def select(self, identities: Sequence[str]) -> None:
        """Show these events as selected; the last of them is the current one."""
        self._selected = frozenset(identities)
        if identities and self._current not in self._selected:
            self._current = identities[-1]
        self._announce()
        self.update()

    def reveal(self, event: TimelineEvent) -> None:
        """Move through time until an event is visible."""
        if self._data is not None and not self._period.contains(event.at):
            since = event.at - self._period.length // 2
            self.show_period(Period(since, since + self._period.length))

    def mark_at(self, point: QPointF) -> Mark | None:
        """Return the mark at a place; the nearest one if several are close."""
        picture = self.picture
        if picture is None:
            return None
        hit = [
            mark
            for mark in picture.marks
            if abs(picture.layout.lane(mark.lane).center().y() - point.y()) <= _NEAR + 2
            and mark.from_x - _NEAR <= point.x() <= mark.x + _NEAR
        ]
        return min(hit, key=lambda mark: abs(mark.x - point.x()), default=None)

    def bar_at(self, point: QPointF) -> Bar | None:
        """Return the bar at a place, at any height."""
        picture = self.picture
        if picture is None or not picture.layout.bars.contains(point):
            return None
        at = picture.axis.instant_at(point.x())
        return next((bar for bar in picture.bars if bar.since <= at < bar.until), None)

    def text_at(self, point: QPointF) -> str:
        """Return what is at a place, with exact times; above the bars, how to use the chart."""
        zone = self._time_display.zone
        if 0 <= point.y() < LEGEND_HEIGHT:
            return f"{_MOUSE}\n{_KEYS}"
        if mark := self.mark_at(point):
            return name_events(mark.events, zone)
        if bar := self.bar_at(point):
            return describe_bar(bar, zone)
        return self._unknown_at(point, zone)

    def _unknown_at(self, point: QPointF, zone: tzinfo | None) -> str:
        """Return why a part of the setup's lane is grey; empty for other places."""
        picture = self.picture
        recorded = picture and picture.recorded_from
        if not picture or not recorded or not picture.layout.lane(0).contains(point):
            return ""
        if picture.axis.instant_at(point.x()) >= recorded:
            return ""
        return f"The setup is recorded from {times.exact(recorded, zone)} on."

    def _make_picture(self, data: ChartData) -> Picture:
        zone = self._time_display.zone
        layout = ChartLayout(self.width(), self.height())
        axis = TimeAxis(self._period, LEFT, layout.plot_width)
        most = max(int(layout.plot_width) // _BAR_WIDTH, 1)
        bars = data.totals.bars(self._period, most, zone)
        length = name_of_length(bar_length(self._period, most))
        total = data.totals.total(self._period.since, self._period.until + 1)
        return Picture(
            layout,
            axis,
            bars,
            data.lanes.marks(axis),
            ticks(self._period, int(layout.plot_width) // _TICK_WIDTH, zone),
            (
                f"pull {total.pulled:,}",
                f"forward {total.forwarded:,}",
                f"messages per {length}{self._counted(data.timeline, zone)}",
            ),
            self.devicePixelRatioF(),
            data.timeline.recorded_from,
            self._worked_at,
        )

    @staticmethod
    def _counted(timeline: Timeline, zone: tzinfo | None) -> str:
        """Return what is missing: of very many messages only the latest ones are counted."""
        if timeline.counted_from is None:
            return ""
        return f", counted from {times.minute(timeline.counted_from, zone)} on"

    def _set_period(self, period: Period) -> None:
        if period != self._period:
            self._period = period
            self._rebuild()
            self.period_changed.emit()

    def _rebuild(self) -> None:
        self._picture = None
        self._announce()
        self.update()

    def _current_mark(self) -> Mark | None:
        wanted = frozenset((self._current,))
        marks = self.picture.marks if self.picture else ()
        return next((mark for mark in marks if mark.has(wanted)), None)

    def _is_inside(self, mark: Mark) -> bool:
        return self._period.contains(mark.events[-1].at)

    def _announce(self) -> None:
        """Name the chart by its numbers and the current mark, for screen readers."""
        name = "Timeline chart"
        if self._data is not None:
            period = self._period
            total = self._data.totals.total(period.since, period.until + 1)
            events = counted(len(self._data.timeline.events), "event")
            name += f": {events}, {total.pulled:,} pulled and {total.forwarded:,} forwarded"
        if self._selected and (mark := self._current_mark()):
            name += f". {name_events(mark.events, self._time_display.zone)}"
        if name != self.accessibleName():
            self.setAccessibleName(name)
            self.setAccessibleDescription(_KEYS)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def _show_tooltip(self, point: QPoint) -> None:
        text = self.text_at(QPointF(point))
        QToolTip.showText(self.mapToGlobal(point), plain_tooltip(text), self)

    # Qt's side

    def sizeHint(self) -> QSize:
        return QSize(700, 260)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tooltip(event.pos())
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if picture := self.picture:
            painter = QPainter(self)
            highlights = Highlights(
                self._selected, self._current_mark(), self._dragged, self.hasFocus()
            )
            try:
                self._painter.paint(painter, picture, highlights)
            finally:  # a painter that outlives this call would crash the program
                painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._rebuild()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
