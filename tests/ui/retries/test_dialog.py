"""The dialog of the retry simulation."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.answer_files import AnswerRule, AnswerScenario, RuleCondition
from ibconsole.services.retry_simulation import (
    EndpointState,
    RetryQuestion,
    RunProgress,
    predict,
)
from ibconsole.ui.retries.dialog import RetriesDialog
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> RetriesDialog:
    dialog = RetriesDialog(theme)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)

    def answer(question: object) -> None:
        assert isinstance(question, RetryQuestion)
        dialog.show_prediction(predict(question.scenario, question.sender, question.arrivals))

    dialog.question_changed.connect(answer)
    dialog.start()
    return dialog


def test_a_prediction_is_shown(dialog: RetriesDialog) -> None:
    """Chart, table and sentence show the same; what is drawn asks again."""
    assert dialog.table.total == 10
    assert "none is lost" in dialog.outcome.text()
    dialog.chart.drawn.emit(0, 4 * 86_400, EndpointState.ERROR)

    assert "10 are lost" in dialog.outcome.text()
    assert dialog.chart.span > 41 * 3_600
    dialog.form.span.setCurrentText("1 h")
    assert dialog.chart.span == 3_600
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[1].startswith("Law: 1m + 1m * n^2")
    assert len(copied) == 13


def test_chart_and_table_select_together(dialog: RetriesDialog) -> None:
    """A message that is picked in one is marked in the other."""
    dialog.chart.picked.emit(4)
    assert dialog.table.selected_record.fate.number == 4
    dialog.table.record_selected.emit(dialog.table.records[6])
    assert dialog.chart.picture.selected == 7


def test_what_cannot_be_asked_offers_nothing(dialog: RetriesDialog) -> None:
    """With a field that is not valid there is nothing to run, to copy, or to save."""
    dialog.form.law.setCurrentText("soon")

    buttons = (dialog.run, dialog.copy, dialog.save)
    assert not any(one.isEnabled() for one in buttons)
    dialog.form.law.setCurrentText("none")
    assert all(one.isEnabled() for one in buttons)
    dialog.show_problem(UserError("Simulate fewer messages."))
    assert dialog.form.note.text() == "Simulate fewer messages."


def test_a_run_has_progress_and_an_end(dialog: RetriesDialog, qtbot: QtBot) -> None:
    """While it runs the fields stay as they are, and it can be ended."""
    dialog.show()
    with qtbot.waitSignal(dialog.run_requested) as wanted:
        dialog.run.click()
    assert wanted.args == [dialog.form.question]
    dialog.show_running(12)
    dialog.show_progress(RunProgress(3, 10, 7_200, 14_400))

    assert dialog.outcome.text() == "3 of 10 messages delivered or lost, 2 h of 4 h."
    assert not dialog.form.isEnabled()
    assert dialog.cancel.isVisible()
    with qtbot.waitSignal(dialog.cancel_requested):
        dialog.cancel.click()
    dialog.show_cancelled()
    assert dialog.run.isVisible()
    assert "Of 10 messages" in dialog.outcome.text()
    dialog.show_failed(UserError("It cannot run."))
    assert "cannot run" in dialog.banner.text.text()


def test_rules_that_are_left_out_are_counted(dialog: RetriesDialog) -> None:
    """A rule about a text is not simulated, and the outcome says so."""
    rule = AnswerRule("texts", RuleCondition(text="x"))

    dialog.show_scenario("texts.yaml", AnswerScenario("s", (rule,)))

    assert "1 rule about the content of requests left out." in dialog.outcome.text()


def test_files_are_chosen(dialog: RetriesDialog, qtbot: QtBot, tmp_path: Path) -> None:
    """A scenario is opened from a file and saved as one."""
    dialog.form.open.click()
    [chooser] = dialog.findChildren(QFileDialog)
    with qtbot.waitSignal(dialog.file_chosen) as opened:
        chooser.fileSelected.emit(str(tmp_path / "a.yaml"))
    assert opened.args == [tmp_path / "a.yaml"]
    chooser.close()
    dialog.save.click()
    with qtbot.waitSignal(dialog.save_chosen) as saved:
        dialog.findChildren(QFileDialog)[-1].fileSelected.emit(str(tmp_path / "b.yaml"))
    assert dialog.form.question
    assert saved.args == [tmp_path / "b.yaml", dialog.form.question.scenario]
    dialog.show_saved(tmp_path / "b.yaml")
    assert "b.yaml" in dialog.banner.text.text()
    for one in dialog.findChildren(QFileDialog):
        one.close()
