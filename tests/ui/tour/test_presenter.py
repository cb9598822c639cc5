"""The course of the tour."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.tour.presenter import TourPresenter
from ibconsole.ui.tour.steps import STEPS, TourPart


class Place(QWidget):
    """A window with a field, which all steps but one point at."""

    def __init__(self) -> None:
        super().__init__()
        self.field, self.hidden = QLineEdit(), QLineEdit()
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addWidget(self.hidden)
        self.hidden.hide()
        self.resize(800, 600)
        self.connected = False
        self.ended: list[int] = []

    def tour(self, theme: Theme) -> TourPresenter:
        targets = {
            part: (lambda: self.hidden) if part is TourPart.TABS else (lambda: self.field)
            for part in TourPart
        }
        tour = TourPresenter(self, theme, targets, lambda: self.connected)
        tour.ended.connect(lambda: self.ended.append(tour.step))
        return tour


@pytest.fixture
def place(qtbot: QtBot) -> Place:
    place = Place()
    qtbot.addWidget(place)
    place.show()
    place.activateWindow()
    place.field.setFocus()
    qtbot.waitUntil(place.field.hasFocus)
    return place


def test_the_tour(qtbot: QtBot, theme: Theme, place: Place) -> None:
    """Enter goes on to the end, the focus comes back, and the window can be used meanwhile."""
    tour = place.tour(theme)
    tour.command.trigger()
    texts = [tour.card.text.text()]
    assert tour.card.sandbox.isVisible()
    assert tour.outline.geometry() == place.field.geometry()
    place.resize(700, 500)
    qtbot.waitUntil(lambda: tour.outline.geometry() == place.field.geometry())
    qtbot.keyClicks(place.field, "work goes on")
    place.connected = True
    for _ in STEPS[1:]:
        qtbot.keyClick(tour.card.next, Qt.Key.Key_Return)
        texts.append(tour.card.text.text())
        assert tour.outline.isVisible() == (STEPS[tour.step].part is not TourPart.TABS)
    qtbot.keyClick(tour.card.next, Qt.Key.Key_Return)

    assert texts == [STEPS[0].before, *(step.text for step in STEPS[1:])]
    assert (place.field.text(), place.ended) == ("work goes on", [4])
    assert not tour.is_shown
    assert place.field.hasFocus()


def test_ways_out(qtbot: QtBot, theme: Theme, place: Place) -> None:
    """It can be skipped, left with Esc, gone back in, and started again from its beginning."""
    tour = place.tour(theme)
    asked: list[bool] = []
    tour.sandbox_requested.connect(lambda: asked.append(True))
    tour.start()
    tour.card.sandbox.click()
    tour.go_on()
    tour.go_back()
    tour.go_back()
    assert (tour.step, asked) == (0, [True])
    tour.card.skip.setFocus()
    qtbot.keyClick(tour.card.skip, Qt.Key.Key_Return)
    tour.end()
    tour.start()
    tour.go_on()
    tour.start()
    qtbot.keyClick(tour.card.next, Qt.Key.Key_Escape)

    assert place.ended == [0, 0]
    assert tour.outline.isHidden()
