"""Redelivery: messages are sent again or given back, and the ledger of it is shown."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.redelivery.commands import RedeliveryCommands, RedeliveryView
    from ibconsole.ui.redelivery.item_details import ItemDetails
    from ibconsole.ui.redelivery.pane import RedeliveryPane
    from ibconsole.ui.redelivery.presenter import RedeliveryPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "commands": "RedeliveryCommands RedeliveryView",
            "item_details": "ItemDetails",
            "pane": "RedeliveryPane",
            "presenter": "RedeliveryPresenter",
        },
    )

__all__ = [
    "ItemDetails",
    "RedeliveryCommands",
    "RedeliveryPane",
    "RedeliveryPresenter",
    "RedeliveryView",
]
