import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.buttons import IconButton, PushButton


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_buttons_are_pressed_by_enter_and_space(theme: Theme, qtbot: QtBot, key: Qt.Key) -> None:
    """Each of these keys presses the focused button once."""
    pressed: list[str] = []
    for button in (PushButton("Copy", theme), IconButton("copy", "Copy", theme)):
        qtbot.addWidget(button)
        button.clicked.connect(lambda: pressed.append("pressed"))
        QTest.keyClick(button, key)

    assert pressed == ["pressed", "pressed"]


def test_a_button_follows_its_command(theme: Theme, qtbot: QtBot) -> None:
    """A button is enabled exactly while its command is, and triggers it."""
    runs: list[str] = []
    command = Command("Refresh", Group.VIEW, lambda: runs.append("refresh"))
    button = IconButton("refresh-cw", "Refresh", theme)
    qtbot.addWidget(button)
    button.follow(command)

    command.set_disabled_reason("There is no connection.")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "There is no connection." in button.toolTip()
    command.set_disabled_reason()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert runs == ["refresh"]


def test_an_icon_button_has_a_name(theme: Theme, qtbot: QtBot) -> None:
    """A button without a text has its name as tooltip and for screen readers."""
    button = IconButton("x", "Close", theme)
    qtbot.addWidget(button)

    button.rename("Close all")

    assert (button.accessibleName(), button.toolTip(), button.text()) == (
        "Close all",
        "Close all",
        "",
    )


def test_a_text_without_room_gives_way_to_the_icon(theme: Theme, qtbot: QtBot) -> None:
    """A text for where there is room is never cut: the icon alone is painted."""
    button = IconButton("copy", "Copy it", theme, room_text="Copy everything")
    bare = IconButton("copy", "Copy it", theme)
    for one in (button, bare):
        qtbot.addWidget(one)
        one.show()
    button.show_room_text(on=True)
    for one in (button, bare):
        one.setIcon(bare.icon())
        one.setIconSize(bare.iconSize())
        one.resize(60, 26)

    assert button.grab().toImage() == bare.grab().toImage()
    button.resize(button.sizeHint())
    bare.resize(button.size())
    assert button.grab().toImage() != bare.grab().toImage()
