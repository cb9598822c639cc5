"""The commands on the whole archive: export, import, retention, backup, verify, decode again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages import (
    ExportOptions,
    ExportSummary,
    Filter,
    ImportSummary,
    ProgressCallback,
    RedecodingResult,
    RetentionPolicy,
    RetentionPreview,
    Verification,
    describe_import,
    describe_policy,
    describe_redecoding,
    describe_verification,
    verification_report,
)
from ibconsole.ui.toolkit import CodeDisplay, Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import (
    ConfirmDialog,
    Job,
    JobResult,
    ProgressDialog,
    Question,
    open_dialog,
)

if TYPE_CHECKING:
    from ibconsole.services.evidence.har import HarImport
    from ibconsole.ui.messages import export_dialog, retention_dialog
else:  # imported when a dialog is opened first
    export_dialog = LazyModule("ibconsole.ui.messages.export_dialog")
    retention_dialog = LazyModule("ibconsole.ui.messages.retention_dialog")

_DELETED = "What was deleted before stopping cannot be restored."
_PREVIEW = "retention preview"
_NAME_FILTER = "Exports and HTTP archives (*.jsonl *.tar *.har);;All files (*)"


class MessageTransfer(Protocol):
    """Export to and import from a file."""

    async def export(
        self,
        target: Path,
        options: ExportOptions,
        on_progress: ProgressCallback,
        *,
        replace: bool = False,
    ) -> ExportSummary: ...
    async def import_file(self, source: Path, on_progress: ProgressCallback) -> ImportSummary: ...


class HarImporter(Protocol):
    """Import from an HTTP archive (HAR) that another tool recorded."""

    async def import_har(self, source: Path, on_progress: ProgressCallback, /) -> "HarImport": ...


class MaintenanceJobs(Protocol):
    """Verification, backup and decoding of the whole archive."""

    async def verify(self, on_progress: ProgressCallback) -> Verification: ...
    async def back_up(self, target: Path, on_progress: ProgressCallback) -> Verification: ...
    async def redecode(self, on_progress: ProgressCallback) -> RedecodingResult: ...


class RetentionCommands(Protocol):
    """The retention policy: reading, changing, previewing and applying it."""

    async def load_policy(self) -> RetentionPolicy: ...
    async def why_fixed(self) -> str: ...
    async def save_policy(self, policy: RetentionPolicy) -> None: ...
    async def preview(self, policy: RetentionPolicy) -> RetentionPreview: ...
    async def apply(self, *, seen: bool = False) -> int: ...


class MessageList(Protocol):
    """The filter of the list, how many match it, which are selected, and its added columns."""

    @property
    def filter(self) -> Filter: ...
    @property
    def count(self) -> int | None: ...
    @property
    def selected_ids(self) -> Sequence[int]: ...
    @property
    def json_columns(self) -> Sequence[JsonColumn]: ...


class ArchiveServices(msgspec.Struct, frozen=True):
    """The services that the commands call; `archives` makes one when it is called."""

    transfer: MessageTransfer
    archives: Callable[[], HarImporter]
    maintenance: MaintenanceJobs
    retention: RetentionCommands


class ArchiveCommands(QObject):
    """The commands, and the dialogs that they open over the window."""

    def __init__(
        self,
        messages: MessageList,
        services: ArchiveServices,
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
        *,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(window)
        self._codes = codes or CodeDisplay(self)
        self._messages = messages
        self._services = services
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self.commands = (
            self._command("Export messages…", self.export, "download"),
            self._command("Import messages…", self.import_, ""),
            self._command("Retention…", self._on_retention, ""),
            self._command("Back up the archive…", self.back_up, ""),
            self._command("Verify the archive", self.verify, ""),
            self._command("Re-parse stored messages…", self.redecode, ""),
        )

    def export(self) -> None:
        """Ask which messages to export, how, and to which file; then export them."""
        self._open_export_dialog()

    def export_selected(self) -> None:
        """Ask how to export the selected messages; then export them."""
        dialog = self._open_export_dialog()
        if dialog.selected.isEnabled():
            dialog.selected.setChecked(True)
            dialog.selected.setFocus()

    def _open_export_dialog(self) -> "export_dialog.ExportDialog":
        messages = self._messages
        dialog = export_dialog.ExportDialog(
            messages.filter,
            messages.count,
            messages.selected_ids,
            self._theme,
            self._window,
            codes=self._codes,
        )
        dialog.offer_columns(messages.json_columns)

        def ask_for_file() -> None:
            options, name = dialog.options, f"messages.{dialog.suffix}"
            self._ask_for_new_file("Export messages", name, lambda path: export(path, options))

        def export(path: Path, options: ExportOptions) -> None:
            async def job(on_progress: ProgressCallback) -> JobResult:
                done = await self._services.transfer.export(
                    path, options, on_progress, replace=True
                )
                verb = "is" if done.messages == 1 else "are"
                sentence = f"{counted(done.messages, 'message')} {verb} in {path}."
                return JobResult(" ".join((sentence, *done.remarks)))

            self._run_job("Export messages", "Stopping leaves no file behind.", job)

        dialog.accepted.connect(ask_for_file)
        open_dialog(dialog)
        return dialog

    def import_(self) -> None:
        """Ask for an exported file, and import it."""

        def import_file(path: Path) -> None:
            async def job(on_progress: ProgressCallback) -> JobResult:
                if path.suffix.lower() == ".har":
                    return await self._import_har(path, on_progress)
                summary = await self._services.transfer.import_file(path, on_progress)
                incomplete = summary.skipped or summary.masked
                return JobResult(
                    describe_import(summary), severity=Severity.WARNING if incomplete else None
                )

            stop_note = "What was imported stays. Repeat it to continue: duplicates are skipped."
            self._run_job("Import messages", stop_note, job)

        dialog = QFileDialog(self._window, "Import messages", "", _NAME_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask_for_file(dialog, import_file)

    async def _import_har(self, path: Path, on_progress: ProgressCallback) -> JobResult:
        done = await self._services.archives().import_har(path, on_progress)
        incomplete = done.skipped or done.masked
        return JobResult(done.sentence, severity=Severity.WARNING if incomplete else None)

    def back_up(self) -> None:
        """Ask for a new file, and copy the archive to it."""
        today = datetime.now().astimezone().strftime("%Y-%m-%d")

        def back_up(path: Path) -> None:
            async def job(on_progress: ProgressCallback) -> JobResult:
                found = await self._services.maintenance.back_up(path, on_progress)
                return JobResult(f"The backup is {path}. {describe_verification(found)}")

            self._run_job("Back up the archive", "Stopping leaves no file behind.", job)

        self._ask_for_new_file(
            "Back up the archive", f"ibconsole-{today}.sqlite3", back_up, confirm_overwrite=False
        )

    def verify(self) -> None:
        """Check that everything in the archive is as it was received."""

        async def job(on_progress: ProgressCallback) -> JobResult:
            found = await self._services.maintenance.verify(on_progress)
            severity = Severity.DANGER if found.damaged else None
            sentence, _, details = verification_report(found).partition("\n\n")
            return JobResult(sentence, details, severity)

        self._run_job("Verify the archive", "This changes nothing, and can be stopped.", job)

    def redecode(self) -> None:
        """Ask, then decode every stored body again."""

        async def job(on_progress: ProgressCallback) -> JobResult:
            return JobResult(
                describe_redecoding(await self._services.maintenance.redecode(on_progress))
            )

        question = Question(
            title="Re-parse stored messages?",
            consequence=(
                "This version of the program reads every stored body again. No message is removed"
                " or renumbered; fields may change where this version understands more."
            ),
            verb="Re-parse",
        )
        dialog = ConfirmDialog(question, self._theme, self._window)
        stop_note = "This can be stopped and repeated."
        dialog.accepted.connect(lambda: self._run_job("Re-parse stored messages", stop_note, job))
        open_dialog(dialog)

    async def edit_retention(self) -> None:
        """Ask how much is to be kept, with a preview of what that would delete."""
        retention = self._services.retention
        dialog = retention_dialog.RetentionDialog(
            await retention.load_policy(),
            self._theme,
            self._window,
            fixed=await retention.why_fixed(),
        )

        async def preview(policy: RetentionPolicy) -> None:
            try:
                dialog.show_preview(policy, await retention.preview(policy))
            except UserError as error:
                dialog.show_failed(error)

        async def apply(policy: RetentionPolicy) -> JobResult:
            await retention.save_policy(policy)
            deleted = await retention.apply(seen=True)
            verb = "was" if deleted == 1 else "were"
            sentence = f"{describe_policy(policy)} {counted(deleted, 'message')} {verb} deleted."
            return JobResult(sentence)

        def on_apply_requested(policy: RetentionPolicy) -> None:
            self._run_job("Retention", _DELETED, lambda _: apply(policy))

        dialog.preview_requested.connect(
            lambda policy: self._tasks.start(_PREVIEW, preview, policy)
        )
        dialog.finished.connect(lambda: self._tasks.cancel(_PREVIEW))
        dialog.apply_requested.connect(on_apply_requested)
        open_dialog(dialog)

    def _on_retention(self) -> None:
        self._tasks.start("retention", self.edit_retention)

    def _command(self, name: str, run: Callable[[], object], icon_name: str) -> Command:
        return Command(name, Group.MESSAGES, run, icon_name=icon_name, parent=self)

    def _ask_for_new_file(
        self,
        title: str,
        name: str,
        on_chosen: Callable[[Path], None],
        *,
        confirm_overwrite: bool = True,
    ) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not confirm_overwrite)
        dialog.selectFile(name)
        self._ask_for_file(dialog, on_chosen)

    def _ask_for_file(self, dialog: QFileDialog, on_chosen: Callable[[Path], None]) -> None:
        dialog.fileSelected.connect(lambda path: on_chosen(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _run_job(self, title: str, stop_note: str, job: Job) -> None:
        ProgressDialog(title, stop_note, self._theme, self._window).begin(
            "archive", job, self._tasks
        )
