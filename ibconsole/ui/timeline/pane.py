"""The Timeline tab: the chart, the events and the figures of the selected application."""

from collections.abc import Callable, Iterable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.services.setup.history import (
    ChangesSinceItWorked,
    EventKind,
    Timeline,
    TimelineEvent,
)
from ibconsole.ui.timeline.chart import TimelineChart
from ibconsole.ui.timeline.chart_canvas import ChartData
from ibconsole.ui.timeline.event_tables import EventDetails, EventViews
from ibconsole.ui.timeline.event_texts import copy_bars, copy_events
from ibconsole.ui.timeline.range_choice import RangeChoice, TimelineRange
from ibconsole.ui.timeline.time_axis import Period
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Group,
    Shortcut,
    Theme,
    TimeDisplay,
    copy_to_clipboard,
    times,
)
from ibconsole.ui.widgets import IconButton, PaneFrame, PushButton, Splitter, paragraph

_SIZES = (720, 480)
_LOWER_SIZES = (220, 110)
_NOTHING_READ = "No timeline is shown."
_NO_EVENT = "Select a change, or two events."
_MARGIN = 0.1  # of the time since it worked, shown before it


class ComparedPoints(msgspec.Struct, frozen=True):
    """Two instants at which the setup is compared, and their names."""

    left: int
    right: int
    left_name: str
    right_name: str


class TimelinePane(PaneFrame):
    """Shows a timeline; the events that are selected are the same in chart and list.

    `compare_requested` carries `ComparedPoints`. `worked_requested` asks what changed since
    messages last arrived as usual.
    """

    range_changed = Signal()
    worked_requested = Signal()
    compare_requested = Signal(object)
    appeared = Signal()
    disappeared = Signal()

    def __init__(
        self,
        theme: Theme,
        views: EventViews | None = None,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__("Timeline", theme, parent)
        self._time_display = time_display or TimeDisplay(self)
        self._data: ChartData | None = None
        self._events: dict[str, TimelineEvent] = {}
        self._selected: tuple[str, ...] = ()
        self._changes: ChangesSinceItWorked | None = None
        self._chose = False
        self.range = RangeChoice()
        self.chart = TimelineChart(theme, self._time_display)
        self.views = views or EventViews(self._time_display)
        self.details = EventDetails(self._time_display)
        self.answer = paragraph()
        self.answer_bar = QFrame(objectName="bar")
        self.show_all_events = PushButton("Show all events", theme)
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self._make_commands()
        self._buttons_of(theme)
        self._place_parts()
        self._connect()
        self._update()

    @property
    def chosen_range(self) -> TimelineRange:
        """The period that the user chose."""
        return self.range.chosen

    @property
    def selected_events(self) -> list[TimelineEvent]:
        """The selected events, oldest first."""
        found = [self._events[one] for one in self._selected if one in self._events]
        return sorted(found, key=lambda event: event.at)

    @property
    def timeline(self) -> Timeline | None:
        """The timeline that is shown; `chart.period` is the visible part of it."""
        return self._data.timeline if self._data else None

    @property
    def changes(self) -> ChangesSinceItWorked | None:
        """The answer that is shown; None while all events are listed."""
        return self._changes

    def choose_range(self, chosen: TimelineRange) -> None:
        """Show another period, without `range_changed`."""
        self.range.choose(chosen)

    def show_timeline(self, data: ChartData, *, keep: bool, read_at: int) -> None:
        """Show a timeline; with `keep` it is the same one read again, and nothing moves."""
        self._data = data
        if not keep:
            self._set_changes(None)
            self._selected = ()
        self.chart.show_data(data, keep=keep)
        self._show_events()
        # Before the chart appears, this is the only control that takes the focus of a new tab.
        waited = not self.has_content and not self._chose and self.range.hasFocus()
        self.show_content(read_at)
        if waited:
            self.chart.setFocus()

    def update_changes(self, changes: ChangesSinceItWorked) -> None:
        """Show the same answer, read again; nothing moves."""
        self._set_changes(changes)
        self._show_events()

    def show_changes(self, changes: ChangesSinceItWorked) -> None:
        """Answer what changed since it last worked: list these events alone, and show their time.

        The first change is selected.
        """
        self.update_changes(changes)
        if self._data is not None:
            until = self._data.bounds.until
            since = changes.worked_at
            since = since if since is not None else self._data.bounds.since
            self.chart.show_period(Period(since - int((until - since) * _MARGIN), until))
        first = next((one for one in changes.events if one.kind is EventKind.CHANGE), None)
        first = first or next(iter(changes.events), None)
        self._select((first.identity,) if first else ())
        self.views.setCurrentWidget(self.views.events)
        self.views.events.setFocus()

    def show_no_timeline(self, sentence: str) -> None:
        """Show why there is no timeline."""
        self._data = None
        self._set_changes(None)
        self._select(())
        self.show_empty(sentence, icon_name="history")
        self._update()

    def _set_changes(self, changes: ChangesSinceItWorked | None) -> None:
        self._changes = changes
        self.answer_bar.setVisible(changes is not None)
        self.answer.setText(changes.answer if changes else "")
        self.chart.mark_worked(changes.worked_at if changes else None)

    def _show_events(self) -> None:
        all_events = self._data.timeline.events if self._data else ()
        listed = self._changes.events if self._changes else all_events
        self._events = {event.identity: event for event in (*all_events, *listed)}
        self._selected = tuple(one for one in self._selected if one in self._events)
        table = self.views.events
        is_first = not table.total
        table.placeholder = (
            "Nothing changed since it last worked."
            if self._changes
            else "No setup change, test or message is known in this period."
        )
        left_out = self._data.timeline.left_out if self._data else 0
        self.views.show_number(len(listed), left_out=bool(left_out) and not self._changes)
        table.show_records(listed)
        if is_first:
            table.scrollToBottom()
        self._show_selection()
        self._show_figures()
        self._update()

    def _show_selection(self) -> None:
        self.views.events.select_records(*self._selected)
        self.chart.select(self._selected)
        self.details.show_events(self.selected_events)

    def _show_figures(self) -> None:
        is_shown = self.views.currentWidget() is self.views.figures
        if is_shown and (picture := self.chart.picture):
            self.views.figures.show_records(picture.bars)

    def _select(self, identities: Iterable[str]) -> None:
        self._selected = tuple(identities)
        self._show_selection()
        if events := self.selected_events:
            self.chart.reveal(events[-1])
        self._update()

    def _update(self) -> None:
        nothing = "" if self._data else _NOTHING_READ
        for command in (self.zoom_in, self.zoom_out, self.whole, self.copy, self.copy_figures):
            command.set_disabled_reason(nothing)
        if self._data and self.chart.is_whole:
            self.zoom_out.set_disabled_reason("Everything is shown.")
            self.whole.set_disabled_reason("Everything is shown.")
        self.compare.set_disabled_reason(nothing or ("" if self._points() else _NO_EVENT))

    def _points(self) -> ComparedPoints | None:
        """Return the two points to compare: two events, or before and after a change."""
        events, zone = self.selected_events, self._time_display.zone
        if not events:
            return None
        first, last = events[0], events[-1]
        if len(events) == 1 and first.kind is not EventKind.CHANGE:
            return None
        before, after = ("Before", "After") if len(events) == 1 else ("At", "At")
        left = _state_after(first)
        if len(events) == 1:
            left = first.seen[0] if first.seen else first.at - 1
        return ComparedPoints(
            left,
            _state_after(last),
            f"{before} {times.exact(first.at, zone)}",
            f"{after} {times.exact(last.at, zone)}",
        )

    def _on_picked(self, identities: object, extend: bool) -> None:
        chosen = tuple(map(str, identities)) if isinstance(identities, tuple) else ()
        if extend:
            chosen = (*(one for one in self._selected if one not in chosen), *chosen)
        if not set(chosen) <= {event.identity for event in self.views.events.records}:
            self._on_show_all()  # the list leaves out what happened before
        self._select(chosen)

    def _on_table_selection_changed(self) -> None:
        records = self.views.events.selected_records
        self._selected = tuple(event.identity for event in records)
        self.chart.select(self._selected)
        self.details.show_events(self.selected_events)
        if records:
            self.chart.reveal(records[-1])
        self._update()

    def _on_range_changed(self) -> None:
        self._chose = True
        self.range_changed.emit()

    def _on_period_changed(self) -> None:
        self._show_figures()
        self._update()

    def _on_times_changed(self) -> None:
        for table in (self.views.events, self.views.figures):
            table.refresh_values()
        self.details.show_events(self.selected_events)

    def _on_show_all(self) -> None:
        self._set_changes(None)
        self._show_events()

    def _on_compare(self) -> None:
        if points := self._points():
            self.compare_requested.emit(points)

    def _on_copy(self) -> None:
        if self.views.currentWidget() is self.views.figures:
            self._on_copy_figures()
            return
        events = self.selected_events if len(self._selected) > 1 else self.views.events.records
        zone = self._time_display.zone
        head = [self.answer.text()] if self._changes else []
        copy_to_clipboard("\n".join((*head, copy_events(events, zone))) + "\n")

    def _on_copy_figures(self) -> None:
        if picture := self.chart.picture:
            copy_to_clipboard(copy_bars(picture.bars, self._time_display.zone) + "\n")

    def _on_activated(self) -> None:
        if self.compare.isEnabled():
            self.compare.trigger()

    def _make_commands(self) -> None:
        def command(
            name: str, run: Callable[[], object], icon_name: str, shortcut: Shortcut = ""
        ) -> Command:
            return Command(
                name, Group.SETUP, run, shortcut=shortcut, icon_name=icon_name, parent=self
            )

        self.worked = command(
            "What changed since it last worked?", self.worked_requested.emit, "history"
        )
        self.compare = command(
            "Compare the setup at the selected points…", self._on_compare, "columns-2"
        )
        self.zoom_in = command(
            "Zoom in on the timeline", lambda: self.chart.zoom(1), "zoom-in", "Ctrl++"
        )
        self.zoom_out = command(
            "Zoom out of the timeline", lambda: self.chart.zoom(-1), "zoom-out", "Ctrl+-"
        )
        self.whole = command(
            "Show the whole timeline", self.chart.show_all, "move-horizontal", "Ctrl+0"
        )
        self.copy = command("Copy the timeline as text", self._on_copy, "copy")
        self.copy_figures = command("Copy the figures as text", self._on_copy_figures, "copy")
        self.commands = (
            self.worked,
            self.compare,
            self.zoom_in,
            self.zoom_out,
            self.whole,
            self.copy,
            self.copy_figures,
        )

    def _buttons_of(self, theme: Theme) -> None:
        def button(command: Command, text: str) -> IconButton:
            made = IconButton(command.icon_name, command.name, theme, room_text=text)
            made.follow(command)
            return made

        self.worked_button = button(self.worked, "What changed since it last worked?")
        self.compare_button = button(self.compare, "Compare…")
        buttons = (
            self.worked_button,
            self.compare_button,
            button(self.zoom_in, "Zoom in"),
            button(self.zoom_out, "Zoom out"),
            button(self.whole, "Whole period"),
            button(self.copy, "Copy"),
        )
        self.add_action(self.range, *buttons)

    def _place_parts(self) -> None:
        bar = QHBoxLayout(self.answer_bar)
        bar.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        bar.addWidget(self.answer, 1)
        bar.addWidget(self.show_all_events)
        self.answer_bar.hide()
        lower = Splitter(Qt.Orientation.Vertical)
        lower.addWidget(self.views)
        lower.addWidget(self.details)
        lower.setSizes(_LOWER_SIZES)
        self.splitter.addWidget(self.chart)
        self.splitter.addWidget(lower)
        for number, width in enumerate(_SIZES):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_SIZES)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.answer_bar)
        layout.addWidget(self.splitter, 1)
        self.set_content(content)

    def _connect(self) -> None:
        for command in self.commands:
            command.add_to(self)
        self.range.currentIndexChanged.connect(self._on_range_changed)
        self.show_all_events.clicked.connect(self._on_show_all)
        self.chart.picked.connect(self._on_picked)
        self.chart.period_changed.connect(self._on_period_changed)
        self.chart.activated.connect(self._on_activated)
        self.chart.copy_pressed.connect(self._on_copy)
        self.views.events.selection_changed.connect(self._on_table_selection_changed)
        self.views.events.activated.connect(self._on_activated)
        self.views.currentChanged.connect(lambda _: self._show_figures())
        self._time_display.changed.connect(self._on_times_changed)

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._changes:
            self._on_show_all()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._chose = False
        self.appeared.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.disappeared.emit()


def _state_after(event: TimelineEvent) -> int:
    """Return a time at which the setup was as the event left it."""
    return event.seen[1] if event.seen else event.at
