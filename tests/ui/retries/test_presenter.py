"""The presenter of the retry simulation."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow

from ibconsole.errors import UserError
from ibconsole.services.answer_files import PRESETS, AnswerScenario
from ibconsole.services.retry_simulation import Agreement, RealRun, RunProgress
from ibconsole.services.retry_simulation.agreement import compare_run
from ibconsole.ui.retries.dialog import RetriesDialog
from ibconsole.ui.retries.presenter import RetriesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme


class Runs:
    """A run that goes as predicted, once it may end."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def run(self, run: RealRun, on_progress: Callable[[RunProgress], None]) -> Agreement:
        on_progress(RunProgress(1, len(run.arrivals), 1, 2))
        await self.may_end.wait()
        return compare_run(run.expected, run.expected.messages, run.speed)


class Files:
    """One file that can be read, and a place that can be written."""

    def __init__(self) -> None:
        self.written: list[Path] = []

    async def read_file(self, path: Path) -> AnswerScenario:
        if path.name != "flaky.yaml":
            raise UserError(f"{path.name} cannot be read.")
        return PRESETS["flaky 20 %"]

    async def write_file(self, path: Path, scenario: AnswerScenario) -> None:
        if path.name != "endpoint.yaml":
            raise UserError(f"{path.name} cannot be written.")
        self.written.append(path)


@pytest.fixture
async def runs() -> Runs:
    return Runs()


@pytest.fixture
async def shown(
    runs: Runs, tasks: UiTasks, theme: Theme, plain_window: QMainWindow
) -> RetriesDialog:
    presenter = RetriesPresenter(lambda: runs, Files, tasks, theme, plain_window)
    presenter.commands[0].trigger()
    await tasks.settled()
    [shown] = plain_window.findChildren(RetriesDialog)
    return shown


async def test_the_dialog_opens_with_a_prediction(shown: RetriesDialog, tasks: UiTasks) -> None:
    """Each change is predicted, and what is too much is said."""
    assert "Of 10 messages" in shown.outcome.text()
    shown.form.messages.setValue(3)
    await tasks.settled()
    assert "Of 3 messages" in shown.outcome.text()
    shown.form.messages.setValue(1_000)
    shown.form.law.setCurrentText("1m, 999 retries")
    await tasks.settled()
    assert "Simulate fewer messages" in shown.form.note.text()
    shown.close()


async def test_a_run_is_compared(shown: RetriesDialog, runs: Runs, tasks: UiTasks) -> None:
    """The outcome of a run is shown next to its prediction."""
    shown.run.click()
    runs.may_end.set()
    await tasks.settled()

    assert shown.banner.text.text().startswith("As predicted: 10 of 10 messages.")
    assert shown.table.records[0].run is not None
    shown.close()


async def test_a_run_is_cancelled(shown: RetriesDialog, tasks: UiTasks) -> None:
    """By its button, or by closing the dialog."""
    shown.run.click()
    while not shown.cancel.isVisible():
        await asyncio.sleep(0)
    shown.cancel.click()
    await tasks.settled()
    assert shown.run.isVisible()

    shown.run.click()
    shown.close()
    await tasks.settled()


async def test_a_run_that_is_not_possible_is_said(shown: RetriesDialog, tasks: UiTasks) -> None:
    """With what is in the way."""
    shown.form.messages.setValue(501)
    await tasks.settled()
    shown.run.click()
    await tasks.settled()
    assert "at most 500 messages" in shown.banner.text.text()
    shown.close()


async def test_scenarios_are_read_and_written(
    shown: RetriesDialog, tasks: UiTasks, tmp_path: Path
) -> None:
    """A file that fails is named, and the dialog stays as it is."""
    for name, text in (("flaky.yaml", ""), ("other.yaml", "other.yaml cannot be read.")):
        shown.file_chosen.emit(tmp_path / name)
        await tasks.settled()
        assert shown.form.endpoint.currentText() == "flaky.yaml"
        assert shown.banner.text.text().endswith(text)
    for name, text in (("endpoint.yaml", "is in"), ("x.yaml", "x.yaml cannot be written")):
        shown.save_chosen.emit(tmp_path / name, PRESETS["401"])
        await tasks.settled()
        assert text in shown.banner.text.text()
    shown.close()
