"""The dialog that lists the saved connections, with buttons to change them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.services.connections import Connection, Environment, Settings
from ibconsole.text import fold
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    Notice,
    ProgressLine,
    PushButton,
    heading,
)

_SIZE = (720, 420)
_ENVIRONMENT_TITLES = {
    Environment.SANDBOX: "Sandbox",
    Environment.TEST: "Test",
    Environment.PRODUCTION: "PRODUCTION",
}


def _environment(one: Connection) -> str:
    title = _ENVIRONMENT_TITLES[one.environment]
    return f"{title}, read-only" if one.is_read_only else title


COLUMNS: Sequence[Column[Connection]] = (
    Column("Name", lambda one: one.name, sort_key=lambda one: fold(one.name)),
    Column("Environment", _environment, tooltip=_environment),
    Column("Base URL", lambda one: one.base_url, tooltip=lambda one: one.base_url),
    Column("Authorization", lambda one: one.kind.label, tooltip=lambda one: one.identity),
)


class ConnectionsDialog(QDialog):
    """Lists the connections; emits a signal for everything that the user wants done."""

    open_requested = Signal(Connection)
    window_requested = Signal(Connection)
    add_requested = Signal()
    edit_requested = Signal(Connection)
    duplicate_requested = Signal(Connection)
    check_requested = Signal(Connection)
    remove_requested = Signal(Connection)
    doctor_requested = Signal()
    stop_requested = Signal()
    team_stop_requested = Signal()
    banner_action_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connections")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(theme)
        self.team_banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.table = RecordsTable(
            RecordsModel(COLUMNS, lambda one: one.id, self), stretch=2, optional=(3,)
        )
        self.notice = Notice(theme)
        self.open_button = PushButton("Open", theme, kind=ButtonKind.PRIMARY)
        self.open_in_window = PushButton("Open in a new window", theme)
        self.open_in_window.hide()
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
        """List the connections; keeps the selection, or selects the one opened last."""
        selected = self.table.selected_record
        self.table.show_records(settings.connections)
        if settings.connections:
            self._pages.setCurrentWidget(self.table)
        else:
            self.notice.show_empty(
                "A connection is an account on the platform: its address and your credential.",
                "Add a connection",
                "link",
            )
            self._pages.setCurrentWidget(self.notice)
        self.table.select_records(selected.id if selected else settings.last_opened or None)
        self._enable_buttons()

    def show_busy(self, *, on: bool, sentence: str = "") -> None:
        """Show whether the keyring or the platform is being asked."""
        if on and not self._busy:
            self._focused = self.focusWidget()
        self._busy = on
        self.progress.set_busy(on=on)
        self.stop.setVisible(on)
        if sentence:
            self.banner.show_notice(Severity.INFO, sentence, closable=False)
        self._enable_buttons()
        if self._focused and not on:  # Qt takes the focus from disabled widgets
            self._focused.setFocus()
            self._focused = None

    def show_result(
        self, severity: Severity, sentence: str, details: str = "", *, action: str = ""
    ) -> None:
        """Show the result of an operation, and a button for what can be done about it."""
        self.show_busy(on=False)
        self.banner.show_notice(severity, sentence, details=details, action=action)

    def _enable_buttons(self) -> None:
        enabled = self.table.selected_record is not None and not self._busy
        needing = (self.open_button, self.open_in_window, self.edit, self.duplicate)
        for button in (*needing, self.check, self.remove):
            button.setEnabled(enabled)
        self.add.setEnabled(not self._busy)

    def _connect(self) -> None:
        self.table.record_selected.connect(self._enable_buttons)
        self.table.doubleClicked.connect(self._on_open_clicked)
        self.table.activated.connect(self._on_open_clicked)
        self.table.delete_pressed.connect(self._on_remove_clicked)
        self.open_button.clicked.connect(self._on_open_clicked)
        self.open_in_window.clicked.connect(self._on_window_clicked)
        self.add.clicked.connect(self.add_requested)
        self.notice.action_requested.connect(self.add_requested)
        self.edit.clicked.connect(lambda: self.edit_requested.emit(self.table.selected_record))
        self.duplicate.clicked.connect(
            lambda: self.duplicate_requested.emit(self.table.selected_record)
        )
        self.check.clicked.connect(lambda: self.check_requested.emit(self.table.selected_record))
        self.remove.clicked.connect(self._on_remove_clicked)
        self.doctor.clicked.connect(self.doctor_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.banner.action_requested.connect(self.banner_action_requested)
        self.team_banner.action_requested.connect(self._on_team_stop_requested)
        self.close_button.clicked.connect(self.reject)
        self.open_button.setDefault(True)

    def _on_team_stop_requested(self) -> None:
        self.team_banner.clear()
        self.team_stop_requested.emit()

    def _on_open_clicked(self) -> None:
        if self.open_button.isEnabled():
            self.open_requested.emit(self.table.selected_record)
            self.accept()

    def _on_window_clicked(self) -> None:
        self.window_requested.emit(self.table.selected_record)
        self.accept()

    def _on_remove_clicked(self) -> None:
        if self.remove.isEnabled():
            self.remove_requested.emit(self.table.selected_record)

    def _lay_out(self) -> None:
        self.table.setAccessibleName("Connections")
        self.table.set_widths(150, 116, 0, 200, by_content=True)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.notice)
        column = QVBoxLayout()
        column.setSpacing(2 * SPACE)
        opening = (self.open_button, self.open_in_window)
        for button in (*opening, self.add, self.edit, self.duplicate, self.check):
            column.addWidget(button)
        column.addWidget(self.remove)
        column.addStretch(1)
        column.addWidget(self.stop)
        column.addWidget(self.doctor)
        column.addWidget(self.close_button)
        row = QHBoxLayout()
        row.setSpacing(3 * SPACE)
        banners = BannerOverlay(self._pages, self.team_banner, self.banner, elastic=self.table)
        self._pages.currentChanged.connect(banners.update_room)
        row.addWidget(banners, 1)
        row.addLayout(column)
        inner = QVBoxLayout()
        inner.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        inner.setSpacing(3 * SPACE)
        inner.addWidget(heading("Connections"))
        inner.addLayout(row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(inner, 1)
        self.resize(*_SIZE)
