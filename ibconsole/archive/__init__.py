"""The local archive: everything that was received, in an SQLite file.

Synchronous, and not thread-safe: `Archive` writes, `Reader` reads, and each object belongs to one
thread at a time. Several processes may use one archive together.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.archive import Archive
    from ibconsole.archive.audit import (
        AuditEntry,
        AuditFilter,
        AuditPage,
        AuditReader,
        AuditRemoval,
        AuditRow,
        AuditVerification,
        StoredAuditRow,
        append_audit,
        audit_complete_from,
        audit_row_hash,
        preview_audit_removal,
        read_audit,
        read_stored_row,
        remove_audit,
        verify_audit,
    )
    from ibconsole.archive.backup import back_up
    from ibconsole.archive.bodies import BODY, BODY_SIZE, open_body, read_pieces
    from ibconsole.archive.connection import Checkpointer, fetch, snapshot
    from ibconsole.archive.decoding import peek_messages, undo_content_encoding
    from ibconsole.archive.deletion import doubted_since
    from ibconsole.archive.errors import (
        ArchiveError,
        ArchiveUnwritable,
        JobCancelled,
        NoTables,
        translated,
    )
    from ibconsole.archive.importing import ImportedDelivery, ImportedMessage, ImportResult
    from ibconsole.archive.reader import Reader
    from ibconsole.archive.records import (
        ArchiveCounts,
        DecodingResult,
        Delivery,
        DeliveryCondition,
        DeliveryState,
        Filter,
        Flags,
        ForwardTestRecord,
        Listing,
        MessageRow,
        Order,
        ParsedAnswer,
        Place,
        Progress,
        ProgressCallback,
        RecoveryResult,
        RedecodingResult,
        RetentionPolicy,
        RetentionPreview,
        Slice,
        SourceActivity,
        StoredMessage,
        Verification,
        Via,
    )
    from ibconsole.archive.rows import (
        DeliveryFacts,
        MessageValues,
        read_deliveries,
        read_delivery_applications,
        read_values,
    )
    from ibconsole.archive.schema import (
        ReadOnlyConnection,
        WritableConnection,
        archive_snapshot,
        archive_transaction,
    )
    from ibconsole.archive.statistics import (
        AnsweredForward,
        ArrivedMessage,
        ForwardedMessage,
        PlatformObservations,
        RecentMessage,
        RecentPull,
        SentPayload,
        answered_forwards,
        arrivals_between,
        arrived_messages,
        deliveries_between,
        filled_deliveries,
        first_arrival,
        first_filled,
        forwarded_messages,
        newest_of_applications,
        platform_observations,
        recent_forwards,
        recent_messages,
        recent_pulls,
        sent_payloads,
    )
    from ibconsole.archive.storing import replace_surrogates
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "archive": "Archive",
            "audit": (
                "AuditEntry AuditFilter AuditPage AuditReader AuditRemoval AuditRow "
                "AuditVerification StoredAuditRow append_audit audit_complete_from audit_row_hash "
                "preview_audit_removal read_audit read_stored_row remove_audit verify_audit"
            ),
            "backup": "back_up",
            "bodies": "BODY BODY_SIZE open_body read_pieces",
            "connection": "Checkpointer fetch snapshot",
            "decoding": "peek_messages undo_content_encoding",
            "deletion": "doubted_since",
            "errors": "ArchiveError ArchiveUnwritable JobCancelled NoTables translated",
            "importing": "ImportResult ImportedDelivery ImportedMessage",
            "reader": "Reader",
            "records": (
                "ArchiveCounts DecodingResult Delivery DeliveryCondition DeliveryState Filter "
                "Flags ForwardTestRecord "
                "Listing MessageRow Order ParsedAnswer Place Progress ProgressCallback "
                "RecoveryResult RedecodingResult RetentionPolicy RetentionPreview Slice "
                "SourceActivity StoredMessage Verification Via"
            ),
            "rows": (
                "DeliveryFacts MessageValues read_deliveries read_delivery_applications read_values"
            ),
            "schema": "ReadOnlyConnection WritableConnection archive_snapshot archive_transaction",
            "storing": "replace_surrogates",
            "statistics": (
                "AnsweredForward ArrivedMessage ForwardedMessage PlatformObservations "
                "RecentMessage RecentPull SentPayload answered_forwards arrivals_between "
                "arrived_messages deliveries_between filled_deliveries first_arrival first_filled "
                "forwarded_messages newest_of_applications platform_observations recent_forwards "
                "recent_messages recent_pulls sent_payloads"
            ),
        },
    )

__all__ = [
    "BODY",
    "BODY_SIZE",
    "AnsweredForward",
    "Archive",
    "ArchiveCounts",
    "ArchiveError",
    "ArchiveUnwritable",
    "ArrivedMessage",
    "AuditEntry",
    "AuditFilter",
    "AuditPage",
    "AuditReader",
    "AuditRemoval",
    "AuditRow",
    "AuditVerification",
    "Checkpointer",
    "DecodingResult",
    "Delivery",
    "DeliveryCondition",
    "DeliveryFacts",
    "DeliveryState",
    "Filter",
    "Flags",
    "ForwardTestRecord",
    "ForwardedMessage",
    "ImportResult",
    "ImportedDelivery",
    "ImportedMessage",
    "JobCancelled",
    "Listing",
    "MessageRow",
    "MessageValues",
    "NoTables",
    "Order",
    "ParsedAnswer",
    "Place",
    "PlatformObservations",
    "Progress",
    "ProgressCallback",
    "ReadOnlyConnection",
    "Reader",
    "RecentMessage",
    "RecentPull",
    "RecoveryResult",
    "RedecodingResult",
    "RetentionPolicy",
    "RetentionPreview",
    "SentPayload",
    "Slice",
    "SourceActivity",
    "StoredAuditRow",
    "StoredMessage",
    "Verification",
    "Via",
    "WritableConnection",
    "answered_forwards",
    "append_audit",
    "archive_snapshot",
    "archive_transaction",
    "arrivals_between",
    "arrived_messages",
    "audit_complete_from",
    "audit_row_hash",
    "back_up",
    "deliveries_between",
    "doubted_since",
    "fetch",
    "filled_deliveries",
    "first_arrival",
    "first_filled",
    "forwarded_messages",
    "newest_of_applications",
    "open_body",
    "peek_messages",
    "platform_observations",
    "preview_audit_removal",
    "read_audit",
    "read_deliveries",
    "read_delivery_applications",
    "read_pieces",
    "read_stored_row",
    "read_values",
    "recent_forwards",
    "recent_messages",
    "recent_pulls",
    "remove_audit",
    "replace_surrogates",
    "sent_payloads",
    "snapshot",
    "translated",
    "undo_content_encoding",
    "verify_audit",
]
