"""The commands of the window on connections, which run on the engine's loop."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from ibconsole.archive.outbox import Outbox
from ibconsole.http1.exact import send
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection, InvalidConnection, new_id
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections, NoSuchConnection
from ibconsole.services.connections.vault import Vault
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_connections import RemoteConnections
from ibconsole.services.console.team_sharing import shipped_among
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.team_status import TeamState
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.postgres import TeamDatabase


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
def remote(engine: Engine, console: Console) -> RemoteConnections:
    saved = Connections(SettingsFile(console.paths.settings), Vault(), console.forward_paths)
    return RemoteConnections(engine, console, saved)


@pytest.fixture
async def acme(remote: RemoteConnections, running: RunningSimulator) -> Connection:
    """A connection whose secret is stored for the session."""
    draft = Connection(id=new_id(), name="Acme", base_url=running.base_url)
    return await remote.add(draft, Secret(running.api_key), for_session=True)


async def test_opening_sends_nothing(
    remote: RemoteConnections, console: Console, running: RunningSimulator, acme: Connection
) -> None:
    """Opening reads the secret, sends no request, and records the connection as the last one."""
    await remote.open(acme.id)

    assert console.status.connection.name == "Acme"
    assert (await remote.settings()).last_opened == acme.id
    assert running.simulator.state.counters["requests"] == 0
    await remote.close()
    assert console.status.connection.name == ""


async def test_a_failed_opening_keeps_the_former_connection(
    remote: RemoteConnections, console: Console, acme: Connection
) -> None:
    """If a connection cannot be opened, the current one stays open."""
    await remote.open(acme.id)

    with pytest.raises(NoSuchConnection):
        await remote.open(new_id())

    assert console.status.connection.id == acme.id


async def test_checking(
    remote: RemoteConnections, running: RunningSimulator, acme: Connection
) -> None:
    """A check lists the applications, with the stored secret or another, and never pulls."""
    assert (await remote.check(acme, None)).applications == 6
    wrong = await remote.check(acme, Secret("0123456789abcdef-wrong"))

    assert (wrong.severity, wrong.applications) == ("danger", None)
    assert running.simulator.state.counters["pulls"] == 0


async def test_a_stored_secret_is_not_sent_elsewhere(
    remote: RemoteConnections, acme: Connection
) -> None:
    """A stored secret is only sent to the host that it was entered for."""
    elsewhere = Connection(acme.id, acme.name, "https://other.api.infobip.com")

    with pytest.raises(InvalidConnection, match="Enter the API key"):
        await remote.check(elsewhere, None)


async def test_removing_with_messages(
    remote: RemoteConnections, console: Console, engine: Engine, acme: Connection
) -> None:
    """Messages are deleted only if asked; an open connection is closed first."""
    await remote.open(acme.id)
    url = await engine.call(lambda: console.start_listener(host="127.0.0.1", port=0))
    await engine.call(console.pulls.pull, 2)
    assert await remote.messages_of(acme.id) == 2

    deleted = await remote.remove(acme.id, messages=True)

    assert deleted == 2
    assert await remote.messages_of(acme.id) == 0
    assert console.status.connection.id == ""
    assert (await remote.settings()).connections == ()
    assert (await send(url)).status == 404


async def test_duplicate_and_edit(remote: RemoteConnections, acme: Connection) -> None:
    """A connection can be renamed; copying an unknown one is an error."""
    with pytest.raises(NoSuchConnection):
        await remote.duplicate(new_id())

    edited = await remote.edit(Connection(acme.id, "Acme Ltd", acme.base_url), None)

    assert edited.name == "Acme Ltd"
    assert remote.notice == ""


async def test_a_team_that_is_named_is_shipped_to(
    remote: RemoteConnections, console: Console, acme: Connection, team: TeamDatabase
) -> None:
    """What is stored of a connection is shipped once it names a team, and no more afterwards."""
    address = team.address("collector")
    named = msgspec.structs.replace(acme, team=address.database, team_account=address.account)
    await remote.edit(named, None, for_session=True, team_password=Secret("trusted"))

    async with asyncio.timeout(30):
        while [one.state for one in console.status.team.links] != [TeamState.SHIPPING]:
            await asyncio.sleep(0.01)
    assert console.status.team.link_of(acme.id)
    await remote.edit(acme, None, for_session=True)
    async with asyncio.timeout(30):
        while console.status.team.links:
            await asyncio.sleep(0.01)
    assert shipped_among(console.paths.archive, [acme.id]) == []


async def test_damaged_settings_end_no_sharing(remote: RemoteConnections, console: Console) -> None:
    """What waits for a team still waits when the settings are damaged and name no connection."""
    unnamed = new_id()
    with Outbox(console.paths.archive) as outbox:
        outbox.set_targets({unnamed: "a team"})
    console.paths.settings.write_bytes(b"{")

    await console.sharing.share_saved(remote._connections)

    assert remote.notice
    assert shipped_among(console.paths.archive, [unnamed]) == [unnamed]
