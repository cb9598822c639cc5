"""Two halves in an area that is too low for both."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.widgets.focus_scroll import FocusScroll


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
