"""The record of a whole team, in PostgreSQL: shipped to, and read like the archive on this disk.

The only room that imports psycopg, an optional extra (`ibconsole[team]`). Everything is
synchronous, and one thread uses an object at a time, as in `archive`, whose values are used here
too.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.address import (
        BadTeamAddress,
        TeamAddress,
        is_database,
        normalize_team_database,
    )
    from ibconsole.team_archive.connection import TeamConnection, translated
    from ibconsole.team_archive.errors import (
        TeamArchiveError,
        TeamNotInstalled,
        TeamNotPrepared,
        TeamRefused,
        TeamTooNew,
        TeamUnavailable,
        UnsuitablePooler,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "address": "BadTeamAddress TeamAddress is_database normalize_team_database",
            "connection": "TeamConnection translated",
            "errors": (
                "TeamArchiveError TeamNotInstalled TeamNotPrepared TeamRefused TeamTooNew"
                " TeamUnavailable UnsuitablePooler"
            ),
        },
    )

__all__ = [
    "BadTeamAddress",
    "TeamAddress",
    "TeamArchiveError",
    "TeamConnection",
    "TeamNotInstalled",
    "TeamNotPrepared",
    "TeamRefused",
    "TeamTooNew",
    "TeamUnavailable",
    "UnsuitablePooler",
    "is_database",
    "normalize_team_database",
    "translated",
]
