"""Polls the engine's state for the window, at most ten times a second."""

from typing import Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from ibconsole.services.messages import ArchiveCounts
from ibconsole.services.runtime import ArchiveStatus, Status
from ibconsole.ui.toolkit import UiTasks


class StatusSource(Protocol):
    """The owner of the current status, a frozen value that any thread may read."""

    @property
    def status(self) -> Status: ...


class ArchiveCounter(Protocol):
    """A reader that detects commits of any process and counts the contents of the archive."""

    def version(self) -> int: ...
    async def counts(self) -> ArchiveCounts: ...


class StatusWatch(QObject):
    """Emits `changed` when the engine's state or the archive changed, by any process.

    The engine never calls the window: the window polls, so that a burst of changes costs no
    more than a single one.
    """

    changed = Signal(Status)

    def __init__(
        self,
        source: StatusSource,
        archive: ArchiveCounter,
        tasks: UiTasks,
        path: str,
        parent: QObject | None = None,
        *,
        interval_ms: int = 100,
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._archive = archive
        self._tasks = tasks
        self._last: Status | None = None
        self._version: int | None = None
        self._counted = ArchiveStatus(path=path)
        self.status = Status(archive=self._counted)
        self._timer = QTimer(self, interval=interval_ms)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin to poll; the first state is emitted at once."""
        self._on_timeout()
        self._timer.start()

    def stop(self) -> None:
        """Stop polling."""
        self._timer.stop()

    async def count(self) -> None:
        """Count the contents of the archive, and emit the new state."""
        counts = await self._archive.counts()
        self._counted = replace(
            self._counted,
            messages=counts.messages,
            newest=counts.newest_message,
            deliveries=counts.newest_delivery,
        )
        self._emit()

    def _on_timeout(self) -> None:
        version = self._archive.version()
        if version != self._version and not self._tasks.running("count"):
            self._version = version
            self._tasks.start("count", self.count)
        if self._source.status is not self._last:
            self._emit()

    def _emit(self) -> None:
        self._last = self._source.status
        self.status = replace(self._last, archive=self._counted)
        self.changed.emit(self.status)
