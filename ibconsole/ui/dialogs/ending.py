"""Says why the program ends, where there is no window to say it in."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox


def ending(sentence: str) -> QMessageBox:
    """The box, not shown yet."""
    box = QMessageBox(QMessageBox.Icon.Critical, "ibconsole", sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


async def show_ending(sentence: str) -> None:
    """Show it, and return once its user has closed it."""
    closed = asyncio.Event()
    box = ending(sentence)
    box.finished.connect(lambda _: closed.set())
    box.show()
    await closed.wait()
