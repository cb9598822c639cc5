"""Completions are offered below the filter field, and taken by the keyboard or the mouse."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ibconsole.services.filtering import KnownValues
from ibconsole.ui.messages.completion_popup import CompletionPopup

KNOWN = KnownValues(applications={"1a2b-0000-0000-wxyz": "My shop"}, keywords=("STOP",))


@pytest.fixture
def popup(qtbot: QtBot) -> CompletionPopup:
    field = QLineEdit()
    qtbot.addWidget(field)
    with qtbot.waitExposed(field):
        field.show()
    field.setFocus()
    return CompletionPopup(field, lambda: KNOWN)


def texts(popup: CompletionPopup) -> list[str]:
    return [one.text for one in popup.candidates]


def test_tab_takes_the_first(popup: CompletionPopup) -> None:
    """Fields are offered while they are typed, and their values after them."""
    field = popup._field
    QTest.keyClicks(field, "stop ap")
    assert texts(popup) == ["app:"]

    QTest.keyClick(popup.view, Qt.Key.Key_Tab)
    assert field.text() == "stop app:"
    assert texts(popup) == ['"My shop"']

    QTest.keyClick(popup.view, Qt.Key.Key_Tab)
    assert field.text() == 'stop app:"My shop" '
    assert texts(popup) == []


def test_down_and_return(popup: CompletionPopup) -> None:
    """Down goes through the candidates, Return takes one without searching for a half word."""
    field = popup._field
    QTest.keyClicks(field, "via:")
    QTest.keyClick(popup.view, Qt.Key.Key_Down)
    QTest.keyClick(popup.view, Qt.Key.Key_Down)
    QTest.keyClick(popup.view, Qt.Key.Key_Return)

    assert field.text() == "via:forward "
    assert texts(popup) == []


def test_plain_words_are_not_disturbed(popup: CompletionPopup) -> None:
    """Nothing covers the list for a word that is no field, nor once it is none any more."""
    QTest.keyClicks(popup._field, "hello ")
    assert texts(popup) == []
    QTest.keyClicks(popup._field, "fr")
    assert texts(popup) == ["from:"]
    QTest.keyClicks(popup._field, "ee")
    assert texts(popup) == []


def test_a_click_takes_a_candidate(popup: CompletionPopup, qtbot: QtBot) -> None:
    """A word in the middle is completed where it is."""
    field = popup._field
    field.setText("fl keyword:STOP")
    field.setCursorPosition(2)
    popup.show_all()
    place = popup.view.visualRect(popup.view.model().index(0, 0)).center()
    qtbot.mouseClick(popup.view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert field.text() == "flag: keyword:STOP"


def test_latest_filters(popup: CompletionPopup) -> None:
    """In an empty field the latest filters are offered before everything else, each once."""
    for text in ("stop", " via:pull ", "stop", ""):
        popup.remember(text)
    QTest.keyClick(popup._field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert texts(popup)[:3] == ["stop", "via:pull", "app:"]

    QTest.keyClick(popup.view, Qt.Key.Key_Tab)
    assert popup._field.text() == "stop "
