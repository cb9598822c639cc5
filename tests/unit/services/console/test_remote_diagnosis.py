"""The diagnosis for the window, which runs on the engine's loop."""

import pytest
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.files import is_missing
from ibconsole.services.connections.account import Account, NoAccount
from ibconsole.services.connections.connection import Environment
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import RemoteSetup
from ibconsole.services.console.remote_diagnosis import RemoteDiagnosis
from ibconsole.services.diagnosis import HealthReport, HealthState
from ibconsole.services.runtime.engine import Engine


@pytest.fixture
def console(engine_console: Console) -> Console:
    return engine_console


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


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.SANDBOX])
async def test_health_is_kept_for_saved_connections(
    engine: Engine, console: Console, account: Account, environment: Environment
) -> None:
    """The next start knows the health of a saved connection; the sandbox leaves nothing behind."""
    saved = replace(account, connection="uuid", environment=environment)
    await engine.call(console.connect, saved)
    await RemoteDiagnosis(engine, console).fill()

    assert is_missing(console.paths.health) == (environment is Environment.SANDBOX)
