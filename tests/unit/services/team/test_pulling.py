"""One computer of a team pulls; a collector stands by, and pulls for the others."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from ibconsole.services.intake import PermitLost, PulledElsewhere
from ibconsole.services.team.pulling import (
    PermitState,
    TeamNotReached,
    TeamPullPermit,
)
from ibconsole.team_archive import TeamAddress
from tests.postgres import TeamDatabase
from tests.team_servers import Pooler, Standby, failover_address
from tests.unit.services.team.openers import opener_at, opener_of

_PATIENCE = 20.0  # seconds


@asynccontextmanager
async def permit_of(
    team: TeamDatabase,
    name: str,
    *,
    is_collector: bool = False,
    address: TeamAddress | None = None,
) -> AsyncIterator[TeamPullPermit]:
    permit = TeamPullPermit(
        opener_at(address, name) if address else opener_of(team, name, is_collector=is_collector),
        f"process of {name}",
        is_collector=is_collector,
        waits=is_collector,
    )
    try:
        yield permit
    finally:
        await permit.close()


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not condition():
            await asyncio.sleep(0.02)


async def test_one_puller(team: TeamDatabase) -> None:
    """Who may pull keeps the others away, who read its name; they may pull when it has ended."""
    async with permit_of(team, "anna") as first, permit_of(team, "ben") as second:
        async with first.held() as loop:
            async with first.held() as turn:
                await turn.verify()
            assert (loop.epoch, turn.epoch, first.status.state) == (1, 1, PermitState.HELD)
            with pytest.raises(PulledElsewhere, match=r"^Anna of your team pulls .* Nothing was"):
                async with second.held():
                    pass
            assert second.status.state is PermitState.NONE

        async with second.held() as turn:
            await turn.verify()
            assert turn.epoch == 2
    rows = team.db().execute(
        "SELECT holder, pulling_since, overlap, ended_at IS NULL FROM ibconsole.pull_epoch"
        " ORDER BY epoch"
    )
    assert rows.fetchall() == [
        ("process of anna", None, "", False),
        ("process of ben", None, "", False),
    ]


async def test_a_standby(team: TeamDatabase) -> None:
    """A collector waits until the lock is free, or until it is stopped."""
    async with (
        permit_of(team, "east", is_collector=True) as first,
        permit_of(team, "west", is_collector=True) as second,
    ):
        held = asyncio.Event()

        async def stand_by() -> None:
            async with second.held():
                held.set()

        async with first.held():
            task = asyncio.get_running_loop().create_task(stand_by())
            await wait_for(lambda: second.status.state is PermitState.STANDBY)
            assert second.status.holder == "the collector east"
        async with asyncio.timeout(_PATIENCE):
            await task
        assert held.is_set()

        async with first.held():
            task = asyncio.get_running_loop().create_task(stand_by())
            await wait_for(lambda: second.status.state is PermitState.STANDBY)
            second.stop()
            with pytest.raises(PermitLost, match="stopped waiting"):
                await task


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGSTOP"])
async def test_a_lost_lock(team: TeamDatabase, signal_name: str) -> None:
    """A pull is not requested once the lock is lost, or not certain; a collector gets it again."""
    async with permit_of(team, "east", is_collector=True) as permit, permit.held() as turn:
        [(pid,)] = team.db().execute("SELECT pid FROM ibconsole.pull_epoch").fetchall()
        os.kill(pid, signal.Signals[signal_name])
        try:
            with pytest.raises(PermitLost, match="Nothing was requested"):
                await turn.verify()
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

        await wait_for(lambda: permit.status.epoch == 2)

        with pytest.raises(PermitLost, match="lost before the request"):
            await turn.verify()
        async with permit.held() as next_turn:
            await next_turn.verify()


async def test_a_server_that_restarts(team: TeamDatabase) -> None:
    """A desktop does not pull while the team is away; a collector waits until it is back."""
    async with (
        permit_of(team, "anna") as desktop,
        permit_of(team, "east", is_collector=True) as collector,
        collector.held(),
    ):
        team.server.stop()
        await wait_for(lambda: collector.status.state is PermitState.AWAY)
        with pytest.raises(TeamNotReached, match=r"^Nothing was requested\. The team's archive at"):
            async with desktop.held():
                pass

        await asyncio.to_thread(team.server.start)

        await wait_for(lambda: collector.status.epoch == 2)


async def test_a_failover(team: TeamDatabase, standby: Standby) -> None:
    """While no server can be written nothing is pulled; the next one gives another epoch."""
    address = failover_address(team, standby)
    async with (
        permit_of(team, "east", is_collector=True, address=address) as permit,
        permit.held() as turn,
    ):
        await turn.verify()
        await asyncio.to_thread(standby.catch_up, team.server)
        await asyncio.to_thread(team.server.crash)
        with pytest.raises(PermitLost, match="Nothing was requested"):
            await turn.verify()
        assert permit.status.state is PermitState.AWAY

        await asyncio.to_thread(standby.promote)

        await wait_for(lambda: permit.status.epoch == 2)
    with standby.connect(database=team.name) as db:
        [(overlap,)] = db.execute("SELECT overlap FROM ibconsole.pull_epoch WHERE epoch = 2")
    assert "A pull of epoch 1 was in progress" in overlap


async def test_a_pooler_of_sessions(team: TeamDatabase, pgbouncer: Pooler) -> None:
    """The lock is kept, and returned, through a pooler that lends whole sessions."""
    address = pgbouncer.address("session")
    async with (
        permit_of(team, "east", is_collector=True, address=address) as first,
        permit_of(team, "anna") as second,
    ):
        async with first.held() as turn:
            await turn.verify()
            with pytest.raises(PulledElsewhere):
                async with second.held():
                    pass
        async with second.held() as turn:
            assert turn.epoch == 2
