"""Collectors of a team: what they store is shared, and one of them pulls."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest

from ibconsole.services.connections import Account, Connection
from ibconsole.services.protection import Policy, PolicyInForce, Protection
from ibconsole.services.runtime import Paths
from ibconsole.services.team.collector.collector import RunningCollector
from ibconsole.services.team.collector.configuration import (
    CollectedConnection,
    CollectorConfiguration,
    ListeningAddress,
    ScheduledPull,
    SecretSource,
    TeamShare,
)
from ibconsole.services.team.collector.credentials import CollectorSecrets
from ibconsole.services.team.collector.report import CollectedPulls, CollectedPullState
from ibconsole.services.team.collector.service_manager import ServiceManager
from ibconsole.services.team.collector.sharing import SharingForbidden
from ibconsole.simulator.running import RunningSimulator
from ibconsole.team_archive import open_session, register_source
from ibconsole.team_archive.pulling import PullRequest, PullRequests, PullRequestState
from tests.postgres import TeamDatabase

ANY = ListeningAddress("127.0.0.1", 0)
PATH = "/inbound/5fK2vQ9sWmXz"


def collector_of(
    account: Account,
    folder: Path,
    team: TeamDatabase,
    schedule: ScheduledPull | None = None,
    protection: Protection | None = None,
) -> RunningCollector:
    address = team.address("collector")
    connection = Connection(account.connection, "A", account.base_url)
    one = CollectedConnection(
        connection,
        SecretSource(),
        PATH,
        schedule or ScheduledPull(1.0),
        TeamShare(address.database, address.account),
    )
    configuration = CollectorConfiguration("c", (one,), ANY, ANY, label=folder.name, drain=10.0)
    secrets = CollectorSecrets({account.connection: account}, {})
    return RunningCollector(
        configuration,
        secrets,
        Paths(folder),
        manager=ServiceManager({}),
        protection=protection,
    )


def pulls_of(collector: RunningCollector) -> CollectedPulls:
    pulls = collector.report().connections[0].pulls
    assert pulls is not None
    return pulls


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def forward(collector: RunningCollector, name: str) -> None:
    body = f'{{"results": [{{"messageId": "{name}"}}]}}'.encode()
    url = f"{collector.listener_url}{PATH}"
    await asyncio.to_thread(lambda: urlopen(url, data=body, timeout=10).close())


def count(team: TeamDatabase) -> int:
    row = team.db().execute("SELECT count(*) FROM ibconsole.message").fetchone()
    assert row is not None
    return int(row[0])


async def test_two_collectors_receive_and_one_pulls(
    account: Account, tmp_path: Path, team: TeamDatabase, running: RunningSimulator
) -> None:
    """Forwards to either are shared; one pulls, and the other one takes over when it ends."""
    async with AsyncExitStack() as stack:
        first = collector_of(account, tmp_path / "first", team)
        async with first:
            await until(lambda: pulls_of(first).state is CollectedPullState.ACTIVE)
            second = await stack.enter_async_context(
                collector_of(account, tmp_path / "second", team)
            )
            # Without a name for the moment between the first one's lock and the note of its epoch.
            waits = "The collector first pulls; this one stands by."
            await until(lambda: pulls_of(second).sentence == waits)
            await forward(first, "f1")
            await forward(second, "f2")
            await until(lambda: pulls_of(first).messages == 7 and count(team) == 9)
            standby = pulls_of(second)
        await until(lambda: pulls_of(second).state is CollectedPullState.ACTIVE)
        running.simulator.add_to_inbox([{"messageId": "late"}])
        await until(lambda: count(team) == 10)

    assert (standby.state, standby.requests) == (CollectedPullState.STANDBY, 0)
    assert standby.sentence == waits
    rows = team.db().execute("SELECT label, is_collector FROM ibconsole.source ORDER BY 1")
    assert rows.fetchall() == [("first", True), ("second", True)]


async def test_a_database_that_is_away_stops_pulls_alone(
    account: Account, tmp_path: Path, team: TeamDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """Forwards are stored and answered, nothing is pulled, and everything follows by itself."""
    caplog.set_level("INFO")
    team.server.stop()
    async with collector_of(account, tmp_path / "one", team) as collector:
        await until(lambda: pulls_of(collector).state is CollectedPullState.AWAY)
        await forward(collector, "f1")
        report = collector.report()
        assert (report.obstacles, pulls_of(collector).requests) == ((), 0)
        assert "cannot be used now" in report.sentence

        team.server.start()
        await until(lambda: pulls_of(collector).messages == 7 and count(team) == 8)
        await until(lambda: collector.report().teams[0].waiting == 0)
    [label] = {link.label for link in collector.report().teams}
    changes = [one for one in caplog.messages if one.startswith(f"Team {label}: ")]
    assert any("away" in one for one in changes)
    assert all(one.endswith(".") for one in changes)


async def test_a_pull_that_a_desktop_asks_for(
    account: Account, tmp_path: Path, team: TeamDatabase, running: RunningSimulator
) -> None:
    """The collector that pulls carries it out at once, though its own next pull is far away."""
    far = ScheduledPull(3_600.0)
    async with collector_of(account, tmp_path / "one", team, far) as collector:
        await until(lambda: pulls_of(collector).messages == 7)
        running.simulator.add_to_inbox([{"messageId": "late"}])
        with open_session(team.address("operator"), None, "test") as session:
            requests, token = PullRequests(session), uuid4()
            source = register_source(session, "desktop", "anna", is_collector=False)
            requests.ask(token, source=source, asked_by="anna", limit=5)

            def outcome() -> PullRequest:
                found = requests.find(token)
                assert found is not None
                return found

            await until(lambda: not outcome().state.is_open)
            found = outcome()

    assert (found.state, found.messages) == (PullRequestState.DONE, 1)
    assert count(team) == 8


async def test_a_database_that_the_policy_forbids(
    account: Account, tmp_path: Path, team: TeamDatabase
) -> None:
    """Nothing is started where the policy pins other databases."""
    pinned = Policy(team_database=("postgresql://other/db",))
    with pytest.raises(SharingForbidden, match="may not be used as a team's archive"):
        collector_of(
            account,
            tmp_path,
            team,
            protection=Protection(policy=lambda: PolicyInForce(pinned)),
        )
