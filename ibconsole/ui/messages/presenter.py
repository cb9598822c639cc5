"""The presenter of the list of messages: it searches, and adds messages as they arrive."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.messages import Filter, Listing, MessageRow, Order, Place
from ibconsole.services.runtime import Status
from ibconsole.services.team.reading import RecordSource
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.toolkit import (
    UiTasks,
)

if TYPE_CHECKING:
    from ibconsole.services import filtering
else:  # imported when a filter is typed
    filtering = LazyModule("ibconsole.services.filtering")

_NONE_SEARCHED = -1
_FIRST = 256  # messages shown while the search for the others continues
_INSERTED = 1 << 18  # rows that are inserted at a time; views take 10 ms for any number
_AHEAD = 64  # records that are fetched with new ids, so that their rows appear filled
_PAUSE = 0.08  # seconds between two looks at a team's record, of which each is repainted
MAX_SHARED = 500_000  # of a team's messages; the window's memory is not the database's


class MessageSource(Protocol):
    """Searches the record that is shown, and fetches rows that cannot be read at once."""

    async def search(
        self, criteria: Filter, *, order: Order, after: int = 0, limit: int | None = None
    ) -> Listing: ...

    async def search_older(
        self, criteria: Filter, before: Place, *, order: Order, newest: int
    ) -> Listing: ...

    async def fetch_rows(self, ids: Sequence[int]) -> Sequence[MessageRow]: ...


class MessagesPresenter(QObject):
    """Searches for the pane, and adds what was committed since: on this disk, or by the team.

    `disk` reads this disk also while `messages` reads a team's record.
    Of a team's record `_newest` and `_seen` are marks, else they are ids.
    """

    def __init__(
        self,
        pane: MessagesPane,
        messages: MessageSource,
        tasks: UiTasks,
        *,
        disk: MessageSource | None = None,
        max_shared: int = MAX_SHARED,
    ) -> None:
        super().__init__(pane)
        self._record = RecordSource()
        self._source = RecordSource()
        self._stored = 0
        self._max_shared = max_shared
        self._pane = pane
        self._messages = messages
        self._disk = disk or messages
        self._tasks = tasks
        self._filter = Filter()
        self._newest = 0
        self._count = 0
        self._seen = _NONE_SEARCHED
        self._has_paths = False
        pane.filter_changed.connect(self._on_filter_changed)
        pane.order.changed.connect(self._on_order_changed)
        pane.scope.changed.connect(self._on_scope_changed)
        pane.toolbar.json_typed.connect(self._on_json_typed)
        pane.retry_requested.connect(self._on_retry_requested)
        pane.model.records_wanted.connect(self._on_records_wanted)

    def show_source(self, source: RecordSource) -> None:
        """Show another record, or what was written to the team's since."""
        self._record = source
        self._use(RecordSource() if self._pane.scope.is_disk else source)

    def _use(self, source: RecordSource) -> None:
        """List this record: the team's, or this disk's."""
        before, self._source = self._source, source
        if replace(before, mark=source.mark, revisions=source.revisions) != source:
            self._pane.show_source(source)
        is_continued = source.mark >= before.mark and source.revisions == before.revisions
        if source.is_shared and before.is_shared and is_continued:
            self._newest = source.mark
            if not self._tasks.running("messages"):
                self._tasks.start("messages", self.catch_up)
        elif source.is_shared or before.is_shared:
            self._newest = source.mark if source.is_shared else self._stored
            self._tasks.cancel("rows")
            self._tasks.start("messages", self.load, self._pane.filter)

    def show_status(self, status: Status) -> None:
        """Search for messages on this disk that were committed since the last search."""
        deleted = status.archive.messages < self._count
        self._count = status.archive.messages
        self._stored = max(self._stored, status.archive.newest)
        if self._source.is_shared:
            return
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

    async def fetch_wanted(self) -> None:
        """Fetch the records of the rows in sight until all are there."""
        while ids := self._pane.model.take_wanted():
            try:
                self._pane.model.add_records(ids, await self._messages.fetch_rows(ids))
            except UserError as error:
                self._pane.show_failed(error)
                return

    async def _search_all(self, newest: int) -> int:
        """Show the newest messages at once, because they are in sight, then the older ones.

        Returns the highest id that was searched, or the mark: what is newer is added afterwards.
        """
        order = self._pane.order.order
        first = await self._searched.search(self._filter, order=order, limit=_FIRST)
        place = first.rest or (first.place if len(first.ids) >= _FIRST else None)
        rows = await self._fetch_ahead(first)
        self._pane.show_messages(first, self._filter, rows, complete=place is None)
        newest = first.newest if self._source.is_shared else max(newest, first.newest)
        while place:
            if self._source.is_shared and self._pane.model.rowCount() >= self._max_shared:
                self._pane.complete_messages(is_capped=True)
                return newest
            older = await self._searched.search_older(
                self._filter, place, order=order, newest=newest
            )
            await self._add_older(older)
            place = older.rest
            if place is None:
                self._pane.complete_messages()
        return newest

    @property
    def _searched(self) -> MessageSource:
        """The record that is searched: an id tells its own, a search does not."""
        return self._disk if self._pane.scope.is_disk else self._messages

    async def _fetch_ahead(self, found: Listing) -> Sequence[MessageRow]:
        """Return the newest of these messages, if the pane cannot read them at once."""
        ids = found.ids[-_AHEAD:]
        return await self._messages.fetch_rows(ids) if ids and self._source.is_shared else ()

    async def _add_older(self, older: Listing) -> None:
        for end in range(len(older.ids), 0, -_INSERTED):
            part = slice(max(0, end - _INSERTED), end)
            self._pane.add_older(Listing(older.ids[part], older.keys[part], older.newest))
            await asyncio.sleep(0)

    async def _search_new(self, newest: int) -> int:
        order, began = self._pane.order.order, time.monotonic()
        found = await self._searched.search(self._filter, order=order, after=self._seen)
        self._pane.add_messages(found, await self._fetch_ahead(found))
        if self._source.is_shared:
            # Before the pause, in which this may be cancelled.
            self._seen = max(newest, found.newest)
            await asyncio.sleep(max(began + _PAUSE - time.monotonic(), _PAUSE / 4))
        return max(newest, found.newest)

    def _on_records_wanted(self) -> None:
        if not self._tasks.running("rows"):
            self._tasks.start("rows", self.fetch_wanted)

    def _on_scope_changed(self) -> None:
        self._use(RecordSource() if self._pane.scope.is_disk else self._record)
        self._pane.show_source(self._source)

    def _on_order_changed(self, _: Order) -> None:
        self._tasks.start("messages", self.load, self._filter)

    def _on_json_typed(self) -> None:
        if not self._has_paths and not self._tasks.running("json paths"):
            self._tasks.start("json paths", self._prepare_paths)

    async def _prepare_paths(self) -> None:
        """Import what reads paths into JSON, which would hold the window for 0.1 s."""
        await asyncio.to_thread(filtering.prepare_json_paths)
        self._has_paths = True

    def _on_filter_changed(self, filter_: Filter) -> None:
        self._tasks.start("messages", self.load, filter_)

    def _on_retry_requested(self) -> None:
        self._tasks.start("messages", self.load, self._filter)
