"""An engine, and a console on it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    await asyncio.to_thread(engine.stop)


@pytest.fixture
async def engine_console(engine: Engine, paths: Paths, account: Account) -> AsyncIterator[Console]:
    """A console on the engine's loop, connected to the account; `console` is on the test's."""
    console = Console(paths)
    await engine.call(console.__aenter__)
    await engine.call(console.connect, account)
    yield console
    await engine.call(console.__aexit__)
