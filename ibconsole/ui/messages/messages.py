"""The list of messages: it is searched, and keeps up with what arrives."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibconsole.errors import UserError
from ibconsole.services.messages import Filter, Listing, MessageRow, Order
from ibconsole.services.runtime import Status
from ibconsole.ui.messages.columns import message_columns
from ibconsole.ui.messages.order import OrderChoice
from ibconsole.ui.messages.toolbar import MessagesToolbar
from ibconsole.ui.tables import FeedModel, FeedPage, FeedTable, TintedCells
from ibconsole.ui.toolkit import (
    ApplicationNames,
    Clock,
    Command,
    Group,
    SourceState,
    Theme,
    UiTasks,
    plain_tooltip,
)

_ARRIVED, _RECEIVED, _VIA, _TEXT, _FLAGS = 0, 1, 2, 6, 8
_NOTHING = -1
_WIDTHS = (132, 132, 68, 116, 96, 84, 0, 78, 86)
_TEXT_FIRST = 420  # pixels that the text gets before the time of receipt has a column
_FIRST = 256  # messages that are shown while the others are still looked for


class RowReader(Protocol):
    """Reads a page of messages, at once."""

    def rows(self, ids: Sequence[int]) -> list[MessageRow]: ...


class MessageSource(Protocol):
    """The archive, as far as searching it goes."""

    async def search(
        self, wanted: Filter, *, order: Order, after: int = 0, most: int | None = None
    ) -> Listing: ...


class MessagesPane(QWidget):
    """What the user sees. Awaits nothing; reads no more than the rows in sight."""

    filter_changed = Signal(Filter)
    retry_requested = Signal()
    message_selected = Signal(int)
    selection_cleared = Signal()
    test_requested = Signal(int)

    def __init__(
        self,
        reader: RowReader,
        names: ApplicationNames,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(parent)
        clock = clock or Clock(self)
        self._filtered = False
        self.model = FeedModel(message_columns(names, clock), reader.rows, self)
        self.toolbar = MessagesToolbar(theme)
        self.table = FeedTable(elastic=_TEXT, least=_TEXT_FIRST, yielding=(_RECEIVED,))
        self.table.setAccessibleName("Messages")
        self.table.setModel(self.model)
        self.table.set_widths(*_WIDTHS)
        self.table.setItemDelegateForColumn(_VIA, TintedCells(theme, "muted", self))
        self.table.setItemDelegateForColumn(_FLAGS, TintedCells(theme, "warning", self))
        self.order = OrderChoice(
            self.table, {Order.ARRIVAL: _ARRIVED, Order.RECEIVED: _RECEIVED}, self
        )
        self.page = FeedPage(self.toolbar, self.table, theme)
        self._make_commands()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self._connect(names)
        clock.changed.connect(self.model.reread)
        self._show_rows()
        self._offer()

    @property
    def filter(self) -> Filter:
        """What is listed."""
        return self.toolbar.filter

    @property
    def count(self) -> int:
        """How many are listed."""
        return self.model.rowCount()

    def focus_filter(self) -> None:
        """Go to where one types what to find."""
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    def select_application(self, code: str, name: str) -> None:
        """Offer to show this application's messages alone."""
        self.toolbar.select_application(code, name)

    def show_loading(self) -> None:
        """The search is under way."""
        self.page.show_loading()

    def show_messages(self, found: Listing, wanted: Filter, *, complete: bool) -> None:
        """Show what was found; a selected message that is still there stays selected.

        Unless these are all, others are still looked for.
        """
        selected = self._selected()
        self._filtered = wanted != Filter()
        self.model.show(found.ids, found.keys)
        self._show_rows()
        if not complete:
            self.page.show_loading()
        row = self.model.row_of(selected) if selected is not None else None
        if row is not None:
            self.table.selectRow(row)

    def complete_messages(self, found: Listing) -> None:
        """Add all that were still looked for to those that are shown."""
        self.model.complete(found.ids, found.keys)
        self._show_rows()

    def add_messages(self, found: Listing) -> None:
        """Put what arrived where it belongs."""
        self.model.append(found.ids, found.keys)
        self._show_rows()

    def show_failed(self, error: UserError) -> None:
        """The archive could not be searched."""
        self.page.show_failed(str(error), getattr(error, "details", ""))

    def set_working(self, *, on: bool) -> None:
        """Show that something is under way."""
        self.page.set_working(on=on)

    def show_state(self, state: SourceState | None) -> None:
        """Say what came of something; nothing if there is nothing to say."""
        if state is None:
            self.page.banner.clear()
            return
        self.page.banner.show_notice(state.kind, state.words)
        self.page.banner.setToolTip(plain_tooltip(state.details))

    def _make_commands(self) -> None:
        group = Group.MESSAGES
        self.filter_command = Command(
            "Filter messages",
            group,
            self.focus_filter,
            shortcut=QKeySequence.StandardKey.Find,
            icon_name="search",
            parent=self,
        ).reach(self)
        self.follow_command = Command(
            "Follow new messages", group, self._on_follow_asked, parent=self
        )
        self.follow_command.setCheckable(True)
        self.test_command = Command(
            "Send it in a forward test", group, self._on_test, icon_name="send", parent=self
        ).reach(self.table)
        self.commands = (
            *self.toolbar.pulling.commands,
            self.filter_command,
            self.follow_command,
            *self.order.commands,
            self.test_command,
        )

    def _on_follow_asked(self) -> None:
        self.table.set_follow(self.follow_command.isChecked())

    def _on_test(self) -> None:
        selected = self._selected()
        if selected is not None:
            self.test_requested.emit(selected)

    def _offer(self) -> None:
        none = "No message is selected."
        self.test_command.allow(none if self._selected() is None else "")

    def _connect(self, names: ApplicationNames) -> None:
        self.toolbar.filter_changed.connect(self.filter_changed)
        self.toolbar.follow_toggled.connect(self.table.set_follow)
        self.toolbar.newest_requested.connect(self.table.show_newest)
        self.table.follow_changed.connect(self.toolbar.follow.setChecked)
        self.table.follow_changed.connect(self.follow_command.setChecked)
        self.table.unseen_changed.connect(self.toolbar.show_unseen)
        self.table.current_changed.connect(self._on_current_changed)
        self.page.retry_requested.connect(self.retry_requested)
        self.page.action_requested.connect(self.toolbar.clear_filter)
        names.changed.connect(self.model.reread)

    def _show_rows(self) -> None:
        if self.model.rowCount():
            self.page.show_table()
        elif self._filtered:
            self.page.show_empty("No message fits the filter.", "Clear filter")
        else:
            self.page.show_empty(
                "No message has been received yet. Pull takes what waits on the platform;"
                " the listener receives what the platform forwards."
            )

    def _selected(self) -> int | None:
        index = self.table.currentIndex()
        return self.model.id_at(index.row()) if index.isValid() else None

    def _on_current_changed(self, row: int) -> None:
        self._offer()
        if row < 0:
            self.selection_cleared.emit()
        else:
            self.message_selected.emit(self.model.id_at(row))


class MessagesPresenter(QObject):
    """What the pane does. Knows no widget but its pane, and lives as long as it."""

    def __init__(self, pane: MessagesPane, messages: MessageSource, tasks: UiTasks) -> None:
        super().__init__(pane)
        self._pane = pane
        self._messages = messages
        self._tasks = tasks
        self._filter = Filter()
        self._newest = 0
        self._count = 0
        self._seen = _NOTHING
        pane.filter_changed.connect(self._on_filter_changed)
        pane.order.changed.connect(self._on_order_changed)
        pane.retry_requested.connect(self._on_retry_requested)

    def show_status(self, status: Status) -> None:
        """Fetch what was committed since."""
        fewer = status.archive.messages < self._count
        self._count = status.archive.messages
        if fewer:  # those of a removed connection are gone
            self._newest = max(self._newest, status.archive.newest)
            self._tasks.start("messages", self.load, self._filter)
            return
        if status.archive.newest <= self._newest:
            return
        self._newest = status.archive.newest
        if not self._tasks.running("messages"):
            self._tasks.start("messages", self.catch_up)

    async def load(self, wanted: Filter) -> None:
        """Start over with the messages that fit."""
        self._filter = wanted
        self._seen = _NOTHING
        self._pane.show_loading()
        await self.catch_up()

    async def catch_up(self) -> None:
        """Show what fits and is not shown yet, until nothing is missing.

        What is searched for and what was seen change together, so whoever is cancelled
        in between leaves nothing half done.
        """
        while self._seen < self._newest:
            known = self._newest
            try:
                found = await (self._begin() if self._seen == _NOTHING else self._go_on())
            except UserError as error:
                self._pane.show_failed(error)
                return
            self._seen = max(known, max(found.ids, default=0))

    async def _begin(self) -> Listing:
        """The newest at once, for those are what is looked at; then all."""
        order = self._pane.order.order
        first = await self._messages.search(self._filter, order=order, most=_FIRST)
        few = len(first.ids) < _FIRST
        self._pane.show_messages(first, self._filter, complete=few)
        if few:
            return first
        found = await self._messages.search(self._filter, order=order)
        self._pane.complete_messages(found)
        return found

    async def _go_on(self) -> Listing:
        order = self._pane.order.order
        found = await self._messages.search(self._filter, order=order, after=self._seen)
        self._pane.add_messages(found)
        return found

    def _on_order_changed(self, _: Order) -> None:
        self._tasks.start("messages", self.load, self._filter)

    def _on_filter_changed(self, wanted: Filter) -> None:
        self._tasks.start("messages", self.load, wanted)

    def _on_retry_requested(self) -> None:
        self._tasks.start("messages", self.load, self._filter)
