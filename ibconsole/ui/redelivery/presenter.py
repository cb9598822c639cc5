"""The presenter of the Redelivery tab: it reads jobs while the tab is shown, and controls them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.redelivery import (
    Decision,
    ItemHistory,
    ItemPage,
    ItemState,
    LedgerItem,
    RedeliveryRows,
)
from ibconsole.ui.redelivery.job_commands import ACTIVE, DecisionRequest
from ibconsole.ui.redelivery.pane import RedeliveryPane
from ibconsole.ui.toolkit import UiTasks

_WATCH, _ITEMS, _MORE, _OLDER, _DETAILS, _COMMAND = (
    "redelivery",
    "redelivery: messages",
    "redelivery: further messages",
    "redelivery: older jobs",
    "redelivery: details",
    "redelivery: command",
)
_PAUSE = 0.4  # seconds between two looks at the archive
_PAGE = 200  # items
_MOST_READ_AGAIN = 2000  # items of a list that shows one state
_DECIDED = {
    Decision.RESEND: "{} to be sent again.",
    Decision.ACCEPT: "{} counted as delivered.",
    Decision.SKIP: "{} not to be sent.",
}


class LedgerSource(Protocol):
    """Reads jobs and their ledger; see `AsyncLedger`."""

    async def version(self) -> int: ...
    async def jobs(self, before: int | None = None) -> RedeliveryRows: ...
    async def items(
        self, job: int, state: ItemState | None = None, after: int = 0, *, size: int = _PAGE
    ) -> ItemPage: ...
    async def history(self, item: int) -> ItemHistory | None: ...


class JobControl(Protocol):
    """Controls jobs; `run` starts or resumes one in the background, once the user permits it."""

    def run(self, job: int, url: str) -> None: ...
    async def pause(self, job: int) -> None: ...
    async def cancel(self, job: int) -> None: ...
    async def decide(
        self, job: int, decision: Decision, items: Sequence[int] | None, state: ItemState
    ) -> int: ...


class RedeliveryPresenter(QObject):
    """Lists the jobs of all processes while the tab is shown, and follows those that run.

    `pause` is the number of seconds between two looks at the archive.
    """

    def __init__(
        self,
        pane: RedeliveryPane,
        ledger: LedgerSource,
        control: JobControl,
        tasks: UiTasks,
        *,
        pause: float = _PAUSE,
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._ledger = ledger
        self._control = control
        self._tasks = tasks
        self._pause = pause
        self._version: int | None = None
        self._has_older = False
        self._wanted: int | None = None
        self._connect()
        if pane.isVisible():
            self._on_appeared()

    def show_job(self, job: int) -> None:
        """Select a job as soon as it is listed."""
        self._wanted = job
        self._version = None

    async def watch(self) -> None:
        """Show the jobs, and look again and again for what has changed."""
        self._pane.show_loading()
        while True:
            await self.refresh()
            await asyncio.sleep(self._pause)

    async def refresh(self) -> None:
        """Show what has changed since the last look; a process may also have ended without a trace.

        A failure is shown until the next look succeeds.
        """
        try:
            version = await self._ledger.version()
            active = any(row.job.state in ACTIVE for row in self._pane.jobs.records)
            if version != self._version or active:
                await self._read_jobs()
                await self._refresh_items()
            self._version = version
        except UserError as error:
            self._version = None
            self._pane.show_failed(error)

    async def list_items(self, job: int, state: ItemState | None) -> None:
        """List the first messages of a job, of one state or of all."""
        await self._guarded(lambda: self._list_items(job, state, _PAGE))

    async def read_more(self, job: int, state: ItemState | None, after: int) -> None:
        """List the messages that follow the listed ones."""

        async def read() -> None:
            page = await self._ledger.items(job, state, after)
            if self._shows(job, state) and self._pane.items_rest == after:
                self._pane.add_items(page.items, page.rest)

        await self._guarded(read)

    async def read_older(self, before: int) -> None:
        """List the jobs before one."""

        async def read() -> None:
            found = await self._ledger.jobs(before)
            if self._pane.rest == before:
                self._has_older = True
                self._pane.show_jobs((*self._pane.jobs.records, *found.rows), found.rest)

        await self._guarded(read)

    async def describe(self, item: LedgerItem) -> None:
        """Show all that is recorded of a message, unless another one was selected meanwhile."""

        async def read() -> None:
            history = await self._ledger.history(item.id)
            if history and list(self._pane.items.selected_ids[:2]) == [item.id]:
                self._pane.show_history(history)

        await self._guarded(read)

    async def command(self, work: Callable[[], Awaitable[object]]) -> None:
        """Carry out a command on a job, and show its effect."""
        try:
            await work()
        except UserError as error:
            self._pane.show_problem(error)
        self._version = None
        await self.refresh()

    async def decide(self, request: DecisionRequest) -> None:
        """Record a decision about unknown messages."""
        row = self._pane.job
        count = await self._control.decide(
            request.job, request.decision, request.items, request.state
        )
        if request.decision is Decision.RESEND and row and row.id == request.job and count:
            if row.job.state not in ACTIVE:
                self._control.run(row.id, row.job.url)
            return
        which = counted(count, "message is", "messages are")
        self._pane.show_outcome(Severity.INFO, _DECIDED[request.decision].format(which))

    async def _read_jobs(self) -> None:
        found = await self._ledger.jobs()
        oldest = found.rows[-1].id if found.rows else 0
        # Not those that were read as older ones alone: a new job moves one out of the first page.
        listed = self._pane.jobs.records if self._has_older else ()
        older = tuple(row for row in listed if row.id < oldest)
        rest = self._pane.rest if older else found.rest
        self._pane.show_jobs((*found.rows, *older), rest)
        if self._wanted in {row.id for row in found.rows}:
            self._pane.select_job(int(self._wanted or 0))
            self._wanted = None

    async def _refresh_items(self) -> None:
        pane, row = self._pane, self._pane.job
        if row is None or self._tasks.running(_ITEMS):
            return
        state, listed = pane.state, pane.items.feed.rowCount()
        if state is not None or not listed:  # messages leave such a list, and come into it
            await self._list_items(row.id, state, min(max(listed, _PAGE), _MOST_READ_AGAIN))
            return
        after, size = pane.items.visible_part
        page = await self._ledger.items(row.id, None, after, size=size)
        if not self._shows(row.id, state):
            return
        pane.update_items(page.items)
        if pane.items_rest is None and row.counts.total > listed:  # it is still being prepared
            await self.read_more_of(row.id)

    async def read_more_of(self, job: int) -> None:
        """List messages that were added to the end of a job."""
        page = await self._ledger.items(job, None, self._pane.items.feed.last)
        if self._shows(job, None) and page.items:
            self._pane.add_items(page.items, page.rest)

    async def _list_items(self, job: int, state: ItemState | None, size: int) -> None:
        page = await self._ledger.items(job, state, size=size)
        pane = self._pane
        if not self._shows(job, state):
            return
        feed = pane.items.feed
        listed = [feed.id_at(row) for row in range(feed.rowCount())]
        if listed == [item.id for item in page.items]:
            pane.update_items(page.items)
        else:
            pane.show_items(page.items, page.rest)

    def _shows(self, job: int, state: ItemState | None) -> bool:
        row = self._pane.job
        return row is not None and row.id == job and self._pane.state is state

    async def _guarded(self, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except UserError as error:
            self._pane.show_failed(error)

    def _on_appeared(self) -> None:
        self._version = None
        self._tasks.start(_WATCH, self.watch)

    def _on_disappeared(self) -> None:
        self._tasks.cancel(_WATCH)

    def _on_list_wanted(self) -> None:
        row = self._pane.job
        if row:
            self._tasks.start(_ITEMS, self.list_items, row.id, self._pane.state)

    def _on_more_wanted(self) -> None:
        row, rest = self._pane.job, self._pane.items_rest
        if row and rest is not None and not self._tasks.running(_MORE):
            self._tasks.start(_MORE, self.read_more, row.id, self._pane.state, rest)

    def _on_older_wanted(self) -> None:
        rest = self._pane.rest
        if rest is not None and not self._tasks.running(_OLDER):
            self._tasks.start(_OLDER, self.read_older, rest)

    def _on_item_selected(self, item: object) -> None:
        if isinstance(item, LedgerItem):
            self._tasks.start(_DETAILS, self.describe, item)
        else:
            self._tasks.cancel(_DETAILS)

    def _on_resume_requested(self, job: int) -> None:
        row = self._pane.job
        if row and row.id == job:
            self._control.run(job, row.job.url)

    def _on_decision_requested(self, request: object) -> None:
        if isinstance(request, DecisionRequest):
            self._start(lambda: self.decide(request))

    def _start(self, work: Callable[[], Awaitable[object]]) -> None:
        self._tasks.start(_COMMAND, self.command, work)

    def _connect(self) -> None:
        pane, commands = self._pane, self._pane.job_commands
        pane.appeared.connect(self._on_appeared)
        pane.disappeared.connect(self._on_disappeared)
        pane.retry_requested.connect(self._on_appeared)
        pane.job_selected.connect(self._on_list_wanted)
        pane.filter_changed.connect(self._on_list_wanted)
        pane.more_wanted.connect(self._on_more_wanted)
        pane.older_wanted.connect(self._on_older_wanted)
        pane.item_selected.connect(self._on_item_selected)
        commands.resume_requested.connect(self._on_resume_requested)
        commands.pause_requested.connect(lambda job: self._start(lambda: self._control.pause(job)))
        commands.cancel_requested.connect(
            lambda job: self._start(lambda: self._control.cancel(job))
        )
        commands.decision_requested.connect(self._on_decision_requested)
