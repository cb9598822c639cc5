import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts


@pytest.fixture
def toasts(plain_window: QMainWindow, theme: Theme) -> Toasts:
    return Toasts(plain_window, theme)


def press_a_key(window: QMainWindow) -> None:
    """Press a key as a user does, at the window as the system knows it."""
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)


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
    press_a_key(plain_window)
    qtbot.waitUntil(lambda: toasts.shown == [])


def test_a_toast_stays_under_the_mouse(
    toasts: Toasts, plain_window: QMainWindow, qtbot: QtBot
) -> None:
    """The time runs only while the mouse is elsewhere; a longer sentence stays longer."""
    toasts.show(Severity.WARNING, "A sentence that takes a while to read.")
    toasts.show(Severity.INFO, "Short.")
    long, short = toasts.shown
    assert long.timer.interval() > short.timer.interval()

    press_a_key(plain_window)
    qtbot.mouseMove(long, QPoint(5, 5))
    QTest.mouseMove(long, QPoint(6, 6))
    qtbot.waitUntil(lambda: not long.timer.isActive())
    qtbot.mouseMove(short, QPoint(5, 5))
    qtbot.waitUntil(long.timer.isActive)


def test_a_toast_stays_until_it_was_seen(
    toasts: Toasts, plain_window: QMainWindow, qtbot: QtBot
) -> None:
    """No time runs before the user is at the window, nor while another window is in front."""

    def states() -> list[bool]:
        return [toast.seen for toast in toasts.shown]

    qtbot.waitUntil(plain_window.isActiveWindow)
    toasts.show(Severity.OK, "2,943 messages pulled.")
    assert states() == [False]

    press_a_key(plain_window)
    assert states() == [True]
    QCoreApplication.sendEvent(plain_window, QEvent(QEvent.Type.WindowDeactivate))
    assert states() == [False]
    press_a_key(plain_window)
    assert states() == [True]


def test_at_most_four_toasts_are_visible(toasts: Toasts, plain_window: QMainWindow) -> None:
    """Many messages at once do not cover the window; those not seen yet wait for room."""
    for number in range(30):
        toasts.show(Severity.DANGER, f"Failure {number}.")

    assert len(toasts.shown) == 20
    visible = [toast for toast in toasts.shown if toast.isVisible()]
    assert [toast.text.text()[-3:] for toast in visible] == ["26.", "27.", "28.", "29."]
    plain_window.resize(1100, 700)
    assert all(plain_window.rect().contains(toast.geometry()) for toast in visible)
    visible[0].dismiss()
    assert toasts.shown[-4].isVisible()

    press_a_key(plain_window)
    toasts.show(Severity.OK, "Another.")
    assert len(toasts.shown) == 19, "one that was seen gives its room"
    assert toasts.shown[-1].isVisible()


def test_a_toast_can_offer_an_action(
    toasts: Toasts, plain_window: QMainWindow, qtbot: QtBot
) -> None:
    """The action runs once, and the message goes; the focus stays where it is."""
    runs: list[int] = []
    toasts.show(Severity.OK, "Action deleted.", action="Undo…", run=lambda: runs.append(1))
    [toast] = toasts.shown
    assert toast.action.isVisible()

    qtbot.mouseClick(toast.action, Qt.MouseButton.LeftButton)

    assert runs == [1]
    assert toasts.shown == []
    toasts.show(Severity.OK, "Saved.")
    assert not toasts.shown[0].action.isVisible()


def test_only_the_newest_action_is_offered(toasts: Toasts) -> None:
    """What was done first is not to be undone before what was done last."""
    for sentence in ("One.", "Two."):
        toasts.show(Severity.OK, sentence, action="Undo…")
    toasts.show(Severity.INFO, "Three.")

    assert [toast.action.isVisible() for toast in toasts.shown] == [False, True, False]
