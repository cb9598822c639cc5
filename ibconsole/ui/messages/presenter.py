"""The presenter of the list of messages: it searches, and adds messages as they arrive."""

import asyncio
from typing import Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.services.messages import Filter, Listing, Order
from ibconsole.services.runtime import Status
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.toolkit import (
    UiTasks,
)

_NONE_SEARCHED = -1
_FIRST = 256  # messages shown while the search for the others continues


class MessageSource(Protocol):
    """Searches the archive."""

    async def search(
        self, criteria: Filter, *, order: Order, after: int = 0, limit: int | None = None
    ) -> Listing: ...


class MessagesPresenter(QObject):
    """Searches for the pane, and adds what the archive has committed since."""

    def __init__(self, pane: MessagesPane, messages: MessageSource, tasks: UiTasks) -> None:
        super().__init__(pane)
        self._pane = pane
        self._messages = messages
        self._tasks = tasks
        self._filter = Filter()
        self._newest = 0
        self._count = 0
        self._seen = _NONE_SEARCHED
        pane.filter_changed.connect(self._on_filter_changed)
        pane.order.changed.connect(self._on_order_changed)
        pane.retry_requested.connect(self._on_retry_requested)

    def show_status(self, status: Status) -> None:
        """Search for messages committed since the last search."""
        deleted = status.archive.messages < self._count
        self._count = status.archive.messages
        if deleted:  # by retention, or with a removed connection
            self._newest = max(self._newest, status.archive.newest)
            self._tasks.start("messages", self.load, self._filter)
            return
        if status.archive.newest <= self._newest:
            return
        self._newest = status.archive.newest
        if not self._tasks.running("messages"):
            self._tasks.start("messages", self.catch_up)

    async def load(self, filter_: Filter) -> None:
        """List the messages that match, from scratch."""
        self._filter = filter_
        self._seen = _NONE_SEARCHED
        self._pane.show_loading()
        await self.catch_up()

    async def catch_up(self) -> None:
        """Search until every committed message was searched.

        `_filter` and `_seen` change together, so that cancelling in between leaves a
        consistent state.
        """
        while self._seen < self._newest:
            newest = self._newest
            try:
                found = await (
                    self._search_all() if self._seen == _NONE_SEARCHED else self._search_new()
                )
            except UserError as error:
                self._pane.show_failed(error)
                return
            self._seen = max(newest, found.newest)

    async def _search_all(self) -> Listing:
        """Show the newest messages at once, because they are in sight, then all."""
        order = self._pane.order.order
        first = await self._messages.search(self._filter, order=order, limit=_FIRST)
        complete = len(first.ids) < _FIRST
        self._pane.show_messages(first, self._filter, complete=complete)
        if complete:
            return first
        found = await self._messages.search(self._filter, order=order)
        self._pane.show_count(len(found.ids))
        while self._pane.complete_messages(found):  # noqa: ASYNC110 no wait, a turn for events
            await asyncio.sleep(0)
        return found

    async def _search_new(self) -> Listing:
        order = self._pane.order.order
        found = await self._messages.search(self._filter, order=order, after=self._seen)
        self._pane.add_messages(found)
        return found

    def _on_order_changed(self, _: Order) -> None:
        self._tasks.start("messages", self.load, self._filter)

    def _on_filter_changed(self, filter_: Filter) -> None:
        self._tasks.start("messages", self.load, filter_)

    def _on_retry_requested(self) -> None:
        self._tasks.start("messages", self.load, self._filter)
