import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts


@pytest.fixture
def toasts(plain_window: QMainWindow, theme: Theme) -> Toasts:
    return Toasts(plain_window, theme)


def test_toasts_stack_and_disappear(
    toasts: Toasts, plain_window: QMainWindow, qtbot: QtBot
) -> None:
    """The newest is lowest, a repeated sentence is shown once, a click closes, focus stays."""
    for sentence in ("One.", "Two.", "One."):
        toasts.show(Severity.OK, sentence)

    assert [toast.text.text() for toast in toasts.shown] == ["Two.", "One."]
    upper, lower = toasts.shown
    assert upper.geometry().bottom() < lower.geometry().top()
    assert plain_window.rect().contains(lower.geometry())
    assert not any(isinstance(plain_window.focusWidget(), type(toast)) for toast in toasts.shown)
    qtbot.mouseClick(lower, Qt.MouseButton.LeftButton)
    assert toasts.shown == [upper]
    upper.timer.setInterval(0)
    qtbot.waitUntil(lambda: toasts.shown == [])


def test_a_toast_stays_under_the_mouse(toasts: Toasts, qtbot: QtBot) -> None:
    """The time runs only while the mouse is elsewhere; a longer sentence stays longer."""
    toasts.show(Severity.WARNING, "A sentence that takes a while to read.")
    toasts.show(Severity.INFO, "Short.")
    long, short = toasts.shown
    assert long.timer.interval() > short.timer.interval()

    qtbot.mouseMove(long, QPoint(5, 5))
    QTest.mouseMove(long, QPoint(6, 6))
    qtbot.waitUntil(lambda: not long.timer.isActive())
    qtbot.mouseMove(short, QPoint(5, 5))
    qtbot.waitUntil(long.timer.isActive)


def test_at_most_four_toasts_are_shown(toasts: Toasts, plain_window: QMainWindow) -> None:
    """Many failures at once do not cover the window; the toasts follow its size."""
    for number in range(9):
        toasts.show(Severity.DANGER, f"Failure {number}.")

    assert [toast.text.text() for toast in toasts.shown][-1] == "Failure 8."
    assert len(toasts.shown) == 4
    plain_window.resize(1100, 700)
    assert all(plain_window.rect().contains(toast.geometry()) for toast in toasts.shown)
