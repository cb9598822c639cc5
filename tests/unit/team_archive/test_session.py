"""A session knows the tables, the account and the rights of its user."""

import pytest

from ibconsole.team_archive import TeamAddress, TeamArchiveError, TeamNotPrepared, TeamTooNew
from ibconsole.team_archive.session import check_version
from ibconsole.team_archive.tables import MIGRATIONS

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
