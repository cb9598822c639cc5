"""The record that a command reads: that of the connection's team, or the archive on this disk."""

from ibconsole.cli.records.opened_record import (
    OpenedRecord,
    local_option,
    open_history,
    open_record,
    record_options,
)

__all__ = ["OpenedRecord", "local_option", "open_history", "open_record", "record_options"]
