"""The Redelivery tab: the jobs, the messages of the selected one, and one message in detail."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services import give_back  # imported when first used
from ibconsole.services.redelivery import (
    ItemHistory,
    ItemState,
    LedgerItem,
    RedeliveryRow,
)
from ibconsole.ui.redelivery.history_texts import compared_pair
from ibconsole.ui.redelivery.item_details import ItemDetails
from ibconsole.ui.redelivery.items_table import ItemsTable
from ibconsole.ui.redelivery.job_bar import JobBar
from ibconsole.ui.redelivery.job_commands import JobCommands, JobTargets
from ibconsole.ui.redelivery.jobs_table import JobsTable
from ibconsole.ui.tables import FeedPage
from ibconsole.ui.toolkit import (
    SPACE,
    ApplicationNames,
    Command,
    Theme,
    TimeDisplay,
)
from ibconsole.ui.widgets import IconButton, Splitter, muted

_SIZES = (400, 880)
_ITEM_SIZES = (470, 410)
_EMPTY = (
    "Nothing was sent again or given back yet. What is pulled here never reaches its owner by"
    " itself: it can be given back to the application's own URL."
)
_SEVERAL = "Several messages are selected."


class RedeliveryPane(QWidget):
    """The jobs on the left; on the right the messages of the selected job, with their details.

    `job_selected` carries a RedeliveryRow or None, `item_selected` a LedgerItem or None, and
    `compare_requested` the ids of two answers. `job_wanted` carries the id of a job that was just
    stored and is to be selected. `job_commands` have the other requests.
    """

    job_selected = Signal(object)
    item_selected = Signal(object)
    filter_changed = Signal()
    more_wanted = Signal()
    older_wanted = Signal()
    compare_requested = Signal(object)
    message_requested = Signal(int)
    retry_requested = Signal()
    job_wanted = Signal(int)
    appeared = Signal()
    disappeared = Signal()

    def __init__(
        self,
        names: ApplicationNames,
        theme: Theme,
        details: ItemDetails | None = None,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        time_display = time_display or TimeDisplay(self)
        self._names = names
        self._rest: int | None = None
        self._items_rest: int | None = None
        self.setAccessibleName("Redelivery")
        self.jobs = JobsTable(theme, time_display=time_display)
        self.bar = JobBar(theme, time_display=time_display)
        self.items = ItemsTable(names, theme, time_display=time_display)
        commands = JobCommands(self._targets, self.items.copy_row, theme, self)
        self.job_commands = commands
        self.commands = (*commands.on_job, *commands.on_items)
        self.details = details or ItemDetails(theme, time_display=time_display)
        self.details.offer(commands.compare)
        self.give_back = IconButton("arrow-right", "Give back", theme, text="Give back…")
        self.resend = IconButton("send", "Resend", theme, text="Resend…")
        self.count = muted("")
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.item_splitter = Splitter(Qt.Orientation.Horizontal)
        self.page = FeedPage(self._toolbar(), self.splitter, theme)
        self._lay_out()
        self._connect()
        self._update()

    @property
    def job(self) -> RedeliveryRow | None:
        """The selected job."""
        selected = self.jobs.selected_record
        return selected if isinstance(selected, RedeliveryRow) else None

    @property
    def rest(self) -> int | None:
        """The job before which there are older ones; None if all are listed."""
        return self._rest

    @property
    def items_rest(self) -> int | None:
        """The item after which there are further ones; None if all are listed."""
        return self._items_rest

    @property
    def state(self) -> ItemState | None:
        """The state of the messages to list; None for all."""
        return self.bar.state

    def offer(self, *, resend: Command, give_back: Command) -> None:
        """Connect the buttons of the toolbar to these commands."""
        self.resend.follow(resend)
        self.give_back.follow(give_back)

    def show_loading(self) -> None:
        """Show progress; what is shown stays."""
        self.page.show_loading()

    def show_jobs(self, rows: Sequence[RedeliveryRow], rest: int | None) -> None:
        """List these jobs; the selected one stays selected, the newest is selected at first."""
        self._rest = rest
        selected = self.job
        self.jobs.show_records(rows)
        if not rows:
            self.page.show_empty(_EMPTY)
        else:
            self.page.show_table()
        self.count.setText(f"{counted(len(rows), 'job')}{'+' if rest else ''}" if rows else "")
        if rows and selected is None:
            self.select_job(rows[0].id)
        elif self.job:
            self.show_job(self.job)
        self._update()

    def select_job(self, job: int) -> None:
        """Select a job that is listed."""
        self.jobs.select_records(job)
        if self.job:
            self._on_job_selected(self.job)

    def show_job(self, row: RedeliveryRow) -> None:
        """Show the counts of the selected job as they are now."""
        self.bar.show_job(row)
        self._update()

    def show_items(self, items: Sequence[LedgerItem], rest: int | None) -> None:
        """List these messages; the selected ones stay selected if they are among them."""
        selected = self.items.selected_ids[:1]
        self._items_rest = rest
        self.items.feed.replace_items(items)
        if selected:
            self.items.select_item(selected[0])
        self._update()

    def add_items(self, items: Sequence[LedgerItem], rest: int | None) -> None:
        """Add further messages at the end of the list."""
        self._items_rest = rest
        self.items.feed.add_items(items)

    def update_items(self, items: Sequence[LedgerItem]) -> None:
        """Show listed messages as they are now."""
        self.items.feed.update_items(items)
        self._update()

    def show_history(self, history: ItemHistory) -> None:
        """Show the selected message in detail."""
        code = history.item.application_code
        self.details.show_history(history, self._names(code) if code else "")
        self._update()

    def show_failed(self, error: UserError) -> None:
        """Show why nothing can be read; what is shown stays, marked as old."""
        self.page.show_failed(str(error), error.details)

    def show_problem(self, error: object) -> None:
        """Show why a command did nothing, or why a job has stopped: a UserError."""
        if isinstance(error, UserError):
            remains = isinstance(error, give_back.ClaimsRemain)  # the command itself has succeeded
            severity = Severity.WARNING if remains else Severity.DANGER
            self.page.banner.show_notice(severity, str(error), details=error.details)

    def show_outcome(self, severity: Severity, sentence: str) -> None:
        """Show what a command did."""
        self.page.banner.show_notice(severity, sentence)

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.appeared.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.disappeared.emit()

    def _update(self) -> None:
        self.job_commands.update()

    def _targets(self) -> JobTargets:
        ids = self.items.selected_ids
        return JobTargets(self.job, ids, self.items.selected, self._pair())

    def _pair(self) -> tuple[int, int] | None:
        """Return two answers: those selected of a message, or the last ones of two messages."""
        items = self.items.selected
        if len(self.items.selected_ids) == 2:
            ids = [item.answer for item in items if item.answer]
            return (ids[0], ids[1]) if len(ids) == 2 and ids[0] != ids[1] else None
        return compared_pair(self.details.selected_answers)

    def _on_job_selected(self, record: object) -> None:
        row = record if isinstance(record, RedeliveryRow) else None
        self.items.feed.replace_items(())
        self.details.show_nothing()
        self.bar.choose_state(None)
        self.bar.setEnabled(row is not None)
        if row:
            self.bar.show_job(row)
        self._update()
        self.job_selected.emit(row)

    def _on_items_changed(self) -> None:
        items = self.items.selected if len(self.items.selected_ids) == 1 else []
        if not items:
            several = len(self.items.selected_ids) > 1
            self.details.show_nothing(*((_SEVERAL,) if several else ()))
        self._update()
        self.item_selected.emit(items[0] if items else None)

    def _on_more_wanted(self) -> None:
        if self._items_rest is not None:
            self.more_wanted.emit()

    def _on_jobs_scrolled(self, value: int) -> None:
        bar = self.jobs.verticalScrollBar()
        if self._rest is not None and bar.maximum() and value == bar.maximum():
            self.older_wanted.emit()

    def _connect(self) -> None:
        commands = self.job_commands
        for command in commands.on_job:
            command.add_to(self.jobs)
        for command in commands.on_items:
            command.add_to(self.items)
        self.bar.follow_commands(
            pause=commands.pause, resume=commands.resume, cancel=commands.cancel
        )
        self.bar.follow_decisions(
            send_again=commands.send_all_again,
            accept=commands.accept_all,
            retry=commands.retry_all,
        )
        commands.compare_requested.connect(self.compare_requested)
        commands.message_requested.connect(self.message_requested)
        self.bar.filter_changed.connect(self.filter_changed)
        self.jobs.record_selected.connect(self._on_job_selected)
        self.jobs.verticalScrollBar().valueChanged.connect(self._on_jobs_scrolled)
        self.items.selection_changed.connect(self._on_items_changed)
        self.items.more_wanted.connect(self._on_more_wanted)
        self.items.activated.connect(commands.show_message.trigger)
        self.details.answers_changed.connect(self._update)
        self.details.summary.link_activated.connect(
            lambda _, message: self.message_requested.emit(message)
        )
        self.page.retry_requested.connect(self.retry_requested)

    def _toolbar(self) -> QWidget:
        bar = QWidget()
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.give_back)
        layout.addWidget(self.resend)
        layout.addStretch(1)
        layout.addWidget(self.count)
        return bar

    def _lay_out(self) -> None:
        self.item_splitter.addWidget(self.items)
        self.item_splitter.addWidget(self.details)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.item_splitter, 1)
        self.splitter.addWidget(self.jobs)
        self.splitter.addWidget(right)
        for splitter, sizes in ((self.splitter, _SIZES), (self.item_splitter, _ITEM_SIZES)):
            for number, width in enumerate(sizes):
                splitter.setStretchFactor(number, width)
            splitter.setSizes(sizes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
