"""Pasting anything on the window: a dialog says what it is, and opens the place it belongs to."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.pasting.paste_commands import PasteCommands
    from ibconsole.ui.pasting.paste_dialog import PasteDialog
else:
    __getattr__ = lazy_names(
        __name__, {"paste_commands": "PasteCommands", "paste_dialog": "PasteDialog"}
    )

__all__ = ["PasteCommands", "PasteDialog"]
