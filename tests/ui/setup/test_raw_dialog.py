from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.raw_dialog import RawDialog
from ibconsole.ui.toolkit.theme import Theme


def test_the_whole_record_is_shown_and_copied(theme: Theme, qtbot: QtBot) -> None:
    """Fields unknown to ibconsole are shown as well, and the record is copied whole."""
    dialog = RawDialog("Bora Bank", {"applicationCode": "x", "new": [1]}, theme)
    qtbot.addWidget(dialog)
    assert '"new"' in dialog.view.text.toPlainText()

    dialog.copy.click()

    assert QGuiApplication.clipboard().text() == '{"applicationCode":"x","new":[1]}'
