"""The commands for the inbound setup: its resources one by one, and the setup as a file."""

from ibconsole.cli.setup.resources import actions, apps, configs
from ibconsole.cli.setup.setup_file import setup

__all__ = ["actions", "apps", "configs", "setup"]
