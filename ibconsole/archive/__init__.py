"""Everything ever received, on disk. Synchronous: one object, one thread at a time."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.backup import BackupDamaged, back_up
from ibconsole.archive.errors import ArchiveError, ArchiveTooNew, ArchiveUnwritable, Stopped
from ibconsole.archive.lock import FileLock, holder_note
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import (
    Arrival,
    Counts,
    Damage,
    Decoded,
    Delivery,
    Filter,
    Flags,
    ForwardTestRecord,
    Listing,
    Order,
    Progress,
    Recovery,
    Redecoded,
    Row,
    Standing,
    StoredMessage,
    Verification,
    Watch,
)

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveTooNew",
    "ArchiveUnwritable",
    "Arrival",
    "BackupDamaged",
    "Counts",
    "Damage",
    "Decoded",
    "Delivery",
    "FileLock",
    "Filter",
    "Flags",
    "ForwardTestRecord",
    "Listing",
    "Order",
    "Progress",
    "Reader",
    "Recovery",
    "Redecoded",
    "Row",
    "Standing",
    "Stopped",
    "StoredMessage",
    "Verification",
    "Watch",
    "back_up",
    "holder_note",
]
