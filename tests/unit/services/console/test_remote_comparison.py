"""Comparing the setups of applications and accounts, which run on the engine's loop."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from ibconsole.model.application import ActionDraft
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection, new_id
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections, NoSuchConnection
from ibconsole.services.connections.vault import Vault
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_comparison import ComparedApplication, RemoteComparison
from ibconsole.services.console.remote_connections import RemoteConnections
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@pytest.fixture
async def console(engine: Engine, tmp_path: Path) -> AsyncIterator[Console]:
    console = Console(Paths(tmp_path))
    await engine.call(console.__aenter__)
    yield console
    await engine.call(console.__aexit__)


@pytest.fixture
def connections(console: Console) -> Connections:
    return Connections(SettingsFile(console.paths.settings), Vault(), console.forward_paths)


@pytest.fixture
async def accounts(
    engine: Engine, console: Console, connections: Connections
) -> AsyncIterator[list[tuple[Connection, RunningSimulator]]]:
    """Two saved connections to two accounts, the first of which is open."""
    remote = RemoteConnections(engine, console, connections)
    found, running = [], []
    for name in ("Stage", "Production"):
        simulator = simulate(SimulatorSettings(rate_limited=False))
        one = await engine.call(simulator.__aenter__)
        running.append(simulator)
        draft = Connection(id=new_id(), name=name, base_url=one.base_url)
        found.append((await remote.add(draft, Secret(one.api_key), for_session=True), one))
    await remote.open(found[0][0].id)
    yield found
    for simulator in running:
        await engine.call(partial(simulator.__aexit__, None, None, None))


async def test_two_accounts_are_compared_by_reads_alone(
    engine: Engine,
    console: Console,
    connections: Connections,
    accounts: list[tuple[Connection, RunningSimulator]],
) -> None:
    """The other account is read with its own key, without opening it; nothing is changed."""
    (stage, _), (production, other) = accounts
    remote = RemoteComparison(engine, console, connections)

    names = [one.name for one in await remote.accounts()]
    code = (await remote.applications(production.id))[0].code
    sides = [ComparedApplication(one.id, code) for one in (stage, production)]
    found = await remote.compare(*sides)

    assert names == ["Stage", "Production"]
    assert found.rows
    assert console.status.connection.id == stage.id
    requests = console.activity.since(0).entries
    assert {entry.method for entry in requests} == {"GET"}
    assert {"Stage", "Production"} <= {entry.connection for entry in requests}
    assert {entry.purpose for entry in requests} == {"Compare setups"}
    assert other.simulator.state.counters["requests"] > 0


async def test_two_applications_of_the_open_account(
    engine: Engine, console: Console, accounts: list[tuple[Connection, RunningSimulator]]
) -> None:
    """Without saved connections, as in the demo, the applications of the account are compared."""
    remote = RemoteComparison(engine, console)
    stage = accounts[0][0].id
    codes = [one.code for one in await remote.applications(stage)][:2]

    async def add_action() -> None:
        platform = console.platform
        [*found] = await platform.configurations(codes[0])
        one = found[0] if found else await platform.create_configuration(codes[0])
        await platform.create_action(
            codes[0], one.key, ActionDraft(type="HTTP_FORWARD", forward_url="https://x.example/y")
        )

    await engine.call(add_action)
    found = await remote.compare(*(ComparedApplication(stage, code) for code in codes))

    assert [one.name for one in await remote.accounts()] == ["Stage"]
    assert any(row.left == "https://x.example/y" != row.right for row in found.rows)
    same = await remote.compare(*(ComparedApplication(stage, codes[0]),) * 2)
    assert same.differences == 0


async def test_an_account_that_is_gone_says_so(
    engine: Engine,
    console: Console,
    connections: Connections,
    accounts: list[tuple[Connection, RunningSimulator]],
) -> None:
    """A connection that was removed meanwhile is an error with a sentence."""
    remote = RemoteComparison(engine, console, connections)

    with pytest.raises(NoSuchConnection):
        await remote.applications(new_id())
