"""Pasting on the window."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.services.pasting import PasteContext, Pasted, PasteOffer
from ibconsole.ui.pasting.paste_commands import PasteCommands
from ibconsole.ui.pasting.paste_dialog import PasteDialog
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def taken() -> list[Pasted]:
    return []


@pytest.fixture
async def commands(
    plain_window: QMainWindow, theme: Theme, tasks: UiTasks, taken: list[Pasted]
) -> PasteCommands:
    places: dict[PasteOffer, Callable[[Pasted], object]] = {PasteOffer.FIND_MESSAGES: taken.append}
    commands = PasteCommands(
        lambda: PasteContext(applications={"a-code": "Shop"}), places, tasks, theme, plain_window
    )
    commands.paste.add_to(plain_window)
    return commands


async def test_what_is_pasted_is_taken_to_its_place(
    commands: PasteCommands, plain_window: QMainWindow, tasks: UiTasks, taken: list[Pasted]
) -> None:
    """What the clipboard holds is recognized; only offers that have a place are shown."""
    QGuiApplication.clipboard().setText("a-code")

    commands.paste.trigger()
    await tasks.settled()
    [dialog] = plain_window.findChildren(PasteDialog)
    assert list(dialog.buttons) == [PasteOffer.FIND_MESSAGES]
    assert "Shop" in dialog.sentence.text()
    assert taken == []
    dialog.buttons[PasteOffer.FIND_MESSAGES].click()

    assert [one.code for one in taken] == ["a-code"]


async def test_a_text_field_pastes_as_ever(
    commands: PasteCommands, plain_window: QMainWindow, qtbot: QtBot
) -> None:
    """Ctrl+V in a field is that of the field, and opens nothing."""
    QGuiApplication.clipboard().setText("a-code")
    field = QLineEdit()
    plain_window.setCentralWidget(field)
    plain_window.show()
    field.setFocus()

    qtbot.keyClick(field, Qt.Key.Key_V, CONTROL)

    assert field.text() == "a-code"
    assert plain_window.findChildren(PasteDialog) == []
