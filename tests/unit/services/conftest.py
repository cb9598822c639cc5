from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.console.console import Console
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@pytest.fixture
def places(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data")


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(messages=7)) as running:
        yield running


@pytest.fixture
def account(running: RunningSimulator) -> Account:
    return account_of(running.base_url, Secret(running.api_key), name="Test")


@pytest.fixture
async def console(places: Paths, account: Account) -> AsyncIterator[Console]:
    async with Console(places) as console:
        await console.connect(account)
        yield console
