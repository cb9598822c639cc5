"""A console on a simulated platform, for the tests of services."""

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
def paths(tmp_path: Path) -> Paths:
    """The paths of an empty data directory."""
    return Paths(tmp_path / "data")


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    """A simulated platform with seven waiting messages."""
    async with simulate(SimulatorSettings(messages=7)) as running:
        yield running


@pytest.fixture
def account(running: RunningSimulator) -> Account:
    """The account of the simulated platform."""
    return account_of(running.base_url, Secret(running.api_key), name="Test")


@pytest.fixture
async def console(paths: Paths, account: Account) -> AsyncIterator[Console]:
    """A console that is connected to the account."""
    async with Console(paths) as console:
        await console.connect(account)
        yield console
