"""Borrowed routes for the window, which run on the engine's loop."""

import socket

import pytest
from msgspec.structs import replace

from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import ConnectionChanged, RemoteSetup
from ibconsole.services.console.remote_leases import RemoteLeases
from ibconsole.services.intake.listener import ListenerFailed
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.status import LeaseState
from ibconsole.services.setup.lease import LeaseRequest
from ibconsole.services.tunnels import CheckOutcome


@pytest.fixture
def console(engine_console: Console) -> Console:
    return engine_console


async def test_borrowed_and_ended(engine: Engine, console: Console) -> None:
    """A checked path is borrowed with; what was added is gone at the end, and nothing else."""
    remote, setup = RemoteLeases(engine, console), RemoteSetup(engine, console)
    port = await remote.ensure_listening(0, fixed=True)
    assert await remote.ensure_listening(1, fixed=True) == port  # it runs already
    base = f"http://127.0.0.1:{port}"
    application = (await setup.applications())[0]
    [configuration] = await setup.configurations(application.code)
    before = await setup.actions(application.code, configuration.key)

    path = await remote.reserve_path()
    check = await remote.check(f"{base}{path}")
    request = LeaseRequest(application.code, base, 15, application.name, path)
    lease = await remote.borrow(console.status.connection, request)
    during = await setup.actions(application.code, configuration.key)
    await remote.extend(lease.id)
    [extended] = console.status.leases
    await remote.end(lease.id)

    assert check.outcome is CheckOutcome.ARRIVED
    assert "all that the sandbox needs" in check.sentence
    assert (lease.state, lease.url) == (LeaseState.ACTIVE, f"{base}{path}")
    assert [one.forward_url for one in during if one not in before] == [lease.url]
    assert extended.ends_at - lease.ends_at == 15 * 60_000
    assert await setup.actions(application.code, configuration.key) == before


async def test_port_in_use(engine: Engine, console: Console) -> None:
    """Where no tunnel leads to the port, another one is taken if it is in use."""
    remote = RemoteLeases(engine, console)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(ListenerFailed):
            await remote.ensure_listening(port, fixed=True)
        assert await remote.ensure_listening(port, fixed=False) not in {0, port}


async def test_another_connection(engine: Engine, console: Console) -> None:
    """A route is borrowed of the account that the user saw, or of none."""
    remote = RemoteLeases(engine, console)
    seen = replace(console.status.connection, name="Another")

    with pytest.raises(ConnectionChanged):
        await remote.borrow(seen, LeaseRequest("code", "http://127.0.0.1:1"))


async def test_tunnels(engine: Engine, console: Console) -> None:
    """Tunnels are looked for on the engine's loop."""
    assert await RemoteLeases(engine, console).find_tunnels(8484) is not None
