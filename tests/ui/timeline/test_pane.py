"""The Timeline tab."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.services.setup.history.timeline_events import ChangesSinceItWorked
from ibconsole.ui.timeline.chart_canvas import prepare_chart
from ibconsole.ui.timeline.pane import ComparedPoints, TimelinePane
from ibconsole.ui.timeline.range_choice import TimelineRange
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.timeline.samples import (
    CHANGES,
    CREATED,
    DAY,
    EVENTS,
    FAILED,
    NOW,
    PULLED,
    REPLACED,
    TIMELINE,
    days_ago,
)


def pick(pane: TimelinePane, *identities: str, extend: bool = False) -> None:
    pane.chart.picked.emit(identities, extend)


def test_chart_and_list_have_one_selection(pane: TimelinePane, qtbot: QtBot) -> None:
    """A mark that is chosen in the chart is selected in the list, and the other way round."""
    pick(pane, "failed")
    assert pane.views.events.selected_records == [FAILED]
    assert "404" in pane.details.toPlainText()

    pane.views.events.selectRow(0)
    assert pane.selected_events == [CREATED]
    assert "Action PULL created" in pane.chart.accessibleName()

    pick(pane, "replaced", extend=True)
    assert pane.selected_events == [CREATED, REPLACED]
    pick(pane)
    assert pane.selected_events == []
    assert pane.details.toPlainText() == ""


def test_a_selected_event_is_brought_into_view(pane: TimelinePane) -> None:
    """Choosing an event in the list moves the chart to it."""
    pane.chart.zoom(8)

    pane.views.events.selectRow(0)

    assert pane.chart.period.contains(CREATED.at)


def test_a_refresh_moves_nothing(pane: TimelinePane) -> None:
    """When the timeline grows, selection and view stay."""
    pick(pane, "replaced")
    pane.chart.zoom(3)
    before = pane.chart.period
    grown = replace(TIMELINE, until=NOW + 1000, events=(*EVENTS, replace(PULLED, identity="new")))

    pane.show_timeline(prepare_chart(grown), keep=True, read_at=NOW)

    assert pane.selected_events == [REPLACED]
    assert pane.chart.period == before
    assert pane.views.events.total == len(EVENTS) + 1
    pane.show_timeline(prepare_chart(TIMELINE), keep=False, read_at=NOW)
    assert pane.selected_events == []


def test_what_changed_is_answered(pane: TimelinePane, qtbot: QtBot) -> None:
    """The answer is a sentence; the list has its events alone, and the first change is selected."""
    pane.activateWindow()
    pane.show_changes(CHANGES)

    assert pane.answer.text() == CHANGES.answer
    assert pane.answer_bar.isVisible()
    assert pane.views.events.records == list(CHANGES.events)
    assert pane.selected_events == [REPLACED]
    assert pane.chart.period.since < days_ago(2) < days_ago(2.5) + DAY
    assert pane.chart.picture is not None
    assert pane.chart.picture.worked_at == CHANGES.worked_at

    pane.show_all_events.click()
    assert not pane.answer_bar.isVisible()
    assert pane.views.events.total == len(EVENTS)
    assert pane.chart.picture.worked_at is None


def test_a_mark_before_it_broke_ends_the_answer(pane: TimelinePane) -> None:
    """Choosing a mark that the answer leaves out lists all events again."""
    pane.show_changes(CHANGES)
    pane.update_changes(CHANGES)
    assert pane.selected_events == [REPLACED]

    pick(pane, "failed")
    assert pane.changes == CHANGES
    pick(pane, "created")
    assert pane.selected_events == [CREATED]
    assert not pane.answer_bar.isVisible()


def test_an_answer_without_changes_is_an_answer(pane: TimelinePane) -> None:
    """Nothing changed, or nothing ever arrived: the sentence says so, and nothing is selected."""
    pane.show_changes(ChangesSinceItWorked(answer="No message ever arrived."))

    assert pane.selected_events == []
    assert pane.views.events.placeholder.startswith("Nothing changed")
    assert pane.chart.is_whole


def test_two_points_are_compared(pane: TimelinePane, qtbot: QtBot) -> None:
    """A change is compared with the time before it; two events with each other."""
    assert pane.compare.disabled_reason
    pick(pane, "tested")
    assert pane.compare.disabled_reason

    pick(pane, "replaced")
    with qtbot.waitSignal(pane.compare_requested) as signal:
        pane.compare.trigger()
    assert signal.args == [
        ComparedPoints(
            REPLACED.at - 1,
            REPLACED.at,
            "Before 2026-11-28 10:06:40.000 UTC",
            "After 2026-11-28 10:06:40.000 UTC",
        )
    ]

    # The state after a call is read a moment later.
    seen = replace(CREATED, identity="seen", seen=(CREATED.at - 500, CREATED.at + 300))
    pane.show_timeline(
        prepare_chart(replace(TIMELINE, events=(seen, *EVENTS))), keep=True, read_at=NOW
    )
    pick(pane, "seen")
    with qtbot.waitSignal(pane.compare_requested) as signal:
        pane.compare.trigger()
    assert signal.args is not None
    assert (signal.args[0].left, signal.args[0].right) == (CREATED.at - 500, CREATED.at + 300)
    pick(pane, "replaced")

    pick(pane, "created", extend=True)
    with qtbot.waitSignal(pane.compare_requested) as signal:
        qtbot.keyClick(pane.chart, Qt.Key.Key_Return)
    assert signal.args is not None
    assert (signal.args[0].left, signal.args[0].right) == (CREATED.at, REPLACED.at)
    assert signal.args[0].left_name.startswith("At 2026-11-23")


def test_the_figures_are_those_of_the_bars(pane: TimelinePane) -> None:
    """The table has the numbers of the visible bars, and follows the zoom."""
    pane.views.setCurrentWidget(pane.views.figures)
    assert pane.chart.picture is not None
    assert pane.views.figures.records == pane.chart.picture.bars
    before = pane.views.figures.records

    pane.zoom_in.trigger()

    assert pane.views.figures.records == pane.chart.picture.bars != before
    pane.whole.trigger()
    assert pane.chart.is_whole


def test_commands_say_why_they_are_disabled(pane: TimelinePane) -> None:
    """What cannot be done now has its reason."""
    assert pane.zoom_out.disabled_reason == pane.whole.disabled_reason == "Everything is shown."
    pane.zoom_in.trigger()
    assert not pane.zoom_out.disabled_reason
    pane.zoom_out.trigger()
    assert pane.whole.disabled_reason

    pane.show_no_timeline("Nothing is known.")
    assert pane.copy.disabled_reason
    assert pane.notice.sentence.text() == "Nothing is known."


def test_esc_ends_the_answer(pane: TimelinePane, qtbot: QtBot) -> None:
    """Esc lists all events again."""
    pane.show_changes(CHANGES)

    qtbot.keyClick(pane.views.events, Qt.Key.Key_Escape)

    assert pane.views.events.total == len(EVENTS)
    qtbot.keyClick(pane.chart, Qt.Key.Key_Escape)
    assert not pane.answer_bar.isVisible()


def test_what_is_left_out_is_said(pane: TimelinePane) -> None:
    """A list of the latest events does not look like one of all."""
    assert pane.views.tabText(0) == "Events"

    few = prepare_chart(replace(TIMELINE, left_out=12))
    pane.show_timeline(few, keep=True, read_at=NOW)

    assert pane.views.tabText(0) == "Events: the latest 7"


def test_events_and_figures_are_copied(pane: TimelinePane, qtbot: QtBot) -> None:
    """A ticket gets the listed events, or those selected, with the answer before them."""
    pane.copy.trigger()
    assert len(QGuiApplication.clipboard().text().splitlines()) == len(EVENTS)

    pick(pane, "created")
    pick(pane, "failed", extend=True)
    pane.copy.trigger()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2

    pane.show_changes(CHANGES)
    pane.copy.trigger()
    assert QGuiApplication.clipboard().text().startswith(CHANGES.answer)

    pane.copy_figures.trigger()
    assert QGuiApplication.clipboard().text().startswith("From\tTo\tPulled\tForwarded\n")
    qtbot.keyClick(pane.chart, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith(CHANGES.answer)
    pane.views.setCurrentWidget(pane.views.figures)
    pane.copy.trigger()
    assert QGuiApplication.clipboard().text().startswith("From\tTo")


@pytest.mark.parametrize("chosen", list(TimelineRange))
def test_periods_have_presets(pane: TimelinePane, qtbot: QtBot, chosen: TimelineRange) -> None:
    """The user chooses a period by its name."""
    with qtbot.assertNotEmitted(pane.range_changed):
        pane.choose_range(TimelineRange.MONTH)
        pane.choose_range(chosen)
    assert pane.chosen_range is chosen
    assert chosen.since(NOW) == (None if chosen.value is None else NOW - chosen.value * DAY)
    other = pane.range.count() - 1 - pane.range.currentIndex()
    with qtbot.waitSignal(pane.range_changed):
        pane.range.setCurrentIndex(other)


def test_times_follow_the_switch_to_utc(pane: TimelinePane, time_display: TimeDisplay) -> None:
    """The selected event's times are shown in the zone that the user chose."""
    pick(pane, "created")
    time_display.show_utc(on=False)

    assert pane.selected_events == [CREATED]
    assert "2026-11-" in pane.details.toPlainText()


def test_the_focus_waits_for_the_chart(
    theme: Theme, time_display: TimeDisplay, qtbot: QtBot
) -> None:
    """A tab that opens before its timeline is read has the focus in the chart afterwards."""
    pane = TimelinePane(theme, time_display=time_display)
    qtbot.addWidget(pane)
    pane.show()
    pane.activateWindow()
    pane.range.setFocus()
    qtbot.waitUntil(pane.range.hasFocus)

    pane.show_timeline(prepare_chart(TIMELINE), keep=False, read_at=NOW)
    assert pane.chart.hasFocus()

    pane.show_no_timeline("Nothing happened.")
    pane.range.setFocus()
    pane.range.setCurrentIndex(0)
    pane.show_timeline(prepare_chart(TIMELINE), keep=False, read_at=NOW)
    assert pane.range.hasFocus()


def test_the_pane_says_when_it_is_seen(pane: TimelinePane, qtbot: QtBot) -> None:
    """Nothing is read while the tab is hidden: it says when it appears and disappears."""
    with qtbot.waitSignal(pane.disappeared):
        pane.hide()
    with qtbot.waitSignal(pane.appeared):
        pane.show()
