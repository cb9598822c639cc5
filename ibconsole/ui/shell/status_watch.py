"""Polls the engine's state for the window, at most ten times a second."""

from typing import Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from ibconsole.services.runtime import ArchiveStatus, ConnectionStatus, Status, latest_pull
from ibconsole.ui.toolkit import UiTasks


class StatusSource(Protocol):
    """The owner of the current status, a frozen value that any thread may read."""

    @property
    def status(self) -> Status: ...


class ArchiveCounter(Protocol):
    """A reader that detects commits of any process and describes the archive."""

    def version(self) -> int: ...
    async def status(self, connection: ConnectionStatus, /) -> ArchiveStatus: ...


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
        self._described: tuple[int, str] | None = None
        self._counted = ArchiveStatus(path=path)
        self._counted_for = ""
        self._listener_elsewhere = ""
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

    def show_listener_elsewhere(self, address: str) -> None:
        """Say with the state of the listener where another window listens; empty for nowhere."""
        if address != self._listener_elsewhere:
            self._listener_elsewhere = address
            if self._last is not None:
                self._emit()

    async def count(self) -> None:
        """Read the state of the archive for the open connection, and emit the new state."""
        connection = self._source.status.connection
        found = await self._archive.status(connection)
        self._counted = replace(found, path=self._counted.path)
        self._counted_for = connection.id
        self._emit()

    def _on_timeout(self) -> None:
        described = self._archive.version(), self._source.status.connection.id
        if described != self._described and not self._tasks.running("count"):
            self._described = described
            self._tasks.start("count", self.count)
        if self._source.status is not self._last:
            self._emit()

    def _emit(self) -> None:
        self._last = self._source.status
        # The archive was read for the former connection until it is read again.
        stored = self._counted.pull if self._counted_for == self._last.connection.id else None
        pull = latest_pull(self._last.pull, stored)
        listener = replace(self._last.listener, elsewhere=self._listener_elsewhere)
        self.status = replace(self._last, archive=self._counted, pull=pull, listener=listener)
        self.changed.emit(self.status)
