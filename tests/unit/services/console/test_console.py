"""The console of one data directory."""

import pytest

from ibconsole.services.connections.account import Account, NoAccount
from ibconsole.services.console.console import Console
from ibconsole.services.protection import (
    NotPermitted,
    Policy,
    PolicyInForce,
    Protection,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ListenerState, Status
from ibconsole.services.setup.lease import LeaseRequest
from ibconsole.simulator.running import RunningSimulator


async def test_without_an_account(paths: Paths) -> None:
    """Operations that need an account raise NoAccount without one."""
    async with Console(paths) as console:
        with pytest.raises(NoAccount):
            await console.pulls.pull(1)
        with pytest.raises(NoAccount):
            _ = console.platform


async def test_the_status_hides_the_secret(console: Console, account: Account) -> None:
    """The status names the connection and does not contain its secret."""
    assert console.status.connection.name == "Test"
    assert account.credential.secret.reveal() not in repr(console.status)

    await console.disconnect()
    assert console.status.connection == Status().connection


async def test_a_policy_keeps_the_listener_on_this_computer(paths: Paths) -> None:
    """Where it is forbidden, nothing listens beyond loopback, however the address is spelled."""
    found = PolicyInForce(Policy(forbid_remote_listener=True), "/etc/policy.toml")
    async with Console(paths, protection=Protection(policy=lambda: found)) as console:
        for host in ("", "0.0.0.0", "::", "localhost.example"):  # noqa: S104
            with pytest.raises(NotPermitted, match="set by your administrator"):
                await console.start_listener(host=host, port=0)
        assert console.status.listener.state is ListenerState.STOPPED
        assert await console.start_listener(host="127.0.0.1", port=0)


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
