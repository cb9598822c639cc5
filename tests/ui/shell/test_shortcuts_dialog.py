from PySide6.QtWidgets import QTableView, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog, place_of
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.toolkit.theme import Theme


def test_shortcuts_are_listed_and_filtered(
    commands: list[Command], theme: Theme, qtbot: QtBot
) -> None:
    """Commands with a shortcut come first; the filter matches names and shortcuts."""
    dialog = ShortcutsDialog(commands, theme)
    qtbot.addWidget(dialog)

    def listed() -> list[str]:
        model = dialog.table.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    assert listed() == ["Pull", "Refresh", "Add a connection", "Close this connection"]
    dialog.search.setText("F5")
    assert listed() == ["Refresh"]


def test_the_place_of_a_shortcut(commands: list[Command], qtbot: QtBot) -> None:
    """A list is called so, and a list inside a pane that has the shortcut, too, is left out."""
    pane, table = QWidget(), QTableView()
    qtbot.addWidget(pane)
    table.setParent(pane)
    pane.setAccessibleName("Activity")
    table.setAccessibleName("Requests")
    [refresh] = [one for one in commands if one.shortcut_text() == "F5"]
    refresh.add_to(table)
    assert place_of(refresh) == "List “Requests”"
    refresh.add_to(pane)
    assert place_of(refresh) == "Activity"
