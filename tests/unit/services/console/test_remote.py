"""The commands of the window, which run on the engine's loop."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from ibconsole.model.application import ActionDraft
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import ConnectionChanged, RemoteIntake, RemoteSetup
from ibconsole.services.runtime.engine import Engine
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    """A simulated platform without rate limits: a repeated request would be logged twice."""
    async with simulate(SimulatorSettings(messages=7, rate_limited=False)) as running:
        yield running


@pytest.fixture
def console(engine_console: Console) -> Console:
    return engine_console


async def test_changing_the_setup(engine: Engine, console: Console) -> None:
    """Every command on the setup reaches the platform and is logged with its name."""
    setup = RemoteSetup(engine, console)
    bare = None
    for application in await setup.applications():
        if not await setup.configurations(application.code):
            bare = application
            break
    assert bare is not None

    created = await setup.create_configuration(bare.code)
    action = await setup.create_action(bare.code, created.key, ActionDraft(type="PULL"))
    assert [one.key for one in await setup.actions(bare.code, created.key)] == [action.key]
    await setup.delete_action(bare.code, created.key, action.key)
    assert await setup.actions(bare.code, created.key) == []
    await setup.delete_configuration(bare.code, created.key)
    assert await setup.configurations(bare.code) == []
    names = [entry.purpose for entry in console.activity.since(0).entries]
    assert names[0] == "Applications: refresh"
    assert "Create action: the setup before it" in names
    assert "Create action: the setup after it" in names
    names = [name for name in names if ": the setup" not in name]
    assert names[-8:] == [
        f"Setup of {bare.name}",
        "Create configuration",
        "Create action",
        f"Setup of {bare.name}",
        "Delete action",
        f"Setup of {bare.name}",
        "Delete configuration",
        f"Setup of {bare.name}",
    ]


async def test_the_setup_of_one_connection(
    engine: Engine, console: Console, account: Account
) -> None:
    """A command for one connection is never carried out on another."""
    setup = RemoteSetup(engine, console)
    first = setup.for_connection(console.status.connection)
    [application, *_] = await first.applications()
    assert await first.application(application.code) == application
    assert await first.application(application.id, by_id=True) == application

    await engine.call(console.connect, replace(account, name="Another"))

    with pytest.raises(ConnectionChanged, match="nothing was requested"):
        await first.delete_configuration(application.code, "any")
    with pytest.raises(ConnectionChanged):
        await first.applications()
    assert first._name_of(application.code) == "an application"  # that of the other account
    assert await setup.for_connection(console.status.connection).applications()


async def test_pull_and_listener(engine: Engine, console: Console) -> None:
    """The window pulls, and starts and stops the listener, on the engine's loop."""
    intake = RemoteIntake(engine, console)

    assert (await intake.pull(2)).messages == 2
    assert console.activity.since(0).entries[-1].purpose == "You: pull"
    url = await intake.start_listener(0)
    assert console.status.listener.url == url
    await intake.stop_listener()
    assert console.status.listener.state == "stopped"
