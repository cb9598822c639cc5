"""Windows and dialogs on screens that are smaller than they."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.widgets.screen_fit import ScreenFit


class Screen:
    """A screen with this available area, which may change."""

    def __init__(self, area: QRect) -> None:
        self.area = area

    def __call__(self, _window: QWidget) -> QRect:
        return self.area


def make_window(qtbot: QtBot, area: QRect) -> tuple[QWidget, ScreenFit, Screen]:
    window, screen = QWidget(), Screen(area)
    qtbot.addWidget(window)
    window.setMinimumSize(1024, 640)
    window.resize(1280, 800)
    return window, ScreenFit(window, available=screen), screen


def test_a_window_is_no_larger_than_its_screen(qtbot: QtBot) -> None:
    """At a scale of 2 the screen is smaller than the smallest window: all of it is visible."""
    window, _, _ = make_window(qtbot, QRect(0, 20, 960, 520))
    window.move(300, 300)

    window.show()

    assert QRect(0, 20, 960, 520).contains(window.frameGeometry())


def test_a_window_that_fits_is_left_alone(qtbot: QtBot) -> None:
    """On a large screen the window keeps its size, place and smallest size."""
    window, _, _ = make_window(qtbot, QRect(0, 0, 1920, 1080))
    window.move(300, 200)

    window.show()

    assert (window.size(), window.minimumSize()) == (QSize(1280, 800), QSize(1024, 640))
    assert (window.x(), window.y()) == (300, 200)


def test_a_screen_that_was_unplugged(qtbot: QtBot) -> None:
    """A window moves to the screen that is left, and may be as large again when there is room."""
    window, fit, screen = make_window(qtbot, QRect(1920, 0, 2560, 1440))
    window.move(2400, 300)
    window.show()

    screen.area = QRect(0, 0, 800, 600)
    fit.fit()
    assert screen.area.contains(window.frameGeometry())

    screen.area = QRect(0, 0, 1920, 1080)
    fit.fit()
    assert window.minimumSize() == QSize(1024, 640)


def test_without_a_screen_nothing_is_changed(qtbot: QtBot) -> None:
    """Off screen, where pictures are taken, a window has the size that was asked for."""
    window, _, _ = make_window(qtbot, QRect())

    window.show()

    assert window.size() == QSize(1280, 800)


@pytest.mark.parametrize("nested", [False, True])
def test_a_tall_dialog_can_be_scrolled(qtbot: QtBot, *, nested: bool) -> None:
    """A dialog with too little room is on the screen, and its last button is reached."""
    window, _, screen = make_window(qtbot, QRect(0, 0, 640, 360))
    window.show()
    parent: QWidget = window
    if nested:
        parent = QDialog(window)
        parent.show()
    dialog = QDialog(parent)
    layout = QVBoxLayout(dialog)
    for number in range(60):
        layout.addWidget(QLabel(f"Line {number}"))
    last = QPushButton("OK")
    layout.addWidget(last)

    dialog.open()

    assert screen.area.contains(dialog.frameGeometry())
    [scroll] = dialog.findChildren(QScrollArea)

    def is_reached() -> bool:
        scroll.ensureWidgetVisible(last)
        return last.visibleRegion().boundingRect() == last.rect()

    qtbot.waitUntil(is_reached)


def test_a_dialog_that_fits_is_left_alone(qtbot: QtBot) -> None:
    """A dialog with enough room gets no scroll bars."""
    window, _, _ = make_window(qtbot, QRect(0, 0, 1920, 1080))
    window.show()
    dialog = QDialog(window)
    layout = QVBoxLayout(dialog)
    layout.addWidget(QLabel("One line"))

    dialog.open()

    assert dialog.layout() is layout


def test_the_frame_is_known_late(qtbot: QtBot) -> None:
    """A window manager adds the frame after the window was placed: it is placed once more."""
    window, fit, screen = make_window(qtbot, QRect(0, 0, 800, 600))
    window.show()
    screen.area = QRect(0, 30, 800, 570)
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert screen.area.contains(window.frameGeometry())

    window.move(-300, 100)
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert window.x() == -300, "a user may move a window out of the screen"
    assert fit.parent() is window
