import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from ibconsole.api import Platform
from ibconsole.services.audit import Audit
from ibconsole.services.connections import Account, client_of
from ibconsole.services.intake import ArchiveWriter, PullBusy, Puller
from ibconsole.services.protection import Protection
from ibconsole.services.runtime import Paths
from ibconsole.services.team.collector.configuration import ScheduledPull
from ibconsole.services.team.collector.pulls import ConnectionPulls
from ibconsole.services.team.collector.report import CollectedPullState
from ibconsole.simulator.running import RunningSimulator
from ibconsole.tasks import Tasks


@pytest.fixture
def audit(paths: Paths) -> Audit:
    return Audit(paths.archive)


@pytest.fixture
async def pulls(
    paths: Paths, account: Account, audit: Audit, running: RunningSimulator
) -> AsyncIterator[ConnectionPulls]:
    """Pulls every second, of the simulated account, that begin when a test runs them."""

    def fail(name: str, error: BaseException) -> None:
        raise AssertionError(name) from error

    tasks = Tasks(fail)
    gate = Protection().gate_of(account, audit)
    async with (
        ArchiveWriter(paths.archive, tasks, lambda _: None) as writer,
        client_of(account, gate) as client,
    ):
        puller = Puller(account, Platform(client), writer, paths, lambda _: None)
        pulls = ConnectionPulls("A", puller, ScheduledPull(1.0, 5), retry=0.05)
        tasks.start("pulls", pulls.run, audit, account.connection)
        yield pulls
        pulls.stop()
        await pulls.wait_until_idle()
    assert pulls.report.state in {CollectedPullState.ENDED, CollectedPullState.HELD}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_what_waits_is_pulled(pulls: ConnectionPulls, running: RunningSimulator) -> None:
    """Pulls go on batch by batch and are counted; after the stop nothing is requested."""
    await until(lambda: pulls.report.messages == 7)
    assert pulls.report.state is CollectedPullState.ACTIVE
    assert (pulls.report.requests, pulls.report.pending) == (2, 0)

    pulls.stop()
    with pytest.raises(PullBusy):
        await pulls.pull(1)
    assert running.simulator.counters["pulls"] == 2


async def test_a_refusal_is_followed_by_another_attempt(
    pulls: ConnectionPulls, running: RunningSimulator
) -> None:
    """Nothing is handed out with a refusal, so that it is asked again after a while."""
    running.simulator.inject_fault("401")

    await until(lambda: pulls.report.messages == 7)
    assert (pulls.report.failures, pulls.report.incomplete) == (1, 0)


@pytest.mark.parametrize(("faults", "is_held"), [(1, False), (2, True)])
async def test_damaged_answers(
    pulls: ConnectionPulls, running: RunningSimulator, faults: int, *, is_held: bool
) -> None:
    """After a damaged answer a few messages are tried; if they are damaged too, that is the end."""
    for _ in range(faults):
        running.simulator.inject_fault("cut")

    await until(lambda: pulls.report.incomplete == faults and running.simulator.pending == 0)
    await until(lambda: (pulls.report.state is CollectedPullState.HELD) == is_held)
    assert running.simulator.counters["pulls"] >= 2
