"""The commands for the inbound setup: its resources one by one, the setup as a file, undo."""

from ibconsole.cli.setup.applying import apply_setup, diff_setup, plan_setup
from ibconsole.cli.setup.cloning import clone_setup
from ibconsole.cli.setup.resources import actions, apps, configs
from ibconsole.cli.setup.setup_file import setup
from ibconsole.cli.setup.timeline import (
    compare_setup,
    find_subject,
    named_connection,
    timeline,
)
from ibconsole.cli.setup.undo import undo

__all__ = [
    "actions",
    "apply_setup",
    "apps",
    "clone_setup",
    "compare_setup",
    "configs",
    "diff_setup",
    "find_subject",
    "named_connection",
    "plan_setup",
    "setup",
    "timeline",
    "undo",
]
