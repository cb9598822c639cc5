"""The console of one data directory."""

import asyncio
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.secret import Secret
from ibconsole.services.audit import AuditFilter, audit_rows
from ibconsole.services.connections.account import Account, Credential, TeamAccess, account_of
from ibconsole.services.console.console import Console, NoAccount
from ibconsole.services.intake.pull import PullReport
from ibconsole.services.protection import (
    CallKind,
    NotPermitted,
    Policy,
    PolicyInForce,
    Protection,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ListenerState, Status
from ibconsole.services.setup.lease import LeaseRequest
from ibconsole.simulator.running import RunningSimulator
from tests.postgres import TeamDatabase


async def test_without_an_account(paths: Paths) -> None:
    """Operations that need an account raise NoAccount without one."""
    async with Console(paths) as console:
        with pytest.raises(NoAccount):
            await console.pull(1)
        with pytest.raises(NoAccount):
            _ = console.platform


async def test_the_status_hides_the_secret(console: Console, account: Account) -> None:
    """The status names the connection and does not contain its secret."""
    assert console.status.connection.name == "Test"
    assert account.credential.secret.reveal() not in repr(console.status)

    await console.disconnect()
    assert console.status.connection == Status().connection


async def test_what_a_killed_process_left_is_finished(console: Console) -> None:
    """A pull whose process ended meanwhile is not shown as in progress for ever."""
    await console.take_over()
    assert console.status.recovered == ""
    with Archive(console.paths.archive) as killed:
        delivery = killed.begin_pull(connection="c", base_url="https://x", limit=1)
        killed.append_answer(delivery, b'{"results":[{"messageId":"1"},{"mess')

    await console.take_over()

    assert "1 message was recovered" in console.status.recovered


async def test_another_process_that_pulls_is_known(console: Console, account: Account) -> None:
    """A console names the other that pulls from its account repeatedly, as long as it does."""
    looked = asyncio.Event()

    async with Console(console.paths) as other, asyncio.TaskGroup() as group:
        await other.connect(account)
        group.create_task(other.pull_continuously(5, 3600, on_report=lambda _: looked.set()))
        await looked.wait()
        assert "connection Test" in await console.other_puller()
        assert console.status.other_puller
        assert await other.other_puller() == ""
        assert (await console.pull(1)).messages <= 1
        other.stop_pulling()

    assert await console.other_puller() == ""
    assert console.status.other_puller == ""


async def test_an_interrupted_pull_is_recovered(paths: Paths) -> None:
    """A pull that a crash interrupted is recovered by the next console, and reported."""
    crashed = Archive(paths.archive)
    delivery = crashed.begin_pull(connection=None, base_url="https://a", limit=None)
    crashed.append_answer(delivery, b'{"results":[{"messageId":"1"},{"mess')
    crashed.close()

    async with Console(paths) as console:
        assert console.status.recovered.startswith("1 pull was interrupted")
        assert "1 message" in console.status.recovered


async def test_a_data_directory_that_cannot_be_created(tmp_path: Path) -> None:
    """A file in place of the data directory is an error that names it."""
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(Exception, match="data"):
        async with Console(Paths(tmp_path / "data")):
            pass


async def test_a_policy_keeps_the_listener_on_this_computer(paths: Paths) -> None:
    """Where it is forbidden, nothing listens beyond loopback, however the address is spelled."""
    found = PolicyInForce(Policy(forbid_remote_listener=True), "/etc/policy.toml")
    async with Console(paths, protection=Protection(policy=lambda: found)) as console:
        for host in ("", "0.0.0.0", "::", "localhost.example"):  # noqa: S104
            with pytest.raises(NotPermitted, match="set by your administrator"):
                await console.start_listener(host=host, port=0)
        assert console.status.listener.state is ListenerState.STOPPED
        assert await console.start_listener(host="127.0.0.1", port=0)


async def test_a_policy_masks_codes_in_the_activity_and_is_shown(
    paths: Paths, running: RunningSimulator
) -> None:
    """The window is shown why, with or without an account, and gets no code from the log."""
    found = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml")
    account = Account("8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)))
    async with Console(paths, protection=Protection(policy=lambda: found)) as console:
        assert "administrator" in console.status.why_codes_masked
        await console.connect(account)
        [first, *_] = await console.platform.applications()
        await console.platform.configurations(first.code)

        assert first.code not in str(console.activity.since(0))
        found = PolicyInForce()
        assert first.code in str(console.activity.since(0))


async def test_a_locked_account_is_read_alone_until_it_is_unlocked(
    paths: Paths, running: RunningSimulator
) -> None:
    """Nothing is recorded for a pull that is not permitted; unlocking is for one kind."""
    account = Account(
        "8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)), "production",
        is_read_only=True,
    )  # fmt: skip
    async with Console(paths) as console:
        await console.connect(account)
        [first, *_] = await console.platform.applications()
        for pull in (
            console.pull(1), console.pull_until_empty(1), console.pull_continuously(1, 30.0)
        ):  # fmt: skip
            with pytest.raises(NotPermitted, match="locked for pulls"):
                await pull
        with pytest.raises(NotPermitted, match="locked for changes"):
            await console.platform.create_configuration(first.code)
        assert running.simulator.counters["pulls"] == 0

        await console.unlock(account.connection, [CallKind.PULL], 5, "Acme", "ticket 7")
        assert console.status.protection.pulls is None
        assert (await console.pull(1)).messages == 1
        with pytest.raises(NotPermitted):
            await console.platform.create_configuration(first.code)

        await console.lock()
        with pytest.raises(NotPermitted):
            await console.pull(1)
    with Reader(paths.archive) as reader:
        assert len(reader.find_deliveries(Via.PULL)) == 1


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
        await console.unlock(account.connection, [CallKind.PULL], 5, "Acme", "ticket 7")
        result = await console.pull_continuously(1, 30.0, on_report=end_time)
    assert "locked for pulls" in result.sentence
    assert running.simulator.counters["pulls"] == 1


async def test_the_audit_counts_what_pulls_brought(paths: Paths, running: RunningSimulator) -> None:
    """Of single pulls and of those of a loop, whose rows may stand for several pulls."""
    async with Console(paths) as console:
        await console.connect(account_of(running.base_url, Secret(running.api_key)))
        first = await console.pull(3)
        await console.pull_continuously(4, 1.0, on_report=lambda _: console.stop_pulling())

    rows = [
        (row["messages"], row["pending"], bool(row["covers"]))
        for row in audit_rows(paths.archive, AuditFilter())
    ]
    assert rows == [(3, first.pending, False), (first.pending, 0, True)]


async def test_borrowed_routes_end_with_the_connection(
    paths: Paths, account: Account, running: RunningSimulator
) -> None:
    """And with the program; the status shows them while they last."""
    [free, *_] = [
        one for one in running.simulator.state.account.applications if not one.configuration
    ]
    wish = LeaseRequest(free.code, "http://127.0.0.1:8484")
    async with Console(paths, settles_leases=True) as console:
        await console.connect(account)
        lease = await console.leases.borrow(wish)
        assert list(console.status.leases) == [lease]
        await console.disconnect()
        assert not console.status.leases
        assert not free.configuration

        await console.connect(account)
        await console.leases.borrow(wish)
    assert not free.configuration


async def test_what_is_pulled_is_shared_with_a_team(
    console: Console, account: Account, team: TeamDatabase
) -> None:
    """The status has the way to the team, and the end waits for what can be shipped."""
    await console.connect(account)
    await console.share({})
    assert not console.status.team.links
    await console.share({account.connection: TeamAccess(team.address("collector"))})
    await console.pull(None)
    shipper = console.shipper
    assert shipper
    assert await shipper.drain(30) == 0

    link = console.status.team.link_of(account.connection)
    assert link is not None
    found = team.db().execute("SELECT count(*) FROM ibconsole.delivery WHERE via = 'pull'")
    assert found.fetchall() == [(1,)]
