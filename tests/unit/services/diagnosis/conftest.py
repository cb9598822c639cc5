"""A simulated platform without a limit of requests, and a client that needs none."""

from collections.abc import AsyncIterator

import pytest

from ibconsole.api import ApiClient, Platform
from ibconsole.api.budget import Budget
from ibconsole.api.gate import admit_all
from ibconsole.services.connections.account import Account, authorization_of
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    """A simulated platform that never answers 429."""
    async with simulate(SimulatorSettings(messages=7, rate_limited=False)) as running:
        yield running


@pytest.fixture
async def platform(account: Account) -> AsyncIterator[Platform]:
    """The platform, read without waiting for the budget."""
    authorization = authorization_of(account.base_url, account.credential)
    budget = Budget(starts=1_000)
    async with ApiClient(account.base_url, authorization, gate=admit_all, budget=budget) as client:
        yield Platform(client)
