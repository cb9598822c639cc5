"""The three panes together, and the dialog of a raw record."""

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.panes import RawDialog, SetupPanes
from ibconsole.ui.toolkit.theme import Theme


def test_raw_record(theme: Theme, qtbot: QtBot) -> None:
    """A raw record shows unknown fields, and can be copied, its code masked until it is shown."""
    dialog = RawDialog("Bora Bank", {"applicationCode": "x", "new": [1]}, theme)
    qtbot.addWidget(dialog)
    assert '"new"' in dialog.view.text.toPlainText()

    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == '{"applicationCode":"\u2026","new":[1]}'
    dialog.reveal.click()
    dialog.copy.click()

    assert QGuiApplication.clipboard().text() == '{"applicationCode":"x","new":[1]}'


def test_commands_and_raw_records(theme: Theme, qtbot: QtBot) -> None:
    """The panes list their commands from left to right, and show a record of each as JSON."""
    panes = SetupPanes(theme)
    qtbot.addWidget(panes)
    names = [command.text() for command in panes.commands]
    assert names[0] == "Look up an application…"
    assert names[-1] == "Delete action…"

    panes.actions_pane.raw_requested.emit("Pull action", {"type": "PULL"})

    [dialog] = panes.findChildren(RawDialog)
    assert '"PULL"' in dialog.view.text.toPlainText()
    dialog.close()
