"""The tables of the team's archive: numbered migrations, which only go forward."""

from ibconsole.team_archive.tables.migrations import MIGRATIONS, READABLE_FROM

__all__ = ["MIGRATIONS", "READABLE_FROM"]
