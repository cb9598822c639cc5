"""The question before a link is followed."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.links.link_dialog import LinkDialog, LinkQuestion
from ibconsole.ui.toolkit.theme import Theme


def test_staying_is_the_default(theme: Theme, qtbot: QtBot) -> None:
    """Enter stays; both Esc and the button that has the focus leave everything as it is."""
    results: list[int] = []
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = LinkDialog(LinkQuestion("Open Beta?", "It is about Beta.", "Open", "Stay"), theme)
        dialog.finished.connect(results.append)
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.stay.isDefault()
        qtbot.keyClick(dialog, key)

    assert results == [0, 0]
