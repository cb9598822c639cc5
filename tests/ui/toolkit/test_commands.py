"""Commands: one object for what can be done, wherever it is offered."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.buttons import IconButton


def test_a_command_says_why_it_cannot_be_done(qtbot: QtBot) -> None:
    """Whoever finds a command greyed out is told the reason."""
    command = Command("Delete…", Group.SETUP, lambda: None, shortcut="Del")

    command.set_disabled_reason("Nothing is selected.")

    assert not command.isEnabled()
    assert command.disabled_reason == "Nothing is selected."
    assert "Nothing is selected." in command.toolTip()
    assert "Del" in command.toolTip()


def test_a_button_follows_its_command(qtbot: QtBot, theme: Theme) -> None:
    """A button can be pressed exactly when its command can be done, and does the same."""
    done: list[str] = []
    command = Command("Refresh", Group.VIEW, lambda: done.append("refresh"))
    button = IconButton("refresh-cw", "Refresh", theme)
    qtbot.addWidget(button)
    button.follow(command)

    command.set_disabled_reason("There is no connection.")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    command.set_disabled_reason()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert done == ["refresh"]


def test_a_shortcut_works_within_its_widget(qtbot: QtBot) -> None:
    """The keys of a pane's command are heard by the pane."""
    done: list[str] = []
    pane = QLineEdit()
    qtbot.addWidget(pane)
    command = Command("Refresh", Group.VIEW, lambda: done.append("x"), shortcut="F5", parent=pane)
    command.add_to(pane)
    with qtbot.waitActive(pane):
        pane.show()
        pane.activateWindow()
    pane.setFocus()

    qtbot.keyClick(pane, Qt.Key.Key_F5)

    assert done == ["x"]
