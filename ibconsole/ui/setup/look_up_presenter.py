"""Looking an application up by its code or ID: among the listed ones, else on the platform."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.console import ConnectionChanged
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection, is_same
from ibconsole.ui.toolkit import UiTasks, brief
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.ui.setup import look_up_dialog
else:  # imported when a dialog is opened first
    look_up_dialog = LazyModule("ibconsole.ui.setup.look_up_dialog")

# The name of the task.
_LOOK_UP = "look up"


class ApplicationReader(Protocol):
    """Reads one application of the account."""

    async def application(self, code: str, *, by_id: bool = False) -> Application: ...


class LookUpPresenter(QObject):
    """Opens the dialog for a code or ID, and looks the application up.

    `found` carries the application; if it was not listed before, `applications_changed`
    carries the list with it.
    """

    found = Signal(Application)
    applications_changed = Signal(object)

    def __init__(
        self, panes: SetupPanes, selection: SetupSelection, setup: ApplicationReader, tasks: UiTasks
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._selection = selection
        self._setup = setup
        self._tasks = tasks
        panes.applications_pane.look_up_requested.connect(self._on_look_up_requested)

    async def look_up(self, code: str, *, by_id: bool) -> None:
        """Find the application of that code or ID; a listed one is found without a request.

        Raises UserError if there is none, and ConnectionChanged if the connection changed
        before the answer came.
        """
        wanted = "id" if by_id else "code"
        cached = self._selection.cache.applications
        listed = cached.items if cached else ()
        application = next((one for one in listed if getattr(one, wanted) == code), None)
        if application is None:
            connection = self._selection.connection
            application = await self._setup.application(code, by_id=by_id)
            if self._selection.connection != connection:
                raise ConnectionChanged(
                    "The connection has changed meanwhile; the application found is not shown."
                )
            self._add(application)
        self.found.emit(application)

    async def look_up_for(
        self, dialog: "look_up_dialog.LookUpDialog", code: str, *, by_id: bool
    ) -> None:
        """Look an application up; the dialog closes only if one was found."""
        dialog.show_busy()
        try:
            await self.look_up(code, by_id=by_id)
        except UserError as error:
            dialog.show_failed(*brief(error, sentences=2))
        else:
            dialog.finish()

    def _add(self, application: Application) -> None:
        """List an application that the platform did not list, or listed otherwise."""
        cached = self._selection.cache.applications
        listed = cached.items if cached else ()
        now = now_ms()
        applications = [*(one for one in listed if not is_same(one, application)), application]
        self._selection.cache.store_applications(applications, now)
        self._panes.applications_pane.show_applications(applications, now)
        self.applications_changed.emit(applications)

    def _on_look_up_requested(self) -> None:
        dialog = look_up_dialog.LookUpDialog(self._panes.theme, self._panes.window())
        dialog.look_up_requested.connect(
            lambda code, by_id: self._tasks.start(
                _LOOK_UP, self.look_up_for, dialog, code, by_id=by_id
            )
        )
        dialog.stop_requested.connect(lambda: self._tasks.cancel(_LOOK_UP))
        open_dialog(dialog)
