"""The chart under mouse and keyboard."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.timeline.chart import TimelineChart
from ibconsole.ui.timeline.time_axis import Period
from tests.ui.timeline.conftest import picture_of
from tests.ui.timeline.samples import NOW, days_ago

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def place_of(chart: TimelineChart, identity: str) -> QPoint:
    assert chart.picture is not None
    [mark] = (one for one in chart.picture.marks if one.has(frozenset({identity})))
    return QPoint(round(mark.x), round(chart.picture.layout.lane(mark.lane).center().y()))


def x_of(chart: TimelineChart, instant: int) -> int:
    assert chart.picture is not None
    return round(chart.picture.axis.x_of(instant))


def picks(chart: TimelineChart) -> list[tuple[tuple[str, ...], bool]]:
    found: list[tuple[tuple[str, ...], bool]] = []

    def on_picked(identities: object, extend: bool) -> None:
        assert isinstance(identities, tuple)
        found.append((identities, extend))
        chart.select(identities)

    chart.picked.connect(on_picked)
    return found


def test_keys_move_between_marks(chart: TimelineChart, qtbot: QtBot) -> None:
    """Up and Down go through the marks of all lanes in the order of time."""
    found = picks(chart)

    for _ in range(8):
        qtbot.keyClick(chart, KEYS.Key_Down)
    for key in (KEYS.Key_Up, KEYS.Key_Up):
        qtbot.keyClick(chart, key, Qt.KeyboardModifier.ShiftModifier)

    names = [one for one, _ in found]
    assert names[:7] == [
        ("created",), ("tested",), ("pulled",), ("last",), ("replaced",), ("failed",), ("gap",),
    ]  # fmt: skip
    assert found[7:] == [(("failed",), True), (("replaced",), True)]


def test_keys_reach_marks_outside_of_the_view(chart: TimelineChart, qtbot: QtBot) -> None:
    """From the last visible mark the next one is reached by moving there."""
    found = picks(chart)
    chart.show_period(Period(days_ago(6.2), days_ago(5.5)))

    qtbot.keyClick(chart, KEYS.Key_Down)
    qtbot.keyClick(chart, KEYS.Key_Down)

    assert [one for one, _ in found] == [("created",), ("tested",)]
    assert chart.period.contains(days_ago(5))
    qtbot.keyClick(chart, KEYS.Key_Up)
    assert found[-1][0] == ("created",)


def test_keys_zoom_and_move(chart: TimelineChart, qtbot: QtBot) -> None:
    """Plus and minus zoom, arrows move through time, 0 shows everything."""
    whole = chart.period
    qtbot.keyClick(chart, KEYS.Key_Plus)
    zoomed = chart.period
    assert zoomed.length < whole.length

    qtbot.keyClick(chart, KEYS.Key_Right)
    assert chart.period.since > zoomed.since
    qtbot.keyClick(chart, KEYS.Key_Left)
    assert chart.period == zoomed
    qtbot.keyClick(chart, KEYS.Key_End)
    assert chart.period.until == whole.until
    qtbot.keyClick(chart, KEYS.Key_Home)
    assert chart.period.since == whole.since

    qtbot.keyClick(chart, KEYS.Key_Minus)
    assert chart.period == whole
    qtbot.keyClick(chart, KEYS.Key_Equal)
    qtbot.keyClick(chart, KEYS.Key_0)
    assert chart.is_whole


def test_enter_opens(chart: TimelineChart, qtbot: QtBot) -> None:
    """Enter, and a double click on a mark, ask for more about it; other keys are not taken."""
    with qtbot.waitSignals([chart.activated, chart.activated]):
        qtbot.keyClick(chart, KEYS.Key_Return)
        qtbot.mouseDClick(chart, LEFT, pos=place_of(chart, "failed"))
    qtbot.mouseRelease(chart, LEFT)  # else it stays pressed for the tests that follow
    qtbot.keyClick(chart, KEYS.Key_A)


def turn(chart: TimelineChart, x: float, *, by: int, sideways: bool = False) -> None:
    delta = QPoint(by, 0) if sideways else QPoint(0, by)
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        QPointF(x, 50), QPointF(x, 50), QPoint(), delta, Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003
    )  # fmt: skip
    QApplication.sendEvent(chart, event)


def test_the_wheel_zooms_at_the_pointer(chart: TimelineChart) -> None:
    """What is under the pointer stays; a wheel that turns sideways moves through time."""
    at = days_ago(2)
    x = x_of(chart, at)

    turn(chart, x, by=240)

    assert chart.period.length < 7 * 24 * 3_600_000 / 1.9
    assert abs(x_of(chart, at) - x) <= 2
    before = chart.period
    turn(chart, x, by=120, sideways=True)
    assert chart.period.since < before.since
    turn(chart, x, by=-1200)
    assert chart.is_whole


def drag(chart: TimelineChart, qtbot: QtBot, begin: QPoint, end: QPoint, **kwargs: object) -> None:
    button = kwargs.get("button", LEFT)
    qtbot.mousePress(chart, button, pos=begin)
    qtbot.mouseMove(chart, pos=(begin + end) / 2)
    qtbot.mouseMove(chart, pos=end)
    qtbot.mouseRelease(chart, button, pos=end)


def test_a_dragged_range_is_zoomed_to(chart: TimelineChart, qtbot: QtBot) -> None:
    """A range that is dragged across the bars fills the chart."""
    begin, end = (QPoint(x_of(chart, days_ago(days)), 60) for days in (4, 2))

    drag(chart, qtbot, end, begin)

    hour = 3_600_000
    assert abs(chart.period.since - days_ago(4)) < hour
    assert abs(chart.period.until - days_ago(2)) < hour


@pytest.mark.parametrize("button", [LEFT, Qt.MouseButton.MiddleButton])
def test_the_axis_is_dragged_through_time(
    chart: TimelineChart, qtbot: QtBot, button: Qt.MouseButton
) -> None:
    """The axis is moved with the mouse, and any place with the middle button."""
    chart.show_period(Period(days_ago(4), days_ago(2)))
    height = chart.height() - 5 if button == LEFT else 60

    drag(chart, qtbot, QPoint(300, height), QPoint(400, height), button=button)

    assert chart.period.since < days_ago(4)
    assert chart.period.length == 2 * 24 * 3_600_000


def test_a_click_selects(chart: TimelineChart, qtbot: QtBot) -> None:
    """A click selects a mark, with Ctrl a further one; a click elsewhere selects nothing."""
    found = picks(chart)

    qtbot.mouseClick(chart, LEFT, pos=place_of(chart, "failed"))
    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(chart, LEFT, ctrl, pos=place_of(chart, "created"))
    qtbot.mouseClick(chart, LEFT, pos=QPoint(200, 40))

    assert found == [(("failed",), False), (("created",), True), ((), False)]


def test_the_pointer_shows_what_can_be_clicked(chart: TimelineChart, qtbot: QtBot) -> None:
    """Over a mark the pointer is a hand."""
    qtbot.mouseMove(chart, pos=place_of(chart, "failed"))
    assert chart.cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.mouseMove(chart, pos=QPoint(5, 5))
    assert chart.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_focus_and_the_selection_can_be_seen(chart: TimelineChart, qtbot: QtBot) -> None:
    """A chart with the focus, and one with a selection, look different."""
    chart.clearFocus()
    plain = picture_of(chart)
    chart.activateWindow()
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    focused = picture_of(chart)
    chart.select(("failed",))

    assert plain != focused
    assert picture_of(chart) != focused


def test_zooming_out_of_everything_changes_nothing(chart: TimelineChart, qtbot: QtBot) -> None:
    """`period_changed` is emitted only for another period."""
    with qtbot.assertNotEmitted(chart.period_changed):
        chart.zoom(-3)
    assert chart.period == Period(days_ago(7), NOW)
