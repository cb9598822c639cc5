"""What the chart looks like."""

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QColor, QImage, QPainter

from ibconsole.services.setup.history.timeline_events import HourCount, Timeline
from ibconsole.ui.timeline.chart import TimelineChart
from ibconsole.ui.timeline.chart_canvas import prepare_chart
from ibconsole.ui.timeline.chart_painter import (
    ChartLayout,
    ChartPainter,
    Highlights,
    round_up,
)
from ibconsole.ui.timeline.marks import LANES
from ibconsole.ui.toolkit.theme import Scheme, Theme
from tests.ui.timeline.samples import DAY, NOW


@pytest.mark.parametrize(
    ("number", "top"),
    [(0, 2), (2, 2), (3, 3), (6, 6), (41, 50), (100, 100), (101, 150), (151, 200), (9001, 10_000)],
)
def test_the_scale_is_round(number: int, top: int) -> None:
    """The highest value of the scale is round, and no bar exceeds it."""
    assert round_up(number) == top


@pytest.mark.parametrize("height", [134, 180, 600])
def test_the_parts_have_room(height: int) -> None:
    """Bars, lanes and labels stand below each other at every height."""
    layout = ChartLayout(700, height)

    assert layout.bars.height() >= 40
    assert layout.lane(0).top() == layout.bars.bottom()
    assert layout.lane(len(LANES) - 1).bottom() == layout.axis_top
    assert layout.axis_top + 18 <= height


def paint(chart: TimelineChart, theme: Theme, scale: int = 1) -> QImage:
    size = chart.size() * scale
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(theme.colours.surface))
    painter = QPainter(image)
    picture = chart.picture
    assert picture is not None
    ChartPainter(theme).paint(painter, replace(picture, scale=scale), Highlights())
    painter.end()
    return image


def colours_of(image: QImage, x: float, scale: int, height: float) -> list[str]:
    """Return the different colours of a column of pixels within the bars."""
    column = round(x * scale)
    rows = range(round(22 * scale), round(height * scale))
    return list(dict.fromkeys(image.pixelColor(column, row).name() for row in rows))


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
@pytest.mark.parametrize("scale", [1, 2])
def test_ways_differ_by_more_than_colour(
    chart: TimelineChart, theme: Theme, scheme: Scheme, scale: int
) -> None:
    """Pulls are a plain area, forwards a pattern, in both schemes and at every scale."""
    theme.apply(scheme)
    hours = tuple(HourCount(NOW // DAY * DAY + n * 3_600_000, 50, 50) for n in range(20))
    timeline = Timeline(
        connection="c", application="a", since=NOW // DAY * DAY, until=NOW, hours=hours
    )
    chart.show_data(prepare_chart(timeline), keep=False)

    image = paint(chart, theme, scale)

    assert chart.picture is not None
    area, bar = chart.picture.layout.bars, chart.picture.bars[3]
    middle = (chart.picture.axis.x_of(bar.since) + chart.picture.axis.x_of(bar.until)) / 2
    found = colours_of(image, middle, scale, area.bottom() - 2)
    colours = theme.colours
    assert found[-1] == colours.accent
    assert {colours.mark_teal, colours.surface} <= set(found[:-1])


def test_a_single_message_can_be_seen(chart: TimelineChart, theme: Theme) -> None:
    """One message next to an hour of a million still has a pixel."""
    hours = (HourCount(NOW - 10 * 3_600_000, 1_000_000, 0), HourCount(NOW - 5 * 3_600_000, 1, 0))
    timeline = Timeline(connection="c", application="a", since=NOW - DAY, until=NOW, hours=hours)
    chart.show_data(prepare_chart(timeline), keep=False)

    image = paint(chart, theme)

    assert chart.picture is not None
    bar = chart.picture.bars[-1]
    x = (chart.picture.axis.x_of(bar.since) + chart.picture.axis.x_of(bar.until)) / 2
    assert theme.colours.accent in colours_of(image, x, 1, chart.picture.layout.bars.bottom())
