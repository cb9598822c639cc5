"""Lists the saved connections, and offers what can be done with them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ibconsole.services.connections import Connection, Settings
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import Banner, ButtonKind, Notice, ProgressLine, PushButton, heading

_SIZE = (720, 420)
_ENVIRONMENTS = {"sandbox": "Sandbox", "test": "Test", "production": "PRODUCTION"}

COLUMNS: Sequence[Column[Connection]] = (
    Column("Name", lambda one: one.name, sort_key=lambda one: one.name.casefold()),
    Column("Environment", lambda one: _ENVIRONMENTS[one.environment.value]),
    Column("Base URL", lambda one: one.base_url, tooltip=lambda one: one.base_url),
    Column("Authorization", lambda one: one.kind.label, tooltip=lambda one: one.identity),
)


class ConnectionsDialog(QDialog):
    """Shows the connections; asks its owner for everything else."""

    open_requested = Signal(Connection)
    add_requested = Signal()
    edit_requested = Signal(Connection)
    duplicate_requested = Signal(Connection)
    check_requested = Signal(Connection)
    remove_requested = Signal(Connection)
    doctor_requested = Signal()
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connections")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.table = RecordsTable(
            RecordsModel(COLUMNS, lambda one: one.id, self), stretch=2, optional=(3,)
        )
        self.notice = Notice(theme)
        self.open_button = PushButton("Open", theme, kind=ButtonKind.PRIMARY)
        self.add = PushButton("Add…", theme)
        self.edit = PushButton("Edit…", theme)
        self.duplicate = PushButton("Duplicate", theme)
        self.check = PushButton("Test", theme)
        self.remove = PushButton("Remove…", theme, kind=ButtonKind.DANGER)
        self.doctor = PushButton("Keyring doctor…", theme)
        self.stop = PushButton("Stop waiting", theme)
        self.close_button = PushButton("Close", theme)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._busy = False
        self._focused: QWidget | None = None
        self.show_busy(on=False)

    def show_settings(self, settings: Settings) -> None:
        """Show these connections; the chosen one stays so, else the one opened last is."""
        chosen = self.table.selected_record
        self.table.show_records(settings.connections)
        if settings.connections:
            self._pages.setCurrentWidget(self.table)
        else:
            self.notice.show_empty(
                "A connection is an account on the platform: its address, and who you are there.",
                "Add a connection",
                "link",
            )
            self._pages.setCurrentWidget(self.notice)
        self.table.select_records(chosen.id if chosen else settings.last_opened or None)
        self._offer()

    def show_busy(self, *, on: bool, words: str = "") -> None:
        """The keyring or the platform was asked."""
        if on and not self._busy:
            self._focused = self.focusWidget()
        self._busy = on
        self.progress.set_busy(on=on)
        self.stop.setVisible(on)
        if words:
            self.banner.show_notice("info", words, closable=False)
        self._offer()
        if self._focused and not on:  # Qt takes it from what is disabled
            self._focused.setFocus()
            self._focused = None

    def show_told(self, kind: str, sentence: str, details: str = "") -> None:
        """How something went."""
        self.show_busy(on=False)
        self.banner.show_notice(kind, sentence, details=details)

    def _offer(self) -> None:
        chosen = self.table.selected_record is not None and not self._busy
        for button in (self.open_button, self.edit, self.duplicate, self.check, self.remove):
            button.setEnabled(chosen)
        self.add.setEnabled(not self._busy)

    def _connect(self) -> None:
        self.table.record_selected.connect(self._offer)
        self.table.doubleClicked.connect(self._on_open_clicked)
        self.table.activated.connect(self._on_open_clicked)
        self.table.delete_pressed.connect(self._on_remove_clicked)
        self.open_button.clicked.connect(self._on_open_clicked)
        self.add.clicked.connect(self.add_requested)
        self.notice.action_requested.connect(self.add_requested)
        self.edit.clicked.connect(lambda: self._ask(self.edit_requested))
        self.duplicate.clicked.connect(lambda: self._ask(self.duplicate_requested))
        self.check.clicked.connect(lambda: self._ask(self.check_requested))
        self.remove.clicked.connect(self._on_remove_clicked)
        self.doctor.clicked.connect(self.doctor_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.close_button.clicked.connect(self.reject)
        self.open_button.setDefault(True)

    def _on_open_clicked(self) -> None:
        if self.open_button.isEnabled():
            self.open_requested.emit(self.table.selected_record)
            self.accept()

    def _on_remove_clicked(self) -> None:
        if self.remove.isEnabled():
            self.remove_requested.emit(self.table.selected_record)

    def _ask(self, signal: object) -> None:
        signal.emit(self.table.selected_record)  # type: ignore[attr-defined]  # one of the signals above

    def _lay_out(self) -> None:
        self.table.setAccessibleName("Connections")
        self.table.set_widths(150, 116, 0, 200)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.notice)
        column = QVBoxLayout()
        column.setSpacing(2 * SPACE)
        for button in (self.open_button, self.add, self.edit, self.duplicate, self.check):
            column.addWidget(button)
        column.addWidget(self.remove)
        column.addStretch(1)
        column.addWidget(self.stop)
        column.addWidget(self.doctor)
        column.addWidget(self.close_button)
        row = QHBoxLayout()
        row.setSpacing(3 * SPACE)
        row.addWidget(self._pages, 1)
        row.addLayout(column)
        inner = QVBoxLayout()
        inner.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        inner.setSpacing(3 * SPACE)
        inner.addWidget(heading("Connections"))
        inner.addLayout(row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.progress)
        layout.addLayout(inner, 1)
        self.resize(*_SIZE)
