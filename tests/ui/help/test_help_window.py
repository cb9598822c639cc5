"""The window of the help."""

from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from ibconsole.ui.help.help_window import HelpWindow
from ibconsole.ui.help.pages import HelpPages
from ibconsole.ui.toolkit.theme import Scheme, Theme


def test_reading(qtbot: QtBot, theme: Theme) -> None:
    """Links and the list lead to pages, *Back* returns, and nothing outside is ever loaded."""
    window = HelpWindow(HelpPages(), theme)
    qtbot.addWidget(window)
    window.show_page("messages")
    window.view.anchorClicked.emit(QUrl("pulling.md"))
    window.view.anchorClicked.emit(QUrl("https://example.com/pulling.md"))
    pulled = window.current
    window.back.click()
    before = window.current
    window.forward.click()
    window.search.setText("firewall rules")
    found = window.list.item(0).text()
    window.search.returnPressed.emit()

    assert (pulled, before) == ("pulling", "messages")
    assert window.view.loadResource(2, QUrl("file:///etc/passwd")) == b""
    assert found == "The platform as a sender"
    assert window.current == "sender"
    assert "Help: The platform as a sender" in window.windowTitle()
    controls = (window.search, window.list, window.view)
    assert all(one.accessibleName() for one in controls)
    window.contents.click()
    theme.apply(Scheme.DARK)
    assert (window.current, window.contents.isEnabled()) == ("index", False)
    assert window.view.toPlainText().startswith("Help")
    window.close()
    assert window.search.text() == ""
    for _ in range(9):
        window.go_back()
    assert (window.current, window.back.isEnabled()) == ("messages", False)
