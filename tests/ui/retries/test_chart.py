"""The chart of a retry simulation under mouse and keyboard."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from ibconsole.services.retry_simulation import (
    BehaviourPhase,
    EndpointState,
    MessageFate,
    RetryAttempt,
)
from ibconsole.ui.retries.chart import RetryChart
from ibconsole.ui.retries.chart_painter import LEFT, STRIP
from ibconsole.ui.toolkit.theme import Theme

ATTEMPTS = (RetryAttempt(0, 0, "503", "down"), RetryAttempt(500, 500, "200", accepted=True))
MESSAGES = tuple(MessageFate(number, 0, ATTEMPTS) for number in (1, 2, 3))


@pytest.fixture
def chart(theme: Theme, qtbot: QtBot) -> RetryChart:
    chart = RetryChart(theme)
    qtbot.addWidget(chart)
    chart.resize(int(LEFT) + 1_016, 160)  # a pixel for each second
    chart.show_span(1_000)
    chart.show_phases(
        (
            BehaviourPhase(0, 100, EndpointState.ERROR, "down"),
            BehaviourPhase(100, None, EndpointState.UP),
        )
    )
    chart.show_messages(MESSAGES)
    chart.show()
    return chart


def test_the_mouse_draws_on_the_strip(chart: RetryChart, qtbot: QtBot) -> None:
    """What is dragged is drawn with the chosen state, at round instants; a click draws nothing."""
    chart.tool = EndpointState.HANG
    left, right = (QPoint(int(LEFT) + x, int(STRIP) // 2) for x in (101, 298))

    with qtbot.waitSignal(chart.drawn) as drawn:
        qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=right)
        qtbot.mouseMove(chart, left)
        qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=left)
    assert drawn.args == [100, 300, EndpointState.HANG]

    with qtbot.assertNotEmitted(chart.drawn):
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=left)
        qtbot.mouseClick(chart, Qt.MouseButton.RightButton, pos=left)


@pytest.mark.parametrize("state", EndpointState)
def test_the_keyboard_draws(chart: RetryChart, qtbot: QtBot, state: EndpointState) -> None:
    """The cursor selects with Shift, and each state has its key."""
    keys, shift, control = (
        Qt.Key,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
    )
    key = [keys.Key_1, keys.Key_2, keys.Key_3, keys.Key_4][list(EndpointState).index(state)]
    qtbot.keyClick(chart, keys.Key_Right, control)
    qtbot.keyClick(chart, keys.Key_Right, shift)
    qtbot.keyClick(chart, keys.Key_Right, shift)
    assert chart.accessibleDescription() == (
        "Cursor at 2 min: up; selected from 1 min 40 s to 2 min"
    )

    with qtbot.waitSignal(chart.drawn) as drawn:
        qtbot.keyClick(chart, key)

    assert drawn.args == [100, 120, state]


def test_without_a_selection_a_step_is_drawn(chart: RetryChart, qtbot: QtBot) -> None:
    """The keys draw from the cursor to the next label; Esc gives a selection up first."""
    qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    with qtbot.waitSignal(chart.drawn) as drawn:
        qtbot.keyClick(chart, Qt.Key.Key_2)
    assert drawn.args == [0, 120, EndpointState.ERROR]
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.accessibleDescription() == "Cursor at 16 min 40 s: up"
    chart.show_span(60)
    assert chart.picture.axis.span == 60


def test_messages_are_picked(chart: RetryChart, qtbot: QtBot) -> None:
    """By a click on their lane, or by Up and Down."""
    lane = chart.picture.lane(1).center().toPoint()
    with qtbot.waitSignal(chart.picked) as picked:
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=lane)
    assert picked.args == [2]
    with qtbot.waitSignal(chart.picked) as picked:
        qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert picked.args == [3]
    with qtbot.waitSignal(chart.picked) as picked:
        qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert picked.args == [3]
    chart.show_messages(())
    with qtbot.assertNotEmitted(chart.picked):
        qtbot.keyClick(chart, Qt.Key.Key_Up)


@pytest.mark.parametrize(
    ("x", "lane", "text"),
    [
        (50, None, "50 s: error (down)"),
        (500, 0, "message 1, attempt 2 at 8 min 20 s, 8 min 20 s after its arrival: 200"),
        (0, 2, "message 3, attempt 1 at 0 s: 503"),
        (250, 1, "message 2"),
    ],
)
def test_what_is_under_the_pointer_is_said(
    chart: RetryChart, x: int, lane: int | None, text: str
) -> None:
    """Of the endpoint, of an attempt, or of a message."""
    y = STRIP / 2 if lane is None else chart.picture.lane(lane).center().y()
    point = QPoint(int(LEFT) + x, int(y))
    event = QHelpEvent(QEvent.Type.ToolTip, point, chart.mapToGlobal(point))

    QApplication.sendEvent(chart, event)

    assert QToolTip.text() == text
    QToolTip.hideText()
