"""The checks find what makes a team's archive unreliable, and say what to do."""

from collections.abc import Mapping

import pytest

from ibconsole.team_archive import TeamAddress, TeamUnavailable, break_off
from ibconsole.team_archive.administration import CheckState, check_archive
from tests.postgres import TeamDatabase

EXPECTED = {
    "Durability": "Switch fsync and full_page_writes on",  # the tests' server
    "Vacuum": "Switch autovacuum on",
    "Row security": "It was switched off for audit",
    "Restored rows": "ibconsole team migrate",
    "Months": "--trust-clock",
    "Members": "The server has no dismissed any more",
    "Source anna": "7 rows waited there",
}
SETUP = """
    UPDATE ibconsole.about SET value = (value::bigint - 86400000 * 50::bigint)::text
        WHERE name = 'clock';
    INSERT INTO ibconsole.about VALUES ('keep_months', '3');
    INSERT INTO ibconsole.member VALUES (1, 'dismissed', 'reader');
    ALTER TABLE ibconsole.audit DISABLE ROW LEVEL SECURITY;
    INSERT INTO ibconsole.source (account, archive, label, first_seen_at, last_seen_at, waiting,
        oldest_waiting_at) VALUES (1, 'a', 'anna', 0, 0, 7, 0), (1, 'b', 'bo', 0, 0, 0, NULL);
    INSERT INTO ibconsole.delivery (arrived_at, account, source, origin, via, state, began_at, xid)
        VALUES (ibconsole.now_ms(), 1, 1, 'a:1', 'pull', 'decoded', 0, '900000000');
    SELECT ibconsole.create_partitions(ibconsole.now_ms(), ibconsole.now_ms() + 3456000000)
"""


def problems(team: TeamDatabase, role: str) -> Mapping[str, str]:
    """Return the problems that a user's checks find, with what to do about them."""
    checks = check_archive(team.db(role), team.address(role))
    return {one.name: f"{one.sentence} {one.remedy}" for one in checks if not one.good}


def test_problems(team: TeamDatabase) -> None:
    """What was broken by hand, by a restored dump or by a clock is named."""
    team.db().execute(SETUP)

    found = problems(team, "owner")

    assert [name for name, part in EXPECTED.items() if part not in found[name]] == []
    assert set(found) == set(EXPECTED)


def test_missing_months(team: TeamDatabase) -> None:
    """A user without an account hears so, and missing months are a problem before they begin."""
    owner = team.db()
    owner.execute("DELETE FROM ibconsole.member")

    found = problems(team, "reader")

    assert "This user is a member of no account." in found["Accounts"]
    assert "has no rights in an account acme" in found["Rights"]
    assert "The tables of the coming month are missing" in found["Months"]


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("operator", "operator is operator of acme."),
        ("reader", "reader is reader of acme. What is received here stays on this disk."),
        (
            "collector",
            "collector is collector of acme. The team's messages are not shown to this user.",
        ),
    ],
)
def test_rights(team: TeamDatabase, role: str, sentence: str) -> None:
    """A user's rights are named where the address names an account, and only there."""
    checks = {one.name: one for one in check_archive(team.db(role), team.address(role))}
    others = check_archive(team.db(role), TeamAddress(team.address(role).database, ""))

    assert checks["Rights"].sentence == sentence
    assert checks["Accounts"].sentence == "This user sees 1 account: acme."
    assert "Rights" not in {one.name for one in others}


def test_a_check_that_is_not_permitted(team: TeamDatabase) -> None:
    """What cannot be checked is no problem and not all right either; the others are made."""
    with team.db() as db:
        db.execute("REVOKE SELECT ON ibconsole.member FROM PUBLIC, ibconsole_reader")
    checks = list(check_archive(team.db("reader"), team.address("reader")))

    [unknown] = [one for one in checks if one.state is CheckState.UNKNOWN]
    assert (unknown.name, unknown.good) == ("Members", False)
    assert "does not permit this" in unknown.sentence
    assert checks[-1] == unknown


def test_a_connection_that_breaks(team: TeamDatabase) -> None:
    """The checks end with it; those that were made are known by then."""
    db = team.db("reader")
    checks = check_archive(db, team.address("reader"))
    first = next(checks)
    break_off(db)

    with pytest.raises(TeamUnavailable):
        list(checks)
    assert first.good
