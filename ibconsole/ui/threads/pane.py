"""A thread in the place of the list of messages: its messages, silences, lags and answers."""

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.services.team.reading import is_team_id
from ibconsole.services.threads import FollowedThread, ThreadSubject, describe_thread
from ibconsole.ui.tables import FeedPage, RecordsModel, RecordsTable
from ibconsole.ui.threads.columns import (
    APPLICATION,
    CONNECTION,
    LAG,
    REMARKS,
    TEXT,
    VIA,
    WIDTHS,
    ThreadCells,
    ThreadRow,
    rows_of,
    thread_columns,
)
from ibconsole.ui.toolkit import (
    SPACE,
    ApplicationNames,
    Command,
    Theme,
    TimeDisplay,
    one_line,
    strong_font,
    times,
)
from ibconsole.ui.viewers import RecordId
from ibconsole.ui.widgets import ElidedLabel, IconButton, set_tone

_TEXT_WIDTH = 260  # pixels; in a narrower table other columns are hidden
_LOADING = "Looking for messages…"
_EMPTY = "No message of this thread is in this record."


class ThreadPane(QWidget):
    """Shows one thread, the oldest message on top; the list comes back with Esc.

    `message_selected` and `selection_cleared` are those of the list. `inspect_requested` asks for
    the focus to move to the inspector.
    """

    back_requested = Signal()
    retry_requested = Signal()
    message_selected = Signal(RecordId)
    selection_cleared = Signal()
    inspect_requested = Signal()

    def __init__(
        self,
        names: ApplicationNames,
        theme: Theme,
        time_display: TimeDisplay,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display
        self._connections: dict[str, str] = {}
        self._wanted: int | None = None
        self.shown: FollowedThread | None = None
        self.back = IconButton("arrow-left", "Back to all messages (Esc)", theme, text="Messages")
        self.title = ElidedLabel()
        self.state = ElidedLabel()
        self.support = IconButton(
            "copy", "Copy for Infobip support", theme, text="Copy for Infobip support"
        )
        columns = thread_columns(names, self._connections, time_display)
        self.model = RecordsModel(columns, lambda row: row.identity, self)
        self.table = RecordsTable(
            self.model, stretch=TEXT, preferred_width=_TEXT_WIDTH, optional=(CONNECTION,)
        )
        self.page = FeedPage(self._bar(), self.table, theme)
        self._set_up(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.back.clicked.connect(self.back_requested)
        self.page.retry_requested.connect(self.retry_requested)
        self.table.record_selected.connect(self._on_record_selected)
        self.table.activated.connect(self._on_activated)
        for changed in (names.changed, time_display.changed):
            changed.connect(self.table.refresh_values)

    def offer(self, copy: Command, choices: Command) -> None:
        """Offer the copies for support: one at once, and one with choices in the button's menu."""
        menu = QMenu(self.support)
        menu.addActions([copy, choices])
        self.support.setMenu(menu)
        self.support.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.support.clicked.connect(copy.trigger)

    @property
    def selected_id(self) -> int | None:
        """The id of the selected message; None if none, or a silence, is selected."""
        row = self.table.selected_record
        return row.entry.id if isinstance(row, ThreadRow) and row.entry else None

    def announce_selection(self) -> None:
        """Emit again which message is selected, or that none is."""
        self._on_record_selected(self.table.selected_record)

    def show_loading(self, subject: ThreadSubject, wanted: int | None = None) -> None:
        """Show that a thread is being looked for; its message `wanted` will be selected."""
        self.shown = None
        self._wanted = wanted
        title = one_line(subject.title)
        self.title.setText(title)
        self.table.setAccessibleName(f"Messages of {title}")
        self.state.setText(_LOADING)
        self.table.show_records(())
        self.page.show_table()
        self.page.show_loading()

    def show_thread(self, thread: FollowedThread) -> None:
        """Show the messages that were found; what is selected and in sight stays."""
        self.shown = thread
        rows = tuple(rows_of(thread))
        self._leave_out_equal(thread)
        self.table.show_records(rows)
        self.state.setText(self._state_of(thread))
        if thread.entries:
            self.page.show_table()
        elif thread.is_complete:
            self.page.show_empty(_EMPTY)
        if not (thread.is_complete or thread.is_capped):
            self.page.show_loading()
        if self._wanted is not None and any(one.id == self._wanted for one in thread.entries):
            self.table.select_records(self._wanted)
            self._wanted = None

    def show_connections(self, names: Mapping[str, str]) -> None:
        """Show the names of saved connections, by UUID."""
        if dict(names) != self._connections:
            self._connections.clear()
            self._connections.update(names)
            self.table.refresh_values()

    def show_failed(self, error: UserError) -> None:
        """Show why the thread could not be read; what was found stays."""
        self.state.setText("")
        self.page.show_failed(str(error), error.details)

    def _leave_out_equal(self, thread: FollowedThread) -> None:
        """Leave out the columns in which all messages are equal."""
        messages = [one.message for one in thread.entries]
        equal = (
            (APPLICATION, len({one.application_code for one in messages}) < 2),
            (CONNECTION, len({one.connection for one in messages}) < 2),
        )
        self.table.columns.leave_out(*(column for column, is_equal in equal if is_equal))

    def _state_of(self, thread: FollowedThread) -> str:
        sentence = describe_thread(thread)
        if thread.entries and is_team_id(thread.entries[0].id):
            sentence = f"In the team's record: {sentence}"
        if thread.is_complete or thread.is_capped:
            return sentence
        if thread.searched_back_to is None:
            return f"{sentence} Older messages are being searched."
        day = times.column_time(thread.searched_back_to, self._time_display.zone)
        return f"{sentence} Messages before {day} are being searched."

    def _on_record_selected(self, row: object) -> None:
        if self._wanted is not None:  # which the inspector shows already
            return
        if isinstance(row, ThreadRow) and row.entry:
            self.message_selected.emit(RecordId(row.entry.id))
        else:
            self.selection_cleared.emit()

    def _on_activated(self, _: QModelIndex) -> None:
        if self.selected_id is not None:
            self.inspect_requested.emit()

    def _bar(self) -> QWidget:
        bar = QFrame(objectName="bar")
        self.title.setFont(strong_font())
        set_tone(self.state, Severity.MUTED)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addWidget(self.state)
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.back)
        layout.addLayout(texts, 1)
        layout.addWidget(self.support)
        return bar

    def _set_up(self, theme: Theme) -> None:
        self.table.setSortingEnabled(False)  # silences belong between their messages
        self.table.model().sort(-1)
        self.table.horizontalHeader().setSortIndicatorShown(False)
        self.table.set_widths(*WIDTHS)
        self.table.columns.hide_if_crowded(LAG, VIA, REMARKS)
        self.table.columns.leave_out(APPLICATION, CONNECTION)
        self.table.setItemDelegate(ThreadCells(theme, self.table))

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)
