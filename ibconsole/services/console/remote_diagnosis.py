"""The diagnosis for the window: each command runs on the engine's loop and is awaited here."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.connections import Mute, SettingsFile
from ibconsole.services.console.console import Console
from ibconsole.services.diagnosis import Finding, HealthReport
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import Engine

if TYPE_CHECKING:
    from ibconsole.services import diagnosis
else:
    diagnosis = LazyModule("ibconsole.services.diagnosis")


class RemoteDiagnosis:
    """Health, one application in depth, and mutes, of the current connection.

    `report` is a frozen value that any thread may read at any time. Every command raises NoAccount
    without a connection, and may raise SettingsError.
    """

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console
        self._diagnostics: diagnosis.Diagnostics | None = None

    @property
    def report(self) -> HealthReport:
        """The latest health of the connection that was filled last."""
        return self._diagnostics.health.report if self._diagnostics else HealthReport()

    async def fill(self, applications: Sequence[Application] | None = None) -> HealthReport:
        """See `Health.fill`; cancelling this ends it."""

        async def work() -> HealthReport:
            self._diagnostics = await self._console.diagnostics()
            return await self._diagnostics.health.fill(applications)

        with request_purpose("Health of all applications"):
            return await self._engine.call(work)

    async def pause(self) -> None:
        """See `Health.pause`."""

        async def work() -> None:
            (await self._console.diagnostics()).health.pause()

        await self._engine.call(work)

    async def resume(self) -> None:
        """See `Health.resume`."""

        async def work() -> None:
            (await self._console.diagnostics()).health.resume()

        await self._engine.call(work)

    async def forget(self, code: str) -> None:
        """See `Health.forget`."""

        async def work() -> None:
            (await self._console.diagnostics()).health.forget(code)

        await self._engine.call(work)

    async def diagnose(self, application: Application) -> "diagnosis.ApplicationDiagnosis":
        """See `Diagnostics.diagnose`."""

        async def work() -> "diagnosis.ApplicationDiagnosis":
            return await (await self._console.diagnostics()).diagnose(application)

        with request_purpose("Diagnosis of an application"):
            return await self._engine.call(work)

    async def mute(self, finding: Finding, reason: str, until: int) -> Mute:
        """See `Mutes.mute_finding`."""
        return await self._engine.call(self._mute, finding, reason, until)

    async def unmute(self, mute: Mute) -> bool:
        """See `Mutes.unmute`."""
        return await self._engine.call(self._unmute, mute)

    async def _mute(self, finding: Finding, reason: str, until: int) -> Mute:
        return await asyncio.to_thread(self._mutes.mute_finding, finding, reason, until)

    async def _unmute(self, mute: Mute) -> bool:
        return await asyncio.to_thread(self._mutes.unmute, mute.subject, mute.number)

    @property
    def _mutes(self) -> "diagnosis.Mutes":
        return diagnosis.Mutes(SettingsFile(self._console.paths.settings))
