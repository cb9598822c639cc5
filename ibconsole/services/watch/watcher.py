"""The watch of one connection: looks at intervals, judges, and announces what begins and ends.

Reads what is stored alone, on this disk and by the connection's team: it never pulls, listens or
writes, and runs next to any other process.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ibconsole.archive import ArchiveError
from ibconsole.clock import SteadyPeriod, elapsed_ms, now_ms
from ibconsole.services.connections import TeamAccess
from ibconsole.services.runtime import Alarm, AlarmKind
from ibconsole.services.watch.alarm_book import AlarmBook, AlarmEvent
from ibconsole.services.watch.certificates import CertificateCheck
from ibconsole.services.watch.facts import SourceFacts, WatchFacts, WatchPlan
from ibconsole.services.watch.judges import judge
from ibconsole.services.watch.shared_arrivals import SharedArrivals
from ibconsole.services.watch.stored_arrivals import archive_problem
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)

INTERVAL = 30.0  # seconds

_CERTIFICATES = "certificates"


class WatchInputs(msgspec.Struct, frozen=True):
    """The sources of messages in this process, its look at certificates, and the clocks.

    `at_once` as in `ArrivalReader`. `team` returns the team of the connection, None without one.
    """

    sources: Callable[[], SourceFacts] = SourceFacts
    certificates: CertificateCheck | None = None
    wall: Callable[[], int] = now_ms
    elapsed: Callable[[], int] = elapsed_ms
    at_once: bool = False
    team: Callable[[], TeamAccess | None] = lambda: None


class WatchOutputs(msgspec.Struct, frozen=True):
    """The receivers of news.

    `on_event` is called with each alarm that begins or ends, `on_restart` when watching begins anew
    after a suspension or a leap of the clock. `on_away` is called with the reason when the record
    of the connection's team cannot be read any more, and with an empty text once it can.
    """

    on_event: Callable[[AlarmEvent], object] = lambda _: None
    on_restart: Callable[[], object] = lambda: None
    on_away: Callable[[str], object] = lambda _: None


class Watcher:
    """Watches one connection, by at least one plan, on the loop that it is used on.

    A silence is counted from `since` on, a time in milliseconds since the epoch; by default from
    the construction on. `interval` is in seconds.
    """

    def __init__(
        self,
        path: Path,
        plans: Sequence[WatchPlan],
        inputs: WatchInputs,
        outputs: WatchOutputs,
        *,
        since: int | None = None,
        interval: float = INTERVAL,
    ) -> None:
        self._path = path
        self._plans = plans
        self._inputs = inputs
        self._outputs = outputs
        self._interval = interval
        self._arrivals = SharedArrivals(
            path, plans[0].connection, inputs.team, at_once=inputs.at_once
        )
        self._away = ""
        wall = inputs.wall()
        self._period = SteadyPeriod(wall if since is None else since, wall, inputs.elapsed())
        self._book = AlarmBook()

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that have not ended, in the order in which they were raised."""
        return tuple(self._book.active.values())

    @property
    def away(self) -> str:
        """The reason why the team's record could not be read at the last look, empty if it could.

        Silences, waiting messages and pulls that have stopped are not judged then.
        """
        return self._away

    @property
    def certificate_problem(self) -> str:
        """The reason why the last look at the certificates failed, empty if it did not."""
        return self._certificates.problem if self._certificates else ""

    async def run(self) -> None:
        """Look at every interval until cancelled; certificates are looked at meanwhile."""
        tasks = Tasks(_report)
        try:
            while True:
                certificates = self._certificates
                if certificates and certificates.is_due and not tasks.running(_CERTIFICATES):
                    tasks.start(_CERTIFICATES, certificates.look)
                await self.check()
                await asyncio.sleep(self._interval)
        finally:
            await tasks.close()

    async def look_at_certificates(self) -> None:
        """Look at the certificates now, if a plan wants them and it is due."""
        if self._certificates:
            await self._certificates.look()

    async def check(self) -> list[AlarmEvent]:
        """Look once; return the alarms that began or ended, after they were announced."""
        self._advance()
        facts = await self._collect()
        if bool(facts.away) != bool(self._away):
            self._outputs.on_away(facts.away)
        self._away = facts.away
        active = self._book.active
        found = [
            replace(alarm, notify=plan.notify)
            for plan in self._plans
            for alarm in judge(facts, plan, active)
        ]
        events = self._book.update(found, facts.now)
        for event in events:
            self._outputs.on_event(event)
        return events

    @property
    def _certificates(self) -> CertificateCheck | None:
        """The look at certificates; None if no plan wants it."""
        wanted = any(AlarmKind.CERTIFICATE in plan.kinds for plan in self._plans)
        return self._inputs.certificates if wanted else None

    def _advance(self) -> None:
        began = self._period.began
        self._period = self._period.advance(
            self._inputs.wall(), self._inputs.elapsed(), round(1000 * self._interval)
        )
        if self._period.began != began:
            self._outputs.on_restart()

    async def _collect(self) -> WatchFacts:
        sources, stored, away = self._inputs.sources(), None, ""
        certificates = self._certificates
        facts = WatchFacts(self._period.wall, self._period.began, sources=sources)
        try:
            stored, away = await self._arrivals.read(self._plans, self._names, facts)
            problem = await asyncio.to_thread(archive_problem, self._path)
        except ArchiveError as error:
            problem = str(error)
        return replace(
            facts,
            stored=stored,
            sources=replace(sources, archive_problem=sources.archive_problem or problem),
            certificates=certificates.found if certificates else None,
            away=away,
        )

    @property
    def _names(self) -> dict[str, str]:
        """The names of applications by code, as far as they are known."""
        known = self._certificates.names if self._certificates else {}
        return {**known, **{one.application: one.name for one in self._plans if one.application}}


def _report(name: str, error: BaseException) -> None:
    log.error("The task %r of the watch failed.", name, exc_info=error)
