"""The check of a team's archive names what this user may do there, and every failure."""

import asyncio
from threading import Event

import pytest
from msgspec.structs import replace

from ibconsole.errors import Severity
from ibconsole.services.connections import TeamAccess
from ibconsole.services.team.checking import (
    ask_team,
    check_team,
    describe_team,
    judge_team,
    look_at_team,
)
from ibconsole.tasks import Tasks
from ibconsole.team_archive import Encryption, TeamAddress, TeamConnection
from ibconsole.team_archive.pulling import PullHolder
from tests.postgres import TeamDatabase


@pytest.mark.parametrize(
    ("role", "severity", "sentence"),
    [
        ("operator", Severity.OK, "It works: operator is operator of acme in "),
        ("collector", Severity.OK, "It works: collector is collector of acme in "),
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
    remote = replace(seen, overview=replace(seen.overview, encryption=Encryption.NONE))
    standby = replace(seen, overview=replace(seen.overview, is_standby=True))
    pulled = replace(
        seen,
        holder=PullHolder(1, "eu-1", "", is_collector=True, since=0),
        accounts=("acme", "globex"),
    )

    assert "sslmode=verify-full" in judge_team(remote)[1]
    assert "standby" in judge_team(standby)[1]
    lines = "\n".join(describe_team(pulled))
    assert "the collector eu-1 alone pulls" in lines
    assert "This user sees 2 accounts: acme, globex." in lines


async def test_a_frozen_server_is_given_up(team: TeamDatabase) -> None:
    """It accepts connections without an answer: a check says so after a bounded time."""
    access = TeamAccess(team.address("operator", tcp=True))
    with team.server.frozen():
        result = await check_team(access, seconds=0.3)

    assert result.severity is Severity.DANGER
    assert "gave no answer within 0.3 seconds" in result.sentence


async def test_a_question_that_is_not_awaited_any_more_ends(team: TeamDatabase) -> None:
    """Who stops waiting leaves no statement behind that works on."""
    begun, ended = Event(), Event()

    def sleep(db: TeamConnection) -> None:
        begun.set()
        try:
            db.execute("SELECT pg_sleep(60)")
        finally:
            ended.set()

    async def ask() -> None:
        await ask_team(TeamAccess(team.address("operator")), sleep)

    tasks = Tasks(lambda *_: None)
    tasks.start("ask", ask)
    assert await asyncio.to_thread(begun.wait, 20)
    await tasks.close()

    assert await asyncio.to_thread(ended.wait, 20)
