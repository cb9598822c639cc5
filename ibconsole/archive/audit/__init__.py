"""The audit of what was changed in accounts and taken from them."""

from ibconsole.archive.audit.trail import (
    AuditEntry,
    AuditFilter,
    AuditRow,
    AuditVerification,
    append_audit,
    read_audit,
    verify_audit,
)

__all__ = [
    "AuditEntry",
    "AuditFilter",
    "AuditRow",
    "AuditVerification",
    "append_audit",
    "read_audit",
    "verify_audit",
]
