"""A simulated account, plans for it, and a second hand that changes its setup meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import stamina

from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import Account, account_of, authorization_of
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.services.setup.plans.runner import PlanRunner
from ibconsole.services.setup.plans.undo import Undo
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.unit.services.setup.plans.accounts import Hand


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data")


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(rate_limited=False)) as running:
        yield running


@pytest.fixture
def account(running: RunningSimulator) -> Account:
    return account_of(running.base_url, Secret(running.api_key), name="Test")


@pytest.fixture
async def platform(account: Account, paths: Paths) -> AsyncIterator[RecordedSetup]:
    """The platform with its audit and its history, without waits."""
    gate = Protection().gate_of(account, Audit(paths.archive))
    authorization = authorization_of(account.base_url, account.credential)
    async with ApiClient(
        account.base_url, authorization, gate=gate, budget=Budget(10_000)
    ) as client:
        with stamina.set_testing(testing=True, attempts=3):
            recorder = SetupRecorder(paths.archive, account.connection, records_reads=False)
            yield RecordedSetup(client, recorder)


@pytest.fixture
def runner(account: Account, platform: RecordedSetup, paths: Paths) -> PlanRunner:
    return PlanRunner(account, platform, paths, pauses=(0.0,))


@pytest.fixture
def hand(running: RunningSimulator, account: Account) -> Hand:
    """The hand of another user of the account, on an application without a configuration."""
    return Hand(running.simulator, account)


@pytest.fixture
def undo(account: Account, platform: RecordedSetup, paths: Paths) -> Undo:
    return Undo(account, platform, paths)
