"""Fixtures of the timeline's tests."""

from datetime import UTC

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ibconsole.ui.timeline.chart import TimelineChart
from ibconsole.ui.timeline.chart_canvas import prepare_chart
from ibconsole.ui.timeline.pane import TimelinePane
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.timeline.samples import NOW, TIMELINE


@pytest.fixture
def time_display() -> TimeDisplay:
    """Times in UTC, wherever the tests run."""
    display = TimeDisplay()
    display.show_utc(on=True)
    assert display.zone is UTC
    return display


@pytest.fixture
def chart(theme: Theme, time_display: TimeDisplay, qtbot: QtBot) -> TimelineChart:
    """A chart of the sample, on the screen."""
    chart = TimelineChart(theme, time_display)
    qtbot.addWidget(chart)
    chart.resize(826, 260)
    chart.show()
    chart.show_data(prepare_chart(TIMELINE), keep=False)
    return chart


@pytest.fixture
def pane(theme: Theme, time_display: TimeDisplay, qtbot: QtBot) -> TimelinePane:
    """The pane with the sample, on the screen."""
    pane = TimelinePane(theme, time_display=time_display)
    qtbot.addWidget(pane)
    pane.resize(1280, 340)
    pane.show()
    pane.show_timeline(prepare_chart(TIMELINE), keep=False, read_at=NOW)
    return pane


def picture_of(chart: TimelineChart) -> QImage:
    """Return what the chart looks like."""
    return chart.grab().toImage()
