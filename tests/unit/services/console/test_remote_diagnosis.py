"""The diagnosis for the window, which runs on the engine's loop."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ibconsole.clock import now_ms
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console, NoAccount
from ibconsole.services.console.remote import RemoteSetup
from ibconsole.services.console.remote_diagnosis import RemoteDiagnosis
from ibconsole.services.diagnosis import HealthReport, HealthState
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    await asyncio.to_thread(engine.stop)


@pytest.fixture
async def console(engine: Engine, paths: Paths, account: Account) -> AsyncIterator[Console]:
    """A console on the engine's loop, connected to the account."""
    console = Console(paths)
    await engine.call(console.__aenter__)
    await engine.call(console.connect, account)
    yield console
    await engine.call(console.__aexit__)


async def test_health_and_mutes(engine: Engine, console: Console) -> None:
    """Health is filled on the engine, one application is diagnosed, and a finding is muted."""
    remote = RemoteDiagnosis(engine, console)
    assert remote.report == HealthReport()
    await remote.pause()
    await remote.resume()
    report = await remote.fill()
    worst = report.worst_first()[0]

    assert (report.state, remote.report) == (HealthState.DONE, report)
    [application] = [
        one for one in await RemoteSetup(engine, console).applications() if one.code == worst.code
    ]
    finding = (await remote.diagnose(application)).findings.shown[0]
    mute = await remote.mute(finding, "Known.", now_ms() + 1_000_000)
    await remote.forget(worst.code)
    muted = (await remote.diagnose(application)).findings.muted
    assert [(one.finding.number, one.mute) for one in muted] == [(finding.number, mute)]
    assert await remote.unmute(mute)


async def test_without_a_connection(engine: Engine, console: Console) -> None:
    """Nothing is diagnosed without a connection."""
    await engine.call(console.disconnect)

    with pytest.raises(NoAccount):
        await RemoteDiagnosis(engine, console).fill()
