from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services import Account, Console, Places, account_of
from ibconsole.simulator import Running, Settings, simulate


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data")


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with simulate(Settings(messages=7)) as running:
        yield running


@pytest.fixture
def account(running: Running) -> Account:
    return account_of(running.base_url, Secret(running.api_key), name="Test")


@pytest.fixture
async def console(places: Places, account: Account) -> AsyncIterator[Console]:
    async with Console(places) as console:
        await console.connect(account)
        yield console
