"""Brings the engine's state to the window: at most ten times a second, and only if it changed."""

from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from ibconsole.services.messages import ArchiveCounts
from ibconsole.services.runtime import ArchiveStatus, Status
from ibconsole.ui.toolkit import UiTasks


class StatusSource(Protocol):
    """Whoever keeps the present state, as a value that any thread may read."""

    @property
    def status(self) -> Status: ...


class ArchiveWatched(Protocol):
    """The archive, as far as noticing what was committed goes."""

    def version(self) -> int: ...
    async def counts(self) -> ArchiveCounts: ...


class StatusWatch(QObject):
    """Tells when the state changed, by whichever process.

    The engine never calls the window: the window looks, so a burst costs no more than a
    single change.
    """

    changed = Signal(Status)

    INTERVAL_MS = 100

    def __init__(
        self,
        source: StatusSource,
        archive: ArchiveWatched,
        tasks: UiTasks,
        path: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._archive = archive
        self._tasks = tasks
        self._seen: Status | None = None
        self._version: int | None = None
        self._counted = ArchiveStatus(path=path)
        self.status = Status(archive=self._counted)
        self._timer = QTimer(self, interval=self.INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin to look; the first state is told at once."""
        self._on_timeout()
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    async def count(self) -> None:
        """Count what the archive holds, and tell."""
        counts = await self._archive.counts()
        self._counted = replace(
            self._counted,
            messages=counts.messages,
            newest=counts.newest_message,
            deliveries=counts.newest_delivery,
        )
        self._tell()

    def _on_timeout(self) -> None:
        version = self._archive.version()
        if version != self._version and not self._tasks.running("count"):
            self._version = version
            self._tasks.start("count", self.count)
        if self._source.status is not self._seen:
            self._tell()

    def _tell(self) -> None:
        self._seen = self._source.status
        self.status = replace(self._seen, archive=self._counted)
        self.changed.emit(self.status)
