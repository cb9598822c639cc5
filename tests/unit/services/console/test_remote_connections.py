"""The window's border to the connections: everything runs on the engine's loop."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.http1.exact import send
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection, InvalidConnection, new_id
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections, NoSuchConnection
from ibconsole.services.connections.vault import Vault
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_connections import RemoteConnections
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
async def running(engine: Engine) -> AsyncIterator[RunningSimulator]:
    simulator = simulate(SimulatorSettings(messages=3, rate_limited=False))
    yield await engine.call(simulator.__aenter__)
    await engine.call(lambda: simulator.__aexit__(None, None, None))


@pytest.fixture
async def console(engine: Engine, tmp_path: Path) -> AsyncIterator[Console]:
    console = Console(Paths(tmp_path))
    await engine.call(console.__aenter__)
    yield console
    await engine.call(console.__aexit__)


@pytest.fixture
def connecting(engine: Engine, console: Console) -> RemoteConnections:
    saved = Connections(SettingsFile(console.places.settings), Vault(), console.paths)
    return RemoteConnections(engine, console, saved)


@pytest.fixture
async def acme(connecting: RemoteConnections, running: RunningSimulator) -> Connection:
    """A connection whose secret is kept for the session."""
    draft = Connection(id=new_id(), name="Acme", base_url=running.base_url)
    return await connecting.add(draft, Secret(running.api_key), for_session=True)


async def test_opening_sends_nothing(
    connecting: RemoteConnections, console: Console, running: RunningSimulator, acme: Connection
) -> None:
    """A connection is open once its secret is at hand; it is the one to open next time."""
    await connecting.open(acme.id)

    assert console.status.connection.name == "Acme"
    assert (await connecting.settings()).last_opened == acme.id
    assert running.simulator.state.counters["requests"] == 0
    await connecting.close()
    assert console.status.connection.name == ""


async def test_one_that_cannot_be_opened_leaves_the_former_one(
    connecting: RemoteConnections, console: Console, acme: Connection
) -> None:
    """Whatever fails, the account at work stays."""
    await connecting.open(acme.id)

    with pytest.raises(NoSuchConnection):
        await connecting.open(new_id())

    assert console.status.connection.id == acme.id


async def test_checking(
    connecting: RemoteConnections, running: RunningSimulator, acme: Connection
) -> None:
    """A test lists the applications, with the kept secret or another; it never pulls."""
    assert (await connecting.check(acme, None)).applications == 6
    wrong = await connecting.check(acme, Secret("0123456789abcdef-wrong"))

    assert (wrong.severity, wrong.applications) == ("danger", None)
    assert running.simulator.state.counters["pulls"] == 0


async def test_a_kept_secret_is_not_tested_elsewhere(
    connecting: RemoteConnections, acme: Connection
) -> None:
    """A secret goes to the host that it was entered for, and to no other."""
    elsewhere = Connection(acme.id, acme.name, "https://other.api.infobip.com")

    with pytest.raises(InvalidConnection, match="Enter the api key"):
        await connecting.check(elsewhere, None)


async def test_removing_takes_the_messages_if_told(
    connecting: RemoteConnections, console: Console, engine: Engine, acme: Connection
) -> None:
    """What was pulled stays unless its user says otherwise; the connection is closed first."""
    await connecting.open(acme.id)
    url = await engine.call(lambda: console.start_listener(host="127.0.0.1", port=0))
    await engine.call(console.pull, 2)
    assert await connecting.messages_of(acme.id) == 2

    gone = await connecting.remove(acme.id, messages=True)

    assert gone == 2
    assert await connecting.messages_of(acme.id) == 0
    assert console.status.connection.id == ""
    assert (await connecting.settings()).connections == ()
    assert (await send(url)).status == 404


async def test_duplicate_and_edit(connecting: RemoteConnections, acme: Connection) -> None:
    """A copy has a free name; a connection can be called otherwise."""
    with pytest.raises(NoSuchConnection):
        await connecting.duplicate(new_id())

    edited = await connecting.edit(Connection(acme.id, "Acme Ltd", acme.base_url), None)

    assert edited.name == "Acme Ltd"
    assert connecting.notice == ""
