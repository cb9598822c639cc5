"""Recognition of what people paste: commands, URLs, HTTP, JSON, codes, IDs and credentials.

Nothing of it is ever run, sent or opened. What comes of it is a value that says what it is, its
parts, and the places that may be opened with it.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.pasting.recognition import recognize
    from ibconsole.services.pasting.values import (
        PasteContext,
        Pasted,
        PastedKind,
        PastedRequest,
        PasteOffer,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "recognition": "recognize",
            "values": "PasteContext Pasted PastedKind PastedRequest PasteOffer",
        },
    )

__all__ = [
    "PasteContext",
    "PasteOffer",
    "Pasted",
    "PastedKind",
    "PastedRequest",
    "recognize",
]
