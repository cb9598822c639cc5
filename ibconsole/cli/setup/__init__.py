"""The commands for the inbound setup: its resources one by one."""

from ibconsole.cli.setup.resources import actions, apps, configs

__all__ = ["actions", "apps", "configs"]
