"""The log of requests, log files and crash logs, and the redaction of secrets in all of them."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.api import KEPT_BODY
    from ibconsole.services.request_log.body_codes import (
        MARGIN,
        cover_body_codes,
        mask_body_codes,
        mask_body_part,
    )
    from ibconsole.services.request_log.crash_logging import crash_log
    from ibconsole.services.request_log.curl import curl_command
    from ibconsole.services.request_log.log import (
        Activity,
        ActivityLog,
        Entry,
        purpose_part,
        request_purpose,
        without_codes,
    )
    from ibconsole.services.request_log.log_files import Redactor, logging_to
    from ibconsole.services.request_log.redaction import (
        find_codes,
        is_secret_header,
        mask_codes,
        redact_body,
        redact_headers,
        redact_url,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "ibconsole.api": "KEPT_BODY",
            "body_codes": "MARGIN cover_body_codes mask_body_codes mask_body_part",
            "crash_logging": "crash_log",
            "curl": "curl_command",
            "log": "Activity ActivityLog Entry purpose_part request_purpose without_codes",
            "log_files": "Redactor logging_to",
            "redaction": (
                "find_codes is_secret_header mask_codes redact_body redact_headers redact_url"
            ),
        },
    )

__all__ = [
    "KEPT_BODY",
    "MARGIN",
    "Activity",
    "ActivityLog",
    "Entry",
    "Redactor",
    "cover_body_codes",
    "crash_log",
    "curl_command",
    "find_codes",
    "is_secret_header",
    "logging_to",
    "mask_body_codes",
    "mask_body_part",
    "mask_codes",
    "purpose_part",
    "redact_body",
    "redact_headers",
    "redact_url",
    "request_purpose",
    "without_codes",
]
