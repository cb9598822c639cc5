from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog
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
