"""Accounts of a team, and who may do what in them."""

import psycopg
import pytest

from ibconsole.team_archive import Capability, NoSuchAccount, NoSuchRole
from ibconsole.team_archive.administration import (
    Membership,
    add_account,
    grant,
    list_members,
    revoke,
)
from ibconsole.team_archive.tables import MIGRATIONS
from tests.postgres import TeamDatabase


def test_the_tables_know_every_capability() -> None:
    """A capability that can be granted can be stored; an owner's is a role of the server."""
    stored = ", ".join(f"'{one}'" for one in Capability if one is not Capability.OWNER)

    assert f"CHECK (capability IN ({stored}))" in MIGRATIONS[0]


def test_capabilities_are_given_and_taken(team: TeamDatabase) -> None:
    """What is granted counts at once, once, and until it is revoked, also in open sessions."""
    owner, collector = team.db("owner"), team.db("collector")
    assert add_account(owner, "initech") == add_account(owner, "initech") == 3
    member = Membership("initech", "collector", Capability.READER)
    seen = "SELECT name FROM ibconsole.account WHERE id = 3"

    try:
        for _ in range(2):
            grant(team.db(), Capability.READER, "initech", "collector")
            assert collector.execute(seen).fetchall() == [("initech",)]
        assert member in list_members(owner)
        assert revoke(owner, Capability.READER, "initech", "collector")
        assert not revoke(owner, Capability.READER, "initech", "collector")
        assert collector.execute(seen).fetchall() == []
        assert member not in list_members(owner)
    finally:  # roles of the server outlive the database of a test
        team.db().execute("REVOKE ibconsole_reader FROM collector")


def test_owners(team: TeamDatabase) -> None:
    """An owner of the archive sees all accounts, and stops to."""
    db = team.db()
    user = team.db("reader")
    count = "SELECT count(*) FROM ibconsole.account"
    grant(db, Capability.OWNER, "", "reader")
    try:
        assert user.execute(count).fetchall() == [(2,)]
    finally:
        assert revoke(db, Capability.OWNER, "", "reader")
    assert user.execute(count).fetchall() == [(1,)]


def test_who_and_where_have_to_exist(team: TeamDatabase) -> None:
    """A name that was mistyped changes nothing, and only owners manage accounts."""
    db = team.db()
    with pytest.raises(NoSuchRole, match="“readr”"):
        grant(db, Capability.READER, "acme", "readr")
    with pytest.raises(NoSuchAccount, match="“acem”"):
        grant(db, Capability.READER, "acem", "reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        add_account(team.db("operator"), "mine")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        grant(team.db("operator"), Capability.READER, "acme", "operator")
