"""Stored messages: reading, export, import, maintenance and retention.

Re-exports the archive's values, because `ui` may not import the archive.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive import (
        ArchiveCounts,
        Delivery,
        DeliveryState,
        Filter,
        Flags,
        Listing,
        MessageRow,
        Order,
        Place,
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
        describe_recovery,
        open_reader,
        pull_status,
        read_status,
    )
    from ibconsole.services.messages.export import (
        Export,
        ExportFailed,
        ExportOptions,
        ExportSummary,
        Format,
        origin_of,
    )
    from ibconsole.services.messages.import_file import ImportSummary, describe_import
    from ibconsole.services.messages.jobs import TransferJobs, run_in_worker
    from ibconsole.services.messages.json_lines import iso_time, message_line, message_object
    from ibconsole.services.messages.maintenance import (
        Maintenance,
        describe_redecoding,
        describe_verification,
        verification_report,
    )
    from ibconsole.services.messages.message_reader import (
        FullReader,
        MessageReader,
        RecordFinder,
        on_disk,
    )
    from ibconsole.services.messages.retention import (
        Retention,
        describe_clock,
        describe_policy,
        describe_preview,
        limits_in_force,
        require_limits,
        why_fixed,
    )
    from ibconsole.services.messages.saving import new_file
    from ibconsole.services.messages.spreadsheet import encode_row, protect_text
    from ibconsole.services.messages.threaded_reader import ReaderThread, ThreadedReader
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ibconsole.archive": (
                "ArchiveCounts Delivery DeliveryState Filter Flags Listing MessageRow Order "
                "Place Progress ProgressCallback Reader RedecodingResult RetentionPolicy "
                "RetentionPreview Slice StoredMessage Verification Via"
            ),
            "async_reader": (
                "AsyncReader NoSuchMessage describe_recovery open_reader pull_status read_status"
            ),
            "export": "Export ExportFailed ExportOptions ExportSummary Format origin_of",
            "import_file": "ImportSummary describe_import",
            "jobs": "TransferJobs run_in_worker",
            "json_lines": "iso_time message_line message_object",
            "maintenance": (
                "Maintenance describe_redecoding describe_verification verification_report"
            ),
            "message_reader": "FullReader MessageReader RecordFinder on_disk",
            "retention": (
                "Retention describe_clock describe_policy describe_preview limits_in_force "
                "require_limits why_fixed"
            ),
            "saving": "new_file",
            "spreadsheet": "encode_row protect_text",
            "threaded_reader": "ReaderThread ThreadedReader",
        },
    )

__all__ = [
    "ArchiveCounts",
    "AsyncReader",
    "Delivery",
    "DeliveryState",
    "Export",
    "ExportFailed",
    "ExportOptions",
    "ExportSummary",
    "Filter",
    "Flags",
    "Format",
    "FullReader",
    "ImportSummary",
    "Listing",
    "Maintenance",
    "MessageReader",
    "MessageRow",
    "NoSuchMessage",
    "Order",
    "Place",
    "Progress",
    "ProgressCallback",
    "Reader",
    "ReaderThread",
    "RecordFinder",
    "RedecodingResult",
    "Retention",
    "RetentionPolicy",
    "RetentionPreview",
    "Slice",
    "StoredMessage",
    "ThreadedReader",
    "TransferJobs",
    "Verification",
    "Via",
    "describe_clock",
    "describe_import",
    "describe_policy",
    "describe_preview",
    "describe_recovery",
    "describe_redecoding",
    "describe_verification",
    "encode_row",
    "iso_time",
    "limits_in_force",
    "message_line",
    "message_object",
    "new_file",
    "on_disk",
    "open_reader",
    "origin_of",
    "protect_text",
    "pull_status",
    "read_status",
    "require_limits",
    "run_in_worker",
    "verification_report",
    "why_fixed",
]
