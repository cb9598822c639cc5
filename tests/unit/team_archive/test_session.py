"""A session knows the tables, the account and the rights of its user."""

import pytest

from ibconsole.team_archive import (
    Capability,
    NoSuchAccount,
    SearchSupport,
    TeamAddress,
    TeamArchiveError,
    TeamNotPrepared,
    TeamTooNew,
    check_version,
    open_session,
)
from ibconsole.team_archive.tables import MIGRATIONS
from tests.postgres import TeamDatabase

ADDRESS = TeamAddress("postgresql://db.example.com/team", "acme")
KNOWN = len(MIGRATIONS)


def test_a_program_of_the_release_before_still_works() -> None:
    """Newer tables are used if they can be: not every desktop is updated on the same day."""
    facts = {"version": str(KNOWN + 1), "readable_from": str(KNOWN)}

    assert check_version(facts, ADDRESS) == KNOWN + 1


@pytest.mark.parametrize(
    ("facts", "error", "sentence"),
    [
        ({}, TeamNotPrepared, "ibconsole team migrate"),
        ({"version": str(KNOWN - 1)}, TeamNotPrepared, "ibconsole team migrate"),
        ({"version": str(KNOWN + 1)}, TeamTooNew, "Install that version"),
        (
            {"version": str(KNOWN + 2), "readable_from": str(KNOWN + 1)},
            TeamTooNew,
            "unharmed, and waits",
        ),
    ],
)
def test_tables_of_another_version_are_refused(
    facts: dict[str, str], error: type[TeamArchiveError], sentence: str
) -> None:
    """Tables that this program cannot use are left alone, with what to do about it."""
    with pytest.raises(error, match=sentence):
        check_version(facts, ADDRESS)


def test_rights_of_each_user(team: TeamDatabase) -> None:
    """A session knows what its user may do, and only the accounts of that user."""
    rights: dict[str, tuple[bool, bool]] = {}
    for role in ("owner", "collector", "operator", "reader"):
        with open_session(team.address(role), None, "test", read_only=True) as session:
            rights[role] = (session.may_write, session.may_read)
            assert role in session.capabilities
            assert (session.account, session.version) == (1, len(MIGRATIONS))
            assert session.search_support is SearchSupport.TRIGRAMS
            assert session.db.execute("SHOW default_transaction_read_only").fetchall() == [("on",)]
    with open_session(team.address("owner", "globex"), None, "test") as session:
        assert session.capabilities == set(Capability)

    assert rights == {
        "owner": (True, True),
        "collector": (True, False),
        "operator": (True, True),
        "reader": (False, True),
    }
    with pytest.raises(NoSuchAccount, match="no account “globex” that this user may use"):
        open_session(team.address("operator", "globex"), None, "test")


def test_a_database_without_tables(team: TeamDatabase) -> None:
    """A database that was never prepared says who can do that."""
    team.db().execute("DROP SCHEMA ibconsole CASCADE")

    with pytest.raises(TeamNotPrepared, match="Its owner creates them with"):
        open_session(team.address("reader"), None, "test")
