"""The checks find what makes a team's archive unreliable, and say what to do."""

from collections.abc import Mapping

from ibconsole.team_archive.administration import check_archive
from tests.postgres import TeamDatabase

EXPECTED = {
    "Durability": "switch fsync and full_page_writes on",  # the tests' server
    "Vacuum": "switch autovacuum on",
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
    """Return the problems that a user's checks find."""
    checks = check_archive(team.db(role), team.address(role))
    return {one.name: one.sentence for one in checks if not one.good}


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

    assert found["Accounts"] == "This user is a member of no account."
    assert "The tables of the coming month are missing" in found["Months"]
