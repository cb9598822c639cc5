"""The place of another window."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.ui.windows.cascade import STEP, cascade, place_next_to

SCREEN = QRect(0, 24, 1000, 776)
NEXT = QPoint(100 + STEP, 100 + STEP)


@pytest.mark.parametrize(
    ("frame", "taken", "corner"),
    [
        (QRect(100, 100, 500, 400), (), NEXT),
        (QRect(100, 100, 500, 400), (NEXT,), NEXT + QPoint(STEP, STEP)),
        (QRect(490, 100, 500, 400), (), QPoint(0, 100 + STEP)),  # at the edge on the right
        (QRect(100, 390, 500, 400), (), QPoint(100 + STEP, 24)),  # at the one below
        (QRect(0, 24, 1000, 776), (), QPoint(0, 24)),
        (QRect(-10, -10, 2000, 2000), (), QPoint(0, 24)),  # larger than the screen
    ],
)
def test_the_next_place(frame: QRect, taken: tuple[QPoint, ...], corner: QPoint) -> None:
    """It is one step on, is not taken, and within the screen where the window fits there."""
    assert cascade(frame, SCREEN, taken) == corner


def test_any_number_of_windows() -> None:
    """A place is found, however many are taken: two windows may be in one place then."""
    frame, taken = QRect(0, 24, 990, 770), list[QPoint]()
    for _ in range(5):
        taken.append(cascade(frame, SCREEN, taken))

    assert all(SCREEN.contains(one) for one in taken)


def test_a_maximized_window(plain_window: QMainWindow, qtbot: QtBot) -> None:
    """Next to a maximized window another one has the size that it has otherwise."""
    size = plain_window.size()
    plain_window.showMaximized()
    another = QMainWindow()
    qtbot.addWidget(another)

    place_next_to(another, plain_window, (plain_window,))

    assert another.size() == size
    assert not another.isMaximized()
