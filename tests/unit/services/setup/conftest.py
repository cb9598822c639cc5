"""A simulated platform with a configuration to change."""

from collections.abc import AsyncIterator

import pytest
import stamina

from ibconsole.api.authorization import ApiKey
from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.api.gate import admit_all
from ibconsole.api.platform import Platform
from ibconsole.secret import Secret
from ibconsole.services.setup.multi_step import ConfigurationId
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(rate_limited=False)) as running:
        yield running


@pytest.fixture
async def platform(running: RunningSimulator) -> AsyncIterator[Platform]:
    key = ApiKey(Secret(running.api_key))
    async with ApiClient(running.base_url, key, budget=Budget(1_000), gate=admit_all) as client:
        with stamina.set_testing(testing=True, attempts=3):
            yield Platform(client)


@pytest.fixture
async def target(platform: Platform) -> ConfigurationId:
    """A configuration without actions."""
    for application in await platform.applications():
        if not await platform.configurations(application.code):
            created = await platform.create_configuration(application.code)
            return ConfigurationId(application.code, created.key)
    raise AssertionError
