"""The report about a team's archive: its accounts, who ships to them, who pulls.

It shows what the user may see; an owner sees every account.
"""

import msgspec

from ibconsole.team_archive import (
    SearchSupport,
    TeamAddress,
    TeamConnection,
    TeamOverview,
    TeamSession,
    check_version,
    read_facts,
    read_overview,
    read_search_support,
)
from ibconsole.team_archive.administration.months import TeamRetention, read_retention
from ibconsole.team_archive.pulling import PullHolder, find_holder


class AccountReport(msgspec.Struct, frozen=True):
    """An account of a team: its state as its users see it, and who pulls from it."""

    name: str
    base_url: str
    overview: TeamOverview
    holder: PullHolder | None


class TeamReport(msgspec.Struct, frozen=True):
    """A team's archive: its UUID, the version of its tables, its months and accounts."""

    team: str
    version: int
    search_support: SearchSupport
    retention: TeamRetention
    accounts: tuple[AccountReport, ...]


def read_report(db: TeamConnection, address: TeamAddress) -> TeamReport:
    """Return what this user may see of a team's archive.

    Raises a TeamArchiveError, such as TeamNotPrepared, and psycopg.Error.
    """
    facts = read_facts(db, address)
    version = check_version(facts, address)
    rows = db.execute("SELECT name, base_url FROM ibconsole.account ORDER BY name").fetchall()
    return TeamReport(
        facts["team"],
        version,
        read_search_support(db),
        read_retention(db),
        tuple(_read_account(db, TeamAddress(address.database, name), url) for name, url in rows),
    )


def _read_account(db: TeamConnection, address: TeamAddress, base_url: str) -> AccountReport:
    session = TeamSession(db, address)
    return AccountReport(address.account, base_url, read_overview(session), find_holder(session))
