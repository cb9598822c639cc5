"""The pane of the requests that the program makes: the list, and one request in detail."""

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeySequence, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.request_log import Activity, Entry, curl_command
from ibconsole.ui.activity.details import ActivityDetails
from ibconsole.ui.activity.model import ActivityFilter, ActivityModel, EntryDetails
from ibconsole.ui.activity.toolbar import ActivityToolbar
from ibconsole.ui.tables import FeedTable
from ibconsole.ui.toolkit import Command, Group, Shortcut, Theme, TimeDisplay, copy_to_clipboard
from ibconsole.ui.widgets import Notice, Splitter

_CONNECTION, _WHO, _PATH, _STATUS, _DURATION, _TRY = 1, 2, 4, 5, 6, 7
_WIDTHS = (132, 112, 156, 68, 0, 64, 78, 44)
_PATH_WIDTH = 200
_SIZES = (600, 400)
_EMPTY = (
    "Nothing was requested yet. Every request that this program makes is listed here while it is"
    " open; the list is not written to disk."
)
_NONE_SELECTED = "No request is selected."


class ActivityPane(QWidget):
    """The toolbar, the table of requests and the details of the selected one.

    `entry_selected` carries an Entry or None; it is emitted again when the same entry is to be
    shown in another way.
    """

    entry_selected = Signal(object)
    clear_requested = Signal()
    appeared = Signal()
    disappeared = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display or TimeDisplay(self)
        self._entry: Entry | None = None
        self._dropped = 0
        self._updating = False
        self.model = ActivityModel(self._time_display, self)
        self.table = FeedTable(
            stretch=_PATH,
            preferred_width=_PATH_WIDTH,
            optional=(_TRY, _CONNECTION, _DURATION, _WHO),
        )
        self._make_commands()
        self.toolbar = ActivityToolbar(theme)
        self.details = ActivityDetails(theme, self.copy_curl)
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.notice = Notice(theme)
        self._pages = QStackedWidget()
        self._set_up(theme)
        self._connect()
        self._show_rows()

    @property
    def entry(self) -> Entry | None:
        """The selected request, even if it was dropped from the list."""
        return self._entry

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of the texts; None for the computer's."""
        return self._time_display.zone

    @property
    def shows_codes(self) -> bool:
        """True if application codes are shown readable."""
        return self.show_codes.isChecked()

    def show_activity(self, activity: Activity) -> None:
        """Add new requests on top, and drop those that left the log."""
        self._dropped = activity.dropped
        self.model.add(activity.entries, activity.oldest)
        self._show_rows()

    def show_details(self, details: EntryDetails) -> None:
        """Show the selected request in detail."""
        self.details.show_details(details)

    def focus_filter(self) -> None:
        """Move the focus to the search field."""
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.appeared.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.disappeared.emit()

    def _make_commands(self) -> None:
        keys = QKeySequence.StandardKey
        self.filter = self._command("Filter requests", self.focus_filter, shortcut=keys.Find)
        self.only_failures = self._choice("Only failures", self._on_filter_changed)
        self.show_codes = self._choice("Show application codes", self._on_appearance_changed)
        self.follow = self._choice(
            "Follow new requests", self._on_follow_triggered, shortcut="Space"
        )
        self.copy_row = self._command("Copy row", self.table.copy_row, shortcut=keys.Copy)
        self.copy_curl = self._command("Copy as cURL", self._on_copy_curl, shortcut="Ctrl+Shift+C")
        self.clear = self._command("Clear the list of requests", self._on_clear)
        self.commands = (
            self.filter,
            self.only_failures,
            self.show_codes,
            self.follow,
            self.copy_row,
            self.copy_curl,
            self.clear,
        )

    def _command(self, name: str, run: Callable[[], object], *, shortcut: Shortcut = "") -> Command:
        return Command(name, Group.ACTIVITY, run, shortcut=shortcut, parent=self)

    def _choice(self, name: str, run: Callable[[], object], *, shortcut: Shortcut = "") -> Command:
        choice = self._command(name, run, shortcut=shortcut)
        choice.setCheckable(True)
        return choice

    def _set_up(self, theme: Theme) -> None:
        self.table.setAccessibleName("Requests of this program")
        # Connected before the table, which would move the selection to a neighbour.
        self.model.rowsAboutToBeRemoved.connect(self._on_rows_about_to_be_removed)
        self.table.setModel(self.model)
        self.model.rowsRemoved.connect(self._on_rows_removed)
        self.table.set_widths(*_WIDTHS)
        self.table.setItemDelegateForColumn(_STATUS, _StatusCells(self.model, theme, self))
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.details)
        for number, width in enumerate(_SIZES):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_SIZES)
        self._pages.addWidget(self.splitter)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.filter.add_to(self)
        self.copy_curl.add_to(self)
        for command in (self.copy_row, self.copy_curl, self.follow):
            command.add_to(self.table)
        self.toolbar.follow_commands(
            only_failures=self.only_failures,
            codes=self.show_codes,
            follow=self.follow,
            clear=self.clear,
        )
        self.toolbar.text_changed.connect(self._on_filter_changed)
        self.toolbar.escaped.connect(self.table.setFocus)
        self.toolbar.newest_requested.connect(self.table.show_newest)
        self.table.follow_changed.connect(self.follow.setChecked)
        self.table.unseen_changed.connect(self.toolbar.show_unseen)
        self.table.current_changed.connect(self._on_current_changed)
        self.notice.action_requested.connect(self._on_clear_filter)
        self._time_display.changed.connect(self._on_appearance_changed)

    def _show_rows(self) -> None:
        rows, total = self.model.rowCount(), self.model.total
        self.toolbar.show_count(rows, total, self._dropped)
        self.clear.set_disabled_reason("" if total else "The list is empty.")
        if rows or self._entry:
            self._pages.setCurrentWidget(self.splitter)
        else:
            self._pages.setCurrentWidget(self.notice)
            if total:
                self.notice.show_empty("No request matches the filter.", "Clear filter")
            else:
                self.notice.show_empty(_EMPTY)
        disabled_reason = "" if self._entry else _NONE_SELECTED
        self.copy_row.set_disabled_reason(disabled_reason)
        self.copy_curl.set_disabled_reason(disabled_reason)

    def _select(self, entry: Entry | None) -> None:
        self._entry = entry
        if entry is None:
            self.details.show_nothing()
        self._show_rows()
        self.entry_selected.emit(entry)

    def _on_current_changed(self, row: int) -> None:
        if not self._updating:
            self._select(self.model.record(row) if row >= 0 else None)

    def _on_rows_about_to_be_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        # The details of the selected request stay: it was dropped only to make room.
        self._updating = True
        if first <= self.table.currentIndex().row() <= last:
            self.table.selectionModel().clearCurrentIndex()

    def _on_rows_removed(self) -> None:
        self._updating = False

    def _on_filter_changed(self) -> None:
        selected, self._updating = self._entry, True
        self.model.set_filter(
            ActivityFilter(self.toolbar.search.text(), self.only_failures.isChecked())
        )
        row = self.model.row_of(selected.id) if selected else None
        if row is not None:
            self.table.selectRow(row)
        self._updating = False
        if selected and row is None:
            self._select(None)
        self._show_rows()

    def _on_clear_filter(self) -> None:
        self.toolbar.search.clear()
        self.only_failures.setChecked(False)
        self._on_filter_changed()

    def _on_appearance_changed(self) -> None:
        self.model.show_codes(on=self.shows_codes)
        if self._entry:
            self.entry_selected.emit(self._entry)

    def _on_follow_triggered(self) -> None:
        self.table.set_follow(self.follow.isChecked())

    def _on_copy_curl(self) -> None:
        if self._entry:
            copy_to_clipboard(curl_command(self._entry, codes=self.shows_codes))

    def _on_clear(self) -> None:
        self._select(None)
        self.clear_requested.emit()


class _StatusCells(QStyledItemDelegate):
    """The cells of the status, in the colour of danger if the request failed."""

    def __init__(self, model: ActivityModel, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme

    # Qt's side

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        entry = self._model.record(index.row())
        if entry and entry.failed:
            colour = QColor(self._theme.colours.danger)
            for name in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
                option.palette.setColor(name, colour)
