"""The tables of the team's archive: numbered migrations, which only go forward; searched texts."""

from ibconsole.team_archive.tables.migrations import MIGRATIONS, READABLE_FROM
from ibconsole.team_archive.tables.revisions import END_OF_MONTHS, FIRST_MONTH
from ibconsole.team_archive.tables.search import searched_text

__all__ = ["END_OF_MONTHS", "FIRST_MONTH", "MIGRATIONS", "READABLE_FROM", "searched_text"]
