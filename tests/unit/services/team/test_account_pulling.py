"""A desktop pulls from a team's account while it alone may, or asks the collector."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from ibconsole.archive.reader import Reader
from ibconsole.services.connections.account import Account, TeamAccess
from ibconsole.services.console.console import Console
from ibconsole.services.intake import OtherPuller, PulledElsewhere
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.team.asking import CollectorPull
from ibconsole.services.team.pulling import TeamNotReached, TeamPullPermit
from ibconsole.services.team.shipping import default_label
from ibconsole.simulator.running import RunningSimulator
from tests.postgres import TeamDatabase
from tests.unit.services.team.openers import REPORT, Collected, collecting, opener_of


@pytest.fixture
async def desktop(paths: Paths, account: Account, team: TeamDatabase) -> AsyncIterator[Console]:
    """A console on an account that a team shares."""
    async with Console(paths) as console:
        access = TeamAccess(team.address("operator"))
        await console.connect(replace(account, team=access))
        yield console


async def test_pulls_of_a_desktop(desktop: Console, paths: Paths, team: TeamDatabase) -> None:
    """A desktop holds the lock for a pull, or for a loop of them, and its deliveries tell which."""
    assert await desktop.pulls.team_puller() is None
    await desktop.pulls.pull_or_ask(3)
    result = await desktop.pulls.pull_until_empty(2)

    assert (result.messages, result.complete) == (4, True)
    rows = team.db().execute(
        "SELECT epoch, label, pulling_since, ended_at IS NULL FROM ibconsole.pull_epoch"
        " JOIN ibconsole.source ON source.id = pull_epoch.source ORDER BY epoch"
    )
    assert rows.fetchall() == [(number, default_label(), None, False) for number in (1, 2)]
    with Reader(paths.archive) as reader:
        epochs = reader._db.execute("SELECT epoch FROM delivery_epoch ORDER BY delivery")
        assert [epoch for (epoch,) in epochs] == [1, 2, 2]


async def test_a_colleague_who_pulls(
    desktop: Console, running: RunningSimulator, team: TeamDatabase
) -> None:
    """While a colleague's computer has the right to pull, nothing is requested here."""
    permit = TeamPullPermit(opener_of(team, "anna"), "process")
    async with permit.held():
        assert await desktop.pulls.team_puller() == OtherPuller("anna")
        for pull in (desktop.pulls.pull_or_ask, desktop.pulls.pull_until_empty):
            with pytest.raises(PulledElsewhere, match="Anna of your team pulls"):
                await pull(5)
    await permit.close()
    team.server.stop()
    for ask in (desktop.pulls.team_puller(), desktop.pulls.pull_or_ask(5)):
        with pytest.raises(TeamNotReached, match=r"^Nothing was requested\."):
            await ask

    assert running.simulator.counters["requests"] == 0


async def test_a_collector_that_pulls(
    desktop: Console, running: RunningSimulator, team: TeamDatabase
) -> None:
    """While a collector pulls, a desktop asks it; nothing is requested from this computer."""
    collected = Collected(REPORT)
    async with collecting(team, collected):
        assert await desktop.pulls.pull_or_ask(5) == CollectorPull("east", 2, 4, "archive-east:9")
        with pytest.raises(PulledElsewhere, match="asks it to pull"):
            await desktop.pulls.pull_continuously(5, 1.0)

    assert running.simulator.counters["requests"] == 0
    assert collected.limits == [5, 5]
    rows = team.db().execute("SELECT asked_by, limit_asked FROM ibconsole.pull_request")
    assert rows.fetchall() == [(default_label(), 5)]
