"""Links: what one leads to is selected and shown, and what is selected gets a link to copy."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.links.incoming import IncomingLinks, bring_to_front
    from ibconsole.ui.links.link_commands import LinkCommands
    from ibconsole.ui.links.link_presenter import LinkPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "incoming": "IncomingLinks bring_to_front",
            "link_commands": "LinkCommands",
            "link_presenter": "LinkPresenter",
        },
    )

__all__ = ["IncomingLinks", "LinkCommands", "LinkPresenter", "bring_to_front"]
