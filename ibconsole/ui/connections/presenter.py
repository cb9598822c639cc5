"""Opens, adds, edits, tests and removes connections for the bar, the page and the dialogs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    COLOURS,
    CheckResult,
    Connection,
    InvalidConnection,
    Settings,
    VaultError,
    new_id,
)
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.connections.connecting_page import ConnectingPage
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connection_form import ConnectionDraft
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks

OPEN = "open connection"
CHANGE = "change connections"

_TESTING = "Asking the platform for the list of applications; no message is pulled."
_SAVING = "Saving the secret in your keyring, which may be asking for its password."


class SetupPage(StrEnum):
    """The pages in the upper half of the window."""

    GREETING = "greeting"  # no connection is saved yet
    CONNECTING = "connecting"
    SETUP = "setup"


class ConnectionService(Protocol):
    """The saved connections and the open one."""

    @property
    def notice(self) -> str: ...
    async def settings(self) -> Settings: ...
    async def open(self, uuid: str, /) -> None: ...
    async def close(self) -> None: ...
    async def check(self, connection: Connection, secret: Secret | None, /) -> CheckResult: ...
    async def add(
        self, connection: Connection, secret: Secret, /, *, for_session: bool = False
    ) -> Connection: ...
    async def edit(
        self, connection: Connection, secret: Secret | None, /, *, for_session: bool = False
    ) -> Connection: ...
    async def duplicate(self, uuid: str, /) -> Connection: ...
    async def remove(self, uuid: str, /, *, messages: bool) -> int: ...
    async def messages_of(self, uuid: str, /) -> int: ...


@dataclass(frozen=True, slots=True)
class _FailedOpening:
    connection: Connection
    sentence: str


class ConnectionsPresenter(QObject):
    """Opens one connection at a time, and changes the saved ones.

    `page_changed` carries the `SetupPage` to show. `notice_raised` carries a severity and a
    sentence that belong to no pane.
    """

    page_changed = Signal(str)
    notice_raised = Signal(Severity, str)
    doctor_requested = Signal()

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
        self._theme = theme
        self._opening: Connection | None = None
        self._failed: _FailedOpening | None = None
        self._dialog: ConnectionsDialog | None = None
        self._status = ConnectionStatus()
        self._unreadable = ""
        self._has_status = False
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
        if self._status.base_url:
            return
        named = self.settings.named(name) if name else None
        if name and not named:
            self.notice_raised.emit(Severity.DANGER, f"There is no connection called {name}.")
        last = self.settings.connection(self.settings.last_opened)
        if connection := named or (None if name else last):
            self.start_opening(connection)

    async def load(self) -> None:
        """Read the settings again."""
        try:
            self.settings = await self._service.settings()
            self._unreadable = ""
        except UserError as error:
            self._unreadable = str(error)
            self.notice_raised.emit(Severity.DANGER, str(error))
        if self._service.notice:
            self.notice_raised.emit(Severity.WARNING, self._service.notice)
        self._bar.show_connections(self.settings.connections, self._status.id)
        if self._dialog:
            self._dialog.show_settings(self.settings)
        self._update_commands()
        self._show_page()

    def start_opening(self, connection: Connection) -> None:
        """Open the connection in a background task."""
        self._tasks.start(OPEN, self.open, connection)

    async def open(self, connection: Connection) -> None:
        """Open the connection; until that succeeds, the previous one stays open."""
        self._opening, self._failed = connection, None
        self._show_page()
        try:
            await self._service.open(connection.id)
        except UserError as error:
            self._failed = _FailedOpening(connection, str(error))
        finally:
            self._opening = None
            self._show_page()
        await self.load()

    async def save(self, draft: ConnectionDraft, dialog: ConnectionDialog, *, new: bool) -> None:
        """Add or change a connection; the dialog closes only if that succeeds."""
        if draft.secret:
            dialog.show_busy(_SAVING)
        try:
            saved = await self._save(draft, new=new)
        except UserError as error:
            dialog.show_failed(error, offer_session=isinstance(error, VaultError))
            return
        dialog.finish()
        self._failed = None
        await self.load()
        if new or self._status.id == saved.id or not self._status.base_url:
            self.start_opening(saved)

    async def test(self, draft: ConnectionDraft, dialog: ConnectionDialog) -> None:
        """Test the draft of a dialog without saving it."""
        dialog.show_busy(_TESTING)
        try:
            dialog.show_check_result(await self._service.check(draft.connection, draft.secret))
        except UserError as error:
            dialog.show_failed(error)

    async def check_saved(self, connection: Connection) -> None:
        """Test a saved connection, and show the result."""
        result = await self._service.check(connection, None)
        causes = "".join(f"\n\N{BULLET} {cause}" for cause in result.causes)
        sentence = f"{connection.name}: {result.sentence}{causes}"
        self._show_result(result.severity, sentence, result.details)

    async def duplicate(self, connection: Connection) -> None:
        """Save a copy of the connection under another name."""
        copy = await self._service.duplicate(connection.id)
        await self.load()
        self._show_result(Severity.OK, f"{copy.name} was added, with the same secret.")

    async def remove(self, connection: Connection, *, messages: bool) -> None:
        """Remove the connection, and its messages if `messages` is true."""
        deleted = await self._service.remove(connection.id, messages=messages)
        await self.load()
        deletion = f" {counted(deleted, 'message')} deleted." if messages else ""
        self._show_result(Severity.OK, f"{connection.name} was removed.{deletion}")

    async def ask_removal(self, connection: Connection) -> None:
        """Count the messages of the connection, and ask what to do with them."""
        count = await self._service.messages_of(connection.id)
        dialog = RemoveConnectionDialog(connection, count, self._theme, self._window())
        dialog.remove_requested.connect(
            lambda messages: self._change(self.remove, connection, messages=messages)
        )
        dialog.open()

    async def _save(self, draft: ConnectionDraft, *, new: bool) -> Connection:
        session = draft.for_session
        if not new:
            return await self._service.edit(draft.connection, draft.secret, for_session=session)
        if draft.secret is None:
            raise InvalidConnection("secret", "The secret is missing.")
        return await self._service.add(draft.connection, draft.secret, for_session=session)

    def _open_dialog(self, connection: Connection, *, new: bool) -> None:
        dialog = ConnectionDialog(connection, self._theme, self._window(), new=new)
        dialog.save_requested.connect(
            lambda draft: self._tasks.start(CHANGE, self.save, draft, dialog, new=new)
        )
        dialog.check_requested.connect(
            lambda draft: self._tasks.start(CHANGE, self.test, draft, dialog)
        )
        dialog.stop_requested.connect(lambda: self._tasks.cancel(CHANGE))
        dialog.doctor_requested.connect(self.doctor_requested)
        dialog.open()

    def _change(
        self, operation: Callable[..., Awaitable[None]], connection: Connection, **options: bool
    ) -> None:
        """Run an operation in the background; the open dialog shows its progress and failure."""

        async def change() -> None:
            try:
                await operation(connection, **options)
            except UserError as error:
                self._show_result(Severity.DANGER, str(error), error.details)
            finally:
                if self._dialog:
                    self._dialog.show_busy(on=False)

        if self._dialog:
            self._dialog.show_busy(on=True)
        self._tasks.start(CHANGE, change)

    def _show_result(self, severity: Severity, sentence: str, details: str = "") -> None:
        if self._dialog:
            self._dialog.show_result(severity, sentence, details)
        else:
            self.notice_raised.emit(severity, sentence)

    def _on_manage(self) -> None:
        dialog = self._dialog = ConnectionsDialog(self._theme, self._window())
        dialog.show_settings(self.settings)
        dialog.open_requested.connect(self.start_opening)
        dialog.add_requested.connect(self._on_add)
        dialog.edit_requested.connect(lambda one: self._open_dialog(one, new=False))
        dialog.duplicate_requested.connect(lambda one: self._change(self.duplicate, one))
        dialog.check_requested.connect(lambda one: self._change(self.check_saved, one))
        dialog.remove_requested.connect(lambda one: self._change(self.ask_removal, one))
        dialog.doctor_requested.connect(self.doctor_requested)
        dialog.stop_requested.connect(lambda: self._tasks.cancel(CHANGE))
        dialog.finished.connect(self._on_dialog_closed)
        dialog.open()
        self._tasks.start("read connections", self.load)

    def _on_dialog_closed(self) -> None:
        self._dialog = None

    def _on_add(self) -> None:
        used = {connection.colour for connection in self.settings.connections}
        colour = next((one for one in COLOURS if one not in used), COLOURS[0])
        draft = Connection(id=new_id(), name="", base_url="", colour=colour)
        self._open_dialog(draft, new=True)

    def _on_edit(self) -> None:
        if connection := self.settings.connection(self._status.id):
            self._open_dialog(connection, new=False)

    def _on_check(self) -> None:
        if connection := self.settings.connection(self._status.id):
            self._change(self.check_saved, connection)

    def _on_close(self) -> None:
        self._tasks.start(OPEN, self._service.close)

    def _on_cancel_requested(self) -> None:
        self._tasks.cancel(OPEN)

    def _on_retry_requested(self) -> None:
        if self._failed:
            self.start_opening(self._failed.connection)
        else:
            self._tasks.start("read connections", self.load)

    def _on_edit_requested(self) -> None:
        if self._failed:
            self._open_dialog(self._failed.connection, new=False)

    def _on_back_requested(self) -> None:
        self._failed = None
        self._show_page()

    def _show_page(self) -> None:
        if self._opening:
            self._page.show_opening(self._opening)
        elif self._failed:
            failed, previous = self._failed, self._status.name
            self._page.show_failed(failed.connection, failed.sentence, previous=previous)
        elif self._status.base_url:
            self.page_changed.emit(SetupPage.SETUP)
            return
        elif self._unreadable:
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

    def _window(self) -> QWidget:
        return self._dialog or self._bar.window()
