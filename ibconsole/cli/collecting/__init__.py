"""The command that collects for a team, as a service of a server."""

from ibconsole.cli.collecting.collect import collect

__all__ = ["collect"]
