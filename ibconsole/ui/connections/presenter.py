"""Connections in the window: which one is open, and everything that changes them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
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
from ibconsole.ui.connections.connection_dialog import ConnectionDialog, Wanted
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks

OPEN = "open connection"
CHANGE = "change connections"

_ASKING = "Asking the platform for the list of applications, which takes nothing from anybody."
_KEEPING = "Handing the secret to your keyring, which may be asking for its password."


class SetupPage(StrEnum):
    """The pages in the upper half of the window."""

    GREETING = "greeting"  # no connection is saved yet
    CONNECTING = "connecting"
    SETUP = "setup"


class ConnectionKeeper(Protocol):
    """The saved connections, and the one at work."""

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
class _Failure:
    connection: Connection
    sentence: str


class ConnectionsPresenter(QObject):
    """Opens connections one at a time, and shows what became of it.

    `page_changed` tells what stands where the setup is: "greeting", "connecting", or "setup".
    `noticed` tells a kind and a sentence that concern no pane in particular.
    """

    page_changed = Signal(str)
    noticed = Signal(str, str)
    doctor_requested = Signal()

    def __init__(
        self,
        bar: ConnectionBar,
        page: ConnectingPage,
        keeper: ConnectionKeeper,
        tasks: UiTasks,
        theme: Theme,
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._page = page
        self._keeper = keeper
        self._tasks = tasks
        self._theme = theme
        self._opening: Connection | None = None
        self._failed: _Failure | None = None
        self._list: ConnectionsDialog | None = None
        self._status = ConnectionStatus()
        self._unreadable = ""
        self._told = False
        self.settings = Settings()
        group = Group.CONNECTION
        self.switch = Command("Open connection…", group, bar.pop_up, shortcut="Ctrl+O", parent=self)
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
        bar.connection_chosen.connect(self.start_opening)
        bar.follow(self.manage, self.add, self.switch)
        page.cancel_requested.connect(self._on_cancel_requested)
        page.retry_requested.connect(self._on_retry_requested)
        page.edit_requested.connect(self._on_edit_failed_requested)
        page.choose_requested.connect(self.manage.trigger)
        page.back_requested.connect(self._on_back_requested)
        page.doctor_requested.connect(self.doctor_requested)
        self._offer()

    @property
    def commands(self) -> tuple[Command, ...]:
        """What can be done with connections."""
        return (self.switch, self.add, self.edit, self.check, self.close, self.manage, self.doctor)

    def show_status(self, status: Status) -> None:
        """Another account may be at work."""
        if status.connection == self._status and self._told:
            return
        self._told = True
        self._status = status.connection
        self._bar.show_connections(self.settings.connections, self._status.id)
        self._offer()
        self._show_page()

    async def start(self, *, wanted: str = "") -> None:
        """Show the saved connections, and open the one of this name, else the last one."""
        await self.load()
        if self._status.base_url:
            return
        named = self.settings.named(wanted) if wanted else None
        if wanted and not named:
            self.noticed.emit("danger", f"There is no connection called {wanted}.")
        last = self.settings.connection(self.settings.last_opened)
        if connection := named or (None if wanted else last):
            self.start_opening(connection)

    async def load(self) -> None:
        """Read the settings again."""
        try:
            self.settings = await self._keeper.settings()
            self._unreadable = ""
        except UserError as error:
            self._unreadable = str(error)
            self.noticed.emit("danger", str(error))
        if self._keeper.notice:
            self.noticed.emit("warning", self._keeper.notice)
        self._bar.show_connections(self.settings.connections, self._status.id)
        if self._list:
            self._list.show_settings(self.settings)
        self._offer()
        self._show_page()

    def start_opening(self, connection: Connection) -> None:
        """Work with this connection, once its secret is at hand."""
        self._tasks.start(OPEN, self.open, connection)

    async def open(self, connection: Connection) -> None:
        """Open it; the former one stays at work until then, and if it fails."""
        self._opening, self._failed = connection, None
        self._show_page()
        try:
            await self._keeper.open(connection.id)
        except UserError as error:
            self._failed = _Failure(connection, str(error))
        finally:
            self._opening = None
            self._show_page()
        await self.load()

    async def save(self, wanted: Wanted, dialog: ConnectionDialog, *, new: bool) -> None:
        """Add or change a connection; the dialog closes only if that succeeds."""
        if wanted.secret:
            dialog.show_busy(_KEEPING)
        try:
            saved = await self._save(wanted, new=new)
        except UserError as error:
            dialog.show_failed(error, session=isinstance(error, VaultError))
            return
        dialog.finish()
        self._failed = None
        await self.load()
        if new or self._status.id == saved.id or not self._status.base_url:
            self.start_opening(saved)

    async def test(self, wanted: Wanted, dialog: ConnectionDialog) -> None:
        """Try what the dialog holds; nothing is saved."""
        dialog.show_busy(_ASKING)
        try:
            dialog.show_checked(await self._keeper.check(wanted.connection, wanted.secret))
        except UserError as error:
            dialog.show_failed(error)

    async def check_saved(self, connection: Connection) -> None:
        """Try a saved connection, and tell in the list of connections."""
        checked = await self._keeper.check(connection, None)
        causes = "".join(f"\n\N{BULLET} {cause}" for cause in checked.causes)
        self._tell(
            checked.severity, f"{connection.name}: {checked.sentence}{causes}", checked.details
        )

    async def duplicate(self, connection: Connection) -> None:
        """Save it once more under another name."""
        copy = await self._keeper.duplicate(connection.id)
        await self.load()
        self._tell("ok", f"{copy.name} was added, with the same secret.")

    async def remove(self, connection: Connection, *, messages: bool) -> None:
        """Forget it, and its messages if the user said so."""
        deleted = await self._keeper.remove(connection.id, messages=messages)
        await self.load()
        gone = f" {counted(deleted, 'message')} deleted." if messages else ""
        self._tell("ok", f"{connection.name} was removed.{gone}")

    async def ask_removal(self, connection: Connection) -> None:
        """Count what would go, then ask."""
        count = await self._keeper.messages_of(connection.id)
        dialog = RemoveConnectionDialog(connection, count, self._theme, self._window())
        dialog.remove_requested.connect(
            lambda messages: self._change(self.remove, connection, messages=messages)
        )
        dialog.open()

    async def _save(self, wanted: Wanted, *, new: bool) -> Connection:
        session = wanted.for_session
        if not new:
            return await self._keeper.edit(wanted.connection, wanted.secret, for_session=session)
        if wanted.secret is None:
            raise InvalidConnection("secret", "The secret is missing.")
        return await self._keeper.add(wanted.connection, wanted.secret, for_session=session)

    def _open_dialog(self, connection: Connection, *, new: bool) -> None:
        dialog = ConnectionDialog(connection, self._theme, self._window(), new=new)
        dialog.save_requested.connect(
            lambda wanted: self._tasks.start(CHANGE, self.save, wanted, dialog, new=new)
        )
        dialog.check_requested.connect(
            lambda wanted: self._tasks.start(CHANGE, self.test, wanted, dialog)
        )
        dialog.stop_requested.connect(lambda: self._tasks.cancel(CHANGE))
        dialog.doctor_requested.connect(self.doctor_requested)
        dialog.open()

    def _change(
        self, work: Callable[..., Awaitable[None]], connection: Connection, **how: bool
    ) -> None:
        """Do something with a connection on behalf of the list, which shows how it went."""

        async def told() -> None:
            try:
                await work(connection, **how)
            except UserError as error:
                self._tell("danger", str(error), str(getattr(error, "details", "")))
            finally:
                if self._list:
                    self._list.show_busy(on=False)

        if self._list:
            self._list.show_busy(on=True)
        self._tasks.start(CHANGE, told)

    def _tell(self, kind: str, sentence: str, details: str = "") -> None:
        if self._list:
            self._list.show_told(kind, sentence, details)
        else:
            self.noticed.emit(kind, sentence)

    def _on_manage(self) -> None:
        dialog = self._list = ConnectionsDialog(self._theme, self._window())
        dialog.show_settings(self.settings)
        dialog.open_requested.connect(self.start_opening)
        dialog.add_requested.connect(self._on_add)
        dialog.edit_requested.connect(lambda one: self._open_dialog(one, new=False))
        dialog.duplicate_requested.connect(lambda one: self._change(self.duplicate, one))
        dialog.check_requested.connect(lambda one: self._change(self.check_saved, one))
        dialog.remove_requested.connect(lambda one: self._change(self.ask_removal, one))
        dialog.doctor_requested.connect(self.doctor_requested)
        dialog.stop_requested.connect(lambda: self._tasks.cancel(CHANGE))
        dialog.finished.connect(self._on_list_closed)
        dialog.open()
        self._tasks.start("read connections", self.load)

    def _on_list_closed(self) -> None:
        self._list = None

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
        self._tasks.start(OPEN, self._keeper.close)

    def _on_cancel_requested(self) -> None:
        self._tasks.cancel(OPEN)

    def _on_retry_requested(self) -> None:
        if self._failed:
            self.start_opening(self._failed.connection)
        else:
            self._tasks.start("read connections", self.load)

    def _on_edit_failed_requested(self) -> None:
        if self._failed:
            self._open_dialog(self._failed.connection, new=False)

    def _on_back_requested(self) -> None:
        self._failed = None
        self._show_page()

    def _show_page(self) -> None:
        if self._opening:
            self._page.show_opening(self._opening)
        elif self._failed:
            former = self._status.name
            self._page.show_failed(self._failed.connection, self._failed.sentence, former=former)
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

    def _offer(self) -> None:
        saved = self.settings.connection(self._status.id)
        disabled_reason = "" if saved else "No saved connection is open."
        self.edit.set_disabled_reason(disabled_reason)
        self.check.set_disabled_reason(disabled_reason)
        self.close.set_disabled_reason("" if self._status.base_url else "No connection is open.")
        self.switch.set_disabled_reason(
            "" if self.settings.connections else "There is no connection yet."
        )

    def _window(self) -> QWidget:
        return self._list or self._bar.window()
