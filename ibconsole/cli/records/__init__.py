"""The record that a command reads, of a team or of this disk, and how much of it is kept."""

from ibconsole.cli.records.opened_record import (
    OpenedRecord,
    local_option,
    open_history,
    open_record,
    record_options,
)
from ibconsole.cli.records.retention import retention

__all__ = [
    "OpenedRecord",
    "local_option",
    "open_history",
    "open_record",
    "record_options",
    "retention",
]
