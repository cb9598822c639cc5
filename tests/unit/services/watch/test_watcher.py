"""The watch of a connection, with a real archive."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive import Archive
from ibconsole.clock import now_ms
from ibconsole.services.connections.account import Account, TeamAccess
from ibconsole.services.console.console import Console
from ibconsole.services.runtime import AlarmKind, ListenerState, ListenerStatus
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.watch import (
    AlarmEvent,
    CertificateCheck,
    SourceFacts,
    Watcher,
    WatchInputs,
    WatchOutputs,
    WatchPlan,
)
from ibconsole.tasks import Tasks
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.services.diagnosis import samples
from tests.unit.services.watch.samples import HOUR, MINUTE, NOW, answers, steady
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows

PLAN = WatchPlan("c", name="Kestrel", minutes=10)
STEP = MINUTE // 2


class Time:
    """Two clocks that the tests set."""

    def __init__(self) -> None:
        self.wall = NOW
        self.elapsed = 0

    def pass_by(self, ms: int) -> None:
        """Let time pass while the computer runs."""
        self.wall += ms
        self.elapsed += ms


def store(path: Path, times: Sequence[int]) -> None:
    """Store a forward with one message at each of these times."""
    body = batch({"applicationCode": "code-of-lumen-0001"})
    found = [replace(arrival(body, arrived_at=at), connection="c") for at in sorted(times)]
    with Archive(path) as archive:
        archive.decode(archive.add_forwards(found))


class Watching:
    """A watch with clocks that the tests set, and what it announced."""

    def __init__(self, path: Path, plan: WatchPlan = PLAN, **inputs: object) -> None:
        self.time, self.restarts = Time(), 0
        self.events: list[AlarmEvent] = []
        self.away: list[str] = []
        self.watcher = Watcher(
            path,
            [plan],
            WatchInputs(
                wall=lambda: self.time.wall,
                elapsed=lambda: self.time.elapsed,
                **inputs,  # type: ignore[arg-type]
            ),
            WatchOutputs(self.events.append, self._on_restart, self.away.append),
        )

    def _on_restart(self) -> None:
        self.restarts += 1

    async def let_pass(self, ms: int) -> list[str]:
        """Look at intervals for so long; return what was announced meanwhile."""
        known = len(self.events)
        for _ in range(ms // STEP):
            self.time.pass_by(STEP)
            await self.watcher.check()
        return [f"{one.state} {one.alarm.kind}" for one in self.events[known:]]


async def test_a_silence(tmp_path: Path) -> None:
    """A silence is announced once, and its end once."""
    path = tmp_path / "archive.sqlite3"
    store(path, steady(NOW))
    watching = Watching(path)

    assert await watching.let_pass(9 * MINUTE) == []
    assert await watching.let_pass(2 * MINUTE) == ["raised silence"]
    assert [one.since for one in watching.watcher.alarms] == [NOW]
    store(path, [watching.time.wall])
    assert await watching.let_pass(2 * MINUTE) == ["cleared silence"]
    assert watching.watcher.alarms == ()


async def test_a_suspension(tmp_path: Path) -> None:
    """After a suspension, or under a clock that was set, the period begins anew."""
    path = tmp_path / "archive.sqlite3"
    store(path, steady(NOW))
    watching = Watching(path)

    watching.time.pass_by(8 * HOUR)
    assert await watching.let_pass(9 * MINUTE) == []
    watching.time.wall += 400 * 24 * HOUR
    assert await watching.let_pass(9 * MINUTE) == []
    watching.time.wall -= 400 * 24 * HOUR
    assert await watching.let_pass(9 * MINUTE) == []
    assert watching.restarts == 3
    assert await watching.let_pass(3 * MINUTE) == ["raised silence"]


async def test_a_team(tmp_path: Path, team: TeamDatabase) -> None:
    """What a collector receives is no silence; while the team is away none begins."""
    path, access = tmp_path / "archive.sqlite3", TeamAccess(team.address("reader"))
    store(path, steady(AT))
    collector = TeamRows(team.db())
    watching = Watching(path, team=lambda: access)
    watching.time.wall = AT
    for minutes in (4, 8, 12):
        collector.ship(minutes * MINUTE, ShippedMessage(application_code="code-of-lumen-0001"))
    assert await watching.let_pass(20 * MINUTE) == []

    team.server.stop()
    assert await watching.let_pass(5 * MINUTE) == []
    team.server.start()
    assert await watching.let_pass(MINUTE) == ["raised silence"]
    assert [one.since for one in watching.watcher.alarms] == [AT + 12 * MINUTE]
    assert [bool(one) for one in watching.away] == [True, False]
    team.server.stop()
    assert await watching.let_pass(2 * MINUTE) == []
    assert (len(watching.watcher.alarms), bool(watching.watcher.away)) == (1, True)


async def test_what_this_process_knows(tmp_path: Path) -> None:
    """A listener of this process that fails is an alarm, also without an archive."""
    failed = ListenerStatus(state=ListenerState.FAILED, sentence="The port is taken.")
    watching = Watching(tmp_path / "archive.sqlite3", sources=lambda: SourceFacts(failed))

    assert await watching.let_pass(MINUTE) == ["raised source"]


async def test_an_archive_that_cannot_be_read(tmp_path: Path) -> None:
    """An archive that cannot be read is an alarm itself; the watch goes on."""
    path = tmp_path / "archive.sqlite3"
    path.write_bytes(b"no archive, and longer than the head of a database" * 9)
    watching = Watching(path)

    assert await watching.let_pass(MINUTE) == ["raised source"]
    assert [one.part for one in watching.watcher.alarms] == ["archive"]
    path.unlink()
    assert await watching.let_pass(MINUTE) == ["cleared source"]


async def test_certificates(tmp_path: Path) -> None:
    """Certificates are looked at if a plan wants it, while the watch runs."""
    facts = samples.probed(expires_at=(samples.NOW + 3 * samples.DAY) / 1000)
    plan = replace(PLAN, kinds={AlarmKind.CERTIFICATE}, notify=True)
    raised = asyncio.Event()
    watcher = Watcher(
        tmp_path / "archive.sqlite3",
        [plan],
        WatchInputs(certificates=CertificateCheck(answers(facts))),
        WatchOutputs(lambda event: raised.set() if event.alarm.notify else None),
        interval=0.01,
    )
    tasks = Tasks(lambda *_: None)
    tasks.start("watch", watcher.run)
    await raised.wait()
    await tasks.close()

    assert [one.part for one in watcher.alarms] == ["hooks.kestrel.aero"]
    await watcher.look_at_certificates()  # it is not due


async def test_next_to_a_console(console: Console, account: Account, paths: Paths) -> None:
    """The watch reads what a console pulls, and pulls nothing itself."""
    await console.pulls.pull(3)
    watching = Watching(paths.archive, WatchPlan(account.connection, minutes=1))
    watching.time.wall = now_ms()

    assert await watching.let_pass(3 * MINUTE) == ["raised silence"]
    assert (await console.pulls.pull(None)).messages == 4  # all that were left
