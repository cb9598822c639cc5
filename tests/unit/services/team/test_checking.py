"""The check of a team's archive names what this user may do there, and every failure."""

import pytest
from msgspec.structs import replace

from ibconsole.errors import Severity
from ibconsole.services.connections import TeamAccess
from ibconsole.services.team.checking import check_team, describe_team, judge_team, look_at_team
from ibconsole.team_archive import TeamAddress
from ibconsole.team_archive.pulling import PullHolder
from tests.postgres import TeamDatabase


@pytest.mark.parametrize(
    ("role", "severity", "sentence"),
    [
        ("operator", Severity.OK, "It works. operator in acme at "),
        ("collector", Severity.OK, "It works. collector in acme at "),
        ("reader", Severity.WARNING, "may only read"),
    ],
)
async def test_rights_are_named(
    team: TeamDatabase, role: str, severity: Severity, sentence: str
) -> None:
    """A user who may only read shares nothing, and that is said before it is saved."""
    result = await check_team(TeamAccess(team.address(role)))

    assert (result.severity, sentence in result.sentence) == (severity, True)
    assert "no collector" in result.details
    assert "PostgreSQL" in result.details


async def test_failures_are_results(team: TeamDatabase) -> None:
    """So is a keyring that did not give the password."""
    wrong = TeamAccess(TeamAddress(team.address().database, "no such"), problem="It is locked.")
    result = await check_team(wrong)

    assert result.severity is Severity.DANGER
    assert "no such" in result.sentence
    assert result.causes == ("It is locked.",)


async def test_what_a_server_is(team: TeamDatabase) -> None:
    """A network without encryption, a standby, the way texts are found and who pulls are named."""
    seen = await look_at_team(TeamAccess(team.address("operator")))
    remote = replace(seen, overview=replace(seen.overview, is_remote=True))
    standby = replace(seen, overview=replace(seen.overview, is_standby=True))
    pulled = replace(seen, holder=PullHolder(1, "eu-1", "", is_collector=True, since=0))

    assert "sslmode=verify-full" in judge_team(remote)[1]
    assert "standby" in judge_team(standby)[1]
    assert "the collector eu-1 alone pulls" in "\n".join(describe_team(pulled))
