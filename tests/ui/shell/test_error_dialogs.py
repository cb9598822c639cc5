"""The box that tells why the program ends."""

import asyncio

from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.error_dialogs import ending, show_fatal_dialog


def test_what_it_says(qtbot: QtBot) -> None:
    """The sentence as it is: what looks like markup is none."""
    box = ending("<b>The archive</b> cannot be read.")
    qtbot.addWidget(box)

    assert box.text() == "<b>The archive</b> cannot be read."
    assert box.textFormat().name == "PlainText"


async def test_it_waits_for_its_user(qapp: QApplication) -> None:
    """The program goes on once it is closed."""
    waiting = asyncio.get_running_loop().create_task(show_fatal_dialog("It has to end."))
    await asyncio.sleep(0)
    (box,) = [one for one in qapp.topLevelWidgets() if isinstance(one, QMessageBox)]
    assert not waiting.done()

    box.accept()

    await asyncio.wait_for(waiting, 5)
