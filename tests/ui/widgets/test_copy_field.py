from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.copy_field import CopyField

CODE = "233623e3c860b49ec69a464834343481-8b53"


def test_a_secret_is_masked_until_it_is_revealed(theme: Theme, qtbot: QtBot) -> None:
    """A code is shown masked, and whole only on demand; copying always copies all of it."""
    field = CopyField("application code", theme, secret=True)
    qtbot.addWidget(field)
    field.show_value(CODE)
    field.show()
    field.grab()
    assert field.label.text() == "2336…8b53"
    assert CODE not in field.label.toolTip() + field.label.accessibleName()

    qtbot.mouseClick(field.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == CODE

    qtbot.mouseClick(field.reveal, Qt.MouseButton.LeftButton)
    assert field.label.text() == CODE

    field.show_value("another0another0another0")
    assert field.label.text() == "anot…her0"


def test_nothing_to_copy(theme: Theme, qtbot: QtBot) -> None:
    """An empty field shows a dash, and its button is disabled."""
    field = CopyField("key", theme)
    qtbot.addWidget(field)

    field.show_value("")

    assert field.label.text() == "\N{EN DASH}"
    assert not field.copy.isEnabled()
