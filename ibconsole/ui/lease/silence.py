"""The notice that nothing comes over a borrowed route, with the reasons that are known."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from ibconsole.clock import now_ms
from ibconsole.errors import Severity, UserError
from ibconsole.model import Application
from ibconsole.services.runtime import LeaseState, LeaseStatus, Status
from ibconsole.services.tunnels import AddressCheck
from ibconsole.ui.lease.countdown import name_of_lease
from ibconsole.ui.tables import FeedPage
from ibconsole.ui.toolkit import Theme, UiTasks
from ibconsole.ui.widgets import Banner

if TYPE_CHECKING:
    from ibconsole.services.diagnosis import ApplicationDiagnosis, Finding

AFTER_MS = 120_000
_CHECK_INTERVAL_MS = 1000
_FINDINGS = "Show the findings"


class Diagnosing(Protocol):
    """Diagnoses one application."""

    async def diagnose(self, application: Application) -> "ApplicationDiagnosis": ...


class SilenceNotice(QObject):
    """Says in each page that nothing comes, once for each borrowed route; gone when something does.

    `find` returns an application of the list by its code; `checks` has the check of the address of
    each lease by its id. `findings_requested` carries the code of the application.
    """

    findings_requested = Signal(str)

    def __init__(
        self,
        diagnosis: Diagnosing,
        find: Callable[[str], Application | None],
        checks: Mapping[str, AddressCheck],
        tasks: UiTasks,
        theme: Theme,
    ) -> None:
        super().__init__(tasks)
        self._diagnosis = diagnosis
        self._find = find
        self._checks = checks
        self._tasks = tasks
        self._theme = theme
        self._leases: tuple[LeaseStatus, ...] = ()
        self._asked: set[str] = set()
        self._shown: tuple[LeaseStatus, str, str] | None = None
        self.banners: list[Banner] = []
        self._timer = QTimer(self, interval=_CHECK_INTERVAL_MS)
        self._timer.timeout.connect(self.look)

    def add_to(self, page: FeedPage) -> None:
        """Show the notice in this page as well."""
        banner = Banner(self._theme)
        page.banners.add(banner)
        banner.action_requested.connect(self._on_action_requested)
        banner.closed.connect(self.clear)
        self.banners.append(banner)
        self._show(banner)

    def show_status(self, status: Status) -> None:
        """Follow the borrowed routes of this window."""
        waiting = [
            one
            for one in status.leases
            if one.is_own and one.state is LeaseState.ACTIVE and not one.received
        ]
        self._leases = tuple(waiting)
        if self._shown and self._shown[0].id not in {one.id for one in waiting}:
            self.clear()
        if bool(waiting) != self._timer.isActive():
            (self._timer.start if waiting else self._timer.stop)()

    def look(self) -> None:
        """Ask for the reasons of the first route over which nothing has come for long enough."""
        late = now_ms() - AFTER_MS
        for lease in self._leases:
            if lease.since <= late and lease.id not in self._asked:
                self._asked.add(lease.id)
                self._tasks.start("reasons of silence", self.explain, lease)
                return

    async def explain(self, lease: LeaseStatus) -> None:
        """Diagnose the application, and show what was found."""
        application = self._find(lease.application)
        findings: Sequence[Finding] | str = "the application is not listed."
        if application:
            try:
                findings = (await self._diagnosis.diagnose(application)).findings.shown
            except UserError as error:
                findings = str(error)
        if lease.id in {one.id for one in self._leases}:
            check = self._checks.get(lease.id)
            sentence, details = describe_silence(lease, now_ms(), check, findings)
            self._shown = (lease, sentence, details)
            for banner in self.banners:
                self._show(banner)

    def clear(self) -> None:
        """Take the notice away everywhere."""
        self._shown = None
        for banner in self.banners:
            banner.clear()

    def _show(self, banner: Banner) -> None:
        if self._shown:
            _, sentence, details = self._shown
            banner.show_notice(Severity.WARNING, sentence, action=_FINDINGS, details=details)

    def _on_action_requested(self) -> None:
        if self._shown:
            self.findings_requested.emit(self._shown[0].application)


def describe_silence(
    lease: LeaseStatus,
    now: int,
    check: AddressCheck | None,
    findings: "Sequence[Finding] | str",
) -> tuple[str, str]:
    """Return a sentence, and its details: the check, and the findings or why there are none."""
    minutes = max(2, (now - lease.since) // 60_000)
    checked = check.sentence if check else "The address was not checked by this window."
    sentence = (
        f"Nothing has come from {name_of_lease(lease)} over the borrowed route in {minutes}"
        " minutes; perhaps no inbound message was sent."
    )
    if isinstance(findings, str):
        return sentence, f"{checked}\nThe findings are not known: {findings}"
    listed = (f"{one.name} ({one.level}): {one.sentence}" for one in findings)
    return f"{sentence} {_sum_up(findings)}", "\n".join((checked, *listed))


def _sum_up(findings: "Sequence[Finding]") -> str:
    if not findings:
        return "The diagnosis finds nothing that explains it."
    first = findings[0]
    more = f", and {len(findings) - 1:,} more" if len(findings) > 1 else ""
    return f"The diagnosis says: {first.sentence} ({first.name}{more})"
