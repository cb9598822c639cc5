from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.commands import Command, Group


def test_a_disabled_command_says_why(qtbot: QtBot) -> None:
    """A disabled command explains the reason in its tooltip, along with its shortcut."""
    command = Command("Delete…", Group.SETUP, lambda: None, shortcut="Del")

    command.set_disabled_reason("Nothing is selected.")

    assert not command.isEnabled()
    assert command.disabled_reason == "Nothing is selected."
    assert "Nothing is selected." in command.toolTip()
    assert "Del" in command.toolTip()


def test_a_shortcut_works_within_its_widget(qtbot: QtBot) -> None:
    """The shortcut of a command works while the focus is in its widget."""
    runs: list[str] = []
    pane = QLineEdit()
    qtbot.addWidget(pane)
    command = Command("Refresh", Group.VIEW, lambda: runs.append("x"), shortcut="F5", parent=pane)
    command.add_to(pane)
    with qtbot.waitActive(pane):
        pane.show()
        pane.activateWindow()
    pane.setFocus()

    qtbot.keyClick(pane, Qt.Key.Key_F5)

    assert runs == ["x"]


def test_a_renamed_command_keeps_its_shortcut(qtbot: QtBot) -> None:
    """The tooltip of a command always shows its current name and its shortcut."""
    command = Command("Delete action…", Group.SETUP, lambda: None, shortcut="Del")

    command.rename("Delete 2 actions…")

    assert command.name == "Delete 2 actions…"
    assert "Delete 2 actions… (Del)" in command.toolTip()
    assert command.shortcut_text() == "Del"
