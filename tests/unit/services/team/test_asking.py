"""A desktop asks the collector to pull, and is answered what happened."""

import asyncio

import pytest

from ibconsole.api import Refused
from ibconsole.errors import UserError
from ibconsole.services.intake import PullReport
from ibconsole.services.team.asking import CollectorPull, CollectorRequest, NotAsked, OutcomeUnknown
from tests.postgres import TeamDatabase
from tests.unit.services.team.openers import REPORT, Collected, collecting, opener_of

REFUSAL = PullReport(9, (), None, None, "", complete=True, error=Refused(403))


def request_of(team: TeamDatabase, **seconds: float) -> CollectorRequest:
    return CollectorRequest(opener_of(team, "anna"), "Anna", interval=0.05, **seconds)


async def test_a_pull_by_the_collector(team: TeamDatabase) -> None:
    """The collector pulls once for a request, and the desktop says who pulled how much."""
    puller = Collected(REPORT)
    async with collecting(team, puller):
        pulled = await request_of(team).ask(5, "a test")

    assert pulled == CollectorPull("east", 2, 4, "archive-east:9")
    assert pulled.sentence == (
        "The collector east pulled 2 messages; they are in the team's record. 4 still waiting."
    )
    assert puller.limits == [5, 5]  # it was busy at first


@pytest.mark.parametrize("result", [UserError("The key is wrong."), REFUSAL])
async def test_a_pull_that_fails(team: TeamDatabase, result: PullReport | Exception) -> None:
    """A failure of the collector's pull is reported where it was asked for, and is not repeated."""
    puller = Collected(result)
    async with collecting(team, puller):
        with pytest.raises(UserError, match=r"^The collector east could not pull\. \w+"):
            await request_of(team).ask(5)
    assert len(puller.limits) == 2


async def test_no_collector(team: TeamDatabase) -> None:
    """A request that no collector takes is withdrawn in time, or when the user gives up."""
    with pytest.raises(NotAsked, match="nothing was requested"):
        await request_of(team, patience=0.1).ask(5)

    asking = asyncio.get_running_loop().create_task(request_of(team).ask(5))
    db = team.db()
    states = "SELECT state FROM ibconsole.pull_request ORDER BY id"
    while len(db.execute(states).fetchall()) < 2:
        await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert db.execute(states).fetchall() == [("withdrawn",), ("withdrawn",)]


async def test_a_session_that_breaks_during_the_pull(team: TeamDatabase) -> None:
    """The outcome of a pull is noted late if the collector's session broke; it pulls only once."""

    async def break_session() -> None:
        team.db().execute(
            "SELECT pg_terminate_backend(pid) FROM ibconsole.pull_epoch WHERE ended_at IS NULL"
        )

    puller = Collected(break_session)
    async with collecting(team, puller):
        pulled = await request_of(team).ask(5)

    assert (pulled.messages, len(puller.limits)) == (2, 2)


async def test_a_collector_that_ends(team: TeamDatabase) -> None:
    """What became of a request is said to be unknown if its collector ended."""
    started = asyncio.Event()

    async def take_long() -> None:
        team.db().execute(
            "SELECT pg_terminate_backend(pid) FROM ibconsole.pull_epoch WHERE ended_at IS NULL"
        )
        started.set()
        raise asyncio.CancelledError

    async with collecting(team, Collected(take_long)):
        with pytest.raises(OutcomeUnknown, match=r"Look at what arrived"):
            await request_of(team, grace=0.1).ask(5)
    assert started.is_set()


async def test_a_team_that_is_away(team: TeamDatabase) -> None:
    """Without the team's archive the collector cannot be asked."""
    team.server.stop()

    with pytest.raises(NotAsked, match=r"^Nothing was requested\. The team's archive at"):
        await request_of(team).ask(5)
