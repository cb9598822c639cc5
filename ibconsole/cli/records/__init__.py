"""The record that a command reads, of a team or of this disk, and how much of it is kept."""

from ibconsole.cli.records.following import follow
from ibconsole.cli.records.opened_record import (
    OpenedRecord,
    local_option,
    open_history,
    open_record,
    record_options,
)
from ibconsole.cli.records.retention import retention
from ibconsole.cli.records.support import (
    connection_names,
    read_support,
    saved_base_url,
    support_options,
    write_support,
)

__all__ = [
    "OpenedRecord",
    "connection_names",
    "follow",
    "local_option",
    "open_history",
    "open_record",
    "read_support",
    "record_options",
    "retention",
    "saved_base_url",
    "support_options",
    "write_support",
]
