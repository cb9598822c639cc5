"""Evidence: cases, to which things are pinned, and their export."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.evidence.export_presenter import CaseExportPresenter
    from ibconsole.ui.evidence.pin_commands import PinCommands
    from ibconsole.ui.evidence.pin_places import MOST_PINNED, PinOffer, PinPlace, PinPlaces
    from ibconsole.ui.evidence.presenter import CasesPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "export_presenter": "CaseExportPresenter",
            "pin_commands": "PinCommands",
            "pin_places": "MOST_PINNED PinOffer PinPlace PinPlaces",
            "presenter": "CasesPresenter",
        },
    )

__all__ = [
    "MOST_PINNED",
    "CaseExportPresenter",
    "CasesPresenter",
    "PinCommands",
    "PinOffer",
    "PinPlace",
    "PinPlaces",
]
