"""The health of all applications of an account, filled in the background."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from ibconsole.api import Platform
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.connections import Mute
from ibconsole.services.connections.account import Account
from ibconsole.services.diagnosis.accounts import to_connection
from ibconsole.services.diagnosis.catalogue import Level
from ibconsole.services.diagnosis.collecting import Collector, Surroundings
from ibconsole.services.diagnosis.health import Health, HealthReport, HealthState
from ibconsole.services.diagnosis.health_cache import HealthCache, forget_health
from ibconsole.services.diagnosis.muting import scope_of
from ibconsole.simulator.running import RunningSimulator


class Setting:
    """The health of the simulated account, and what it reported."""

    def __init__(self, platform: Platform, account: Account, path: Path) -> None:
        self.reports: list[HealthReport] = []
        self.mutes: list[Mute] = []
        self.connection = account.connection
        collector = Collector(to_connection(account), Surroundings(path, lambda _: None))
        self.health = Health(
            collector, platform, load_mutes=self.load_mutes, on_change=self.reports.append
        )

    async def load_mutes(self) -> list[Mute]:
        return self.mutes


@pytest.fixture
def setting(account: Account, platform: Platform, tmp_path: Path) -> Setting:
    return Setting(platform, account, tmp_path / "archive.sqlite3")


def requests(running: RunningSimulator) -> int:
    return running.simulator.state.counters["requests"]


async def test_filling(setting: Setting, running: RunningSimulator) -> None:
    """All applications are read, the worst is first, and nothing is read twice in a while."""
    report = await setting.health.fill()
    first = report.worst_first()[0]
    before = requests(running)
    again = await setting.health.fill()

    assert (report.state, report.done, report.total) == (HealthState.DONE, 6, 6)
    assert (first.name, first.level) == ("Lumen Mobile", Level.ERROR)
    ranks = [one.level.rank if one.level else 9 for one in report.worst_first()]
    assert ranks == sorted(ranks)
    assert report.facts
    assert {one.number for one in report.findings.shown} >= {1001, 1002, 1004}
    assert again.applications == report.applications
    assert requests(running) == before + 1  # the list alone
    setting.health.forget(first.code)
    await setting.health.fill()
    assert requests(running) > before + 3


async def test_reports_of_a_filling(setting: Setting) -> None:
    """Batches share what they found; another filling does not change the former's report."""
    before = await setting.health.fill()
    during = [one.applications for one in setting.reports if one.state is HealthState.FILLING][-1]
    code = before.worst_first()[0].code
    known = dict(before.applications)
    setting.mutes += [
        Mute(scope_of(setting.connection, code), number, "Known.", now_ms() + 1_000_000)
        for number in before.applications[code].numbers
    ]
    setting.health.forget(code)
    after = await setting.health.fill()

    assert during.keys() == before.applications.keys()
    assert before.applications == known
    assert after.applications[code].findings == 0


async def test_a_muted_finding(setting: Setting) -> None:
    """A muted finding is counted apart, and does not make an application ill."""
    [ill] = [one for one in (await setting.health.fill()).worst_first() if one.level is Level.ERROR]
    scope = scope_of(setting.connection, ill.code)
    setting.mutes.append(Mute(scope, 1002, "Known.", now_ms() + 1_000_000))
    found = (await setting.health.fill()).applications[ill.code]

    assert (found.level, found.findings, found.muted) == (None, 0, 1)


async def test_a_pause(setting: Setting, running: RunningSimulator) -> None:
    """While it is paused no application is read; it goes on afterwards."""
    setting.health.pause()
    filling = asyncio.get_running_loop().create_task(setting.health.fill())
    while not setting.reports or not setting.reports[-1].total:
        await asyncio.sleep(0)
    before = requests(running)
    await asyncio.sleep(0)

    assert (requests(running), setting.health.report.applications) == (before, {})
    setting.health.resume()
    assert (await filling).state is HealthState.DONE


async def test_cancelling(setting: Setting) -> None:
    """What was read before it was cancelled is kept."""
    setting.health.pause()
    filling = asyncio.get_running_loop().create_task(setting.health.fill())
    while not setting.reports or not setting.reports[-1].total:
        await asyncio.sleep(0)
    filling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await filling

    assert setting.health.report.state is HealthState.IDLE


async def test_a_refused_account(setting: Setting, running: RunningSimulator) -> None:
    """An account that cannot be read has a finding, and keeps what was known."""
    known = (await setting.health.fill()).applications
    running.simulator.inject_fault("403", times=9)
    report = await setting.health.fill()

    assert report.state is HealthState.FAILED
    assert "403" in report.problem
    assert 1703 in {one.number for one in report.findings.shown}
    assert report.applications == known


async def test_unreadable_mutes(setting: Setting) -> None:
    """If the mutes cannot be read, nothing is shown as not muted: filling ends and says why."""

    async def fail() -> list[Mute]:
        raise UserError("The settings cannot be read.")

    setting.health._load_mutes = fail
    report = await setting.health.fill()

    assert (report.state, report.problem) == (HealthState.FAILED, "The settings cannot be read.")


async def test_the_health_of_the_last_time(
    setting: Setting, platform: Platform, account: Account, tmp_path: Path
) -> None:
    """After a restart the former health is shown with its age until each is read again."""
    cache = HealthCache(tmp_path / "health", account.connection)
    collector = Collector(
        to_connection(account), Surroundings(tmp_path / "archive.sqlite3", lambda _: None)
    )

    def start() -> tuple[Health, list[HealthReport]]:
        reports: list[HealthReport] = []

        def note(report: HealthReport) -> None:
            reports.append(msgspec.structs.replace(report, applications=dict(report.applications)))

        health = Health(
            collector, platform, load_mutes=setting.load_mutes, on_change=note, cache=cache
        )
        return health, reports

    before = await start()[0].fill()
    health, reports = start()
    after = await health.fill()
    shown = next(one for one in reports if one.total)

    assert shown.done == 0
    assert {one.code: one.read_at for one in shown.applications.values()} == {
        one.code: one.read_at for one in before.applications.values()
    }
    assert all(
        one.read_at > before.applications[code].read_at for code, one in after.applications.items()
    )

    health.stop_keeping()
    forget_health(tmp_path / "health", account.connection)
    await health.fill()

    assert cache.load(dict.fromkeys(after.applications, "")) == {}


async def test_what_was_not_read_keeps_what_is_known(
    setting: Setting, running: RunningSimulator
) -> None:
    """An application whose reading fails keeps its former health and age."""
    before = await setting.health.fill()
    code = before.worst_first()[0].code
    setting.health.forget(code)
    running.simulator.inject_fault("500", times=99, match="configurations")
    after = await setting.health.fill()

    assert after.applications.keys() == before.applications.keys()
