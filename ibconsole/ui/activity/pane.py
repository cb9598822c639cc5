"""The pane of the requests that the program makes: the list, and one request in detail."""

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.request_log import Activity, Entry, curl_command
from ibconsole.ui.activity.details import ActivityDetails
from ibconsole.ui.activity.entry_table import EntryTable
from ibconsole.ui.activity.model import ActivityFilter, EntryDetails
from ibconsole.ui.activity.toolbar import ActivityToolbar
from ibconsole.ui.toolkit import (
    CodeDisplay,
    Command,
    Group,
    Shortcut,
    Theme,
    TimeDisplay,
    copy_to_clipboard,
)
from ibconsole.ui.widgets import Notice, Splitter, open_dialog

_SIZES = (600, 400)
_EMPTY = (
    "Nothing was requested yet. Every request that this program makes is listed here while it is"
    " open; the list is not written to disk."
)
_NONE_SELECTED = "No request is selected."


class ActivityPane(QWidget):
    """The toolbar, the table of requests and the details of the selected one.

    `entry_selected` carries an Entry or None; it is emitted again when the same entry is to be
    shown in another way. `save_requested` carries entries, oldest first, and the name of a file.
    """

    entry_selected = Signal(object)
    clear_requested = Signal()
    save_requested = Signal(object, str)
    succeeded = Signal(str)
    appeared = Signal()
    disappeared = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._codes = codes or CodeDisplay(self)
        self._time_display = time_display or TimeDisplay(self)
        self.setAccessibleName("Activity")
        self._dropped = 0
        self.table = EntryTable(theme, time_display=self._time_display, codes=self._codes)
        self.model = self.table.feed
        self._make_commands()
        self.toolbar = ActivityToolbar(theme)
        self.details = ActivityDetails(theme, self.copy_curl)
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.notice = Notice(theme)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_rows()

    @property
    def entry(self) -> Entry | None:
        """The selected request, even if it was dropped from the list."""
        return self.table.entry

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of the texts; None for the computer's."""
        return self._time_display.zone

    @property
    def shows_codes(self) -> bool:
        """True if application codes are shown readable."""
        return self._codes.reveals(wanted=self.show_codes.isChecked())

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
        self.filter = self._command("Filter requests", self.focus_filter)
        self.only_failures = self._choice("Only failures", self._on_filter_changed)
        self.show_codes = self._choice("Show application codes", self._on_appearance_changed)
        self.follow = self._choice(
            "Follow new requests", self._on_follow_triggered, shortcut="Space"
        )
        self.copy_row = self._command("Copy row", self.table.copy_row, shortcut=keys.Copy)
        self.copy_curl = self._command("Copy as cURL", self._on_copy_curl, shortcut="Ctrl+Shift+C")
        self.save = self._command("Save listed requests as HAR…", self._on_save)
        self.clear = self._command("Clear the list of requests", self._on_clear)
        self.commands = (
            self.filter,
            self.only_failures,
            self.show_codes,
            self.follow,
            self.copy_row,
            self.copy_curl,
            self.save,
            self.clear,
        )

    def _command(self, name: str, run: Callable[[], object], *, shortcut: Shortcut = "") -> Command:
        return Command(name, Group.ACTIVITY, run, shortcut=shortcut, parent=self)

    def _choice(self, name: str, run: Callable[[], object], *, shortcut: Shortcut = "") -> Command:
        choice = self._command(name, run, shortcut=shortcut)
        choice.setCheckable(True)
        return choice

    def _lay_out(self) -> None:
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
        self.table.entry_selected.connect(self._on_entry_selected)
        self.notice.action_requested.connect(self._on_clear_filter)
        self._time_display.changed.connect(self._on_appearance_changed)
        self._codes.changed.connect(self._follow_policy)
        self._follow_policy()

    def _show_rows(self) -> None:
        rows, total = self.model.rowCount(), self.model.total
        self.toolbar.show_count(rows, total, self._dropped)
        self.clear.set_disabled_reason("" if total else "The list is empty.")
        self.save.set_disabled_reason("" if rows else "No request is listed.")
        if rows or self.entry:
            self._pages.setCurrentWidget(self.splitter)
        else:
            self._pages.setCurrentWidget(self.notice)
            if total:
                self.notice.show_empty("No request matches the filter.", "Clear filter")
            else:
                self.notice.show_empty(_EMPTY)
        disabled_reason = "" if self.entry else _NONE_SELECTED
        self.copy_row.set_disabled_reason(disabled_reason)
        self.copy_curl.set_disabled_reason(disabled_reason)

    def _on_entry_selected(self, entry: object) -> None:
        if entry is None:
            self.details.show_nothing()
        self._show_rows()
        self.entry_selected.emit(entry)

    def _on_filter_changed(self) -> None:
        self.table.set_filter(
            ActivityFilter(self.toolbar.search.text(), self.only_failures.isChecked())
        )
        self._show_rows()

    def _on_clear_filter(self) -> None:
        self.toolbar.search.clear()
        self.only_failures.setChecked(False)
        self._on_filter_changed()

    def _follow_policy(self) -> None:
        why = self._codes.why_masked
        if why:
            self.show_codes.setChecked(False)
        self.show_codes.set_disabled_reason(why)
        self.toolbar.codes.lock(why)
        self._on_filter_changed()
        self._on_appearance_changed()

    def _on_appearance_changed(self) -> None:
        self.model.show_codes(on=self.shows_codes)
        if self.entry:
            self.entry_selected.emit(self.entry)

    def _on_follow_triggered(self) -> None:
        self.table.set_follow(self.follow.isChecked())

    def _on_copy_curl(self) -> None:
        if self.entry:
            copy_to_clipboard(curl_command(self.entry, codes=self.shows_codes))

    def _on_save(self) -> None:
        entries = self.model.listed
        dialog = QFileDialog(self.window(), "Save requests")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("HTTP archive (*.har)")
        dialog.selectFile("requests.har")
        dialog.fileSelected.connect(lambda path: self.save_requested.emit(entries, path))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _on_clear(self) -> None:
        self.table.select_entry(None)
        self.clear_requested.emit()
