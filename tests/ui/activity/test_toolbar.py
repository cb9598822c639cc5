"""The controls above the list of requests."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.activity.toolbar import ActivityToolbar
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def toolbar(theme: Theme, qtbot: QtBot) -> ActivityToolbar:
    toolbar = ActivityToolbar(theme)
    qtbot.addWidget(toolbar)
    toolbar.show()
    return toolbar


def test_buttons_follow_commands(toolbar: ActivityToolbar) -> None:
    """The buttons run the pane's commands, and show which of them are switched on."""
    ran: list[str] = []
    commands = {
        name: Command(name, Group.ACTIVITY, partial(ran.append, name), parent=toolbar)
        for name in ("only_failures", "codes", "follow", "clear")
    }
    for name in ("only_failures", "codes", "follow"):
        commands[name].setCheckable(True)
    toolbar.follow_commands(**commands)

    toolbar.clear.click()
    toolbar.codes.click()
    commands["follow"].trigger()

    assert ran == ["clear", "codes", "follow"]
    assert commands["codes"].isChecked()
    assert toolbar.follow.isChecked()
    assert not toolbar.clear.isCheckable()


@pytest.mark.parametrize(
    ("shown", "total", "dropped", "text"),
    [
        (0, 0, 0, ""),
        (3, 3, 0, "3"),
        (1, 1200, 0, "1 of 1,200"),
        (5, 5, 7, "5, 7 older dropped"),
    ],
)
def test_count(toolbar: ActivityToolbar, shown: int, total: int, dropped: int, text: str) -> None:
    """The count says how many requests are listed, of how many, and how many were dropped."""
    toolbar.show_count(shown, total, dropped)

    assert toolbar.count.text() == text


def test_escape_clears_the_filter(toolbar: ActivityToolbar, qtbot: QtBot) -> None:
    """Esc in the search field clears it, and asks to leave it."""
    toolbar.search.setText("pull")
    toolbar.activateWindow()
    toolbar.search.setFocus()
    qtbot.waitUntil(toolbar.search.hasFocus)
    with qtbot.waitSignal(toolbar.escaped):
        qtbot.keyClick(toolbar.search, Qt.Key.Key_Escape)

    assert toolbar.search.text() == ""


def test_new_rows_above(toolbar: ActivityToolbar, qtbot: QtBot) -> None:
    """New rows out of sight are counted on a button that leads to them."""
    toolbar.show_unseen(2)
    assert toolbar.unseen.text() == "2 new"
    with qtbot.waitSignal(toolbar.newest_requested):
        toolbar.unseen.click()

    toolbar.show_unseen(0)
    assert toolbar.unseen.isHidden()
