"""A simulated account, files for it, and a second hand that changes its setup meanwhile."""

from pathlib import Path

import pytest

from ibconsole.api.platform import Platform
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.applying.applier import SetupApplier
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.setup.plans.accounts import Hand


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data")


@pytest.fixture
def account(running: RunningSimulator) -> Account:
    return account_of(running.base_url, Secret(running.api_key), name="Test")


@pytest.fixture
def applier(account: Account, platform: Platform, paths: Paths) -> SetupApplier:
    return SetupApplier(account, platform, paths)


@pytest.fixture
def hand(running: RunningSimulator, account: Account) -> Hand:
    """The hand of another user of the account, on an application without a configuration."""
    return Hand(running.simulator, account)
