import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ibconsole.model.application import ActionDraft
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import AnotherConnection, RemoteIntake, RemoteSetup
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    await asyncio.to_thread(engine.stop)


@pytest.fixture
async def far(engine: Engine, paths: Paths, account: Account) -> AsyncIterator[Console]:
    """A console that lives on the engine's loop."""
    console = Console(paths)
    await engine.call(console.__aenter__)
    await engine.call(console.connect, account)
    yield console
    await engine.call(console.__aexit__)


async def test_the_whole_set_up_from_the_windows_side(engine: Engine, far: Console) -> None:
    """Every change the window offers reaches the platform, and back."""
    setup = RemoteSetup(engine, far)
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
    asked = [entry.asked_by for entry in far.activity.since(0).entries]
    assert asked[0] == "Applications: refresh"
    assert asked[-8:] == [
        f"Setup of {bare.name}",
        "Create configuration",
        "Create action",
        f"Setup of {bare.name}",
        "Delete action",
        f"Setup of {bare.name}",
        "Delete configuration",
        f"Setup of {bare.name}",
    ]


async def test_a_setup_of_one_connection(engine: Engine, far: Console, account: Account) -> None:
    """What was asked about one connection is never answered by another."""
    whole = RemoteSetup(engine, far)
    first = whole.of(far.status.connection)
    [application, *_] = await first.applications()
    assert await first.application(application.code) == application
    assert await first.application(application.id, by_id=True) == application

    await engine.call(far.connect, replace(account, name="Another"))

    with pytest.raises(AnotherConnection, match="nothing was requested"):
        await first.delete_configuration(application.code, "any")
    assert await whole.of(far.status.connection).applications()


async def test_receiving_from_the_windows_side(engine: Engine, far: Console) -> None:
    """The window pulls, and starts and stops the listener, through the engine."""
    receiving = RemoteIntake(engine, far)

    assert (await receiving.pull(2)).messages == 2
    assert far.activity.since(0).entries[-1].asked_by == "You: pull"
    url = await receiving.start_listener(0)
    assert far.status.listener.url == url
    await receiving.stop_listener()
    assert far.status.listener.state == "stopped"
