"""What the list of messages does: it searches, keeps up with what arrives, and pulls."""

from array import array
from typing import Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.services import Filter, PullReport, Status
from ibconsole.ui.panes.messages import MessagesPane
from ibconsole.ui.tasks import UiTasks


class MessageSource(Protocol):
    """The archive, as far as searching it goes."""

    async def find(self, filter: Filter, after: int = 0) -> "array[int]": ...  # noqa: A002 the service's word


class PullSource(Protocol):
    """Whoever pulls; a pull that is under way cannot be taken back."""

    async def pull(self, limit: int | None) -> PullReport: ...


class MessagesPresenter(QObject):
    """Knows no widget but its pane, and lives as long as it."""

    def __init__(
        self, pane: MessagesPane, messages: MessageSource, receiving: PullSource, tasks: UiTasks
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._messages = messages
        self._receiving = receiving
        self._tasks = tasks
        self._filter = Filter()
        self._status = Status()
        self._newest = 0
        self._seen = 0
        self._agreed: set[tuple[str, str]] = set()
        pane.filter_changed.connect(self._on_filter_changed)
        pane.retry_requested.connect(self._on_retry_requested)
        pane.pull_requested.connect(self._on_pull_requested)
        pane.pull_confirmed.connect(self._on_pull_confirmed)

    def show_status(self, status: Status) -> None:
        """Show what is going on, and fetch what was committed since."""
        self._status = status
        self._pane.show_status(status)
        if status.archive.newest > self._newest:
            self._newest = status.archive.newest
            if not self._tasks.running("messages"):
                self._tasks.start("messages", self.catch_up)

    async def load(self, wanted: Filter) -> None:
        """Start over with the messages that fit."""
        self._filter = wanted
        self._pane.show_loading()
        known = self._newest
        try:
            ids = await self._messages.find(wanted)
        except UserError as error:
            self._pane.show_failed(error)
            return
        self._seen = max([known, *ids[-1:]])
        self._pane.show_messages(ids, wanted)
        await self.catch_up()

    async def catch_up(self) -> None:
        """Put what arrived since on top, until nothing is missing."""
        while self._seen < self._newest:
            known = self._newest
            try:
                ids = await self._messages.find(self._filter, self._seen)
            except UserError as error:
                self._pane.show_failed(error)
                return
            self._seen = max([known, *ids[-1:]])
            self._pane.add_messages(ids)

    async def pull(self, limit: int) -> None:
        """Take messages from the platform, once, and tell what came of it."""
        with self._pane.pulling():
            try:
                report = await self._receiving.pull(limit)
            except UserError as error:
                self._pane.show_pull_failed(error)
                return
        self._pane.show_report(report)

    def _on_filter_changed(self, wanted: Filter) -> None:
        self._tasks.start("messages", self.load, wanted)

    def _on_retry_requested(self) -> None:
        self._tasks.start("messages", self.load, self._filter)

    def _on_pull_requested(self, limit: int) -> None:
        connection = self._status.connection
        if (connection.name, connection.base_url) in self._agreed:
            self._start_pull(limit)
        else:
            self._pane.confirm_pull(self._status, limit)

    def _on_pull_confirmed(self, limit: int) -> None:
        connection = self._status.connection
        self._agreed.add((connection.name, connection.base_url))
        self._start_pull(limit)

    def _start_pull(self, limit: int) -> None:
        # Starting it again would cancel the wait for the one under way.
        if not self._tasks.running("pull"):
            self._tasks.start("pull", self.pull, limit)
