"""Fills the health of all applications in the background, and shows it while it comes in."""

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from ibconsole.errors import UserError
from ibconsole.model import Application
from ibconsole.services.diagnosis import HealthReport
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.diagnosis.health_bar import HealthBar
from ibconsole.ui.toolkit import UiTasks

FILL = "health of all applications"


class HealthSource(Protocol):
    """The health of the current connection; `report` may be read at any time."""

    @property
    def report(self) -> HealthReport: ...
    async def fill(self, applications: Sequence[Application] | None = None) -> HealthReport: ...
    async def pause(self) -> None: ...
    async def resume(self) -> None: ...
    async def forget(self, code: str) -> None: ...


class HealthPresenter(QObject):
    """Checks the applications of each list that was read; `changed` announces each new report.

    The report is looked at in intervals: a batch of the engine must not cost a repaint each.
    """

    changed = Signal()

    INTERVAL_MS = 500

    def __init__(self, bar: HealthBar, health: HealthSource, tasks: UiTasks) -> None:
        super().__init__(bar)
        self._bar = bar
        self._health = health
        self._tasks = tasks
        self._connection = ConnectionStatus()
        self._applications: Sequence[Application] | None = ()
        self.report = HealthReport()
        self._timer = QTimer(self, interval=self.INTERVAL_MS)
        self._timer.timeout.connect(self._on_interval)
        bar.pause_toggled.connect(self._on_pause_toggled)

    def show_status(self, status: Status) -> None:
        """Follow the connection: that of another account is not known yet."""
        if status.connection == self._connection:
            return
        self._connection = status.connection
        self._applications = ()
        self._tasks.cancel(FILL)
        self._timer.stop()
        self._bar.clear()
        self._show(HealthReport())

    def check(self, applications: Any) -> None:
        """Check applications, a list, as far as what is known of them is missing or old."""
        self._applications = applications
        if not self._bar.paused:
            self._tasks.start(FILL, self.fill)

    def check_refused(self) -> None:
        """Find out why the list of applications was refused; that is a finding of the account."""
        self.check(None)

    def check_again(self, *codes: str) -> None:
        """Check applications again, because their setup was changed."""
        # A name of its own, so that no other one is cancelled; codes are credentials.
        self._tasks.start(f"health again {hash(codes)}", self._check_again, codes)

    async def fill(self) -> None:
        """Fill the health; a failure is in the report, and is shown in its place."""
        self._timer.start()
        try:
            self._show(await self._health.fill(self._applications))
        except UserError:  # the connection was closed: `show_status` has shown it
            self._show(HealthReport())
        finally:
            self._timer.stop()

    async def _check_again(self, codes: Sequence[str]) -> None:
        try:
            for code in codes:
                await self._health.forget(code)
        except UserError:  # the connection was closed
            return
        self.check(self._applications)

    async def _pause(self, *, on: bool) -> None:
        try:
            await (self._health.pause() if on else self._health.resume())
        except UserError:  # the connection was closed
            return
        if not on and not self._tasks.running(FILL):
            self.check(self._applications)
        self._on_interval()

    def _on_pause_toggled(self, on: bool) -> None:
        self._tasks.start("pause of health", self._pause, on=on)

    def _on_interval(self) -> None:
        self._show(self._health.report)

    def _show(self, report: HealthReport) -> None:
        if report is not self.report:
            self.report = report
            self.changed.emit()
