"""The log of requests, and what keeps secrets out of logs, cURL commands and crash logs."""

from ibconsole.api import KEPT_BODY
from ibconsole.services.request_log.crash_log import crash_log
from ibconsole.services.request_log.curl import curl
from ibconsole.services.request_log.log import Activity, ActivityLog, Entry, requested_by
from ibconsole.services.request_log.log_files import Redactor, logging_to
from ibconsole.services.request_log.redaction import codes_in, without_codes

__all__ = [
    "KEPT_BODY",
    "Activity",
    "ActivityLog",
    "Entry",
    "Redactor",
    "codes_in",
    "crash_log",
    "curl",
    "logging_to",
    "requested_by",
    "without_codes",
]
