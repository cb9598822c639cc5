"""The log of requests, and what keeps secrets out of logs, cURL commands and crash logs."""

from ibconsole.services.request_log.crash_log import last_words
from ibconsole.services.request_log.curl import curl
from ibconsole.services.request_log.log import Activity, ActivityLog, Entry, asking
from ibconsole.services.request_log.log_files import Redactor, logging_to
from ibconsole.services.request_log.redaction import codes_in, without_codes

__all__ = [
    "Activity",
    "ActivityLog",
    "Entry",
    "Redactor",
    "asking",
    "codes_in",
    "curl",
    "last_words",
    "logging_to",
    "without_codes",
]
