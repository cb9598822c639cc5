"""The presenter of the retry simulation: it predicts, runs, and reads and writes scenarios."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import answer_files, retry_simulation
    from ibconsole.ui.retries import dialog
else:  # imported when the dialog is opened first
    retry_simulation = LazyModule("ibconsole.services.retry_simulation")
    dialog = LazyModule("ibconsole.ui.retries.dialog")

_PREDICT, _RUN, _FILE = "predict retries", "run retries", "scenario of answers"


class RunControl(Protocol):
    """Runs simulations for real."""

    async def run(
        self,
        run: "retry_simulation.RealRun",
        on_progress: "Callable[[retry_simulation.RunProgress], None]",
        /,
    ) -> "retry_simulation.Agreement": ...


class ScenarioFiles(Protocol):
    """Reads and writes scenarios of answers."""

    async def read_file(self, path: Path, /) -> "answer_files.AnswerScenario": ...
    async def write_file(self, path: Path, scenario: "answer_files.AnswerScenario", /) -> None: ...


class RetriesPresenter(QObject):
    """Opens the dialog. Each change asks for another prediction, and only the last one is shown.

    `find_runs` returns what runs simulations, and `find_files` what reads and writes scenarios,
    when they are wanted.
    """

    def __init__(
        self,
        find_runs: Callable[[], RunControl],
        find_files: Callable[[], ScenarioFiles],
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._find_runs = find_runs
        self._find_files = find_files
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self.commands = (
            Command(
                "Simulate retries…", Group.LISTENER, self.open, icon_name="history", parent=self
            ),
        )

    def open(self) -> None:
        """Open the dialog with an example."""
        shown = dialog.RetriesDialog(self._theme, self._window)
        shown.question_changed.connect(
            lambda question: self._tasks.start(_PREDICT, self._predict, shown, question)
        )
        shown.run_requested.connect(
            lambda question: self._tasks.start(_RUN, self._run, shown, question)
        )
        shown.cancel_requested.connect(lambda: self._tasks.cancel(_RUN))
        shown.file_chosen.connect(lambda file: self._tasks.start(_FILE, self._read, shown, file))
        shown.save_chosen.connect(
            lambda file, scenario: self._tasks.start(_FILE, self._write, shown, file, scenario)
        )
        shown.finished.connect(self._stop)
        open_dialog(shown)
        shown.start()

    def _stop(self) -> None:
        for name in (_PREDICT, _RUN, _FILE):
            self._tasks.cancel(name)

    async def _predict(
        self, shown: "dialog.RetriesDialog", question: "retry_simulation.RetryQuestion"
    ) -> None:
        try:
            found = await asyncio.to_thread(
                retry_simulation.predict, question.scenario, question.sender, question.arrivals
            )
        except UserError as error:
            shown.show_problem(error)
            return
        shown.show_prediction(found)

    async def _run(
        self, shown: "dialog.RetriesDialog", question: "retry_simulation.RetryQuestion"
    ) -> None:
        try:
            prepared = await asyncio.to_thread(
                retry_simulation.prepare_run,
                question.scenario,
                question.sender,
                question.arrivals,
            )
            shown.show_running(prepared.seconds)
            found = await self._find_runs().run(prepared, shown.show_progress)
        except UserError as error:
            shown.show_failed(error)
        except asyncio.CancelledError:
            if shown.isVisible():
                shown.show_cancelled()
            raise
        else:
            shown.show_agreement(found)

    async def _read(self, shown: "dialog.RetriesDialog", file: Path) -> None:
        try:
            scenario = await self._find_files().read_file(file)
        except UserError as error:
            shown.show_failed(error)
            return
        shown.show_scenario(file.name, scenario)

    async def _write(
        self, shown: "dialog.RetriesDialog", file: Path, scenario: "answer_files.AnswerScenario"
    ) -> None:
        try:
            await self._find_files().write_file(file, scenario)
        except UserError as error:
            shown.show_failed(error)
            return
        shown.show_saved(file)
