"""The presenter of the list of messages: it searches, and adds messages as they arrive."""

import asyncio
from typing import Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.services.messages import Filter, Listing, Order, Place
from ibconsole.services.runtime import Status
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.toolkit import (
    UiTasks,
)

_NONE_SEARCHED = -1
_FIRST = 256  # messages shown while the search for the others continues
_INSERTED = 1 << 18  # rows that are inserted at a time; views take 10 ms for any number


class MessageSource(Protocol):
    """Searches the archive."""

    async def search(
        self, criteria: Filter, *, order: Order, after: int = 0, limit: int | None = None
    ) -> Listing: ...

    async def search_older(
        self, criteria: Filter, before: Place, *, order: Order, newest: int
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
                self._seen = await (
                    self._search_all(newest)
                    if self._seen == _NONE_SEARCHED
                    else self._search_new(newest)
                )
            except UserError as error:
                self._pane.show_failed(error)
                return

    async def _search_all(self, newest: int) -> int:
        """Show the newest messages at once, because they are in sight, then the older ones.

        Returns the highest id that was searched: what is newer is added afterwards.
        """
        order = self._pane.order.order
        first = await self._messages.search(self._filter, order=order, limit=_FIRST)
        complete = len(first.ids) < _FIRST
        self._pane.show_messages(first, self._filter, complete=complete)
        newest = max(newest, first.newest)
        place = None if complete else first.place
        while place:
            older = await self._messages.search_older(
                self._filter, place, order=order, newest=newest
            )
            await self._add_older(older)
            place = older.rest
        if not complete:
            self._pane.complete_messages()
        return newest

    async def _add_older(self, older: Listing) -> None:
        for end in range(len(older.ids), 0, -_INSERTED):
            part = slice(max(0, end - _INSERTED), end)
            self._pane.add_older(Listing(older.ids[part], older.keys[part], older.newest))
            await asyncio.sleep(0)

    async def _search_new(self, newest: int) -> int:
        order = self._pane.order.order
        found = await self._messages.search(self._filter, order=order, after=self._seen)
        self._pane.add_messages(found)
        return max(newest, found.newest)

    def _on_order_changed(self, _: Order) -> None:
        self._tasks.start("messages", self.load, self._filter)

    def _on_filter_changed(self, filter_: Filter) -> None:
        self._tasks.start("messages", self.load, filter_)

    def _on_retry_requested(self) -> None:
        self._tasks.start("messages", self.load, self._filter)
