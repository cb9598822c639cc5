"""A simulated account whose routes are borrowed, and the hand of another user on it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import stamina

from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import Account, account_of, authorization_of
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import LeaseStatus
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.services.setup.lease.held_lease import LeaseTiming
from ibconsole.services.setup.lease.leases import Leases
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.unit.services.setup.plans.accounts import Hand

QUICK = LeaseTiming(
    interval=0.01, pause=0.01, first_retry=0.01, longest_retry=0.02, closing=2.0, watch=0.2
)
Open = Callable[[], Leases]


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
def protection() -> Protection:
    return Protection()


@pytest.fixture
async def platform(
    account: Account, paths: Paths, protection: Protection
) -> AsyncIterator[RecordedSetup]:
    """The platform with its audit and its history, without waits."""
    gate = protection.gate_of(account, Audit(paths.archive))
    authorization = authorization_of(account.base_url, account.credential)
    async with ApiClient(
        account.base_url, authorization, gate=gate, budget=Budget(10_000)
    ) as client:
        with stamina.set_testing(testing=True, attempts=3):
            recorder = SetupRecorder(paths.archive, account.connection, records_reads=False)
            yield RecordedSetup(client, recorder)


@pytest.fixture
def hand(running: RunningSimulator, account: Account) -> Hand:
    """The hand of another user of the account, on an application without a configuration."""
    return Hand(running.simulator, account)


@pytest.fixture
def shown() -> list[tuple[LeaseStatus, ...]]:
    """Everything that was shown of open leases."""
    return []


@pytest.fixture
async def processes(
    paths: Paths,
    account: Account,
    platform: RecordedSetup,
    protection: Protection,
    shown: list[tuple[LeaseStatus, ...]],
) -> AsyncIterator[Open]:
    """Open the account as a further process would."""
    opened: list[Leases] = []

    def open_leases() -> Leases:
        leases = Leases(
            paths.archive, ForwardPaths(paths.listener), protection, shown.append, timing=QUICK
        )
        leases.open(account, platform)
        opened.append(leases)
        return leases

    yield open_leases
    for leases in opened:
        await leases.close()


@pytest.fixture
def leases(processes: Open) -> Leases:
    """The borrowed routes of the account."""
    return processes()
