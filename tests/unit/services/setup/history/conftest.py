"""An account whose setup is recorded, on a simulated platform."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import stamina

from ibconsole.api.authorization import ApiKey
from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.api.platform import Platform
from ibconsole.archive.history.points import SetupPart, SetupPoint, points_of
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.protection import Protection
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.simulator.running import RunningSimulator


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded setup, the archive with its history, and the platform for another's hand."""

    setup: RecordedSetup
    client: ApiClient
    recorder: SetupRecorder
    path: Path
    account: Account
    other: Platform

    def points(self, code: str, part: SetupPart = SetupPart.ROUTE) -> list[SetupPoint]:
        return list(points_of(self.path, self.account.connection, code, part))


@pytest.fixture
async def recorded(
    running: RunningSimulator, platform: Platform, tmp_path: Path
) -> AsyncIterator[Recorded]:
    path = tmp_path / "data" / "archive.sqlite3"
    account = account_of(running.base_url, Secret(running.api_key), name="Test")
    gate = Protection().gate_of(account, Audit(path))
    async with (
        ApiClient(
            running.base_url,
            ApiKey(Secret(running.api_key)),
            budget=Budget(1_000),
            gate=gate,
        ) as client,
        SetupRecorder(path, account.connection, delay=0.01) as recorder,
    ):
        with stamina.set_testing(testing=True, attempts=3):
            yield Recorded(
                RecordedSetup(client, recorder), client, recorder, path, account, platform
            )
