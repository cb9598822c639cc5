"""What of a timeline is visible."""

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from ibconsole.services.setup.history.timeline_events import Timeline
from ibconsole.ui.timeline.chart import TimelineChart
from ibconsole.ui.timeline.chart_canvas import prepare_chart
from ibconsole.ui.timeline.time_axis import Period
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.timeline.conftest import picture_of
from tests.ui.timeline.samples import DAY, HOURS, NOW, TIMELINE, days_ago


def place_of(chart: TimelineChart, identity: str) -> QPointF:
    assert chart.picture is not None
    [mark] = (one for one in chart.picture.marks if one.has(frozenset({identity})))
    return QPointF(mark.x, chart.picture.layout.lane(mark.lane).center().y())


def test_everything_begins_with_the_first_event() -> None:
    """Without a beginning the chart begins a little before what is known first."""
    everything = prepare_chart(replace(TIMELINE, since=None, hours=()))
    nothing = prepare_chart(Timeline(connection="c", application="a", until=NOW))

    assert days_ago(7) < everything.bounds.since < days_ago(6.5)
    assert nothing.bounds == Period(days_ago(1), NOW)
    assert prepare_chart(TIMELINE).bounds == Period(days_ago(7), NOW)


def test_the_view_follows_a_growing_end(chart: TimelineChart) -> None:
    """New rows extend the timeline: who looks at its end stays there, others stay in place."""
    later = prepare_chart(replace(TIMELINE, since=days_ago(7) + 60_000, until=NOW + 60_000))
    chart.show_period(Period(days_ago(1), NOW))
    chart.show_data(later, keep=True)
    assert chart.period == Period(days_ago(1) + 60_000, NOW + 60_000)

    chart.show_period(Period(days_ago(3), days_ago(2)))
    chart.show_data(later, keep=True)
    assert chart.period == Period(days_ago(3), days_ago(2))

    chart.show_data(later, keep=False)
    assert chart.period == later.bounds
    assert chart.is_whole


def test_a_chart_that_shows_everything_shows_new_rows(chart: TimelineChart) -> None:
    """A timeline that was not zoomed stays whole."""
    chart.show_data(prepare_chart(replace(TIMELINE, until=NOW + DAY)), keep=True)

    assert chart.is_whole
    assert chart.period.until == NOW + DAY


def test_what_is_under_the_pointer_has_exact_times(chart: TimelineChart) -> None:
    """Marks and bars have tooltips with their times to the millisecond; empty places none."""
    assert "2026-11-23 22:06:40.000 UTC" in chart.text_at(place_of(chart, "created"))
    assert "between 2026-11-27" in chart.text_at(place_of(chart, "replaced"))
    assert chart.picture is not None
    bar = chart.picture.bars[0]
    x = (chart.picture.axis.x_of(bar.since) + chart.picture.axis.x_of(bar.until)) / 2
    assert "pulled" in chart.text_at(QPointF(x, 100))
    assert chart.text_at(QPointF(5, 60)) == ""
    assert "Drag a range" in chart.text_at(QPointF(300, 5))
    setup = chart.picture.layout.lane(0).center().y()
    grey = QPointF(chart.picture.axis.x_of(days_ago(6.9)), setup)
    assert chart.text_at(grey) == "The setup is recorded from 2026-11-23 10:06:40.000 UTC on."
    assert chart.text_at(QPointF(chart.picture.axis.x_of(days_ago(4)), setup)) == ""
    assert chart.text_at(QPointF(chart.picture.axis.x_of(days_ago(0.5)), 100)) == ""


def test_a_limit_of_counting_is_said(chart: TimelineChart) -> None:
    """Where only the latest messages are counted, the legend says from when on."""
    chart.show_data(prepare_chart(replace(TIMELINE, counted_from=days_ago(3))), keep=False)

    assert chart.picture is not None
    assert chart.picture.legend[2] == "messages per 2 hours, counted from 26 Nov 22:06 on"


def test_the_tooltip_is_shown(chart: TimelineChart, qtbot: QtBot) -> None:
    """Hovering shows the text of a mark literally."""
    point = place_of(chart, "failed").toPoint()

    QApplication.sendEvent(chart, QHelpEvent(QEvent.Type.ToolTip, point, QPoint(10, 10)))

    assert "404" in QToolTip.text()


def test_screen_readers_are_given_the_numbers(chart: TimelineChart) -> None:
    """The chart's name has its numbers, and the current mark with its time."""
    pulled = sum(hour.pulled for hour in HOURS)
    assert f"7 events, {pulled} pulled" in chart.accessibleName()

    chart.select(("failed",))
    assert "404" in chart.accessibleName()
    assert "Up and Down" in chart.accessibleDescription()


def test_times_follow_the_switch_to_utc(chart: TimelineChart, time_display: TimeDisplay) -> None:
    """Ticks are computed again when the zone changes."""
    before = chart.picture

    time_display.show_utc(on=False)

    assert chart.picture is not before


def test_the_time_it_worked_is_marked(chart: TimelineChart) -> None:
    """A line with its name stands at the last good time."""
    before = picture_of(chart)

    chart.mark_worked(days_ago(2))

    assert picture_of(chart) != before
    assert chart.picture is not None
    assert chart.picture.worked_at == days_ago(2)


def test_an_empty_chart_is_harmless(chart: TimelineChart, theme: object) -> None:
    """Before there is a timeline there is nothing to zoom, to move or to hit."""
    empty = TimelineChart(theme, TimeDisplay())  # type: ignore[arg-type]
    empty.show_all()
    empty.zoom(1)
    empty.pan(1)
    empty.show_period(Period(0, 1))

    assert empty.picture is None
    assert empty.mark_at(QPointF()) is None
    assert empty.bar_at(QPointF()) is None
    empty.grab()
