"""The list of messages: its toolbar, its table, and what it says when it is empty."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages import Filter, Listing, MessageRow, Order
from ibconsole.services.team.reading import RecordSource
from ibconsole.ui.messages.columns import ExtraColumns, masked, message_columns
from ibconsole.ui.messages.kept_selection import KeptSelection
from ibconsole.ui.messages.message_commands import Field, MessageCommands, Part, value_of
from ibconsole.ui.messages.order import OrderChoice, ScopeChoice
from ibconsole.ui.messages.record_line import RecordLine
from ibconsole.ui.messages.toolbar import MessagesToolbar
from ibconsole.ui.tables import (
    ExtendedFeedModel,
    FeedPage,
    MarkedCells,
    MarkedTable,
    TintedCells,
)
from ibconsole.ui.toolkit import (
    ApplicationNames,
    Command,
    Group,
    ResultText,
    Theme,
    TimeDisplay,
    one_line,
)
from ibconsole.ui.viewers import RecordId

if TYPE_CHECKING:
    from ibconsole.services import filtering
else:  # imported when a filter is typed
    filtering = LazyModule("ibconsole.services.filtering")

_ARRIVED, _RECEIVED, _VIA, _FROM, _KEYWORD, _TEXT, _FLAGS = 0, 1, 2, 4, 5, 6, 8
_RECEIVER, _CONNECTION = 9, 10
_WIDTHS = (132, 132, 68, 116, 88, 84, 0, 104, 70, 112, 112)
_TEXT_WIDTH = 420  # pixels; in a narrower table the column of the receipt time is hidden


class RowReader(Protocol):
    """Reads a page of messages by id; None if that cannot be done at once."""

    def rows(self, ids: Sequence[int]) -> list[MessageRow] | None: ...


class MessagesPane(QWidget):
    """The toolbar and the table of messages; reads only the rows in sight.

    `resend_requested` carries the ids of messages.
    """

    filter_changed = Signal(Filter)
    retry_requested = Signal()
    message_selected = Signal(RecordId)
    selection_cleared = Signal()
    test_requested = Signal(RecordId)
    compare_requested = Signal(RecordId, RecordId)
    resend_requested = Signal(object)
    copy_requested = Signal(Part)
    wanted_changed = Signal(str)
    export_requested = Signal()
    succeeded = Signal(str)
    covered_announcement = Signal()
    uncover_requested = Signal()

    def __init__(
        self,
        reader: RowReader,
        names: ApplicationNames,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        time_display = time_display or TimeDisplay(self)
        self._names = names
        self._filter = Filter()
        self._cover: QWidget | None = None
        self._complete = True
        self._is_shared = self._is_other_record = False
        self._connections: dict[str, str] = {}
        columns = message_columns(names, time_display, self._connections)
        self.model = ExtendedFeedModel(columns, reader.rows, self)
        self.toolbar = MessagesToolbar(theme, self._known_values)
        self.table = MarkedTable(
            theme, stretch=_TEXT, preferred_width=_TEXT_WIDTH, optional=(_RECEIVED,)
        )
        self._set_up_table(theme)
        self.marked = self._mark_cells(theme)
        self.selection = KeptSelection(self.table, self.model, self)
        self.order = OrderChoice(
            self.table, {Order.ARRIVAL: _ARRIVED, Order.RECEIVED: _RECEIVED}, self
        )
        self.scope = ScopeChoice(self)
        self.record_line = RecordLine(theme, time_display)
        self.page = FeedPage(self._controls(), self.table, theme)
        hidden = (_RECEIVER, _CONNECTION)
        self.extras = ExtraColumns(self.table, self.model, _WIDTHS, hidden)
        self._make_commands()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self._connect(names)
        time_display.changed.connect(self.model.refresh)
        self._show_rows()
        self.message_commands.update()

    def cover(self, widget: QWidget | None) -> None:
        """Show a widget in place of the list, or the list again; its selection stays."""
        layout = self.layout()
        assert layout is not None, "it was laid out"  # noqa: S101
        if widget and widget.parentWidget() is not self:
            layout.addWidget(widget)
        if self._cover and self._cover is not widget:
            self._cover.hide()
        self._cover = widget
        self.page.setVisible(widget is None)
        if widget:
            widget.show()

    @property
    def is_covered(self) -> bool:
        """True while another widget is shown in place of the list."""
        return self._cover is not None

    @property
    def filter(self) -> Filter:
        """The filter as the toolbar has it, within the connections that are listed."""
        return self.scope.restrict(self.toolbar.filter)

    @property
    def count(self) -> int | None:
        """The number of messages that match the filter; None while they are counted."""
        return self.model.rowCount() if self._complete else None

    @property
    def selected_count(self) -> int:
        """The number of selected messages."""
        return sum(map(len, self.table.selected_runs()))

    @property
    def record(self) -> MessageRow | None:
        """The selected message, if it is exactly one."""
        runs = self.table.selected_runs()
        return self.model.record(runs[0].start) if [len(run) for run in runs] == [1] else None

    @property
    def selected_ids(self) -> Sequence[int]:
        """The ids of the selected messages, from top to bottom."""
        return self.model.ids_of(self.table.selected_runs())

    @property
    def json_columns(self) -> Sequence[JsonColumn]:
        """The columns from JSON paths that are listed."""
        return self.extras.json

    def focus_filter(self) -> None:
        """Move the focus to the search field."""
        self._uncover()
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    def search_for(self, text: str) -> None:
        """List only messages that contain a text, of all that there are; all for an empty one."""
        self._uncover()
        self.toolbar.clear_filter()
        if text:
            self.toolbar.search_for(text)

    def open_message(self, message: int, message_id: str) -> None:
        """Select a message of the record that is shown, and the message alone if it is not listed.

        The inspector shows it before the list has it.
        """
        row = self.model.row_of(message)
        if row is None:
            self.selection.want(message)
            self.toolbar.clear_filter()
            self.toolbar.search_for_id(message_id)
            self.message_selected.emit(RecordId(message))
        else:
            self.table.open_row(row)
        self.table.setFocus()

    def filter_by(self, field: Field, row: MessageRow) -> None:
        """List only messages with the value of this one in a field."""
        self._uncover()
        value = value_of(row, field)
        is_code = field is Field.APPLICATION
        shown = self._names(value) if is_code else one_line(masked(value, row))
        self.toolbar.add_criterion(field, value, shown)

    def select_application(self, code: str, name: str) -> None:
        """Offer to list the messages of this application only."""
        self.toolbar.select_application(code, name)

    def show_loading(self) -> None:
        """Show that a search is in progress."""
        self.page.show_loading()
        self._complete = False
        if self._is_unfiltered(self.filter):
            self.toolbar.search.show_no_count()
        else:
            self.toolbar.search.show_counting()

    def show_connections(self, names: Mapping[str, str]) -> None:
        """Show the names of the saved connections by UUID, in a column if there are several."""
        if dict(names) != self._connections:
            self._connections.clear()
            self._connections.update(names)
            self._leave_out_columns()
            self.model.refresh()

    def show_source(self, source: RecordSource) -> None:
        """Show which record is listed; one of a team has a column with who received a message."""
        self._is_other_record |= source.is_shared != self._is_shared
        self._is_shared = source.is_shared
        self.record_line.show_source(source, is_chosen=self.scope.is_disk)
        self._leave_out_columns()
        if self._complete and not self.model.rowCount():
            self._show_rows()  # why there are none depends on the record

    def show_messages(
        self, found: Listing, filter_: Filter, records: Sequence[MessageRow] = (), *, complete: bool
    ) -> None:
        """Replace the list; `records` are the newest messages that cannot be read at once.

        A selected message that is still in it stays selected. If there is none, another filter
        opens its newest match. A list that is not `complete` is followed by `complete_messages`.
        """
        changed = filter_ != self._filter
        self.selection.remember(opens_newest=changed and not self._is_unfiltered(filter_))
        self._filter = filter_
        self._complete = complete
        self.model.show(found.ids, found.keys, found.newest)
        self._add_records(records)
        self.record_line.show_cap(None)
        self._show_rows()
        if not complete:
            self.page.show_loading()
        if changed:
            self._mark(filter_.text)
        if changed or self._is_other_record:
            self.table.show_newest()
        self._is_other_record = False
        self.selection.restore(complete=complete)

    def add_older(self, found: Listing) -> None:
        """Add messages that follow all listed ones in the list's order."""
        was_empty = not self.model.rowCount()
        self.model.add_older(found.ids, found.keys, found.newest)
        if was_empty and found.ids:
            self.page.show_table()
            self.page.show_loading()
        if not self._is_unfiltered(self._filter):
            self.toolbar.search.show_counting(self.model.rowCount())

    def complete_messages(self, *, is_capped: bool = False) -> None:
        """Show that the list has all messages that match, or as many as it can have."""
        self._complete = not is_capped
        self.record_line.show_cap(self.model.rowCount() if is_capped else None)
        self._show_rows()
        self.selection.finish()

    def add_messages(self, found: Listing, records: Sequence[MessageRow] = ()) -> None:
        """Insert new messages in the list's order; `records` as for `show_messages`."""
        self._add_records(records)
        self.model.append(found.ids, found.keys)
        self._show_rows()

    def show_failed(self, error: UserError) -> None:
        """Show that the archive could not be searched."""
        self.toolbar.search.show_no_count()
        self.page.show_failed(str(error), error.details)

    def set_working(self, *, on: bool) -> None:
        """Show whether a pull is in progress."""
        self.page.set_working(on=on)

    def show_state(self, state: ResultText | None) -> None:
        """Show the outcome of a pull, a success without details as a toast; None clears it."""
        if state is None:
            self.page.banner.clear()
            return
        if state.severity is Severity.OK and not state.details:
            self.succeeded.emit(state.sentence)
            return
        self.page.banner.show_notice(state.severity, state.sentence, details=state.details)

    def _uncover(self) -> None:
        """Ask for the list, of which something is wanted."""
        if self._cover:
            self.uncover_requested.emit()

    def _is_unfiltered(self, filter_: Filter) -> bool:
        """Return whether a filter leaves out nothing of the connections that are listed."""
        return filter_ == self.scope.restrict(Filter())

    def _leave_out_columns(self) -> None:
        shows_connection = self.scope.is_all and len(self._connections) > 1
        wanted = {_RECEIVER: self._is_shared, _CONNECTION: shows_connection}
        self.extras.leave_out(*(column for column, is_on in wanted.items() if not is_on))

    def _on_action_requested(self) -> None:
        """Take the only way to see more: the filter is cleared, or else all connections listed."""
        if self._filter != Filter() and self._is_unfiltered(self._filter):
            self.scope.command.trigger()
        else:
            self.toolbar.clear_filter()

    def _on_scope_changed(self) -> None:
        self._leave_out_columns()
        self.filter_changed.emit(self.filter)

    def _controls(self) -> QWidget:
        """Return the toolbar, above the line about the record."""
        controls = QWidget()
        layout = QVBoxLayout(controls)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self.record_line)
        return controls

    def _set_up_table(self, theme: Theme) -> None:
        self.table.setAccessibleName("Messages")
        self.table.setModel(self.model)
        self.table.set_widths(*_WIDTHS, by_content=True)
        self.table.columns.hide_if_crowded(_FROM, _KEYWORD, _VIA)  # a text has its keyword, too
        self.table.setItemDelegateForColumn(_VIA, TintedCells(theme, Severity.MUTED, self))
        self.table.setItemDelegateForColumn(_FLAGS, TintedCells(theme, Severity.WARNING, self))

    def _add_records(self, records: Sequence[MessageRow]) -> None:
        if records:
            self.model.add_records([one.id for one in records], records)

    def _mark_cells(self, theme: Theme) -> Sequence[MarkedCells[MessageRow]]:
        sources: dict[int, Callable[[MessageRow], str]] = {
            _FROM: lambda row: masked(row.sender, row),
            _KEYWORD: lambda row: masked(row.keyword, row),
            _TEXT: lambda row: masked(row.text, row),
        }
        cells = [MarkedCells(self.model, theme, one, one_line, self) for one in sources.values()]
        for column, delegate in zip(sources, cells, strict=True):
            self.table.setItemDelegateForColumn(column, delegate)
        return cells

    def _known_values(self) -> "filtering.KnownValues":
        keywords = dict.fromkeys(one.keyword for one in self.model.records_at_hand)
        return filtering.KnownValues(applications=self._names.by_code, keywords=sorted(keywords))

    def _mark(self, wanted: str) -> None:
        for cells in self.marked:
            cells.mark(wanted)
        self.wanted_changed.emit(wanted)

    def _make_commands(self) -> None:
        group = Group.MESSAGES
        self.filter_command = Command(
            "Filter messages", group, self.focus_filter, icon_name="search", parent=self
        )
        self.follow_command = Command(
            "Follow new messages", group, self._on_follow_triggered, shortcut="Space", parent=self
        )
        self.follow_command.setCheckable(True)
        self.message_commands = MessageCommands(self, self)
        self.message_commands.add_to(self.table, self.follow_command)
        self.commands = (
            *self.toolbar.pulling.commands,
            self.filter_command,
            self.follow_command,
            *self.order.commands,
            self.scope.command,
            *self.message_commands.commands,
        )

    def _on_follow_triggered(self) -> None:
        self.table.set_follow(self.follow_command.isChecked())

    def _on_filter_requested(self, field: Field) -> None:
        if row := self.record:
            self.filter_by(field, row)

    def _on_test_requested(self) -> None:
        self.test_requested.emit(RecordId(self.selected_ids[0]))

    def _on_list_requested(self) -> None:
        if self.selection.selected is None and self.model.rowCount():
            self.table.open_row(0)
        self.table.setFocus()

    def _connect(self, names: ApplicationNames) -> None:
        self.toolbar.filter_changed.connect(
            lambda criteria: self.filter_changed.emit(self.scope.restrict(criteria))
        )
        self.scope.changed.connect(self._on_scope_changed)
        self.toolbar.follow_toggled.connect(self.table.set_follow)
        self.toolbar.newest_requested.connect(self.table.show_newest)
        self.toolbar.search.list_requested.connect(self._on_list_requested)
        self.table.follow_changed.connect(self.toolbar.follow.setChecked)
        self.table.follow_changed.connect(self.follow_command.setChecked)
        self.table.unseen_changed.connect(self.toolbar.show_unseen)
        self.table.current_changed.connect(self._on_current_changed)
        self.table.selectionModel().selectionChanged.connect(self.message_commands.update)
        self.message_commands.copy_requested.connect(self.copy_requested)
        self.message_commands.filter_requested.connect(self._on_filter_requested)
        self.message_commands.export_requested.connect(self.export_requested)
        self.message_commands.test_requested.connect(self._on_test_requested)
        self.message_commands.compare_requested.connect(
            # The older one, which is below the other in this order, is on the left.
            lambda: self.compare_requested.emit(*map(RecordId, sorted(self.selected_ids)))
        )
        self.message_commands.resend_requested.connect(
            lambda: self.resend_requested.emit(self.selected_ids)
        )
        self.page.retry_requested.connect(self.retry_requested)
        self.page.action_requested.connect(self._on_action_requested)
        names.changed.connect(self.model.refresh)
        self.model.dataChanged.connect(self._on_data_changed)

    def _show_rows(self) -> None:
        is_all = self._is_unfiltered(self._filter)
        if is_all:
            self.toolbar.search.show_no_count()
        elif self._complete:
            self.toolbar.search.show_count(self.model.rowCount())
        if self.model.rowCount():
            self.page.show_table()
        elif not is_all:
            searching = "No match until now. Older messages are being searched."
            sentence = "No message matches the filter." if self._complete else searching
            self.page.show_empty(sentence, "Clear filter")
        elif self._filter != Filter():
            self.page.show_empty(
                "No message of this connection is on this disk.", "Messages of all connections"
            )
        elif self.record_line.replaces_team:
            self.page.show_empty(
                "No message was received on this computer. Those of the team are listed as soon as"
                " its archive answers."
            )
        else:
            self.page.show_empty(
                "No message has been received yet. Pull fetches messages that wait on the platform;"
                " the listener receives messages that the platform forwards."
            )

    def _on_data_changed(self) -> None:
        """Adapt the commands to a selected message that has just come."""
        if self.table.currentIndex().isValid():
            self.message_commands.update()

    def announce_selection(self) -> None:
        """Emit again which message is selected, or that none is."""
        if self._cover:
            self.covered_announcement.emit()
            return
        self._on_current_changed(self.table.currentIndex().row())

    def _on_current_changed(self, row: int) -> None:
        self.message_commands.update()
        if row < 0:
            self.selection_cleared.emit()
        else:
            self.message_selected.emit(RecordId(self.model.id_at(row)))
