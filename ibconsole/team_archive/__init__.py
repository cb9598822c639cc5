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
    from ibconsole.team_archive.connection import (
        TeamConnection,
        break_off,
        connect,
        is_timeout,
        translated,
    )
    from ibconsole.team_archive.encryption import ENCRYPTION_REMEDY, Encryption, encryption_of
    from ibconsole.team_archive.errors import (
        NoSuchAccount,
        NoSuchRole,
        PasswordRequired,
        RowRefused,
        TeamArchiveError,
        TeamNotInstalled,
        TeamNotPrepared,
        TeamRefused,
        TeamTooNew,
        TeamUnavailable,
        UnsuitableDatabase,
        UnsuitablePooler,
    )
    from ibconsole.team_archive.overview import TeamOverview, TeamSource, read_overview
    from ibconsole.team_archive.reading import TeamChanges, TeamHistory, TeamNews, TeamReader
    from ibconsole.team_archive.session import (
        Capability,
        SearchSupport,
        TeamSession,
        check_version,
        open_session,
        read_facts,
        read_search_support,
    )
    from ibconsole.team_archive.sources import (
        find_source,
        read_incarnation,
        register_source,
        report_backlog,
    )
    from ibconsole.team_archive.tables import searched_text
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "address": "BadTeamAddress TeamAddress is_database normalize_team_database",
            "connection": "TeamConnection break_off connect is_timeout translated",
            "encryption": "ENCRYPTION_REMEDY Encryption encryption_of",
            "errors": (
                "NoSuchAccount NoSuchRole PasswordRequired RowRefused TeamArchiveError"
                " TeamNotInstalled TeamNotPrepared TeamRefused TeamTooNew TeamUnavailable"
                " UnsuitableDatabase UnsuitablePooler"
            ),
            "overview": "TeamOverview TeamSource read_overview",
            "reading": "TeamChanges TeamHistory TeamNews TeamReader",
            "session": (
                "Capability SearchSupport TeamSession check_version open_session read_facts"
                " read_search_support"
            ),
            "sources": "find_source read_incarnation register_source report_backlog",
            "tables": "searched_text",
        },
    )

__all__ = [
    "ENCRYPTION_REMEDY",
    "BadTeamAddress",
    "Capability",
    "Encryption",
    "NoSuchAccount",
    "NoSuchRole",
    "PasswordRequired",
    "RowRefused",
    "SearchSupport",
    "TeamAddress",
    "TeamArchiveError",
    "TeamChanges",
    "TeamConnection",
    "TeamHistory",
    "TeamNews",
    "TeamNotInstalled",
    "TeamNotPrepared",
    "TeamOverview",
    "TeamReader",
    "TeamRefused",
    "TeamSession",
    "TeamSource",
    "TeamTooNew",
    "TeamUnavailable",
    "UnsuitableDatabase",
    "UnsuitablePooler",
    "break_off",
    "check_version",
    "connect",
    "encryption_of",
    "find_source",
    "is_database",
    "is_timeout",
    "normalize_team_database",
    "open_session",
    "read_facts",
    "read_incarnation",
    "read_overview",
    "read_search_support",
    "register_source",
    "report_backlog",
    "searched_text",
    "translated",
]
