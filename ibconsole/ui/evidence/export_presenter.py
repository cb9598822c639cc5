"""Exports a case for its dialog: previews while the choices change, and writes the bundle."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.messages import Progress, ProgressCallback
from ibconsole.ui.toolkit import UiTasks
from ibconsole.ui.widgets import Toasts, open_dialog

if TYPE_CHECKING:
    from ibconsole.services.evidence import bundles, cases
    from ibconsole.services.evidence.bundles import ExportChoices, ExportedBundle, ExportPreview
    from ibconsole.services.evidence.cases import Case
    from ibconsole.ui.evidence import export_choices, export_dialog
else:  # imported with the first export
    bundles = LazyModule("ibconsole.services.evidence.bundles")
    cases = LazyModule("ibconsole.services.evidence.cases")
    export_choices = LazyModule("ibconsole.ui.evidence.export_choices")
    export_dialog = LazyModule("ibconsole.ui.evidence.export_dialog")

_READ = "read the case to export"
# One name for previews and the export: each waits until the one before has ended, because they
# lock the pseudonyms of the case.
_EXPORT = "export the case"
_CHOICES, _FOLDER, _FORM = "case_export", "case_export_folder", "case_export_form"


class CaseReader(Protocol):
    """Reads a case by its id."""

    async def read(self, case_id: str) -> "Case": ...


class CaseExporter(Protocol):
    """Previews and exports cases."""

    async def preview(
        self, case_id: str, choices: "ExportChoices", on_progress: ProgressCallback
    ) -> "ExportPreview": ...
    async def export(
        self,
        case_id: str,
        target: Path,
        choices: "ExportChoices",
        on_progress: ProgressCallback,
        *,
        accept_unknown: bool = False,
    ) -> "ExportedBundle": ...
    async def suggest(self, folder: Path, title: str, suffix: str) -> Path: ...


class RememberedChoices(Protocol):
    """Texts that are there again at the next start."""

    def text(self, name: str) -> str: ...
    def set_text(self, name: str, text: str) -> None: ...


class CaseExportPresenter(QObject):
    """Opens the dialog of an export; the choices and the folder are those of the last export."""

    def __init__(
        self,
        reader: Callable[[], CaseReader],
        exporter: Callable[[], CaseExporter],
        tasks: UiTasks,
        toasts: Toasts,
        window: QWidget,
        remembered: RememberedChoices,
    ) -> None:
        super().__init__(window)
        self._find_reader = reader
        self._find_exporter = exporter
        self._tasks = tasks
        self._toasts = toasts
        self._window = window
        self._remembered = remembered
        self._case: Case | None = None
        self.dialog: export_dialog.CaseExportDialog | None = None

    @cached_property
    def _exporter(self) -> CaseExporter:
        return self._find_exporter()

    def open(self, case_id: str) -> None:
        """Open the dialog for a case; a UserError is raised if it cannot be read."""
        if self.dialog is None:
            self._tasks.start(_READ, self._open, case_id)

    async def _open(self, case_id: str) -> None:
        case = await self._find_reader().read(case_id)
        if self.dialog:
            return
        self._case = case
        dialog = export_dialog.CaseExportDialog(case.title, self._toasts.theme, self._window)
        self.dialog = dialog
        pictures = sum(isinstance(one.content, cases.PictureContent) for one in case.items)
        dialog.fields.show_choices(
            self._last_choices(),
            as_zip=self._remembered.text(_FORM) != "folder",
            pictures=pictures,
        )
        dialog.preview_wanted.connect(self._on_preview_wanted)
        dialog.suggestion_wanted.connect(self._on_suggestion_wanted)
        dialog.export_requested.connect(self._on_export_requested)
        dialog.export_anyway_requested.connect(self._on_export_anyway_requested)
        dialog.stop_requested.connect(self._on_stop_requested)
        dialog.finished.connect(self._on_finished)
        await self._suggest()
        open_dialog(dialog)
        dialog.export.setFocus()
        self._on_preview_wanted()

    async def preview(self) -> None:
        """Show what the present choices replace."""
        if not (self.dialog and self._case):
            return
        self.dialog.show_previewing()
        try:
            preview = await self._exporter.preview(
                self._case.id, self.dialog.fields.choices, self._show_progress
            )
        except UserError as error:
            if self.dialog:
                self.dialog.show_preview_failed(error)
        else:
            if self.dialog:
                self.dialog.show_preview(preview)

    async def export(self, *, accept_unknown: bool = False) -> None:
        """Write the bundle, and remember the choices."""
        if not (self.dialog and self._case and (target := self.dialog.fields.path)):
            return
        choices = self.dialog.fields.choices
        self.dialog.show_exporting()
        try:
            bundle = await self._exporter.export(
                self._case.id,
                target,
                choices,
                self._show_progress,
                accept_unknown=accept_unknown,
            )
        except UserError as error:
            if self.dialog:
                unknown = isinstance(error, bundles.SecretsUnknown)
                self.dialog.show_failed(error, unknown=unknown)
            return
        self._remember(choices, target)
        if self.dialog:
            self.dialog.show_bundle(bundle)
        else:
            self._toasts.show(Severity.OK, f"The case is in {bundle.path}.")

    def _show_progress(self, progress: Progress) -> None:
        if self.dialog:
            self.dialog.show_progress(progress)

    async def _suggest(self) -> None:
        if self.dialog and self._case:
            saved = self._remembered.text(_FOLDER)
            folder = Path(saved) if saved else export_choices.default_folder()
            suffix = self.dialog.fields.suffix
            path = await self._exporter.suggest(folder, self._case.title, suffix)
            if self.dialog:
                self.dialog.show_target(path)

    def _last_choices(self) -> "ExportChoices":
        """Return the choices of the last time; pictures are chosen each time."""
        text = self._remembered.text(_CHOICES)
        try:
            return msgspec.json.decode(text, type=bundles.ExportChoices)
        except msgspec.MsgspecError:
            return bundles.ExportChoices()

    def _remember(self, choices: "ExportChoices", target: Path) -> None:
        kept = msgspec.structs.replace(choices, pictures=False)
        self._remembered.set_text(_CHOICES, msgspec.json.encode(kept).decode())
        self._remembered.set_text(_FOLDER, str(target.parent))
        is_zip = target.suffix.lower() == export_choices.ZIP
        self._remembered.set_text(_FORM, "zip" if is_zip else "folder")

    def _on_preview_wanted(self) -> None:
        if self.dialog and not self.dialog.is_exporting:
            self._tasks.start(_EXPORT, self.preview)

    def _on_suggestion_wanted(self) -> None:
        self._tasks.start("suggest a path", self._suggest)

    def _on_export_requested(self) -> None:
        self._tasks.start(_EXPORT, self.export)

    def _on_export_anyway_requested(self) -> None:
        self._tasks.start(_EXPORT, self.export, accept_unknown=True)

    def _on_stop_requested(self) -> None:
        self._tasks.cancel(_EXPORT)
        if self.dialog:
            self.dialog.show_stopped()

    def _on_finished(self) -> None:
        self.dialog = None
        self._tasks.cancel(_EXPORT)
