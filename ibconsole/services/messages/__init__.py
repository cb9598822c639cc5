"""Stored messages: reading, exporting, importing, maintaining and retaining them.

Re-exports the archive's values, because `ui` may not import the archive.
"""

from ibconsole.archive import (
    ArchiveCounts,
    Delivery,
    DeliveryState,
    Filter,
    Flags,
    Listing,
    MessageRow,
    Order,
    Progress,
    ProgressCallback,
    Reader,
    RedecodingResult,
    RetentionPolicy,
    RetentionPreview,
    Slice,
    StoredMessage,
    Verification,
    Via,
)
from ibconsole.services.messages.async_reader import (
    AsyncReader,
    NoSuchMessage,
    open_reader,
    recovery_told,
)
from ibconsole.services.messages.export import (
    Export,
    ExportOptions,
    ExportSummary,
    Format,
    iso_time,
    message_object,
)
from ibconsole.services.messages.import_file import Outcome, describe_import
from ibconsole.services.messages.jobs import TransferJobs
from ibconsole.services.messages.maintenance import (
    Maintenance,
    describe_redecoding,
    describe_verification,
    verification_report,
)
from ibconsole.services.messages.retention import (
    Retention,
    describe_policy,
    describe_preview,
    read_size,
)

__all__ = [
    "ArchiveCounts",
    "AsyncReader",
    "Delivery",
    "DeliveryState",
    "Export",
    "ExportOptions",
    "ExportSummary",
    "Filter",
    "Flags",
    "Format",
    "Listing",
    "Maintenance",
    "MessageRow",
    "NoSuchMessage",
    "Order",
    "Outcome",
    "Progress",
    "ProgressCallback",
    "Reader",
    "RedecodingResult",
    "Retention",
    "RetentionPolicy",
    "RetentionPreview",
    "Slice",
    "StoredMessage",
    "TransferJobs",
    "Verification",
    "Via",
    "describe_import",
    "describe_policy",
    "describe_preview",
    "describe_redecoding",
    "describe_verification",
    "iso_time",
    "message_object",
    "open_reader",
    "read_size",
    "recovery_told",
    "verification_report",
]
