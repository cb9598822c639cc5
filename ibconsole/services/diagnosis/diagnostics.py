"""The diagnosis of the current connection, for the window: health, and one application in depth."""

from collections.abc import Awaitable, Callable, Collection, Sequence

import msgspec

from ibconsole.api import Platform
from ibconsole.model import Application
from ibconsole.services.connections import Mute
from ibconsole.services.diagnosis.catalogue import Finding
from ibconsole.services.diagnosis.clock_comparison import ClockComparison
from ibconsole.services.diagnosis.collecting import Collector, Surroundings
from ibconsole.services.diagnosis.decision_tree import TreeStep, walk
from ibconsole.services.diagnosis.endpoints import Look
from ibconsole.services.diagnosis.health import Health, HealthState
from ibconsole.services.diagnosis.health_cache import HealthCache
from ibconsole.services.diagnosis.muting import SortedFindings, sort_out
from ibconsole.services.diagnosis.rules import Facts, diagnose
from ibconsole.services.diagnosis.setup_reading import read_application
from ibconsole.services.runtime import ConnectionStatus

# Findings that compare applications with each other: only the health of all knows them.
_COMPARING = {1006, 1007, 1015, 1118}


class ApplicationDiagnosis(msgspec.Struct, frozen=True):
    """One application in depth: the four questions, and all findings about it."""

    code: str
    steps: tuple[TreeStep, ...]
    findings: SortedFindings
    facts: Facts


class Diagnostics:
    """Diagnoses one account; belongs to the engine's loop.

    `look` is how endpoints are looked at when one application is diagnosed; the health of all looks
    at no endpoint, because that would contact every host of the account.
    """

    def __init__(
        self,
        connection: ConnectionStatus,
        platform: Platform,
        surroundings: Surroundings,
        *,
        clock: ClockComparison,
        load_mutes: Callable[[], Awaitable[Sequence[Mute]]],
        look: Look,
    ) -> None:
        self._platform = platform
        self._load_mutes = load_mutes
        self._collector = Collector(connection, surroundings, clock=clock, look=look)
        folder = surroundings.health
        self.health = Health(
            Collector(connection, surroundings, clock=clock),
            platform,
            load_mutes=load_mutes,
            cache=HealthCache(folder, connection.id) if folder else None,
        )

    async def diagnose(self, application: Application) -> ApplicationDiagnosis:
        """Read one application anew, look at its endpoints, and answer the four questions.

        Nothing is pulled, and no request is sent to an endpoint. A failure to read is a finding.
        """
        read = await read_application(self._platform, application)
        facts = await self._collector.complete([read])
        findings = (*diagnose(facts), *self._compared(application.code))
        found = sort_out(sorted(findings, key=_order), await self._load_mutes())
        steps = walk(facts, found.shown, application.code)
        return ApplicationDiagnosis(application.code, steps, found, facts)

    async def look_at_endpoints(self, codes: Collection[str] | None = None) -> Facts | None:
        """Look at the endpoints of these applications, or of all, without any request to them.

        The setup is that of the last health of all; None until that is known.
        """
        known = self.health.report.facts
        if self.health.report.state is not HealthState.DONE or known is None:
            return None
        chosen = [
            one
            for one in known.applications or ()
            if codes is None or one.application.code in codes
        ]
        return await self._collector.complete(chosen)

    def _compared(self, code: str) -> list[Finding]:
        """Return the findings of the last health that one application alone does not show."""
        report = self.health.report.findings
        everything = (*report.shown, *(one.finding for one in report.muted))
        return [
            one
            for one in everything
            if one.number in _COMPARING and one.subject.application == code
        ]


def _order(finding: Finding) -> tuple[int, int]:
    return finding.level.rank, finding.number
