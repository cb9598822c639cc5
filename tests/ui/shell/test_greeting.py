from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.greeting import GreetingPage
from ibconsole.ui.toolkit.theme import Theme


def test_the_greeting_offers_two_ways_to_begin(theme: Theme, qtbot: QtBot) -> None:
    """Adding a connection and opening the sandbox work by mouse and by keyboard."""
    page = GreetingPage(theme)
    qtbot.addWidget(page)

    with qtbot.waitSignal(page.add_requested):
        QTest.keyClick(page.add, Qt.Key.Key_Return)
    with qtbot.waitSignal(page.sandbox_requested):
        page.sandbox.click()


def test_the_keyboard_begins_at_adding(theme: Theme, qtbot: QtBot) -> None:
    """On the first start Enter adds a connection: the focus is on that button."""
    page = GreetingPage(theme)
    qtbot.addWidget(page)
    page.show()

    assert page.focusWidget() is page.add
