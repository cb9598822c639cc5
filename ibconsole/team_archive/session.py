"""Sessions with a team's archive: a connection whose tables, account and rights are known.

A session belongs to one thread at a time. What it knows of the rights is for sentences; the
database itself decides about every row.
"""

from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret
from ibconsole.team_archive.address import TeamAddress
from ibconsole.team_archive.connection import (
    STATEMENT_TIMEOUT,
    TeamConnection,
    connect,
    translated,
)
from ibconsole.team_archive.errors import NoSuchAccount, TeamNotPrepared, TeamTooNew
from ibconsole.team_archive.tables import MIGRATIONS

if TYPE_CHECKING:
    from psycopg import errors
else:
    errors = LazyModule("psycopg.errors")


class Capability(StrEnum):
    """The capabilities of a user in an account of a team; the values are stored."""

    COLLECTOR = "collector"  # inserts what was received, and pulls
    OPERATOR = "operator"  # does the same, asks for pulls, reads
    READER = "reader"
    OWNER = "owner"  # migrates the tables, manages accounts; of every account


class SearchSupport(StrEnum):
    """The way in which texts are found."""

    TRIGRAMS = "trigrams"  # by an index of pg_trgm
    SCAN = "scan"  # message by message, the newest first


class TeamSession:
    """An open session with one account of a team.

    `account` is its id in the team's archive, `team` the UUID of that archive, and `version` that
    of its tables.
    """

    def __init__(self, db: TeamConnection, address: TeamAddress) -> None:
        self.db = db
        self.address = address
        facts = read_facts(db, address)
        self.version = check_version(facts, address)
        self.team = facts["team"]
        self.account, self.capabilities = _find_account(db, address)
        self.search_support = read_search_support(db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def may_write(self) -> bool:
        """True if this user may ship to the account and pull from it."""
        return not self.capabilities.isdisjoint(
            (Capability.COLLECTOR, Capability.OPERATOR, Capability.OWNER)
        )

    @property
    def may_read(self) -> bool:
        """True if this user may read the account's messages."""
        return not self.capabilities.isdisjoint(
            (Capability.READER, Capability.OPERATOR, Capability.OWNER)
        )

    def close(self) -> None:
        """Close the connection; closing it twice is harmless."""
        self.db.close()


def open_session(
    address: TeamAddress,
    password: Secret | None,
    purpose: str,
    *,
    read_only: bool = False,
    statement_timeout: float = STATEMENT_TIMEOUT,
) -> TeamSession:
    """Open a session; `purpose` names it to the server's administrator.

    Blocks for up to some CONNECT_TIMEOUT seconds. Raises a TeamArchiveError: TeamNotPrepared,
    TeamTooNew and NoSuchAccount among others.
    """
    db = connect(
        address, password, purpose, read_only=read_only, statement_timeout=statement_timeout
    )
    try:
        with translated(address):
            return TeamSession(db, address)
    except BaseException:
        db.close()
        raise


def read_facts(db: TeamConnection, address: TeamAddress) -> dict[str, str]:
    """Return what the archive says about itself. Raises TeamNotPrepared if it has no tables."""
    try:
        return dict(db.execute("SELECT name, value FROM ibconsole.about").fetchall())
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise TeamNotPrepared(
            f"{address.label} has no tables of a team's archive. Its owner creates them with"
            " ibconsole team init."
        ) from error


def check_version(facts: dict[str, str], address: TeamAddress) -> int:
    """Return the version of the tables, which this program can use.

    A newer version names the lowest one that a program has to know. Raises TeamNotPrepared and
    TeamTooNew.
    """
    version = int(facts.get("version", 0))
    if version < len(MIGRATIONS):
        raise TeamNotPrepared(
            f"The tables at {address.label} are of an older ibconsole. Its owner brings them up to"
            " date with ibconsole team migrate; what is on this disk is unharmed."
        )
    if version > len(MIGRATIONS) and int(facts.get("readable_from", version)) > len(MIGRATIONS):
        raise TeamTooNew(
            f"The tables at {address.label} are of a newer ibconsole. Install that version; what is"
            " on this disk is unharmed, and waits."
        )
    return version


def _find_account(db: TeamConnection, address: TeamAddress) -> tuple[int, frozenset[Capability]]:
    found: tuple[Any, ...] | None = db.execute(
        "SELECT id, ibconsole.capabilities(id) FROM ibconsole.account WHERE name = %s",
        (address.account,),
    ).fetchone()
    if found is None:
        raise NoSuchAccount(
            f"The team's archive at {address.label} has no account “{address.account}” that this"
            " user may use. Its owner adds accounts and users with ibconsole team grant."
        )
    known = set(Capability)
    return found[0], frozenset(Capability(one) for one in found[1] if one in known)


def read_search_support(db: TeamConnection) -> SearchSupport:
    """Return how this archive finds texts."""
    row = db.execute("SELECT to_regclass('ibconsole.message_searched') IS NOT NULL").fetchone()
    return SearchSupport.TRIGRAMS if row and row[0] else SearchSupport.SCAN
