"""The state of one account in a team's archive: its sources, and what the server says of itself."""

import msgspec

from ibconsole.team_archive.connection import translated
from ibconsole.team_archive.encryption import Encryption, encryption_of
from ibconsole.team_archive.session import Capability, SearchSupport, TeamSession

_SOURCES = """
    SELECT label, archive, program, first_seen_at, last_seen_at, waiting, oldest_waiting_at,
        is_collector
    FROM ibconsole.source WHERE account = %s ORDER BY is_collector DESC, label, id
"""
_SERVER = """
    SELECT current_setting('server_version'), session_user, pg_is_in_recovery(),
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint
"""


class TeamSource(msgspec.Struct, frozen=True):
    """An archive that ships to an account: of a desktop or a collector; `archive` is its UUID.

    `waiting` rows were stored there and not shipped yet when it was last seen, the oldest one of
    `oldest_waiting_at`. Times are in milliseconds since the epoch.
    """

    label: str
    archive: str
    program: str
    first_seen_at: int
    last_seen_at: int
    waiting: int = 0
    oldest_waiting_at: int | None = None
    is_collector: bool = False


class TeamOverview(msgspec.Struct, frozen=True):
    """The state of an account in a team's archive, at the server's time `at`.

    `server` is the version of PostgreSQL, and `is_standby` says that it can only be read. `version`
    is that of the tables, and `capabilities` are those of `user` in the account.
    """

    user: str
    server: str
    at: int
    version: int
    search_support: SearchSupport
    capabilities: frozenset[Capability]
    sources: tuple[TeamSource, ...] = ()
    encryption: Encryption = Encryption.LOCAL
    is_standby: bool = False

    @property
    def may_ship(self) -> bool:
        """True if what is received by this user's programs can be stored there."""
        return not self.capabilities.isdisjoint(_SHIPPING)

    @property
    def may_read(self) -> bool:
        """True if this user may read the account's messages."""
        return not self.capabilities.isdisjoint(_READING)

    @property
    def collectors(self) -> tuple[TeamSource, ...]:
        """The sources that are collectors."""
        return tuple(one for one in self.sources if one.is_collector)


_SHIPPING = (Capability.COLLECTOR, Capability.OPERATOR, Capability.OWNER)
_READING = (Capability.READER, Capability.OPERATOR, Capability.OWNER)


def read_overview(session: TeamSession) -> TeamOverview:
    """Read the state of the session's account. Raises a TeamArchiveError."""
    with translated(session.address):
        rows = session.db.execute(_SOURCES, (session.account,)).fetchall()
        [(server, user, is_standby, at)] = session.db.execute(_SERVER).fetchall()
    return TeamOverview(
        user=user,
        server=server.partition(" ")[0],
        at=at,
        version=session.version,
        search_support=session.search_support,
        capabilities=session.capabilities,
        sources=tuple(TeamSource(*row) for row in rows),
        encryption=encryption_of(session.db),
        is_standby=is_standby,
    )
