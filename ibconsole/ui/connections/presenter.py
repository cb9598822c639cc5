"""Opens connections for the bar and the page, and offers the commands that change them."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from ibconsole.errors import Severity, UserError
from ibconsole.secret import Secret
from ibconsole.services.connections import COLOURS, Connection, Settings, new_id
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.connections.connecting_page import ConnectingPage, OpeningFailure
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.connection_editor import ConnectionEditor, EditingService
from ibconsole.ui.connections.saved_connections import SavedConnections, SavedConnectionService
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks

OPEN = "open connection"
READ = "read connections"


class SetupPage(StrEnum):
    """The pages in the upper half of the window."""

    GREETING = "greeting"  # no connection is saved yet
    CONNECTING = "connecting"
    SETUP = "setup"


class ConnectionService(EditingService, SavedConnectionService, Protocol):
    """The saved connections and the open one."""

    @property
    def notice(self) -> str: ...
    @property
    def opened(self) -> ConnectionStatus: ...
    async def settings(self) -> Settings: ...
    async def open(self, uuid: str, /) -> None: ...
    async def close(self) -> None: ...
    async def enter_secret(self, uuid: str, secret: Secret, /, *, for_session: bool) -> None: ...


class ConnectionsPresenter(QObject):
    """Opens one connection at a time; `ConnectionEditor` and `SavedConnections` change them.

    `settings_changed` is emitted when the saved connections differ from before. `page_changed`
    carries the `SetupPage` to show. `notice_raised` carries a severity and a sentence that belong
    to no pane, `window_requested` a connection to be opened in another window.
    """

    page_changed = Signal(str)
    settings_changed = Signal()
    notice_raised = Signal(Severity, str)
    doctor_requested = Signal()
    window_requested = Signal(Connection)

    def __init__(
        self,
        bar: ConnectionBar,
        page: ConnectingPage,
        service: ConnectionService,
        tasks: UiTasks,
        theme: Theme,
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._page = page
        self._service = service
        self._tasks = tasks
        self._editor = ConnectionEditor(service, tasks, theme, self._on_saved, self)
        self._saved = SavedConnections(service, tasks, theme, self.load, bar)
        self._opening: Connection | None = None
        self._failed: OpeningFailure | None = None
        self._status = ConnectionStatus()
        self._unreadable = ""
        self._has_status = False
        self._offers_windows = False
        self.settings = Settings()
        group = Group.CONNECTION
        self.switch = Command(
            "Open connection…", group, bar.open_menu, shortcut="Ctrl+O", parent=self
        )
        self.add = Command("Add a connection…", group, self._on_add, parent=self)
        self.edit = Command("Edit this connection…", group, self._on_edit, parent=self)
        self.check = Command("Test this connection", group, self._on_check, parent=self)
        self.close = Command("Close this connection", group, self._on_close, parent=self)
        self.manage = Command(
            "Connections…", group, self._on_manage, shortcut="Ctrl+Shift+O", parent=self
        )
        self.doctor = Command("Keyring doctor…", group, self.doctor_requested.emit, parent=self)
        self._connect()

    def _connect(self) -> None:
        bar, page = self._bar, self._page
        bar.connection_selected.connect(self.start_opening)
        bar.follow(self.manage, self.add, self.switch)
        page.cancel_requested.connect(self._on_cancel_requested)
        page.retry_requested.connect(self._on_retry_requested)
        page.edit_requested.connect(self._on_edit_requested)
        page.manage_requested.connect(self.manage.trigger)
        page.back_requested.connect(self._on_back_requested)
        page.doctor_requested.connect(self.doctor_requested)
        page.secret_entered.connect(self._on_secret_entered)
        self._editor.doctor_requested.connect(self.doctor_requested)
        self._saved.notice_raised.connect(self.notice_raised)
        self._update_commands()

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands for connections, in the order of the menu."""
        return (self.switch, self.add, self.edit, self.check, self.close, self.manage, self.doctor)

    def show_status(self, status: Status) -> None:
        """Show the open connection, if it has changed."""
        if status.connection == self._status and self._has_status:
            return
        self._has_status = True
        self._status = status.connection
        self._bar.show_connections(self.settings.connections, self._status.id)
        self._update_commands()
        self._show_page()

    async def start(self, *, name: str = "") -> None:
        """Show the saved connections, and open the named one, else the one opened last.

        Opens nothing if a connection is open already, or if the name is unknown.
        """
        await self.load()
        if self._service.opened.base_url:  # `show_status` may not have been called yet
            return
        named = self.settings.named(name) if name else None
        if name and not named:
            self.notice_raised.emit(Severity.DANGER, f"There is no connection called {name}.")
        last = self.settings.connection(self.settings.last_opened)
        if connection := named or (None if name else last):
            self.start_opening(connection)

    async def load(self) -> None:
        """Read the settings again."""
        before = self.settings.connections
        try:
            self.settings = await self._service.settings()
            self._unreadable = ""
            if self._failed and not self.settings.connection(self._failed.connection.id):
                self._failed = None
        except UserError as error:
            self._unreadable = str(error)
            self.notice_raised.emit(Severity.DANGER, str(error))
        if self._service.notice:
            self.notice_raised.emit(Severity.WARNING, self._service.notice)
        self._bar.show_connections(self.settings.connections, self._status.id)
        if self._saved.dialog:
            self._saved.dialog.show_settings(self.settings)
        self._update_commands()
        self._show_page()
        if self.settings.connections != before:
            self.settings_changed.emit()

    def offer_window(self, command: Command) -> None:
        """Offer other windows: this command, and to open a listed connection in one."""
        self._offers_windows = True
        self._bar.offer(command)

    def follow_changes(self) -> None:
        """Read the connections again, which were changed in another window."""
        self._tasks.start(READ, self._follow_changes)

    async def _follow_changes(self) -> None:
        """Show the saved connections; open this window's anew, or close it if it was removed."""
        before = self.opened
        await self.load()
        if before is None or self._unreadable or self.is_opening or self.opened == before:
            return
        if self.opened:
            self.start_opening(self.opened)
        else:
            self._on_close()
            sentence = f"{before.name} was removed in another window, so it was closed here."
            self.notice_raised.emit(Severity.INFO, sentence)

    def start_opening(self, connection: Connection) -> None:
        """Open the connection in a background task."""
        self._tasks.start(OPEN, self.open, connection)

    async def open(self, connection: Connection) -> None:
        """Open the connection; until that succeeds, the previous one stays open."""
        await self._attempt(connection, lambda: self._service.open(connection.id))
        await self.load()

    async def enter_secret(
        self, connection: Connection, secret: Secret, *, for_session: bool
    ) -> None:
        """Store the secret of a connection that could not be opened without it, and open it."""
        await self._attempt(
            connection,
            lambda: self._service.enter_secret(connection.id, secret, for_session=for_session),
        )
        if not self._failed:
            await self.open(connection)

    async def _attempt(self, connection: Connection, work: Callable[[], Awaitable[None]]) -> None:
        """Show that the connection is being opened, and then why it could not be."""
        self._opening, self._failed = connection, None
        self._show_page()
        try:
            await work()
        except UserError as error:
            self._failed = OpeningFailure(connection, error)
        finally:
            self._opening = None
            self._show_page()
        if self._failed:
            self._page.focus_secret()

    async def _on_saved(self, saved: Connection, new: bool) -> None:
        """Open a connection that was added, is open, or was edited because it did not open."""
        was_failed = self._failed is not None and self._failed.connection.id == saved.id
        self._failed = None
        if new and self._saved.dialog:
            self._saved.dialog.accept()
        await self.load()
        if new or was_failed or self._status.id == saved.id or not self._status.base_url:
            self.start_opening(saved)

    def _on_manage(self) -> None:
        dialog = self._saved.open_dialog()
        dialog.show_settings(self.settings)
        dialog.open_requested.connect(self.start_opening)
        dialog.window_requested.connect(self.window_requested)
        dialog.open_in_window.setVisible(self._offers_windows)
        dialog.add_requested.connect(self._on_add)
        dialog.edit_requested.connect(self._edit)
        dialog.doctor_requested.connect(self.doctor_requested)
        self._tasks.start(READ, self.load)

    @property
    def opened(self) -> Connection | None:
        """The saved connection that is open, None if there is none."""
        return self.settings.connection(self._status.id)

    @property
    def is_opening(self) -> bool:
        """True from `start_opening` until the connection is open, or could not be opened."""
        return self._tasks.running(OPEN)

    def add_draft(self, draft: Connection, secret: Secret | None = None) -> None:
        """Open the form of a new connection with these values; nothing is saved or sent yet."""
        used = {connection.colour for connection in self.settings.connections}
        colour = next((one for one in COLOURS if one not in used), COLOURS[0])
        dialog = self._editor.open(replace(draft, colour=colour), self._bar.window(), new=True)
        if secret:
            dialog.form.secret.setText(secret.reveal())

    def _on_add(self) -> None:
        self.add_draft(Connection(id=new_id(), name="", base_url=""))

    def _edit(self, connection: Connection) -> None:
        self._editor.open(connection, self._bar.window(), new=False)

    def _on_edit(self) -> None:
        if connection := self.settings.connection(self._status.id):
            self._edit(connection)

    def _on_check(self) -> None:
        if connection := self.settings.connection(self._status.id):
            self._saved.start_check(connection)

    def _on_close(self) -> None:
        self._tasks.start(OPEN, self._service.close)

    def _on_cancel_requested(self) -> None:
        self._tasks.cancel(OPEN)

    def _on_retry_requested(self) -> None:
        if self._failed:
            self.start_opening(self._failed.connection)
        else:
            self._tasks.start(READ, self.load)

    def _on_edit_requested(self) -> None:
        if self._failed:
            self._edit(self._failed.connection)

    def _on_secret_entered(self, secret: Secret, for_session: bool) -> None:
        if self._failed:
            connection = self._failed.connection
            self._tasks.start(OPEN, self.enter_secret, connection, secret, for_session=for_session)

    def _on_back_requested(self) -> None:
        self._failed = None
        self._show_page()

    def _show_page(self) -> None:
        if self._opening:
            self._page.show_opening(self._opening)
        elif self._failed:
            self._page.show_failed(self._failed, previous=self._status.name)
        else:
            self._page.clear_secret()
            self._show_idle_page()
            return
        self.page_changed.emit(SetupPage.CONNECTING)

    def _show_idle_page(self) -> None:
        if self._status.base_url:
            self.page_changed.emit(SetupPage.SETUP)
            return
        if self._unreadable:
            self._page.show_unreadable(self._unreadable)
        elif not self.settings.connections:
            self.page_changed.emit(SetupPage.GREETING)
            return
        else:
            self._page.show_none()
        self.page_changed.emit(SetupPage.CONNECTING)

    def _update_commands(self) -> None:
        saved = self.settings.connection(self._status.id)
        disabled_reason = "" if saved else "No saved connection is open."
        self.edit.set_disabled_reason(disabled_reason)
        self.check.set_disabled_reason(disabled_reason)
        self.close.set_disabled_reason("" if self._status.base_url else "No connection is open.")
        self.switch.set_disabled_reason(
            "" if self.settings.connections else "There is no connection yet."
        )
