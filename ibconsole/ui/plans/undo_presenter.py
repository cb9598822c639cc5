"""Undo: the newest change, or one from the list, is taken back by a plan that the user reviews."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.plans.plan_presenter import PlanPresenter
from ibconsole.ui.setup import SetupPanes
from ibconsole.ui.toolkit import Command, Group, Theme, TimeDisplay, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.setup import plans as setup_plans
    from ibconsole.ui.plans import acts_dialog
else:  # imported when something is undone first
    setup_plans = LazyModule("ibconsole.services.setup.plans")
    acts_dialog = LazyModule("ibconsole.ui.plans.acts_dialog")

_LIST = "acts"
_TITLE = "Undo the last change"
_READING = "Reading what was changed, and the setup as it is now…"
_NO_CONNECTION = "No connection is open."


class UndoService(Protocol):
    """The acts of the current connection, and the plans that undo them."""

    async def acts(self) -> "Sequence[setup_plans.SetupAct]": ...
    async def build(self, act: str, *, into_existing: bool) -> "setup_plans.Plan": ...


class UndoPresenter(QObject):
    """Offers to undo a change: from a command, from the list, from the report of a change."""

    def __init__(
        self,
        plans: PlanPresenter,
        service: UndoService,
        tasks: UiTasks,
        theme: Theme,
        times: TimeDisplay,
    ) -> None:
        super().__init__(plans)
        self._plans = plans
        self._service = service
        self._tasks = tasks
        self._theme = theme
        self._times = times
        self.undo_last = Command(
            "Undo the last change…", Group.SETUP, self._on_undo, shortcut="Ctrl+Z", parent=self
        )
        self.list_acts = Command("Undo an earlier change…", Group.SETUP, self._on_list, parent=self)
        self.show_connection(ConnectionStatus())

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands, in the order of the menu."""
        return (self.undo_last, self.list_acts)

    def follow(self, panes: SetupPanes) -> None:
        """Undo the changes that are reported there, when asked to."""
        panes.undo_requested.connect(self.undo)

    def show_connection(self, connection: ConnectionStatus) -> None:
        """Follow the open connection."""
        for command in self.commands:
            command.set_disabled_reason("" if connection.id else _NO_CONNECTION)

    def undo(self, act: str) -> None:
        """Open the plan that undoes an act, by its ID; an empty one means the newest act."""

        into_existing = False

        async def prepare(_: object) -> "setup_plans.Plan":
            nonlocal into_existing
            try:
                return await self._service.build(act, into_existing=into_existing)
            except setup_plans.UndoConflict as conflict:
                into_existing = conflict.can_be_put  # as the button of the dialog says
                raise

        self._plans.permit(lambda: self._plans.open(_TITLE, _READING, prepare))

    async def list(self, dialog: "acts_dialog.ActsDialog") -> None:
        """Read the acts of the connection, and show them."""
        dialog.show_reading()
        try:
            acts = await self._service.acts()
        except UserError as error:
            dialog.show_failed(error)
        else:
            dialog.show_acts(acts)

    def _on_undo(self) -> None:
        self.undo("")

    def _on_list(self) -> None:
        window = self._plans.window
        account = self._plans.selection.connection.account
        dialog = acts_dialog.ActsDialog(account, self._theme, self._times.zone, window)

        def undo(act: "setup_plans.SetupAct") -> None:
            dialog.accept()
            self.undo(act.id)

        dialog.undo_requested.connect(undo)
        dialog.finished.connect(lambda: self._tasks.cancel(_LIST))
        open_dialog(dialog)
        self._tasks.start(_LIST, self.list, dialog)
