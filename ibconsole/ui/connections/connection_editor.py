"""Adds and edits connections in a dialog, and tests them before they are saved."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    CheckResult,
    Connection,
    InvalidConnection,
    SecretPlace,
    VaultError,
)
from ibconsole.ui.toolkit import Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.ui.connections import connection_dialog, connection_form
else:  # imported when a dialog is opened first
    connection_dialog = LazyModule("ibconsole.ui.connections.connection_dialog")

EDIT = "edit a connection"
TEST_TEAM = "test the team's archive of a connection"
FIND_SECRET = "find the secret of a connection"  # noqa: S105 the name of a task

_TESTING = "Asking the platform for the list of applications; no message is pulled."
_SAVING = "Saving the secret in your keyring, which may be asking for its password."


class EditingService(Protocol):
    """The saved connections, as far as one is added, changed or tested."""

    async def check(self, connection: Connection, secret: Secret | None, /) -> CheckResult: ...
    async def check_team(
        self, connection: Connection, password: Secret | None, /
    ) -> CheckResult: ...
    async def secret_place(self, uuid: str, /) -> SecretPlace: ...
    async def add(
        self,
        connection: Connection,
        secret: Secret,
        /,
        *,
        for_session: bool = False,
        team_password: Secret | None = None,
    ) -> Connection: ...
    async def edit(
        self,
        connection: Connection,
        secret: Secret | None,
        /,
        *,
        for_session: bool = False,
        team_password: Secret | None = None,
    ) -> Connection: ...


class ConnectionEditor(QObject):
    """Opens the dialog of a connection, and saves or tests what is entered.

    `on_saved` is awaited with each connection that was saved, and whether it is a new one.
    """

    doctor_requested = Signal()

    def __init__(
        self,
        service: EditingService,
        tasks: UiTasks,
        theme: Theme,
        on_saved: Callable[[Connection, bool], Awaitable[None]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._theme = theme
        self._on_saved = on_saved

    def open(
        self, connection: Connection, window: QWidget, *, new: bool
    ) -> "connection_dialog.ConnectionDialog":
        """Open the dialog over the window, and return it."""
        dialog = connection_dialog.ConnectionDialog(connection, self._theme, window, new=new)
        dialog.save_requested.connect(
            lambda draft: self._tasks.start(EDIT, self.save, draft, dialog, new=new)
        )
        dialog.check_requested.connect(lambda draft: self._start_tests(draft, dialog))
        dialog.team_check_requested.connect(
            lambda draft: self._tasks.start(TEST_TEAM, self.test_team, draft, dialog)
        )
        dialog.stop_requested.connect(lambda: self._tasks.cancel(EDIT))
        dialog.team_stop_requested.connect(lambda: self._tasks.cancel(TEST_TEAM))
        dialog.finished.connect(self._on_finished)
        dialog.doctor_requested.connect(self.doctor_requested)
        open_dialog(dialog)
        if not new:
            self._tasks.start(FIND_SECRET, self.find_secret, connection, dialog)
        return dialog

    async def save(
        self,
        draft: "connection_form.ConnectionDraft",
        dialog: "connection_dialog.ConnectionDialog",
        *,
        new: bool,
    ) -> None:
        """Add or change a connection; the dialog closes only if that succeeds."""
        if (draft.secret or draft.team_password) and not draft.for_session:
            dialog.show_busy(_SAVING)
        try:
            saved = await self._save(draft, new=new)
        except UserError as error:
            offer_session = isinstance(error, VaultError) and draft.secret is not None
            dialog.show_failed(error, offer_session=offer_session)
            return
        dialog.finish()
        await self._on_saved(saved, new)

    async def test(
        self, draft: "connection_form.ConnectionDraft", dialog: "connection_dialog.ConnectionDialog"
    ) -> None:
        """Test the draft of a dialog without saving it."""
        dialog.show_busy(_TESTING)
        try:
            dialog.show_check_result(await self._service.check(draft.connection, draft.secret))
        except UserError as error:
            dialog.show_failed(error)

    async def test_team(
        self, draft: "connection_form.ConnectionDraft", dialog: "connection_dialog.ConnectionDialog"
    ) -> None:
        """Ask the team's archive of a dialog, with the stored password unless one is typed."""
        dialog.show_team_busy()
        try:
            result = await self._service.check_team(draft.connection, draft.team_password)
        except UserError as error:
            dialog.show_team_failed(error)
        else:
            dialog.show_team_result(result)

    async def find_secret(
        self, connection: Connection, dialog: "connection_dialog.ConnectionDialog"
    ) -> None:
        """Show in the dialog where the secret is, or that it has to be entered."""
        dialog.show_secret_place(await self._service.secret_place(connection.id))

    def _start_tests(
        self, draft: "connection_form.ConnectionDraft", dialog: "connection_dialog.ConnectionDialog"
    ) -> None:
        """Test the credential and the team's archive; neither waits for the other."""
        self._tasks.start(EDIT, self.test, draft, dialog)
        if draft.connection.team:
            self._tasks.start(TEST_TEAM, self.test_team, draft, dialog)
        else:
            self._tasks.cancel(TEST_TEAM)
            dialog.team_banner.clear()

    def _on_finished(self) -> None:
        self._tasks.cancel(FIND_SECRET)
        self._tasks.cancel(TEST_TEAM)

    async def _save(self, draft: "connection_form.ConnectionDraft", *, new: bool) -> Connection:
        session, password = draft.for_session, draft.team_password
        if not new:
            return await self._service.edit(
                draft.connection, draft.secret, for_session=session, team_password=password
            )
        if draft.secret is None:
            raise InvalidConnection("secret", "The secret is missing.")
        return await self._service.add(
            draft.connection, draft.secret, for_session=session, team_password=password
        )
