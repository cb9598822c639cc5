from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.about_dialog import AboutDialog
from ibconsole.ui.toolkit.theme import Theme


def test_versions_and_directories_are_shown_and_copied(
    theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    """The diagnostics hold versions, directories and facts; each folder has a named button."""
    dialog = AboutDialog({"Data": tmp_path}, {"Archive": "3 messages"}, theme)
    qtbot.addWidget(dialog)

    dialog.copy.click()

    copied = QGuiApplication.clipboard().text()
    for label in ("ibconsole: ", "Python: ", "Qt: ", "httpx: ", f"Data: {tmp_path}", "3 messages"):
        assert label in copied
    names = [button.accessibleName() for button in dialog.findChildren(QWidget)]
    assert "Open the folder of data" in names
