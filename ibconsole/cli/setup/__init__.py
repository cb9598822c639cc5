"""The commands for the inbound setup: its resources one by one, the setup as a file, undo."""

from ibconsole.cli.setup.resources import actions, apps, configs
from ibconsole.cli.setup.setup_file import setup
from ibconsole.cli.setup.undo import undo

__all__ = ["actions", "apps", "configs", "setup", "undo"]
