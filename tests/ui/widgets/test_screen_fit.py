"""Windows and dialogs on screens that are smaller than they."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ibconsole.ui.widgets.screen_fit import FocusScroll, ScreenFit


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


def make_area(qtbot: QtBot, height: int) -> tuple[FocusScroll, list[QLineEdit]]:
    splitter = QSplitter(Qt.Orientation.Vertical)
    splitter.setHandleWidth(1)
    fields = []
    for _ in range(2):
        half = QWidget()
        half.setMinimumSize(900, 250)
        layout = QVBoxLayout(half)
        fields += [QLineEdit(), QLineEdit()]
        layout.addWidget(fields[-2])
        layout.addStretch(1)
        layout.addWidget(fields[-1])
        splitter.addWidget(half)
    area = FocusScroll(splitter)
    qtbot.addWidget(area)
    area.resize(600, height)
    area.show()
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)
    return area, fields


def test_the_focus_is_followed(qtbot: QtBot) -> None:
    """The half with the focus comes into view; one that is in view moves nothing."""
    area, (first, second, third, fourth) = make_area(qtbot, 270)
    bar, seen = area.verticalScrollBar(), []

    for field in (first, third, fourth, second):
        field.setFocus()
        seen.append(bar.value())

    assert seen == [0, bar.maximum(), bar.maximum(), 0]


def test_a_returned_focus_moves_nothing(qtbot: QtBot) -> None:
    """A dialog that closes gives the focus back to a half that was scrolled away."""
    area, (first, *_) = make_area(qtbot, 270)
    first.setFocus()
    dialog = QLineEdit()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.setFocus()
    area.verticalScrollBar().setValue(200)

    area.activateWindow()
    qtbot.waitUntil(first.hasFocus)

    assert area.verticalScrollBar().value() == 200


def test_an_area_that_is_high_enough_shows_all(qtbot: QtBot) -> None:
    """The content has the size of the area, and is not scrolled."""
    area, (*_, last) = make_area(qtbot, 600)

    last.setFocus()

    content = area.widget()
    assert content is not None
    assert content.size() == area.viewport().size()
    assert area.verticalScrollBar().maximum() == 0
    assert not area.horizontalScrollBar().isVisible()
