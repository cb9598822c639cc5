from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.answer_files import PRESETS, AnswerScenario
from ibconsole.ui.answers.answer_controls import AnswerControls
from ibconsole.ui.answers.answers_dialog import AnswersDialog
from ibconsole.ui.answers.presenter import AnswersPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog

SLOW = PRESETS["slow"]


class FakeService:
    """Keeps what is set; a file named bad cannot be used."""

    def __init__(self) -> None:
        self.warns = ""
        self.broken = False
        self.done: list[AnswerScenario | None] = []

    async def warning(self, scenario: AnswerScenario) -> str:
        return self.warns

    async def set_answers(self, scenario: AnswerScenario | None) -> None:
        if self.broken:
            raise UserError("The answer rules were not set.")
        self.done.append(scenario)

    async def read_file(self, path: Path) -> AnswerScenario:
        if path.name == "bad":
            raise UserError("bad cannot be read.")
        return SLOW

    async def write_file(self, path: Path, scenario: AnswerScenario) -> None:
        if path.name == "bad":
            raise UserError("bad cannot be written.")
        self.done.append(scenario)


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def controls(theme: Theme, window: QWidget) -> AnswerControls:
    return AnswerControls(theme, window)


@pytest.fixture
def presenter(
    controls: AnswerControls, service: FakeService, tasks: UiTasks, theme: Theme
) -> AnswersPresenter:
    return AnswersPresenter(controls, service, tasks, theme)


def dialog_of(controls: AnswerControls) -> AnswersDialog:
    return controls.window().findChildren(AnswersDialog)[-1]


async def test_a_preset_is_set_and_ended(
    presenter: AnswersPresenter, controls: AnswerControls, service: FakeService, tasks: UiTasks
) -> None:
    """One choice sets a preset, and one click answers 200 again."""
    controls.preset_requested.emit("slow")
    await tasks.settled()
    controls.reset_requested.emit()
    await tasks.settled()

    assert service.done == [SLOW, None]


async def test_a_customers_messages_are_asked_about(
    presenter: AnswersPresenter, controls: AnswerControls, service: FakeService, tasks: UiTasks
) -> None:
    """Nothing is set before the question is answered, and nothing if the answer is no."""
    service.warns = "Rule “slow” makes the platform send a message again."
    controls.preset_requested.emit("slow")
    await tasks.settled()
    (first,) = controls.window().findChildren(ConfirmDialog)
    first.cancel.click()
    assert service.done == []

    controls.preset_requested.emit("slow")
    await tasks.settled()
    controls.window().findChildren(ConfirmDialog)[-1].proceed.click()
    await tasks.settled()

    assert service.done == [SLOW]


async def test_the_dialog_begins_with_what_is_set(
    presenter: AnswersPresenter, controls: AnswerControls, service: FakeService, tasks: UiTasks
) -> None:
    """Rules are changed without typing them again, and the dialog closes once they are used."""
    await presenter.use(SLOW)
    controls.edit_requested.emit()
    dialog = dialog_of(controls)
    assert dialog.scenario == SLOW
    dialog.form.name.setText("slower")

    service.broken = True
    dialog.use.click()
    await tasks.settled()
    assert dialog.banner.text.text() == "The answer rules were not set."
    service.broken = False
    dialog.use.click()
    await tasks.settled()

    assert dialog.result() == 1
    assert [one and one.rules[0].name for one in service.done] == ["slow", "slower"]


async def test_escape_loses_no_rules(
    presenter: AnswersPresenter, controls: AnswerControls, service: FakeService
) -> None:
    """What was edited and not used is there again, until other rules are set."""
    controls.edit_requested.emit()
    dialog = dialog_of(controls)
    dialog.form.name.setText("mine")
    dialog.reject()

    controls.edit_requested.emit()
    again = dialog_of(controls)
    assert [one.name for one in again.scenario.rules] == ["mine"]
    assert again.banner.text.text() == "These are your changes of before, which are not in use."
    again.reject()
    await presenter.use(SLOW)
    controls.edit_requested.emit()
    last = dialog_of(controls)
    assert (last.scenario, last.banner.isHidden()) == (SLOW, True)
    last.reject()
    controls.edit_requested.emit()
    assert dialog_of(controls).banner.isHidden()


async def test_files_are_loaded_and_saved(
    presenter: AnswersPresenter, controls: AnswerControls, service: FakeService, tasks: UiTasks
) -> None:
    """What cannot be read or written is said in the dialog, and its rules stay."""
    controls.edit_requested.emit()
    dialog = dialog_of(controls)
    mine = dialog.scenario
    await presenter.load(Path("bad"), dialog)
    assert dialog.banner.text.text() == "bad cannot be read. The rules here stay."
    assert dialog.scenario == mine
    await presenter.save(Path("bad"), mine, dialog)
    assert dialog.banner.text.text() == "bad cannot be written."

    dialog.save.click()
    controls.window().findChildren(QFileDialog)[-1].fileSelected.emit("x.yaml")
    await tasks.settled()
    assert dialog.banner.text.text() == "Saved as x.yaml."
    dialog.load.click()
    controls.window().findChildren(QFileDialog)[-1].fileSelected.emit("x.yaml")
    await tasks.settled()

    assert (dialog.scenario, service.done) == (SLOW, [mine])
    dialog.reject()


async def test_a_preset_that_cannot_be_set(
    presenter: AnswersPresenter, service: FakeService, qtbot: QtBot
) -> None:
    """The pane shows why, and the listener answers as before."""
    service.broken = True
    with qtbot.waitSignal(presenter.failed) as emitted:
        await presenter.use(SLOW)

    assert str(emitted.args[0]) == "The answer rules were not set."
