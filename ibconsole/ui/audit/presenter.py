"""The presenter of the audit: it reads calls while the tab is shown, verifies and exports them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.audit import (
    AuditCall,
    AuditCalls,
    AuditChoices,
    AuditFilter,
    AuditVerification,
    describe_verification,
)
from ibconsole.services.messages import Progress, ProgressCallback
from ibconsole.services.runtime import Status
from ibconsole.ui.audit.model import describe_call
from ibconsole.ui.audit.pane import AuditPane
from ibconsole.ui.toolkit import UiTasks
from ibconsole.ui.widgets import JobResult, ProgressDialog, open_dialog

_READ, _OLDER, _DETAILS, _VERIFY, _EXPORT = (
    "audit",
    "audit: older calls",
    "audit: details",
    "audit: verification",
    "audit: export",
)
_TYPING = 0.15  # seconds in which the user may type on
_MOST_UNFINISHED = 500
_TITLE = "Export the audit"


class AuditSource(Protocol):
    """Reads the audit; see `AsyncAudit`."""

    async def head(self) -> str: ...
    async def page(self, chosen: AuditFilter, before: int | None = None) -> AuditCalls: ...
    async def calls(self, numbers: Sequence[int]) -> Sequence[AuditCall]: ...
    async def details(self, number: int) -> Mapping[str, Any] | None: ...
    async def choices(self) -> AuditChoices: ...
    async def verify(self) -> AuditVerification: ...
    async def export(
        self, target: Path, chosen: AuditFilter, on_progress: ProgressCallback
    ) -> int: ...


class AuditPresenter(QObject):
    """Lists the calls that match the filter, and new ones of any process, while the tab is shown.

    `typing` is the number of seconds to wait for more of a filter.
    """

    def __init__(
        self, pane: AuditPane, audit: AuditSource, tasks: UiTasks, *, typing: float = _TYPING
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._audit = audit
        self._tasks = tasks
        self._typing = typing
        self._listed: AuditFilter | None = None  # the filter of the rows that are shown
        self._head = ""
        self._stale = True
        self._archive: object = None
        pane.appeared.connect(self._refresh)
        pane.filter_changed.connect(self._on_filter_changed)
        pane.older_wanted.connect(self._on_older_wanted)
        pane.retry_requested.connect(self._on_retry_requested)
        pane.call_selected.connect(self._on_call_selected)
        pane.verify_requested.connect(lambda: tasks.start(_VERIFY, self.verify))
        pane.export_requested.connect(self._on_export_requested)
        if pane.isVisible():
            self._refresh()

    def show_status(self, status: Status) -> None:
        """Read again what may have changed: every commit makes a new status of the archive."""
        if status.archive is not self._archive:
            self._archive, self._stale = status.archive, True
            self._refresh()

    async def read(self, chosen: AuditFilter, *, wait: float = 0.0) -> None:
        """List the calls that match, the newest ones."""
        self._pane.show_loading()
        await asyncio.sleep(wait)
        try:
            found = await self._audit.page(chosen)
            await self._show_choices(found)
        except UserError as error:
            self._pane.show_failed(error)
            return
        self._listed, self._head = chosen, found.head
        self._pane.show_calls(found)

    async def catch_up(self) -> None:
        """List new calls, and the outcomes of those that were under way, until none is missing."""
        while self._stale and self._listed is not None:
            self._stale = False
            try:
                await self._read_changes(self._listed)
            except UserError as error:
                self._pane.show_failed(error)
                return

    async def read_older(self, chosen: AuditFilter, before: int) -> None:
        """List the calls before a row."""
        self._pane.show_loading()
        try:
            found = await self._audit.page(chosen, before)
        except UserError as error:
            self._pane.show_failed(error)
            return
        if chosen == self._listed and before == self._pane.rest:
            self._pane.add_older_calls(found)

    async def describe(self, call: AuditCall) -> None:
        """Show the details of a call, unless another one was selected meanwhile."""
        pane = self._pane
        try:
            row = await self._audit.details(call.id)
        except UserError as error:
            pane.show_failed(error)
            return
        if row is None:
            return
        name, zone = pane.name_of(call), pane.zone
        details = await asyncio.to_thread(describe_call, row, name, call.at, zone)
        if pane.call == call:
            pane.show_details(details)

    async def verify(self) -> None:
        """Verify the chain of the audit, and say what was found."""
        self._pane.page.set_working(on=True)
        try:
            found = await self._audit.verify()
        except UserError as error:
            self._pane.show_verification(Severity.DANGER, str(error), "")
            return
        finally:
            self._pane.page.set_working(on=False)
        severity = Severity.OK if found.broken is None else Severity.DANGER
        kept = f"{found.last}:{found.hash}" if found.broken is None and found.last else ""
        self._pane.show_verification(severity, describe_verification(found), kept)

    async def _read_changes(self, chosen: AuditFilter) -> None:
        if await self._audit.head() == self._head:
            return
        found = await self._audit.page(chosen)
        listed = {call.id for call in found.calls}
        missing = [one for one in self._pane.model.unfinished if one not in listed]
        ended = await self._audit.calls(missing[-_MOST_UNFINISHED:]) if missing else ()
        await self._show_choices(found)
        if chosen != self._listed:
            return
        self._head = found.head
        newest = self._pane.model.newest
        if found.rest is not None and found.rest > newest:  # more than a page is new
            self._pane.show_calls(found)
        else:
            self._pane.add_calls(AuditCalls((*found.calls, *ended)))

    async def _show_choices(self, found: AuditCalls) -> None:
        toolbar = self._pane.toolbar
        if self._listed is None or not all(
            toolbar.knows(call.connection, call.code) for call in found.calls
        ):
            toolbar.show_choices(await self._audit.choices())

    def _refresh(self) -> None:
        if not self._pane.isVisible() or self._tasks.running(_READ):
            return
        if self._listed is None:
            self._tasks.start(_READ, self.read, self._pane.chosen)
        elif self._stale:
            self._tasks.start(_READ, self.catch_up)

    def _on_filter_changed(self) -> None:
        if self._pane.isVisible():
            self._tasks.start(_READ, self.read, self._pane.chosen, wait=self._typing)
        else:
            self._listed = None

    def _on_older_wanted(self) -> None:
        rest = self._pane.rest
        if rest is not None and self._listed is not None and not self._tasks.running(_OLDER):
            self._tasks.start(_OLDER, self.read_older, self._listed, rest)

    def _on_retry_requested(self) -> None:
        self._tasks.start(_READ, self.read, self._pane.chosen)

    def _on_call_selected(self, call: object) -> None:
        if isinstance(call, AuditCall):
            self._tasks.start(_DETAILS, self.describe, call)
        else:
            self._tasks.cancel(_DETAILS)

    def _on_export_requested(self) -> None:
        chosen, window = self._pane.chosen, self._pane.window()
        dialog = QFileDialog(window, _TITLE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["CSV for spreadsheets (*.csv)", "JSON Lines (*.jsonl)"])
        dialog.selectFile("audit.csv")
        dialog.fileSelected.connect(lambda file: self._export(Path(file), chosen))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _export(self, target: Path, chosen: AuditFilter) -> None:
        async def job(on_progress: Callable[[Progress], None]) -> JobResult:
            count = await self._audit.export(target, chosen, on_progress)
            return JobResult(f"{counted(count, 'call')} in {target}, with masked codes.")

        stop_note = "Stopping leaves no file behind."
        dialog = ProgressDialog(_TITLE, stop_note, self._pane.theme, self._pane.window())
        dialog.begin(_EXPORT, job, self._tasks)
