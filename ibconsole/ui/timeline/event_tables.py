"""The events of a timeline and the figures of its bars as tables, and the selected events as text.

They say the same as the chart, for screen readers and for tickets.
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QPlainTextEdit, QTabWidget, QWidget

from ibconsole.plural import counted
from ibconsole.services.setup.history import TimelineEvent
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.timeline.event_texts import describe_event, kind_of, when_of
from ibconsole.ui.timeline.hour_bars import Bar
from ibconsole.ui.toolkit import TimeDisplay, one_line, times

_EVENT_WIDTHS = (118, 110, 0)
_BAR_WIDTHS = (0, 150, 90, 90)
_LEAST_DETAILS = 44  # pixels
_MOST_DESCRIBED = 50
_MOST_SELECTED = 500
_NONE_SELECTED = "Select an event in the list or a mark in the chart: its details are shown here."


class EventsTable(RecordsTable):
    """The events, the oldest on top, of which one or several are selected."""

    def __init__(self, time_display: TimeDisplay, parent: QWidget | None = None) -> None:
        columns: Sequence[Column[TimelineEvent]] = (
            Column(
                "Time",
                lambda event: times.column_time(event.at, time_display.zone),
                sort_key=lambda event: event.at,
                tooltip=lambda event: when_of(event, time_display.zone),
            ),
            Column("Kind", kind_of),
            Column(
                "Event",
                lambda event: one_line(event.title),
                tooltip=lambda event: describe_event(event, time_display.zone),
            ),
        )
        super().__init__(
            RecordsModel(columns, lambda event: event.identity), stretch=2, parent=parent
        )
        self._records.setParent(self)
        self.enable_multiple_selection(most=_MOST_SELECTED)
        self.setAccessibleName("Events")
        self.set_widths(*_EVENT_WIDTHS, by_content=True)


class FiguresTable(RecordsTable):
    """The messages of each bar that the chart shows."""

    def __init__(self, time_display: TimeDisplay, parent: QWidget | None = None) -> None:
        columns: Sequence[Column[Bar]] = (
            Column(
                "From",
                lambda bar: times.column_time(bar.since, time_display.zone),
                sort_key=lambda bar: bar.since,
                tooltip=lambda bar: times.exact(bar.since, time_display.zone),
            ),
            Column(
                "To",
                lambda bar: times.column_time(bar.until, time_display.zone),
                sort_key=lambda bar: bar.until,
                tooltip=lambda bar: times.exact(bar.until, time_display.zone),
            ),
            Column("Pulled", lambda bar: f"{bar.pulled:,}", lambda bar: bar.pulled, right=True),
            Column(
                "Forwarded",
                lambda bar: f"{bar.forwarded:,}",
                lambda bar: bar.forwarded,
                right=True,
            ),
        )
        super().__init__(RecordsModel(columns, lambda bar: bar.since), stretch=0, parent=parent)
        self._records.setParent(self)
        self.placeholder = "No message arrived in the visible period."
        self.setAccessibleName("Messages by way")
        self.set_widths(*_BAR_WIDTHS, by_content=True)


class EventViews(QTabWidget):
    """The tables in two tabs."""

    def __init__(self, time_display: TimeDisplay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.events = EventsTable(time_display)
        self.figures = FiguresTable(time_display)
        self.addTab(self.events, "Events")
        self.addTab(self.figures, "Figures")
        self.setAccessibleName("Events and figures")

    def show_number(self, number: int, *, left_out: bool) -> None:
        """Say if only the latest events are listed."""
        self.setTabText(0, f"Events: the latest {number:,}" if left_out else "Events")


class EventDetails(QPlainTextEdit):
    """The selected events in full."""

    def __init__(self, time_display: TimeDisplay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._time_display = time_display
        self.setReadOnly(True)
        self.setPlaceholderText(_NONE_SELECTED)
        self.setAccessibleName("Details of the event")
        self.setTabChangesFocus(True)
        self.setMinimumHeight(_LEAST_DETAILS)

    def show_events(self, events: Sequence[TimelineEvent]) -> None:
        """Show these events, an empty line between two of them."""
        zone = self._time_display.zone
        parts = [describe_event(event, zone) for event in events[:_MOST_DESCRIBED]]
        if more := len(events) - len(parts):
            parts.append(f"and {counted(more, 'more event')}")
        text = "\n\n".join(parts)
        if text != self.toPlainText():
            self.setPlainText(text)
