"""The pane of the audit: the filters, the list of calls, and one call in detail."""

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.services.audit import AuditCall, AuditCalls, AuditFilter
from ibconsole.ui.audit.call_table import CallTable
from ibconsole.ui.audit.details import AuditDetails
from ibconsole.ui.audit.model import CallDetails
from ibconsole.ui.audit.toolbar import AuditToolbar
from ibconsole.ui.tables import FeedPage
from ibconsole.ui.toolkit import (
    ApplicationNames,
    Command,
    Group,
    Shortcut,
    Theme,
    TimeDisplay,
    copy_to_clipboard,
)
from ibconsole.ui.widgets import Splitter

_SIZES = (700, 300)
_EMPTY = (
    "Nothing was changed in an account and nothing was pulled yet. Each change and each pull is"
    " recorded here before it is sent, also those of other processes, and is kept."
)
_NONE_SELECTED = "No row is selected."


class AuditPane(QWidget):
    """The toolbar, the list of calls and the details of the selected one.

    `call_selected` carries an AuditCall or None, `filter_changed` is emitted when other calls are
    wanted, `older_wanted` near the end of the list, and `tab_wanted` by commands whose result is
    seen in the tab alone.
    """

    call_selected = Signal(object)
    filter_changed = Signal()
    older_wanted = Signal()
    retry_requested = Signal()
    verify_requested = Signal()
    export_requested = Signal()
    tab_wanted = Signal()
    appeared = Signal()
    disappeared = Signal()

    def __init__(
        self,
        names: ApplicationNames,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display or TimeDisplay(self)
        self._names = names
        self._rest: int | None = None
        self._kept = ""
        self.theme = theme
        self.setAccessibleName("Audit")
        self.table = CallTable(theme, names, time_display=self._time_display)
        self.model = self.table.feed
        self._make_commands()
        self.toolbar = AuditToolbar(theme, names)
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.page = FeedPage(self.toolbar, self.splitter, theme)
        self.details = AuditDetails(theme, self.copy_call)
        self._lay_out()
        self._connect()
        self._update_commands()

    @property
    def chosen(self) -> AuditFilter:
        """The filter of the list."""
        return self.toolbar.chosen

    @property
    def call(self) -> AuditCall | None:
        """The selected call."""
        return self.table.call

    @property
    def rest(self) -> int | None:
        """The row before which there are older calls; None if all are listed."""
        return self._rest

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of the texts; None for the computer's."""
        return self._time_display.zone

    def name_of(self, call: AuditCall) -> str:
        """Return the name of a call's application, or its masked code; empty if it has none."""
        return self._names(call.code) if call.code else ""

    def show_loading(self) -> None:
        """Show progress; the rows stay."""
        self.page.show_loading()

    def show_calls(self, found: AuditCalls) -> None:
        """List these calls in place of the others; one that is selected stays so if it is there."""
        selected = self.call
        self.model.replace_calls(found.calls)
        self._rest = found.rest
        if selected:
            self.table.select_call(selected.id)
        self._show_rows()

    def add_calls(self, found: AuditCalls) -> None:
        """Add newer calls, or other states of known ones."""
        selected = self.call
        self.model.add_calls(found.calls)
        self._show_rows()
        if selected and self.call != selected:
            self.call_selected.emit(self.call)

    def add_older_calls(self, found: AuditCalls) -> None:
        """Add calls at the end of the list."""
        self.model.add_older_calls(found.calls)
        self._rest = found.rest
        self._show_rows()

    def show_failed(self, error: UserError) -> None:
        """Show why nothing can be read; rows that are there stay, marked as old."""
        self.page.show_failed(str(error), error.details)

    def show_details(self, details: CallDetails) -> None:
        """Show the selected call in detail."""
        self.details.show_details(details)

    def show_verification(self, severity: Severity, sentence: str, kept: str) -> None:
        """Show what a verification found; `kept` is the row and its hash to keep elsewhere."""
        self._kept = kept
        action = "Copy row and hash" if kept else ""
        self.page.banner.show_notice(severity, sentence, action=action)

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
        self.filter = self._command("Filter the audit", self._on_filter)
        self.follow = self._command("Follow new calls", self._on_follow, shortcut="Space")
        self.follow.setCheckable(True)
        self.copy_row = self._command(
            "Copy row of the audit", self.table.copy_row, shortcut=keys.Copy
        )
        self.copy_call = self._command(
            "Copy call as JSON", self._on_copy_call, shortcut="Ctrl+Shift+C"
        )
        self.export = self._command("Export the audit…", self.export_requested.emit)
        self.verify = self._command("Verify the audit", self._on_verify)
        self.commands = (
            self.filter,
            self.follow,
            self.copy_row,
            self.copy_call,
            self.export,
            self.verify,
        )

    def _command(self, name: str, run: Callable[[], object], *, shortcut: Shortcut = "") -> Command:
        return Command(name, Group.ACTIVITY, run, shortcut=shortcut, parent=self)

    def _lay_out(self) -> None:
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.details)
        for number, width in enumerate(_SIZES):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_SIZES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)

    def _connect(self) -> None:
        self.copy_call.add_to(self)
        for command in (self.copy_row, self.copy_call, self.follow):
            command.add_to(self.table)
        self.toolbar.follow_commands(follow=self.follow, verify=self.verify, export=self.export)
        self.toolbar.filter_changed.connect(self.filter_changed)
        self.toolbar.escaped.connect(self.table.setFocus)
        self.toolbar.newest_requested.connect(self.table.show_newest)
        self.table.follow_changed.connect(self.follow.setChecked)
        self.table.unseen_changed.connect(self.toolbar.show_unseen)
        self.table.call_selected.connect(self._on_call_selected)
        self.table.older_wanted.connect(self._on_older_wanted)
        self.page.retry_requested.connect(self.retry_requested)
        self.page.action_requested.connect(self.toolbar.clear_filter)
        self.page.banner.action_requested.connect(lambda: copy_to_clipboard(self._kept))
        self._time_display.changed.connect(self._on_appearance_changed)
        self._names.changed.connect(self._on_appearance_changed)

    def _show_rows(self) -> None:
        rows = self.model.rowCount()
        self.toolbar.show_count(rows, has_more=self._rest is not None)
        if rows:
            self.page.show_table()
        elif self.toolbar.is_filtering:
            self.page.show_empty("No call matches the filter.", "Clear filter")
        else:
            self.page.show_empty(_EMPTY)
        self._update_commands()

    def _update_commands(self) -> None:
        reason = "" if self.call else _NONE_SELECTED
        self.copy_row.set_disabled_reason(reason)
        self.copy_call.set_disabled_reason(reason)

    def _on_call_selected(self, call: object) -> None:
        if call is None:
            self.details.show_nothing()
        self._update_commands()
        self.call_selected.emit(call)

    def _on_older_wanted(self) -> None:
        if self._rest is not None:
            self.older_wanted.emit()

    def _on_appearance_changed(self) -> None:
        self.model.refresh()
        if self.call:
            self.call_selected.emit(self.call)

    def _on_filter(self) -> None:
        self.tab_wanted.emit()
        self.focus_filter()

    def _on_verify(self) -> None:
        self.tab_wanted.emit()
        self.verify_requested.emit()

    def _on_follow(self) -> None:
        self.table.set_follow(self.follow.isChecked())

    def _on_copy_call(self) -> None:
        self.details.copy_as_json()
