"""The pulls of the account that a console is connected to."""

import asyncio

from ibconsole.secret import Secret
from ibconsole.services.audit import AuditFilter, audit_rows
from ibconsole.services.connections.account import Account, Credential, account_of
from ibconsole.services.console.console import Console
from ibconsole.services.intake.pull import PullReport
from ibconsole.services.protection import (
    CallKind,
    PolicyInForce,
    Protection,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator


async def test_another_process_that_pulls_is_known(console: Console, account: Account) -> None:
    """A console names the other that pulls from its account repeatedly, as long as it does."""
    looked = asyncio.Event()

    async with Console(console.paths) as other, asyncio.TaskGroup() as group:
        await other.connect(account)
        group.create_task(other.pulls.pull_continuously(5, 3600, on_report=lambda _: looked.set()))
        await looked.wait()
        assert "connection Test" in await console.other_puller()
        assert console.status.other_puller
        assert await other.other_puller() == ""
        assert (await console.pulls.pull(1)).messages <= 1
        other.stop_pulling()

    assert await console.other_puller() == ""
    assert console.status.other_puller == ""


async def test_a_loop_ends_when_its_time_is_over(paths: Paths, running: RunningSimulator) -> None:
    """A loop that was unlocked for a while takes no further batch afterwards, and says why."""
    clock = [0]
    account = Account(
        "8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)), "production",
        is_read_only=True,
    )  # fmt: skip

    def end_time(_: PullReport) -> None:
        clock[0] = 10 * 60_000

    protection = Protection(policy=PolicyInForce, clock=lambda: clock[0])
    async with Console(paths, protection=protection) as console:
        await console.connect(account)
        await console.locks.unlock(account.connection, [CallKind.PULL], 5, "Acme", "ticket 7")
        result = await console.pulls.pull_continuously(1, 30.0, on_report=end_time)
    assert "locked for pulls" in result.sentence
    assert running.simulator.counters["pulls"] == 1


async def test_the_audit_counts_what_pulls_brought(paths: Paths, running: RunningSimulator) -> None:
    """Of single pulls and of those of a loop, whose rows may stand for several pulls."""
    async with Console(paths) as console:
        await console.connect(account_of(running.base_url, Secret(running.api_key)))
        first = await console.pulls.pull(3)
        await console.pulls.pull_continuously(4, 1.0, on_report=lambda _: console.stop_pulling())

    rows = [
        (row["messages"], row["pending"], bool(row["covers"]))
        for row in audit_rows(paths.archive, AuditFilter())
    ]
    assert rows == [(3, first.pending, False), (first.pending, 0, True)]
