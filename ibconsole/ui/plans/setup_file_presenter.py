"""The setup as a file: exported, applied by a plan that the user reviews, and cloned."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.plural import counted
from ibconsole.services.console import FileRequest, SetupExport
from ibconsole.services.messages import Progress, ProgressCallback
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.plans.plan_presenter import PlanPresenter
from ibconsole.ui.setup import name_of
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks, one_line
from ibconsole.ui.widgets import JobResult, ProgressDialog, open_dialog

if TYPE_CHECKING:
    from ibconsole.services.setup import plans as setup_plans
    from ibconsole.ui.plans import setup_file_dialogs
else:  # imported when a dialog is opened first
    setup_file_dialogs = LazyModule("ibconsole.ui.plans.setup_file_dialogs")

_FILTER = "Setup files (*.yaml *.yml *.json);;All files (*)"
_SUFFIXES = {".yaml", ".yml", ".json"}
_READING = "Reading the setup…"
_NO_CONNECTION = "No connection is open."
_NO_APPLICATION = "No application is selected."

OnRead = Callable[[int, int], object]


class SetupFileService(Protocol):
    """The setup of the current connection as a file, and plans made of one."""

    async def export(self, wanted: SetupExport, on_read: OnRead) -> int: ...
    async def plan_file(self, request: FileRequest, on_read: OnRead) -> "setup_plans.Plan": ...
    async def plan_clone(self, origin: Application, target: Application) -> "setup_plans.Plan": ...


class SetupFilePresenter(QObject):
    """Offers to export the setup, to apply a file, and to clone the selected application.

    A file that is dropped on the window is applied, too.
    """

    def __init__(
        self, plans: PlanPresenter, service: SetupFileService, tasks: UiTasks, theme: Theme
    ) -> None:
        super().__init__(plans)
        self._plans = plans
        self._service = service
        self._tasks = tasks
        self._theme = theme
        group = Group.SETUP
        self.apply = Command("Apply setup file…", group, self._on_apply, parent=self)
        self.export = Command("Export setup…", group, self._on_export, parent=self)
        self.clone = Command("Clone setup…", group, self._on_clone, parent=self)
        self._drop = _FileDrop(plans.window)
        self._drop.dropped.connect(self._on_dropped)
        self.show_connection(ConnectionStatus())
        self.select_application(None)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands, in the order of the menu."""
        return (self.export, self.apply, self.clone)

    def show_connection(self, connection: ConnectionStatus) -> None:
        """Follow the open connection."""
        for command in (self.apply, self.export):
            command.set_disabled_reason("" if connection.id else _NO_CONNECTION)

    def select_application(self, application: object) -> None:
        """Follow the selected application; None if none is."""
        self.clone.set_disabled_reason("" if application else _NO_APPLICATION)

    def apply_file(self, path: Path) -> None:
        """Ask for the rules of a file, and open its plan."""
        dialog = setup_file_dialogs.ApplyFileDialog(path, self._theme, self._plans.window)
        dialog.plan_requested.connect(self._plan_file)
        open_dialog(dialog)

    def export_to(self, wanted: SetupExport) -> None:
        """Write a setup file, with progress."""

        async def job(on_progress: ProgressCallback) -> JobResult:
            def show(done: int, total: int) -> None:
                on_progress(Progress("Reading", done, total))

            number = await self._service.export(wanted, show)
            return JobResult(f"The setup of {counted(number, 'application')} is in {wanted.path}.")

        stop_note = "Stopping leaves no file behind. Nothing is changed in the account."
        ProgressDialog("Export setup", stop_note, self._theme, self._plans.window).begin(
            "export setup", job, self._tasks
        )

    def _plan_file(self, request: FileRequest) -> None:
        async def prepare(show: Callable[[str], object]) -> "setup_plans.Plan":
            def on_read(done: int, total: int) -> None:
                show(f"Reading the setup: {done:,} of {counted(total, 'application')}…")

            return await self._service.plan_file(request, on_read)

        self._plans.open(f"Apply {request.path.name}", _READING, prepare)

    def _on_apply(self) -> None:
        def ask() -> None:
            dialog = QFileDialog(self._plans.window, "Apply setup file", "", _FILTER)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            self._ask_for_file(dialog, self.apply_file)

        self._plans.permit(ask)

    def _on_dropped(self, path: object) -> None:
        if isinstance(path, Path) and self.apply.isEnabled():
            self._plans.permit(lambda: self.apply_file(path))

    def _on_export(self) -> None:
        application = self._plans.selection.application
        options = setup_file_dialogs.ExportSetupDialog(application, self._theme, self._plans.window)

        def ask() -> None:
            only = application if options.one.isChecked() else None
            codes = (only.code,) if only else ()
            masks_queries = options.masks_queries.isChecked()
            dialog = QFileDialog(self._plans.window, "Export setup", "", _FILTER)
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.selectFile("setup.yaml")
            self._ask_for_file(
                dialog, lambda path: self.export_to(SetupExport(path, codes, masks_queries))
            )

        options.export_requested.connect(ask)
        open_dialog(options)

    def _on_clone(self) -> None:
        selection = self._plans.selection
        origin, cached = selection.application, selection.cache.applications
        if origin is None:
            return
        listed = cached.items if cached else ()

        def plan(target: object) -> None:
            assert isinstance(target, Application), "chosen in the dialog"  # noqa: S101
            title = f"Clone {one_line(name_of(origin))} to {one_line(name_of(target))}"
            self._plans.open(title, _READING, lambda _: self._service.plan_clone(origin, target))

        def ask() -> None:
            dialog = setup_file_dialogs.CloneDialog(origin, listed, self._theme, self._plans.window)
            dialog.target_chosen.connect(plan)
            open_dialog(dialog)

        self._plans.permit(ask)

    def _ask_for_file(self, dialog: QFileDialog, on_chosen: Callable[[Path], None]) -> None:
        dialog.fileSelected.connect(lambda path: on_chosen(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)


class _FileDrop(QObject):
    """Takes a setup file that is dropped on a window; `dropped` carries its path."""

    dropped = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        # A drag that enters the window is an event of the same family.
        if not isinstance(event, QDropEvent) or not (path := _setup_file_in(event.mimeData())):
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self.dropped.emit(path)
        return True


def _setup_file_in(data: QMimeData) -> Path | None:
    """Return the file that is dragged, if it is one that is named like a setup file."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    found = paths[0] if len(paths) == 1 else None
    return found if found and found.suffix.lower() in _SUFFIXES else None
