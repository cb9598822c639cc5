"""Everything ever received, on disk. Synchronous: one object, one thread at a time."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.backup import BackupDamaged, back_up
from ibconsole.archive.errors import ArchiveError, ArchiveTooNew, ArchiveUnwritable, Stopped
from ibconsole.archive.lock import FileLock, holder_note
from ibconsole.archive.new_file import draft_of, name_draft, require_new
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
    Imported,
    ImportedMessage,
    Listing,
    Order,
    Progress,
    Recovery,
    Redecoded,
    Row,
    Standing,
    StoredMessage,
    Taken,
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
    "Imported",
    "ImportedMessage",
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
    "Taken",
    "Verification",
    "Watch",
    "back_up",
    "draft_of",
    "holder_note",
    "name_draft",
    "require_new",
]
