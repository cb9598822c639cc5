"""The health of all applications of an account, filled in the background, each with its age.

Applications are read a few at a time, at half of the account's rate at most, and after any request
of the user. Each batch is diagnosed at once by itself, and the
whole account in the end, on a thread: some findings compare applications with each other. Until
then what was known at the last time is shown with its age.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ibconsole.api import ApiError, Platform, background_requests
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.connections import Mute
from ibconsole.services.diagnosis.catalogue import Finding, Level
from ibconsole.services.diagnosis.health_cache import ApplicationHealth, HealthCache
from ibconsole.services.diagnosis.muting import SortedFindings, sort_out

if TYPE_CHECKING:
    from ibconsole.services.diagnosis import rules, setup_reading
    from ibconsole.services.diagnosis.collecting import Collector
else:  # imported when something is diagnosed
    rules = LazyModule("ibconsole.services.diagnosis.rules")
    setup_reading = LazyModule("ibconsole.services.diagnosis.setup_reading")

MAX_AGE = 15 * 60_000  # ms after which an application is read again
_BATCH = 10  # applications
_AT_ONCE = 2
_KEEP_MS = 60_000  # between two times at which the health is kept while it is filled
_MOST_FAILURES = 5  # applications in a row without any answer, after which filling ends


class HealthState(StrEnum):
    """The state of filling."""

    IDLE = "idle"  # not begun, or ended by the user
    FILLING = "filling"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


class HealthReport(msgspec.Struct, frozen=True):
    """The state of filling, and the findings until now.

    `applications` are by code; those that were not read are missing. The reports of one
    filling share them while they grow, since a copy for each batch would take longer with each:
    any thread may look into them, but iterates over a list of them.
    `findings` are of the whole account; `facts` are those behind them. `problem` says why filling
    ended, empty if it did not fail.
    """

    state: HealthState = HealthState.IDLE
    applications: Mapping[str, ApplicationHealth] = msgspec.field(default_factory=dict)
    findings: SortedFindings = msgspec.field(default_factory=SortedFindings)
    facts: "rules.Facts | None" = None
    done: int = 0
    total: int = 0
    problem: str = ""

    def worst_first(self) -> Sequence[ApplicationHealth]:
        """Return the applications, the worst first, those without a finding last."""
        return sorted(self.applications.values(), key=_order)


class Health:
    """Fills the health of the applications of one account.

    Belongs to the engine's loop. `on_change` is called there with each new report, at most once a
    batch. `load_mutes` returns the mutes of the user; `cache` keeps the health for the next start.
    """

    def __init__(
        self,
        collector: "Collector",
        platform: Platform,
        *,
        load_mutes: Callable[[], Awaitable[Sequence[Mute]]],
        on_change: Callable[[HealthReport], object] = lambda _: None,
        cache: HealthCache | None = None,
        max_age: int = MAX_AGE,
    ) -> None:
        self._collector = collector
        self._platform = platform
        self._load_mutes = load_mutes
        self._on_change = on_change
        self._cache = cache
        self._kept_at = now_ms()
        self._recalled = False
        self._max_age = max_age
        self._running = asyncio.Event()
        self._running.set()
        self._known: dict[str, rules.ApplicationFacts] = {}
        self._endpoints: dict[str, rules.EndpointFacts] = {}
        self._owners: dict[str, str] = {}
        self._health: dict[str, ApplicationHealth] = {}
        self.report = HealthReport()

    def pause(self) -> None:
        """Read no further application until `resume`; requests under way are finished."""
        self._running.clear()
        if self.report.state is HealthState.FILLING:
            self._publish(replace(self.report, state=HealthState.PAUSED))

    def resume(self) -> None:
        """Go on after a pause."""
        self._running.set()
        if self.report.state is HealthState.PAUSED:
            self._publish(replace(self.report, state=HealthState.FILLING))

    def forget(self, code: str) -> None:
        """Read an application again at the next `fill`, because its setup was changed."""
        self._known.pop(code, None)

    def stop_keeping(self) -> None:
        """Keep nothing more on disk: the connection is closed, and may be removed."""
        self._cache = None

    async def fill(self, applications: Sequence[Application] | None = None) -> HealthReport:
        """Read the applications whose facts are missing or too old, and diagnose all.

        `applications` is the list of the account if it is known, else it is read first. Cancelling
        keeps what was read. A failure is in the report, also one to read the mutes.
        """
        self._publish(replace(self.report, state=HealthState.FILLING, problem=""))
        try:
            if applications is None:
                applications = await self._platform.applications()
            await self._fill(applications)
        except ApiError as error:
            facts = await self._collector.without_setup(setup_reading.reading_problem(error))
            await self._show_all(facts, HealthState.FAILED, str(error))
        except UserError as error:
            self._publish(replace(self.report, state=HealthState.FAILED, problem=str(error)))
        except asyncio.CancelledError:
            self._publish(replace(self.report, state=HealthState.IDLE))
            raise
        return self.report

    async def _fill(self, applications: Sequence[Application]) -> None:
        listed = {one.code: one for one in applications if one.code}
        self._known = {code: one for code, one in self._known.items() if code in listed}
        self._health = dict(self._health)  # reports of a former filling keep theirs
        await self._recall(listed)
        stale = [one for one in listed.values() if self._is_stale(one.code)]
        # Unknown ones first, then those that were read long ago; the others keep their order.
        stale.sort(key=lambda one: known.read_at if (known := self._health.get(one.code)) else 0)
        done = len(listed) - len(stale)
        applications_known = MappingProxyType(self._health)
        self._publish(
            replace(self.report, applications=applications_known, done=done, total=len(listed))
        )
        failures = 0
        facts = await self._collector.complete([])
        for first in range(0, len(stale), _BATCH):
            await self._running.wait()
            batch = await self._read(stale[first : first + _BATCH])
            facts = await self._collector.complete(batch)
            await self._show_batch(facts, done + first + len(batch))
            unanswered = [one.problem is not None and one.problem.status is None for one in batch]
            failures = failures + len(batch) if all(unanswered) else 0
            if failures >= _MOST_FAILURES:
                problem = next(one.problem.sentence for one in batch if one.problem)
                await self._show_all(self._merged(facts, applications), HealthState.FAILED, problem)
                return
        await self._show_all(self._merged(facts, applications), HealthState.DONE)

    def _is_stale(self, code: str) -> bool:
        known = self._known.get(code)
        return known is None or known.read_at is None or now_ms() - known.read_at > self._max_age

    async def _read(self, applications: Sequence[Application]) -> "list[rules.ApplicationFacts]":
        slots = asyncio.Semaphore(_AT_ONCE)

        async def read(application: Application) -> "rules.ApplicationFacts":
            async with slots:
                return await setup_reading.read_application(self._platform, application)

        with background_requests():  # the tasks of gather begin with this context
            return list(await asyncio.gather(*map(read, applications)))

    async def _show_batch(self, facts: "rules.Facts", done: int) -> None:
        """Show the health of these applications, judged by themselves until all are read."""
        for one in facts.applications or ():
            self._known[one.application.code] = one
        self._endpoints |= facts.endpoints
        self._owners |= facts.console.owners
        found = sort_out(rules.diagnose(facts), await self._load_mutes())
        self._health.update(_health(facts, found))
        self._publish(replace(self.report, applications=MappingProxyType(self._health), done=done))
        if now_ms() - self._kept_at > _KEEP_MS:
            await self._keep()

    async def _show_all(self, facts: "rules.Facts", state: HealthState, problem: str = "") -> None:
        findings = await asyncio.to_thread(rules.diagnose, facts)
        found = sort_out(findings, await self._load_mutes())
        if facts.applications is not None:
            codes = {one.application.code for one in facts.applications}
            known = {code: one for code, one in self._health.items() if code in codes}
            self._health = known | _health(facts, found)
            await self._keep()
        self._publish(
            replace(
                self.report,
                state=state,
                applications=MappingProxyType(self._health),
                findings=found,
                facts=facts,
                problem=problem,
            )
        )

    async def _recall(self, listed: Mapping[str, Application]) -> None:
        """Take over what was known at the last time, once."""
        if self._cache and not self._recalled:
            names = {code: one.name for code, one in listed.items()}
            self._health = await asyncio.to_thread(self._cache.load, names) | self._health
        self._recalled = True

    async def _keep(self) -> None:
        self._kept_at = now_ms()
        if self._cache:
            await asyncio.to_thread(self._cache.save, tuple(self._health.values()))

    def _merged(self, latest: "rules.Facts", applications: Sequence[Application]) -> "rules.Facts":
        """Return the facts about all applications, with the latest about everything else."""
        known = [self._known.get(one.code) or rules.ApplicationFacts(one) for one in applications]
        return replace(
            latest,
            applications=tuple(known),
            endpoints=dict(self._endpoints),
            console=replace(latest.console, owners=dict(self._owners)),
        )

    def _publish(self, report: HealthReport) -> None:
        self.report = report
        self._on_change(report)


def _health(facts: "rules.Facts", found: SortedFindings) -> dict[str, ApplicationHealth]:
    """Return the health of each application that was read."""
    shown: dict[str, list[Finding]] = {}
    for finding in found.shown:
        shown.setdefault(finding.subject.application, []).append(finding)
    muted: dict[str, int] = {}
    for one in found.muted:
        code = one.finding.subject.application
        muted[code] = muted.get(code, 0) + 1
    health = {}
    for facts_of in facts.applications or ():
        if facts_of.read_at is not None:
            code = facts_of.application.code
            own = shown.get(code, [])
            health[code] = ApplicationHealth(
                code=code,
                name=facts_of.application.name,
                read_at=facts_of.read_at,
                level=own[0].level if own else None,  # the worst is the first
                sentence=own[0].sentence if own else "",
                findings=len(own),
                muted=muted.get(code, 0),
                numbers=tuple(one.number for one in own),
            )
    return health


def _order(health: ApplicationHealth) -> tuple[int, int, str]:
    rank = len(Level) if health.level is None else health.level.rank
    return rank, -health.findings, health.name.casefold()
