"""Opening the help."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QMainWindow, QVBoxLayout
from pytestqt.qtbot import QtBot

from ibconsole.ui.help.presenter import HelpPresenter
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.dialog_stack import open_dialog


class Form(QDialog):
    """A dialog with a page of its own."""

    help_page = "team"


async def test_help(qtbot: QtBot, theme: Theme) -> None:
    """F1 opens the page about what has the focus, in a dialog as well; the palette finds pages."""
    window = QMainWindow()
    qtbot.addWidget(window)
    presenter = HelpPresenter(window, theme)
    window.addActions(presenter.commands)
    window.show()
    window.activateWindow()
    dialog = Form(window)
    field = QLineEdit()
    QVBoxLayout(dialog).addWidget(field)
    open_dialog(dialog)
    dialog.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClick(field, Qt.Key.Key_F1)
    shown = presenter.help_window
    assert shown
    first = shown.current
    [result, *_] = presenter.search.search("borrowed", 10)
    result.go()

    assert first == "team"
    assert (result.title, shown.current) == ("Borrowed routes", "borrowed-routes")
    assert presenter.help_window is shown
    assert presenter.search.search("bo", 10) == ()
    presenter.open_contents()
    assert shown.current == "index"
    presenter.close()
    dialog.reject()
    assert not shown.isVisible()
