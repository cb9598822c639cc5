"""Duplicates, tests and removes saved connections, with or without the dialog that lists them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.secret import Secret
from ibconsole.services.connections import CheckResult, Connection, VaultError
from ibconsole.ui.toolkit import Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.ui.connections import connection_dialog, connections_dialog, remove_dialog
else:  # imported when a dialog is opened first
    connection_dialog = LazyModule("ibconsole.ui.connections.connection_dialog")
    connections_dialog = LazyModule("ibconsole.ui.connections.connections_dialog")
    remove_dialog = LazyModule("ibconsole.ui.connections.remove_dialog")

CHANGE = "change connections"
TEST_TEAM = "test the team's archive of a saved connection"


class SavedConnectionService(Protocol):
    """The saved connections, as far as one is duplicated, tested or removed."""

    async def check(self, connection: Connection, secret: Secret | None, /) -> CheckResult: ...
    async def check_team(
        self, connection: Connection, password: Secret | None, /
    ) -> CheckResult: ...
    async def duplicate(self, uuid: str, /) -> Connection: ...
    async def remove(self, uuid: str, /, *, messages: bool, keep_secret: bool = False) -> int: ...
    async def messages_of(self, uuid: str, /) -> int: ...


class SavedConnections(QObject):
    """Changes saved connections; results are shown in the open dialog, else raised as notices.

    `reload` is awaited after each change, to read the connections again.
    """

    notice_raised = Signal(Severity, str)

    def __init__(
        self,
        service: SavedConnectionService,
        tasks: UiTasks,
        theme: Theme,
        reload: Callable[[], Awaitable[None]],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._service = service
        self._tasks = tasks
        self._theme = theme
        self._reload = reload
        self._bar = window
        self._offered: Callable[[], None] | None = None
        self.dialog: connections_dialog.ConnectionsDialog | None = None

    def open_dialog(self) -> "connections_dialog.ConnectionsDialog":
        """Open the dialog that lists the connections, and return it."""
        dialog = self.dialog = connections_dialog.ConnectionsDialog(self._theme, self._bar.window())
        dialog.duplicate_requested.connect(lambda one: self._change(self.duplicate, one))
        dialog.check_requested.connect(self.start_check)
        dialog.remove_requested.connect(lambda one: self._change(self.ask_removal, one))
        dialog.stop_requested.connect(lambda: self._tasks.cancel(CHANGE))
        dialog.team_stop_requested.connect(lambda: self._tasks.cancel(TEST_TEAM))
        dialog.banner_action_requested.connect(self._on_banner_action_requested)
        dialog.finished.connect(self._on_dialog_closed)
        open_dialog(dialog)
        return dialog

    def start_check(self, connection: Connection) -> None:
        """Test a saved connection and its team's archive, in the background at the same time."""
        self._change(self.check, connection)
        if connection.team:
            self._tasks.start(TEST_TEAM, self.check_team, connection)
        else:
            self._tasks.cancel(TEST_TEAM)
            if self.dialog:
                self.dialog.team_banner.clear()

    async def check(self, connection: Connection) -> None:
        """Test a saved connection, and show the result."""
        result = await self._service.check(connection, None)
        sentence, details = connection_dialog.brief_check(result)
        self._show_result(result.severity, f"{connection.name}: {sentence}", details)

    async def check_team(self, connection: Connection) -> None:
        """Ask the team's archive of a saved connection, and show the result in a row of its own."""
        if self.dialog:
            connection_dialog.show_team_busy(self.dialog.team_banner)
        try:
            result = await self._service.check_team(connection, None)
        except UserError as error:
            result = connection_dialog.failed_check(error)
        if self.dialog:
            connection_dialog.show_team_result(self.dialog.team_banner, result)
        else:
            sentence, _ = connection_dialog.brief_check(result)
            notice = f"{connection.name}: {connection_dialog.TEAM}: {sentence}"
            self.notice_raised.emit(result.severity, notice)

    async def duplicate(self, connection: Connection) -> None:
        """Save a copy of the connection under another name."""
        copy = await self._service.duplicate(connection.id)
        await self._reload()
        self._show_result(Severity.OK, f"{copy.name} was added, with the same secret.")

    async def remove(self, connection: Connection, *, messages: bool) -> None:
        """Remove the connection, and its messages if `messages` is true.

        If the keyring refuses to delete the secret, offer to leave the secret there.
        """
        try:
            deleted = await self._service.remove(connection.id, messages=messages)
        except VaultError as error:
            await self._reload()
            self._offer_keeping_secret(connection, error, messages=messages)
            return
        await self._reload()
        self._show_removed(connection, deleted if messages else None)

    async def remove_without_secret(self, connection: Connection, *, messages: bool) -> None:
        """Remove the connection and leave its secret in the keyring."""
        deleted = await self._service.remove(connection.id, messages=messages, keep_secret=True)
        await self._reload()
        left = f" Its secret may still be in the keyring, under ibconsole and {connection.id}."
        self._show_removed(connection, deleted if messages else None, left)

    async def ask_removal(self, connection: Connection) -> None:
        """Count the messages of the connection, and ask what to do with them."""
        count = await self._service.messages_of(connection.id)
        dialog = remove_dialog.RemoveConnectionDialog(
            connection, count, self._theme, self._bar.window()
        )
        dialog.remove_requested.connect(
            lambda messages: self._change(self.remove, connection, messages=messages)
        )
        open_dialog(dialog)

    def _show_removed(self, connection: Connection, deleted: int | None, left: str = "") -> None:
        deletion = "" if deleted is None else f" {counted(deleted, 'message')} deleted."
        self._show_result(Severity.OK, f"{connection.name} was removed.{deletion}{left}")

    def _offer_keeping_secret(
        self, connection: Connection, error: VaultError, *, messages: bool
    ) -> None:
        self._show_result(
            Severity.DANGER,
            f"{connection.name} was not removed. {error}",
            error.details,
            action="Remove without its secret",
        )
        self._offered = lambda: self._change(
            self.remove_without_secret, connection, messages=messages
        )

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
                if self.dialog:
                    self.dialog.show_busy(on=False)

        if self.dialog:
            self.dialog.show_busy(on=True)
        self._tasks.start(CHANGE, change)

    def _show_result(
        self, severity: Severity, sentence: str, details: str = "", *, action: str = ""
    ) -> None:
        self._offered = None
        if self.dialog:
            self.dialog.show_result(severity, sentence, details, action=action)
        else:
            self.notice_raised.emit(severity, sentence)

    def _on_banner_action_requested(self) -> None:
        if self._offered:
            self._offered()

    def _on_dialog_closed(self) -> None:
        self._tasks.cancel(TEST_TEAM)
        self.dialog = None
