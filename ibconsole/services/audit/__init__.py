"""The audit: what was changed in accounts and taken from them, by whom, and why."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.api import CallState
    from ibconsole.archive import AuditFilter, AuditVerification
    from ibconsole.services.audit.async_audit import (
        AsyncAudit,
        AuditCall,
        AuditCalls,
        AuditChoices,
    )
    from ibconsole.services.audit.exporting import csv_header, csv_row
    from ibconsole.services.audit.recording import (
        Audit,
        NotRecorded,
        describe_process,
        redact,
        user_act,
        user_name,
    )
    from ibconsole.services.audit.removal import describe_removal, preview_removal, remove
    from ibconsole.services.audit.reports import (
        audit_rows,
        describe_act,
        describe_outcome_of,
        describe_verification,
        verify,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ibconsole.api": "CallState",
            "ibconsole.archive": "AuditFilter AuditVerification",
            "async_audit": "AsyncAudit AuditCall AuditCalls AuditChoices",
            "exporting": "csv_header csv_row",
            "recording": "Audit NotRecorded describe_process redact user_act user_name",
            "removal": "describe_removal preview_removal remove",
            "reports": ("audit_rows describe_act describe_outcome_of describe_verification verify"),
        },
    )

__all__ = [
    "AsyncAudit",
    "Audit",
    "AuditCall",
    "AuditCalls",
    "AuditChoices",
    "AuditFilter",
    "AuditVerification",
    "CallState",
    "NotRecorded",
    "audit_rows",
    "csv_header",
    "csv_row",
    "describe_act",
    "describe_outcome_of",
    "describe_process",
    "describe_removal",
    "describe_verification",
    "preview_removal",
    "redact",
    "remove",
    "user_act",
    "user_name",
    "verify",
]
