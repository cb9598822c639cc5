"""The state of an account is read by each of its members, and no other account's."""

import pytest

from ibconsole.team_archive import Capability, Encryption, open_session
from ibconsole.team_archive.overview import TeamSource, read_overview
from tests.postgres import TeamDatabase

_ADD = """
    INSERT INTO ibconsole.source
        (account, archive, label, is_collector, program, first_seen_at, last_seen_at, waiting,
        oldest_waiting_at)
    VALUES (1, 'a', 'anna', false, '1.2', 1, 9, 3, 7), (1, 'b', 'eu-1', true, '1.2', 2, 8, 0, NULL),
        (2, 'c', 'other', false, '', 1, 1, 0, NULL)
"""


@pytest.mark.parametrize(
    ("role", "may_ship"), [("collector", True), ("operator", True), ("reader", False)]
)
def test_members_see_the_sources_of_their_account(
    team: TeamDatabase, role: str, *, may_ship: bool
) -> None:
    """Collectors come first; those of other accounts are not seen."""
    team.db().execute(_ADD)

    with open_session(team.address(role), None, "test", read_only=True) as session:
        overview = read_overview(session)

    assert overview.sources == (
        TeamSource("eu-1", "b", "1.2", 2, 8, is_collector=True),
        TeamSource("anna", "a", "1.2", 1, 9, 3, 7),
    )
    assert [one.label for one in overview.collectors] == ["eu-1"]
    assert (overview.user, overview.may_ship) == (role, may_ship)
    assert Capability(role) in overview.capabilities
    assert overview.server.startswith(tuple("123456789"))
    assert overview.at > 1_700_000_000_000
    assert overview.may_read == (role != "collector")
    assert (overview.encryption, overview.is_standby) == (Encryption.LOCAL, False)
