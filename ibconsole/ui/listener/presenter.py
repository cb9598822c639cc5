"""The presenter of the listener: it starts and stops it, and lists committed requests."""

from array import array
from typing import Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.services.messages import Via
from ibconsole.services.runtime import Status
from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.toolkit import UiTasks


class DeliverySource(Protocol):
    """Finds requests in the archive."""

    async def find_deliveries(self, via: Via, after: int = 0) -> "array[int]": ...


class ListenerControl(Protocol):
    """Starts and stops the listener."""

    async def start_listener(self, port: int, host: str) -> str: ...
    async def stop_listener(self) -> None: ...


class ListenerPresenter(QObject):
    """Starts and stops the listener, and lists requests as the archive commits them."""

    def __init__(
        self,
        pane: ListenerPane,
        archive: DeliverySource,
        control: ListenerControl,
        tasks: UiTasks,
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._archive = archive
        self._control = control
        self._tasks = tasks
        self._status = Status()
        self._stale = False
        pane.toolbar.start_requested.connect(self._on_start_requested)
        pane.toolbar.stop_requested.connect(self._on_stop_requested)
        pane.retry_requested.connect(self._on_retry_requested)

    def show_status(self, status: Status) -> None:
        """Show the state of the listener, and list requests committed since."""
        before, self._status = self._status, status
        if (status.listener, status.archive) != (before.listener, before.archive):
            self._pane.show_status(status.listener, status.archive)
        self._pane.show_team(is_shared=status.is_shared)
        # Every commit makes a new ArchiveStatus, even with equal numbers: a request that was stored
        # before may have been decoded.
        if status.archive is not before.archive:
            self._refresh()

    async def catch_up(self) -> None:
        """List new requests until none is missing."""
        while self._stale:
            self._stale = False
            try:
                ids = await self._archive.find_deliveries(Via.FORWARD, self._pane.newest)
            except UserError as error:
                self._pane.show_failed(error)
                return
            self._pane.add_requests(ids)

    async def start(self, port: int, host: str) -> None:
        """Start the listener; the pane shows why if it cannot use the address."""
        with self._pane.changing():
            try:
                await self._control.start_listener(port, host)
            except UserError as error:
                self._pane.show_not_started(error)

    async def stop(self) -> None:
        """Stop the listener; requests in progress are answered first."""
        with self._pane.changing():
            await self._control.stop_listener()

    def _refresh(self) -> None:
        self._stale = True
        if not self._tasks.running("requests"):
            self._tasks.start("requests", self.catch_up)

    def _on_start_requested(self, port: int, host: str) -> None:
        self._tasks.start("listener", self.start, port, host)

    def _on_stop_requested(self) -> None:
        self._tasks.start("listener", self.stop)

    def _on_retry_requested(self) -> None:
        self._refresh()
