"""Everything ever received, on disk. Synchronous: one object, one thread at a time."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError, ArchiveTooNew, ArchiveUnwritable
from ibconsole.archive.lock import FileLock, holder_note
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import (
    Arrival,
    Counts,
    Decoded,
    Delivery,
    Filter,
    Flags,
    ForwardTestRecord,
    Recovery,
    Row,
    StoredMessage,
)

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveTooNew",
    "ArchiveUnwritable",
    "Arrival",
    "Counts",
    "Decoded",
    "Delivery",
    "FileLock",
    "Filter",
    "Flags",
    "ForwardTestRecord",
    "Reader",
    "Recovery",
    "Row",
    "StoredMessage",
    "holder_note",
]
