"""The list of messages: it is searched, keeps up with what arrives, and takes by pulling."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibconsole.errors import UserError
from ibconsole.services import Filter, PullReport, Row, Status
from ibconsole.ui.commands import Command, Group
from ibconsole.ui.dialogs.confirm import ConfirmDialog
from ibconsole.ui.dialogs.pull import pull_question
from ibconsole.ui.models.feed import FeedModel
from ibconsole.ui.models.messages import message_columns
from ibconsole.ui.naming import ApplicationNames
from ibconsole.ui.panes.messages_toolbar import MessagesToolbar
from ibconsole.ui.sources import SourceState, report_state
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Theme
from ibconsole.ui.times import Clock
from ibconsole.ui.tooltips import plain_tooltip
from ibconsole.ui.widgets.feed_page import FeedPage
from ibconsole.ui.widgets.feed_table import FeedTable
from ibconsole.ui.widgets.tinted import TintedCells

_VIA, _TEXT, _FLAGS = 1, 5, 7
_NOTHING = -1
_WIDTHS = (132, 68, 116, 96, 84, 0, 78, 86)


class RowReader(Protocol):
    """Reads a page of messages, at once."""

    def rows(self, ids: Sequence[int]) -> list[Row]: ...


class MessageSource(Protocol):
    """The archive, as far as searching it goes."""

    async def find(self, filter: Filter, after: int = 0) -> "array[int]": ...  # noqa: A002 the service's word


class PullSource(Protocol):
    """Whoever pulls; what is under way cannot be taken back."""

    async def pull(self, limit: int) -> PullReport: ...


class MessagesPane(QWidget):
    """What the user sees. Awaits nothing; reads no more than the rows in sight."""

    pull_requested = Signal(int)
    pull_confirmed = Signal(int, object)
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
        self._theme = theme
        clock = clock or Clock(self)
        self._filtered = False
        self._pulling = False
        self.model = FeedModel(message_columns(names, clock), reader.rows, self)
        self.toolbar = MessagesToolbar(theme)
        self.table = FeedTable(elastic=_TEXT)
        self.table.setAccessibleName("Messages")
        self.table.setModel(self.model)
        self.table.set_widths(*_WIDTHS)
        self.table.setItemDelegateForColumn(_VIA, TintedCells(theme, "muted", self))
        self.table.setItemDelegateForColumn(_FLAGS, TintedCells(theme, "warning", self))
        self.page = FeedPage(self.toolbar, self.table, theme)
        self._make_commands()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self._connect(names)
        clock.changed.connect(self.model.reread)
        self._show_rows()
        self._offer()

    def focus_filter(self) -> None:
        """Go to where one types what to find."""
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    def select_application(self, code: str, name: str) -> None:
        """Offer to show this application's messages alone."""
        self.toolbar.select_application(code, name)

    def show_status(self, status: Status) -> None:
        """What the pull is doing, wherever it was started."""
        self.toolbar.show_connected(on=bool(status.connection.base_url))
        self.toolbar.show_pulling(on=self._pulling or status.pull.state == "pulling")
        self.toolbar.show_pending(status.pull.pending)
        self._offer()

    def show_loading(self) -> None:
        """The search is under way."""
        self.page.show_loading()

    def show_messages(self, ids: "array[int]", wanted: Filter) -> None:
        """Show what was found; a selected message that is still there stays selected."""
        selected = self._selected()
        self._filtered = wanted != Filter()
        self.model.show(ids)
        self._show_rows()
        row = self.model.row_of(selected) if selected is not None else None
        if row is not None:
            self.table.selectRow(row)

    def add_messages(self, ids: "array[int]") -> None:
        """Put what arrived on top."""
        self.model.append(ids)
        self._show_rows()

    def show_failed(self, error: UserError) -> None:
        """The archive could not be searched."""
        self.page.show_failed(str(error), getattr(error, "details", ""))

    def show_report(self, report: PullReport) -> None:
        """What a pull brought."""
        self._show_notice(report_state(report))

    def show_pull_failed(self, error: UserError) -> None:
        """The pull was not begun, or its answer is not known."""
        self._show_notice(SourceState("danger", str(error)))

    def show_not_pulled(self) -> None:
        """The account changed while the question was on the screen."""
        self._show_notice(SourceState("info", "The connection has changed; nothing was pulled."))

    def confirm_pull(self, status: Status, limit: int) -> None:
        """Ask before the first pull on a connection."""
        dialog = ConfirmDialog(pull_question(status, limit), self._theme, self)
        dialog.accepted.connect(lambda: self.pull_confirmed.emit(limit, status.connection))
        dialog.open()

    @contextmanager
    def pulling(self) -> Iterator[None]:
        """Offer no other pull while the block runs."""
        self._pulling = True
        self.page.banner.clear()
        self.page.set_working(on=True)
        self.toolbar.show_pulling(on=True)
        self._offer()
        try:
            yield
        finally:
            self._pulling = False
            self.page.set_working(on=False)
            self.toolbar.show_pulling(on=False)
            self._offer()

    def _make_commands(self) -> None:
        group = Group.MESSAGES
        self.pull_command = Command(
            "Pull…", group, self.toolbar.pull.click, icon_name="download", parent=self
        )
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
            self.pull_command,
            self.filter_command,
            self.follow_command,
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
        why_not = "There is no connection, or a pull is under way."
        self.pull_command.allow("" if self.toolbar.pull.isEnabled() else why_not)

    def _connect(self, names: ApplicationNames) -> None:
        self.toolbar.pull_requested.connect(self.pull_requested)
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

    def _show_notice(self, state: SourceState) -> None:
        self.page.banner.show_notice(state.kind, state.words)
        self.page.banner.setToolTip(plain_tooltip(state.details))

    def _on_current_changed(self, row: int) -> None:
        self._offer()
        if row < 0:
            self.selection_cleared.emit()
        else:
            self.message_selected.emit(self.model.id_at(row))


class MessagesPresenter(QObject):
    """What the pane does. Knows no widget but its pane, and lives as long as it."""

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
        self._count = 0
        self._seen = _NOTHING
        self._agreed: set[tuple[str, str]] = set()
        pane.filter_changed.connect(self._on_filter_changed)
        pane.retry_requested.connect(self._on_retry_requested)
        pane.pull_requested.connect(self._on_pull_requested)
        pane.pull_confirmed.connect(self._on_pull_confirmed)

    def show_status(self, status: Status) -> None:
        """Show what is going on, and fetch what was committed since."""
        self._status = status
        self._pane.show_status(status)
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
                ids = await self._messages.find(self._filter, max(self._seen, 0))
            except UserError as error:
                self._pane.show_failed(error)
                return
            if self._seen == _NOTHING:
                self._pane.show_messages(ids, self._filter)
            else:
                self._pane.add_messages(ids)
            self._seen = max([known, *ids[-1:]])

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
        if self._account() in self._agreed:
            self._start_pull(limit)
        else:
            self._pane.confirm_pull(self._status, limit)

    def _on_pull_confirmed(self, limit: int, connection: object) -> None:
        if connection != self._status.connection:
            self._pane.show_not_pulled()
            return
        self._agreed.add(self._account())
        self._start_pull(limit)

    def _account(self) -> tuple[str, str]:
        return self._status.connection.name, self._status.connection.base_url

    def _start_pull(self, limit: int) -> None:
        # Starting it again would cancel the wait for the one under way.
        if not self._tasks.running("pull"):
            self._tasks.start("pull", self.pull, limit)
