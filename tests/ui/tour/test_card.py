"""The card of the tour."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.tour.card import TourCard, TourOutline

AREA = QRect(0, 0, 1100, 700)


@pytest.mark.parametrize(
    ("target", "is_covered"),
    [
        (QRect(0, 20, 1100, 40), False),
        (QRect(0, 660, 1100, 40), False),
        (QRect(900, 100, 200, 300), False),
        (QRect(1090, 690, 10, 10), False),
        (AREA, True),
        (QRect(550, 350, 1, 1), False),
    ],
)
def test_the_card_is_seen(qtbot: QtBot, theme: Theme, target: QRect, is_covered: bool) -> None:
    """The card lies within the window, and covers its part only if that fills the window."""
    window = QWidget()
    qtbot.addWidget(window)
    card = TourCard(theme, window)
    card.show_step("Where", "A sentence. " * 12, (2, 5))
    card.place_next_to(target, AREA)

    assert AREA.contains(card.geometry())
    assert card.geometry().intersects(target) == is_covered


def test_the_outline_lets_the_mouse_through(qtbot: QtBot, theme: Theme) -> None:
    """What the outline surrounds can be used."""
    window = QWidget()
    qtbot.addWidget(window)
    outline = TourOutline(theme, window)
    outline.surround(QRect(10, 10, 50, 50))
    window.show()
    outline.show()
    picture = outline.grab()

    assert outline.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert picture.width() >= 50
