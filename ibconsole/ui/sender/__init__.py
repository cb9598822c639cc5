"""The platform as a sender: firewall rules compared with its networks, and what is known of it."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.sender.commands import SenderCommands
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "commands": "SenderCommands",
        },
    )

__all__ = [
    "SenderCommands",
]
