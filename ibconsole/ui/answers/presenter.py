"""The presenter of the answers: sets presets and edited rules, and loads and saves files."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.answer_files import PRESETS, AnswerScenario
from ibconsole.ui.answers.answer_controls import AnswerControls
from ibconsole.ui.toolkit import Theme, UiTasks
from ibconsole.ui.widgets import ConfirmDialog, Question, open_dialog

if TYPE_CHECKING:
    from ibconsole.ui.answers import answers_dialog
else:  # imported when it is opened first
    answers_dialog = LazyModule("ibconsole.ui.answers.answers_dialog")

_TASK = "answers of the listener"
_FILTER = "Scenario files (*.yaml *.yml *.json);;All files (*)"


class AnswerService(Protocol):
    """Sets answers, and reads and writes scenario files."""

    async def warning(self, scenario: AnswerScenario) -> str: ...
    async def set_answers(self, scenario: AnswerScenario | None) -> None: ...
    async def read_file(self, path: Path) -> AnswerScenario: ...
    async def write_file(self, path: Path, scenario: AnswerScenario) -> None: ...


class AnswersPresenter(QObject):
    """Sets the answers of the listener; asks before a customer's messages would be repeated.

    `failed` carries the error if a preset cannot be set; what the dialog causes it shows itself.
    """

    failed = Signal(UserError)

    def __init__(
        self, controls: AnswerControls, service: AnswerService, tasks: UiTasks, theme: Theme
    ) -> None:
        super().__init__(controls)
        self._controls = controls
        self._service = service
        self._tasks = tasks
        self._theme = theme
        self._latest: AnswerScenario | None = None
        self._draft: AnswerScenario | None = None  # edited, and not used: Escape loses nothing
        controls.preset_requested.connect(self._on_preset)
        controls.edit_requested.connect(self._on_edit)
        controls.reset_requested.connect(self._on_reset)

    @property
    def _window(self) -> QWidget:
        return self._controls.window()

    async def use(self, scenario: AnswerScenario, dialog: QWidget | None = None) -> None:
        """Set these rules, after a question if they touch a customer's messages."""
        await self._run(self._ask_or_set(scenario, dialog), dialog)

    async def reset(self) -> None:
        """Answer 200 again."""
        await self._run(self._service.set_answers(None), None)

    async def load(self, path: Path, dialog: "answers_dialog.AnswersDialog") -> None:
        """Show the scenario of a file in the dialog."""
        try:
            scenario = await self._service.read_file(path)
        except UserError as error:
            if _is_open(dialog):
                dialog.show_not_loaded(error)
        else:
            if _is_open(dialog):
                dialog.show_scenario(scenario)

    async def save(
        self, path: Path, scenario: AnswerScenario, dialog: "answers_dialog.AnswersDialog"
    ) -> None:
        """Write a scenario to a file."""

        async def write() -> None:
            await self._service.write_file(path, scenario)
            if _is_open(dialog):
                dialog.show_saved(f"Saved as {path.name}.")

        await self._run(write(), dialog)

    async def _run(self, work: Awaitable[None], dialog: QWidget | None) -> None:
        try:
            await work
        except UserError as error:
            if dialog is None:
                self.failed.emit(error)
            elif isinstance(dialog, answers_dialog.AnswersDialog) and _is_open(dialog):
                dialog.show_failed(error)

    async def _ask_or_set(self, scenario: AnswerScenario, dialog: QWidget | None) -> None:
        warning = await self._service.warning(scenario)
        if not warning:
            await self._set(scenario, dialog)
            return
        question = Question(
            title="Have the platform repeat messages?",
            facts=(("Answers", scenario.name),),
            consequence=warning,
            verb="Give these answers",
        )
        confirm = ConfirmDialog(question, self._theme, self._window)

        async def proceed() -> None:
            await self._run(self._set(scenario, dialog), dialog)

        confirm.accepted.connect(lambda: self._tasks.start(_TASK, proceed))
        open_dialog(confirm)

    async def _set(self, scenario: AnswerScenario, dialog: QWidget | None) -> None:
        await self._service.set_answers(scenario)
        self._latest, self._draft = scenario, None
        if isinstance(dialog, answers_dialog.AnswersDialog) and _is_open(dialog):
            dialog.accept()

    def _on_preset(self, name: str) -> None:
        self._tasks.start(_TASK, self.use, PRESETS[name])

    def _on_reset(self) -> None:
        self._tasks.start(_TASK, self.reset)

    def _on_edit(self) -> None:
        dialog = answers_dialog.AnswersDialog(self._latest, self._theme, self._window)
        if self._draft:
            dialog.show_draft(self._draft)
        dialog.rejected.connect(lambda: self._keep_draft(dialog))
        dialog.chosen.connect(lambda scenario: self._tasks.start(_TASK, self.use, scenario, dialog))
        dialog.load_requested.connect(lambda: self._ask_for_file_to_load(dialog))
        dialog.save_requested.connect(lambda scenario: self._ask_where_to_save(scenario, dialog))
        open_dialog(dialog)

    def _keep_draft(self, dialog: "answers_dialog.AnswersDialog") -> None:
        self._draft = dialog.scenario if dialog.is_changed else None

    def _ask_for_file_to_load(self, dialog: "answers_dialog.AnswersDialog") -> None:
        chooser = QFileDialog(self._window, "Load a scenario", "", _FILTER)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(chooser, lambda path: self._tasks.start(_TASK, self.load, path, dialog))

    def _ask_where_to_save(
        self, scenario: AnswerScenario, dialog: "answers_dialog.AnswersDialog"
    ) -> None:
        chooser = QFileDialog(self._window, "Save the scenario", "", _FILTER)
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.selectFile("answers.yaml")
        self._ask(chooser, lambda path: self._tasks.start(_TASK, self.save, path, scenario, dialog))

    def _ask(self, chooser: QFileDialog, on_chosen: Callable[[Path], None]) -> None:
        chooser.fileSelected.connect(lambda path: on_chosen(Path(path)))
        chooser.finished.connect(chooser.deleteLater)
        open_dialog(chooser)


def _is_open(dialog: QWidget) -> bool:
    """Return whether a dialog was not closed meanwhile."""
    return bool(isValid(dialog))  # type: ignore[no-untyped-call]
