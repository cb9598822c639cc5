"""What can be done with the archive as a whole: export, import, bounds, verify, back up, reread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from ibconsole.errors import UserError
from ibconsole.services.messages import (
    ExportOptions,
    ExportSummary,
    Filter,
    Outcome,
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
from ibconsole.ui.messages.export_dialog import ExportDialog
from ibconsole.ui.messages.retention_dialog import RetentionDialog
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import ConfirmDialog, Question, Told, Work, WorkDialog

_NAMES = "Exports (*.jsonl *.tar);;All files (*)"


class Mover(Protocol):
    """Whoever exports and imports."""

    async def export(
        self, target: Path, wish: ExportOptions, watch: ProgressCallback, *, instead: bool = False
    ) -> ExportSummary: ...
    async def take(self, source: Path, watch: ProgressCallback) -> Outcome: ...


class MaintenanceJobs(Protocol):
    """Whoever looks after the archive."""

    async def verify(self, watch: ProgressCallback) -> Verification: ...
    async def back_up(self, target: Path, watch: ProgressCallback) -> Verification: ...
    async def redecode(self, watch: ProgressCallback) -> RedecodingResult: ...


class Keeper(Protocol):
    """Whoever knows how much is kept."""

    async def chosen(self) -> RetentionPolicy: ...
    async def choose(self, keep: RetentionPolicy) -> None: ...
    async def leaving(self, keep: RetentionPolicy) -> RetentionPreview: ...
    async def apply(self) -> int: ...


class Listed(Protocol):
    """The list of messages, as far as exporting goes."""

    @property
    def filter(self) -> Filter: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ArchiveServices:
    """Those who do the work."""

    mover: Mover
    carer: MaintenanceJobs
    keeper: Keeper


class ArchiveCommands(QObject):
    """The commands, and their dialogs over the window."""

    def __init__(
        self, listed: Listed, hands: ArchiveServices, tasks: UiTasks, theme: Theme, window: QWidget
    ) -> None:
        super().__init__(window)
        self._listed = listed
        self._hands = hands
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self.commands = (
            self._command("Export messages…", self.export, "download"),
            self._command("Import messages…", self.import_, ""),
            self._command("How much is kept…", self._on_keep, ""),
            self._command("Back up the archive…", self.back_up, ""),
            self._command("Verify the archive", self.verify, ""),
            self._command("Read all bodies again…", self.redecode, ""),
        )

    def export(self) -> None:
        """Ask which messages and how, then where to."""
        asked = ExportDialog(self._listed.filter, self._listed.count, self._theme, self._window)

        def ask_where() -> None:
            wish, suffix = asked.wish, asked.suffix
            self._ask_new("Export messages", f"messages.{suffix}", lambda to: export(to, wish))

        def export(target: Path, wish: ExportOptions) -> None:
            async def work(watch: ProgressCallback) -> Told:
                done = await self._hands.mover.export(target, wish, watch, instead=True)
                many = "1 message is" if done.messages == 1 else f"{done.messages:,} messages are"
                return " ".join((f"{many} in {target}.", *done.remarks)), "", ""

            self._work("Export messages", "Stopping it leaves no file behind.", work)

        asked.accepted.connect(ask_where)
        asked.open()

    def import_(self) -> None:
        """Ask for a file that was exported, and take it in."""

        def take(path: Path) -> None:
            async def work(watch: ProgressCallback) -> Told:
                outcome = await self._hands.mover.take(path, watch)
                left = outcome.passed_over or outcome.masked
                return describe_import(outcome), "", "warning" if left else ""

            safe = "What was taken in before it is stopped stays, and comes in only once."
            self._work("Import messages", safe, work)

        dialog = QFileDialog(self._window, "Import messages", "", _NAMES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog, take)

    def back_up(self) -> None:
        """Ask where to, and copy the archive there."""
        today = datetime.now().astimezone().strftime("%Y-%m-%d")

        def copy(path: Path) -> None:
            async def work(watch: ProgressCallback) -> Told:
                found = await self._hands.carer.back_up(path, watch)
                return f"The backup is {path}. {describe_verification(found)}", "", ""

            self._work("Back up the archive", "Stopping it leaves no file behind.", work)

        self._ask_new("Back up the archive", f"ibconsole-{today}.sqlite3", copy, instead=False)

    def verify(self) -> None:
        """Look whether everything is as it was received."""

        async def work(watch: ProgressCallback) -> Told:
            found = await self._hands.carer.verify(watch)
            tone = "danger" if found.damaged else ""
            sentence, _, details = verification_report(found).partition("\n\n")
            return sentence, details, tone

        self._work("Verify the archive", "It changes nothing, and can be stopped.", work)

    def redecode(self) -> None:
        """Read every body again, after asking."""

        async def work(watch: ProgressCallback) -> Told:
            return describe_redecoding(await self._hands.carer.redecode(watch)), "", ""

        question = Question(
            title="Read all bodies again?",
            consequence=(
                "Every stored body is read with what this version of the program understands. No"
                " message is taken away, and none gets another number; fields may change where it"
                " understands more."
            ),
            verb="Read them again",
        )
        dialog = ConfirmDialog(question, self._theme, self._window)
        safe = "It can be stopped, and done again."
        dialog.accepted.connect(lambda: self._work("Read all bodies again", safe, work))
        dialog.open()

    async def keep(self) -> None:
        """Ask how much is to be kept."""
        dialog = RetentionDialog(await self._hands.keeper.chosen(), self._theme, self._window)

        async def preview(keep: RetentionPolicy) -> None:
            try:
                dialog.show_leaving(keep, await self._hands.keeper.leaving(keep))
            except UserError as error:
                dialog.show_failed(str(error))

        async def apply(keep: RetentionPolicy) -> Told:
            await self._hands.keeper.choose(keep)
            gone = await self._hands.keeper.apply()
            return f"{describe_policy(keep)} {gone:,} messages were deleted.", "", ""

        def chosen(keep: RetentionPolicy) -> None:
            self._work("How much is kept", "What is deleted is gone.", lambda _: apply(keep))

        dialog.preview_wanted.connect(
            lambda keep: self._tasks.start("what would go", preview, keep)
        )
        dialog.finished.connect(lambda: self._tasks.cancel("what would go"))
        dialog.chosen.connect(chosen)
        dialog.open()

    def _on_keep(self) -> None:
        self._tasks.start("how much is kept", self.keep)

    def _command(self, name: str, run: Callable[[], object], icon_name: str) -> Command:
        return Command(name, Group.MESSAGES, run, icon_name=icon_name, parent=self)

    def _ask_new(
        self, title: str, name: str, go_on: Callable[[Path], None], *, instead: bool = True
    ) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not instead)
        dialog.selectFile(name)
        self._ask(dialog, go_on)

    def _ask(self, dialog: QFileDialog, go_on: Callable[[Path], None]) -> None:
        dialog.fileSelected.connect(lambda chosen: go_on(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _work(self, title: str, safe: str, work: Work) -> None:
        WorkDialog(title, safe, self._theme, self._window).begin("archive", work, self._tasks)
