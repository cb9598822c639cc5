"""The audit in the archive: its chain of rows, and reading it by the call."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.audit.calls import (
        AuditFilter,
        AuditPage,
        AuditReader,
        AuditRow,
        audit_complete_from,
        read_audit,
    )
    from ibconsole.archive.audit.chain import (
        AuditEntry,
        AuditRemoval,
        AuditVerification,
        StoredAuditRow,
        append_audit,
        audit_row_hash,
        check_audit,
        preview_audit_removal,
        read_stored_row,
        remove_audit,
        verify_audit,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "calls": ("AuditFilter AuditPage AuditReader AuditRow audit_complete_from read_audit"),
            "chain": (
                "AuditEntry AuditRemoval AuditVerification StoredAuditRow append_audit "
                "audit_row_hash check_audit preview_audit_removal read_stored_row remove_audit "
                "verify_audit"
            ),
        },
    )

__all__ = [
    "AuditEntry",
    "AuditFilter",
    "AuditPage",
    "AuditReader",
    "AuditRemoval",
    "AuditRow",
    "AuditVerification",
    "StoredAuditRow",
    "append_audit",
    "audit_complete_from",
    "audit_row_hash",
    "check_audit",
    "preview_audit_removal",
    "read_audit",
    "read_stored_row",
    "remove_audit",
    "verify_audit",
]
