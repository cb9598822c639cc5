"""The errors of a team's archive.

* TeamArchiveError       the team's archive cannot be used
  - TeamNotInstalled     the program was installed without the extra `team`
  - TeamUnavailable      it is away, slow, full or read-only: it may be back later
  - TeamRefused          it does not admit this user: log-in, certificate, rights
    - PasswordRequired   a password is needed to know
  - UnsuitablePooler     a connection pooler in between breaks what the archive relies on
  - TeamNotPrepared      the database has no tables of a team's archive, or older ones
  - TeamTooNew           a newer ibconsole migrated it
  - NoSuchAccount        it has no such account, or none that this user may use
  - NoSuchRole           its server has no such user or group
  - RowRefused           it refuses a row for good; others are not affected
  - UnsuitableDatabase   it cannot hold a team's archive: too old a server, another encoding
"""

from ibconsole.archive import ArchiveError


class TeamArchiveError(ArchiveError):
    """The team's archive cannot be used; what is on this disk is unharmed."""


class TeamNotInstalled(TeamArchiveError):
    """The library for PostgreSQL is not installed."""


class TeamUnavailable(TeamArchiveError):
    """The database is away, slow, full or read-only; trying again later may help."""


class TeamRefused(TeamArchiveError):
    """The database does not admit this user, or does not permit what was asked."""


class PasswordRequired(TeamRefused):
    """The database asks for a password, and none was given or found."""


class UnsuitablePooler(TeamArchiveError):
    """A pooler gives the statements of one session to several sessions of the server."""


class TeamNotPrepared(TeamArchiveError):
    """The database has no tables of a team's archive, or older ones than this program needs."""


class TeamTooNew(TeamArchiveError):
    """The tables are newer than this program can use."""


class NoSuchAccount(TeamArchiveError):
    """The team's archive has no account of this name that this user may use."""


class NoSuchRole(TeamArchiveError):
    """The server has no user or group of this name."""


class UnsuitableDatabase(TeamArchiveError):
    """The database cannot hold the tables: the server is too old, or the encoding is not UTF-8."""


class RowRefused(TeamArchiveError):
    """The database refuses a row because of what is in it; trying again would not help."""
