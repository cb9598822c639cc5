"""The presenter of the dialog that borrows a route: it checks the address, and borrows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.hosts import host_of, is_loopback
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.runtime import ConnectionStatus, LeaseStatus, ListenerState, Status
from ibconsole.services.setup import NO_CONFIGURATION
from ibconsole.ui.setup import SetupSelection, name_of, target_of, type_of
from ibconsole.ui.toolkit import Command, Group, Permit, Theme, UiTasks, brief, run_at_once
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.setup import lease as services_lease
    from ibconsole.services.setup.lease import LeaseRequest
    from ibconsole.services.tunnels import AddressCheck, Tunnel
    from ibconsole.ui.lease import catch_dialog
    from ibconsole.ui.lease.catch_dialog import CatchDialog, CatchRequest
else:  # imported when the dialog is opened first
    services_lease = LazyModule("ibconsole.services.setup.lease")
    catch_dialog = LazyModule("ibconsole.ui.lease.catch_dialog")

_TASK, _TUNNELS = "borrow route", "find tunnels"
_REMEMBERED = "lease/address"
_NO_APPLICATION = "No application is selected."
_CHECKING = "A test request is sent to the address, and the listener waits for it."
_BORROWING = "The action is being added."
_LENT = "Messages of {} are caught here for {} minutes; the other actions are as they were."


class RouteBorrower(Protocol):
    """Borrows routes of the open connection, and knows the addresses that lead here."""

    async def ensure_listening(self, port: int, *, fixed: bool) -> int: ...
    async def find_tunnels(self, port: int) -> "Sequence[Tunnel]": ...
    async def reserve_path(self) -> str: ...
    async def check(self, url: str) -> "AddressCheck": ...
    async def borrow(
        self, connection: ConnectionStatus, request: "LeaseRequest"
    ) -> LeaseStatus: ...


class AddressMemory(Protocol):
    """Keeps texts from one start to the next."""

    def text(self, name: str) -> str: ...
    def set_text(self, name: str, text: str) -> None: ...


class CatchPresenter(QObject):
    """Offers to catch the messages of the selected application here for a while.

    `lent` carries a severity and a sentence once a route is borrowed. `checks` has what the check
    of each address found, by the id of the lease. `wanted_port` is where the listener is started.
    """

    lent = Signal(Severity, str)

    def __init__(
        self,
        window: QWidget,
        selection: SetupSelection,
        source: RouteBorrower,
        memory: AddressMemory,
        tasks: UiTasks,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._selection = selection
        self._source = source
        self._memory = memory
        self._tasks = tasks
        self._theme = theme
        self._status = Status()
        self.wanted_port: Callable[[], int] = lambda: 0
        self.permit: Permit = run_at_once
        self.checks: dict[str, AddressCheck] = {}
        self.catch_here = Command(
            "Catch messages here…",
            Group.SETUP,
            self._on_catch,
            shortcut="Ctrl+B",
            icon_name="inbox",
            parent=self,
        )
        self.update_command()

    def show_status(self, status: Status) -> None:
        """Follow the connection and its borrowed routes."""
        before, self._status = self._status, status
        if (status.connection, status.leases) != (before.connection, before.leases):
            self.update_command()

    def update_command(self) -> None:
        """Offer the command where there is an application whose route is not borrowed."""
        application = self._selection.application
        reason = "" if application else _NO_APPLICATION
        for lease in self._status.leases:
            is_same = lease.connection == self._status.connection.id
            if application and is_same and lease.application == application.code:
                reason = "Its route is borrowed already; end it first, or extend it."
        self.catch_here.set_disabled_reason(reason)

    async def seek(self, dialog: "CatchDialog", port: int) -> None:
        """Look for running tunnels, and offer them."""
        dialog.show_tunnels(await self._source.find_tunnels(port))

    def ask(self, application: Application) -> None:
        """Open the dialog for an application."""
        port = self._port
        dialog = catch_dialog.CatchDialog(
            self._context(application, port), self._theme, self._window
        )
        connection = self._selection.connection
        dialog.catch_requested.connect(
            # Again: the time for which it was unlocked may have ended meanwhile.
            lambda request: self.permit(
                lambda: self._tasks.start(
                    _TASK, self.catch, connection, application, request, dialog
                )
            )
        )
        dialog.check_requested.connect(
            lambda request: self._tasks.start(_TASK, self.check, request, dialog)
        )
        dialog.rejected.connect(self._on_rejected)
        open_dialog(dialog)
        self._tasks.start(_TUNNELS, self.seek, dialog, port)

    async def check(self, request: "CatchRequest", dialog: "CatchDialog") -> None:
        """Look whether a request to the address arrives here; nothing else is done."""
        dialog.show_busy(_CHECKING)
        try:
            address, path = await self._prepare(request)
            dialog.show_check(await self._source.check(f"{address}{path}"))
        except UserError as error:
            dialog.show_failed(*brief(error, sentences=2))

    async def catch(
        self,
        connection: ConnectionStatus,
        application: Application,
        request: "CatchRequest",
        dialog: "CatchDialog",
    ) -> None:
        """Check the address, and borrow the route unless nothing arrives here.

        The dialog closes only if the route is borrowed.
        """
        dialog.show_busy(_CHECKING)
        try:
            address, path = await self._prepare(request)
            found = await self._source.check(f"{address}{path}")
            if not found.arrived and not request.despite:
                dialog.show_check(found)
                return
            dialog.show_busy(_BORROWING, under_way=True)
            wish = services_lease.LeaseRequest(
                application.code, address, request.minutes, name_of(application), path
            )
            with self._selection.change():
                lease = await self._source.borrow(connection, wish)
        except UserError as error:
            dialog.show_failed(*brief(error, sentences=2))
        else:
            self.checks[lease.id] = found
            if request.is_typed:
                self._memory.set_text(_REMEMBERED, request.base)
            dialog.finish()
            self.lent.emit(Severity.OK, _LENT.format(lease.name, request.minutes))
        finally:
            self._selection.reload_requested.emit()

    async def _prepare(self, request: "CatchRequest") -> tuple[str, str]:
        """Listen; return the address, and a path that is answered.

        The listener's own address is that of the port which it could get.
        """
        port = self._port
        is_own = request.base == f"http://127.0.0.1:{port}"
        used = await self._source.ensure_listening(port, fixed=not is_own)
        address = f"http://127.0.0.1:{used}" if is_own else request.base
        return address, await self._source.reserve_path()

    @property
    def _port(self) -> int:
        """The port of the listener, or the one that it is started on."""
        listener = self._status.listener
        running = listener.state is ListenerState.LISTENING
        return (urlsplit(listener.url).port if running else None) or self.wanted_port()

    def _context(self, application: Application, port: int) -> "catch_dialog.CatchContext":
        selection = self._selection
        connection = selection.connection
        actions = selection.actions if selection.shows(application) else None
        route = selection.find_route() if selection.shows(application) else None
        return catch_dialog.CatchContext(
            application=name_of(application),
            account=connection.account,
            environment=connection.environment,
            actions=None
            if actions is None
            else [f"{type_of(one)} · {target_of(one)}" for one in actions],
            has_configuration=route is not NO_CONFIGURATION,
            is_sandbox=is_loopback(host_of(connection.base_url)),
            port=port,
            remembered=self._memory.text(_REMEMBERED),
        )

    def _on_catch(self) -> None:
        if application := self._selection.application:
            self.permit(lambda: self.ask(application))

    def _on_rejected(self) -> None:
        self._tasks.cancel(_TASK)
        self._tasks.cancel(_TUNNELS)
