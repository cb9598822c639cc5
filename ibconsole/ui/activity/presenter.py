"""The presenter of the list of requests: it polls the log, and describes one request."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer

from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.request_log import Activity, Entry
from ibconsole.ui.activity.model import describe_entry
from ibconsole.ui.activity.pane import ActivityPane
from ibconsole.ui.toolkit import UiTasks

if TYPE_CHECKING:
    from ibconsole.services.evidence import har
else:  # imported when something is saved
    har = LazyModule("ibconsole.services.evidence.har")


class ActivitySource(Protocol):
    """The log of requests; `version` changes with every entry."""

    @property
    def version(self) -> int: ...
    def since(self, newest: int) -> Activity: ...
    def clear(self) -> None: ...


class ActivityPresenter(QObject):
    """Polls the log while the pane is visible, and describes the selected request."""

    INTERVAL_MS = 100
    # Adding 10,000 entries at once blocks the window for 35 ms; the rest follows in later polls.
    PORTION = 1000

    def __init__(self, pane: ActivityPane, log: ActivitySource, tasks: UiTasks) -> None:
        super().__init__(pane)
        self._pane = pane
        self._log = log
        self._tasks = tasks
        self._version = -1
        self._newest = 0
        self._timer = QTimer(self, interval=self.INTERVAL_MS)
        self._timer.timeout.connect(self.poll)
        pane.appeared.connect(self._on_appeared)
        pane.disappeared.connect(self._timer.stop)
        pane.entry_selected.connect(self._on_entry_selected)
        pane.clear_requested.connect(self._on_clear_requested)
        pane.save_requested.connect(self._on_save_requested)
        if pane.isVisible():
            self._on_appeared()

    def poll(self) -> None:
        """Show new requests, at most a portion at a time, oldest first."""
        if self._log.version == self._version:
            return
        activity = self._log.since(self._newest)
        portion = activity.entries[: self.PORTION]
        if len(portion) == len(activity.entries):
            self._version = activity.version
        if portion:
            self._newest = portion[-1].id
        self._pane.show_activity(replace(activity, entries=portion))

    async def describe(self, entry: Entry) -> None:
        """Show the details of a request, unless another one was selected meanwhile."""
        details = await asyncio.to_thread(
            describe_entry, entry, self._pane.zone, codes=self._pane.shows_codes
        )
        if self._pane.entry is entry:
            self._pane.show_details(details)

    async def save(self, entries: Sequence[Entry], target: Path) -> None:
        """Write requests to a file as HAR, with masked codes."""
        written = await asyncio.to_thread(har.save_requests, entries, target)
        requests = counted(written.entries, "request")
        self._pane.succeeded.emit(" ".join((f"{requests} saved to {target}.", *written.remarks)))

    def _on_appeared(self) -> None:
        self.poll()
        self._timer.start()

    def _on_entry_selected(self, entry: object) -> None:
        if isinstance(entry, Entry):
            self._tasks.start("activity details", self.describe, entry)
        else:
            self._tasks.cancel("activity details")

    def _on_save_requested(self, entries: object, target: str) -> None:
        self._tasks.start(
            "save requests", self.save, cast("Sequence[Entry]", entries), Path(target)
        )

    def _on_clear_requested(self) -> None:
        self._log.clear()
        self.poll()
