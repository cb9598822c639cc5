"""Writing into a team's archive: what a source has stored, in batches, each row once."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.writing.writer import CHANNEL, RefusedRow, TeamWriter
else:
    __getattr__ = lazy_names(__name__, {"writer": "CHANNEL RefusedRow TeamWriter"})

__all__ = ["CHANNEL", "RefusedRow", "TeamWriter"]
