"""The command line interface to the services. Never imports Qt."""

from typing import TYPE_CHECKING

from ibconsole.cli.audit import remove_old_rows
from ibconsole.cli.message_filter import filter_options, read_filter, with_code
from ibconsole.cli.options import (
    API_KEY_VARIABLE,
    DASH,
    FileUnusable,
    GlobalOptions,
    account_options,
    confirm,
    connection_option,
    data_dir_option,
    json_option,
    name_of,
    open_output,
    production_option,
    read_input,
    read_secret,
    reason_option,
    refuse_dash,
    yes_option,
)
from ibconsole.cli.running import (
    ExitCode,
    account_without_secret,
    explain_signals,
    gate_of,
    open_console,
    open_platform,
    protection_of,
    read_surroundings,
    require_account,
    require_permitted,
    resolve_account,
    run,
    saved_connections,
    unsaved_account,
    wait_for_signal,
)

# The commands come last: those in packages import the names above from here. For the same reason
# a type checker has to know the commands before it reads `main`, and follows this import last.
if TYPE_CHECKING:
    from ibconsole.cli.diagnose import diagnose_one, write_findings
    from ibconsole.cli.main import OpenWindow, main
else:
    from ibconsole.cli.diagnose import diagnose_one, write_findings
    from ibconsole.cli.main import OpenWindow, main

__all__ = [
    "API_KEY_VARIABLE",
    "DASH",
    "ExitCode",
    "FileUnusable",
    "GlobalOptions",
    "OpenWindow",
    "account_options",
    "account_without_secret",
    "confirm",
    "connection_option",
    "data_dir_option",
    "diagnose_one",
    "explain_signals",
    "filter_options",
    "gate_of",
    "json_option",
    "main",
    "name_of",
    "open_console",
    "open_output",
    "open_platform",
    "production_option",
    "protection_of",
    "read_filter",
    "read_input",
    "read_secret",
    "read_surroundings",
    "reason_option",
    "refuse_dash",
    "remove_old_rows",
    "require_account",
    "require_permitted",
    "resolve_account",
    "run",
    "saved_connections",
    "unsaved_account",
    "wait_for_signal",
    "with_code",
    "write_findings",
    "yes_option",
]
