"""The presenter of the Health tab: diagnoses the selected application while the tab is shown."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from ibconsole.clock import now_ms
from ibconsole.errors import Severity, UserError
from ibconsole.model import Application
from ibconsole.services.connections import Mute
from ibconsole.services.diagnosis import (
    AccountDiagnosis,
    ApplicationDiagnosis,
    Finding,
    HealthReport,
    HealthState,
    SortedFindings,
)
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.diagnosis.finding_rows import rows_of_account, rows_of_application
from ibconsole.ui.diagnosis.pane import HealthPane
from ibconsole.ui.toolkit import UiTasks

_DIAGNOSE = "diagnosis"
_SETTLE = 0.3  # seconds in which the user may select another application


class DiagnosisSource(Protocol):
    """Diagnoses an application of the current connection, and mutes its findings."""

    async def diagnose(self, application: Application) -> ApplicationDiagnosis: ...
    async def mute(self, finding: Finding, reason: str, until: int) -> Mute: ...
    async def unmute(self, mute: Mute) -> bool: ...


class DiagnosisPresenter(QObject):
    """Shows the selected application, or all findings; `mutes_changed` follows a mute."""

    mutes_changed = Signal()

    def __init__(
        self,
        pane: HealthPane,
        diagnosis: DiagnosisSource,
        tasks: UiTasks,
        *,
        settle: float = _SETTLE,
    ) -> None:
        super().__init__(pane)
        self._settle = settle
        self._pane = pane
        self._diagnosis = diagnosis
        self._tasks = tasks
        self._connection = ConnectionStatus()
        self._application: Application | None = None
        self._report = HealthReport()
        pane.scope_changed.connect(self.show_scope)
        pane.retry_requested.connect(self.show_scope)
        pane.mute_requested.connect(
            lambda *of: tasks.start("mute", self._change, diagnosis.mute, *of)
        )
        pane.unmute_requested.connect(
            lambda mute: tasks.start("mute", self._change, diagnosis.unmute, mute)
        )

    def show_status(self, status: Status) -> None:
        """Follow the connection; what was diagnosed belongs to the former one."""
        if status.connection != self._connection:
            self._connection = status.connection
            self._application = None
            self._report = HealthReport()
            self.show_scope()

    def select_application(self, application: object) -> None:
        """Follow the selection."""
        self._application = application if isinstance(application, Application) else None
        self._pane.select_application(self._application.code if self._application else "")
        if not self._pane.shows_all:
            self.show_scope()

    def show_report(self, report: HealthReport) -> None:
        """Take the findings of the whole account, which are known once all are checked."""
        self._report = report
        if not self._pane.isVisible():
            return
        if self._pane.shows_all:
            self._show_account()
        elif self._application is None:
            self._show_no_application()

    @property
    def findings(self) -> Sequence[Finding]:
        """All findings that are known: those of the account, and those that are listed."""
        found = self._report.findings
        return [*found.shown, *(one.finding for one in found.muted), *self._pane.findings]

    def show_scope(self) -> None:
        """Show what the user wants to see, as long as the tab is open."""
        self._tasks.cancel(_DIAGNOSE)
        if not self._pane.isVisible():
            return
        if self._pane.shows_all:
            self._show_account()
        elif self._application is None:
            self._show_no_application()
        else:
            self._tasks.start(_DIAGNOSE, self.diagnose, self._application)

    async def diagnose(self, application: Application) -> None:
        """Diagnose one application: no request is sent to an endpoint, and nothing is pulled."""
        pane = self._pane
        pane.set_subtitle(application.name)
        pane.show_loading(keep=pane.has_content)
        await asyncio.sleep(self._settle)
        try:
            found = await self._diagnosis.diagnose(application)
        except UserError as error:
            pane.show_denied(f"The application could not be diagnosed. {error}")
            return
        rows = rows_of_application(found)
        pane.show_rows(rows, self._account(found.findings, 1), found.facts)

    def _show_no_application(self) -> None:
        report = self._report
        self._pane.set_subtitle("")
        if report.state is HealthState.FAILED and not report.applications:
            self._pane.show_denied(
                f"No application can be checked: their list could not be read. {report.problem}",
                retry=False,  # the list of applications offers it
            )
        else:
            self._pane.show_empty("Choose an application to see why its messages do not arrive.")

    def _show_account(self) -> None:
        findings, applications = self._report.findings, len(self._report.applications)
        if self._report.facts is None:
            self._pane.show_empty("All findings are listed once every application is checked.")
        else:
            rows = rows_of_account(findings)
            account = self._account(findings, applications)
            self._pane.show_rows(rows, account, self._report.facts)
        self._pane.set_subtitle("all applications")

    def _account(self, findings: SortedFindings, applications: int) -> AccountDiagnosis:
        connection, facts = self._connection, self._report.facts
        at = facts.now if self._pane.shows_all and facts else now_ms()
        return AccountDiagnosis(connection.name, connection.environment, at, findings, applications)

    async def _change(self, change: object, *arguments: object) -> None:
        try:
            await change(*arguments)  # type: ignore[operator]
        except UserError as error:
            self._pane.show_outcome(Severity.DANGER, str(error))
            return
        self.mutes_changed.emit()
        if not self._pane.shows_all:
            self.show_scope()
