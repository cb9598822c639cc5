"""Reading a team's archive as `archive.Reader` reads a file, and its live changes."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.reading.changes import TeamChanges, TeamNews
    from ibconsole.team_archive.reading.history import TeamHistory
    from ibconsole.team_archive.reading.reader import TeamReader
else:
    __getattr__ = lazy_names(
        __name__,
        {"changes": "TeamChanges TeamNews", "history": "TeamHistory", "reader": "TeamReader"},
    )

__all__ = ["TeamChanges", "TeamHistory", "TeamNews", "TeamReader"]
