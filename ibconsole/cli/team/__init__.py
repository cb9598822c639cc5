"""The commands for a team's archive: its preparation, its users, its state."""

from ibconsole.cli.team.team import team

__all__ = ["team"]
