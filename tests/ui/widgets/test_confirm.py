import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog, Question


def open_dialog(theme: Theme, qtbot: QtBot, typed: str = "") -> ConfirmDialog:
    question = Question("Delete it?", "It cannot be undone.", "Delete", [("Key", "AB3F")], typed)
    dialog = ConfirmDialog(question, theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_enter_and_esc_cancel(theme: Theme, qtbot: QtBot) -> None:
    """Enter and Esc, pressed without reading, change nothing."""
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = open_dialog(theme, qtbot)
        with qtbot.waitSignal(dialog.rejected), qtbot.assertNotEmitted(dialog.accepted):
            qtbot.keyClick(dialog, key)


def test_the_named_button_confirms(theme: Theme, qtbot: QtBot) -> None:
    """The button that names the operation confirms it."""
    dialog = open_dialog(theme, qtbot)

    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.proceed, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("text", "enabled"), [("", False), ("bank", False), ("Bank live", True), (" Bank live ", True)]
)
def test_a_name_must_be_typed(theme: Theme, qtbot: QtBot, text: str, *, enabled: bool) -> None:
    """Where a name has to be typed, only that name enables the button."""
    dialog = open_dialog(theme, qtbot, "Bank live")

    dialog.typed.setText(text)

    assert dialog.proceed.isEnabled() is enabled
