"""The command that takes what is in the clipboard to the place where it belongs."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ibconsole.lazy import LazyModule
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import pasting
    from ibconsole.services.pasting import PasteContext, Pasted, PasteOffer
    from ibconsole.ui.pasting import paste_dialog
else:  # imported with the first paste
    pasting = LazyModule("ibconsole.services.pasting")
    paste_dialog = LazyModule("ibconsole.ui.pasting.paste_dialog")


class PasteCommands(QObject):
    """Recognizes the clipboard, and opens a place with it; never acts by itself.

    `places` open what is offered, each with something filled in; an offer without a place is left
    out. `context` says what the window knows. In a text field the shortcut pastes as ever.
    """

    def __init__(
        self,
        context: "Callable[[], PasteContext]",
        places: "Mapping[PasteOffer, Callable[[Pasted], object]]",
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._places = places
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self.paste = Command(
            "Paste anything…", Group.VIEW, self._on_paste, shortcut="Ctrl+V", parent=self
        )
        self.commands = (self.paste,)

    async def recognize(self, text: str) -> None:
        """Say what a text is, and offer the places for it."""
        pasted = await asyncio.to_thread(pasting.recognize, text, self._context())
        offers = [offer for offer in pasted.offers if offer in self._places]
        dialog = paste_dialog.PasteDialog(pasted, offers, self._theme, self._window)
        dialog.chosen.connect(lambda offer: self._places[offer](pasted))
        open_dialog(dialog)

    def _on_paste(self) -> None:
        self._tasks.start("paste", self.recognize, QGuiApplication.clipboard().text())
