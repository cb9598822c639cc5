"""Stored messages: reading, exporting, importing, maintaining and retaining them.

Re-exports the archive's values, because `ui` may not import the archive.
"""

from ibconsole.archive import (
    Counts,
    Delivery,
    Filter,
    Flags,
    Keep,
    Leaving,
    Listing,
    Order,
    Progress,
    Reader,
    Redecoded,
    Row,
    Slice,
    StoredMessage,
    Verification,
)
from ibconsole.services.messages.async_reader import (
    Browsing,
    NoSuchMessage,
    open_reader,
    recovery_told,
)
from ibconsole.services.messages.export import Export, Exported, Format, Wish
from ibconsole.services.messages.import_file import Outcome
from ibconsole.services.messages.import_file import in_words as imported_in_words
from ibconsole.services.messages.jobs import Transfers
from ibconsole.services.messages.maintenance import Caring
from ibconsole.services.messages.retention import (
    Retention,
    keep_in_words,
    leaving_in_words,
    read_size,
)

__all__ = [
    "Browsing",
    "Caring",
    "Counts",
    "Delivery",
    "Export",
    "Exported",
    "Filter",
    "Flags",
    "Format",
    "Keep",
    "Leaving",
    "Listing",
    "NoSuchMessage",
    "Order",
    "Outcome",
    "Progress",
    "Reader",
    "Redecoded",
    "Retention",
    "Row",
    "Slice",
    "StoredMessage",
    "Transfers",
    "Verification",
    "Wish",
    "imported_in_words",
    "keep_in_words",
    "leaving_in_words",
    "open_reader",
    "read_size",
    "recovery_told",
]
