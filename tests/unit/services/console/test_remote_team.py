"""What is received on a connection reaches the team that it names, and no other."""

import asyncio

import pytest
from msgspec.structs import replace

from ibconsole.secret import Secret
from ibconsole.services.connections import Connection, Connections, SettingsFile, new_id
from ibconsole.services.connections.settings import with_connection
from ibconsole.services.connections.vault import Vault
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_team import NotShared, RemoteTeam
from ibconsole.services.runtime import Engine
from tests.postgres import TeamDatabase

KEY = Secret("0123456789abcdef-planted")


@pytest.fixture
def console(engine_console: Console) -> Console:
    return engine_console


@pytest.fixture
def connections(console: Console) -> Connections:
    forbidden = "postgresql://forbidden.example/inbound"
    return Connections(
        SettingsFile(console.paths.settings),
        Vault(),
        console.forward_paths,
        team_objection=lambda database: "Not here." if database == forbidden else "",
    )


@pytest.fixture
async def saved(connections: Connections, team: TeamDatabase) -> Connection:
    address = team.address("operator")
    draft = Connection(new_id(), "Acme", "https://acme.api.infobip.com")
    shared = replace(draft, team=address.database, team_account=address.account)
    return await connections.add(shared, KEY, for_session=True)


async def test_a_team_is_looked_at(
    engine: Engine, console: Console, connections: Connections, saved: Connection
) -> None:
    """Its archive says who ships to it; a connection without a team has none to look at."""
    remote = RemoteTeam(engine, console, connections)
    assert await remote.set_aside([saved.id]) == []
    await remote.retry_set_aside()

    await engine.call(console.sharing.share, await connections.team_accesses())
    async with asyncio.timeout(20):
        while not (seen := await remote.look(saved.id)).overview.sources:
            await asyncio.sleep(0.01)
    assert seen.access.address == saved.team_address
    assert await remote.set_aside([saved.id]) == []
    await remote.retry_set_aside()
    assert await remote.objections() == []

    await connections.edit(replace(saved, team=""), None)
    with pytest.raises(NotShared):
        await remote.look(saved.id)


async def test_a_team_that_is_not_permitted_is_not_looked_at(
    engine: Engine, console: Console, connections: Connections, saved: Connection
) -> None:
    """The administrator may have forbidden it after it was saved, and that is said."""
    forbidden = replace(saved, team="postgresql://forbidden.example/inbound")
    SettingsFile(console.paths.settings).change(lambda one: with_connection(one, forbidden))
    remote = RemoteTeam(engine, console, connections)

    assert await remote.objections() == ["Acme: Not here."]
    with pytest.raises(NotShared, match="may not be used"):
        await remote.look(saved.id)
