"""The review of a plan, and the progress of its steps."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity, UserError
from ibconsole.services.connections.connection import Environment
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import StepProgress
from ibconsole.ui.plans.plan_dialog import PlanDialog, PlanPlace, PlanStage
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.plans.plans import APPLY, DELETES, UNDO, plan_of, review

PLACE = PlanPlace("Acme · https://x.api.example", Environment.TEST)
PRODUCTION = PlanPlace("Bank live · https://x", Environment.PRODUCTION, "Bank live")


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> PlanDialog:
    def end(dialog: PlanDialog) -> None:
        dialog.stage = PlanStage.ENDED  # one with a running plan stays open

    dialog = PlanDialog("Undo", PLACE, theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog, before_close_func=end)
    dialog.show()
    return dialog


def test_reading_offers_only_to_go_back(dialog: PlanDialog, qtbot: QtBot) -> None:
    """Until the plan is known there is nothing to run or to copy."""
    dialog.show_reading("Reading the setup…")

    assert dialog.summary.text() == "Reading the setup…"
    assert dialog.line.busy
    assert not dialog.proceed.isEnabled()
    assert not dialog.copy.isEnabled()
    assert dialog.as_text == ""
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_enter_undoes(dialog: PlanDialog, qtbot: QtBot) -> None:
    """Of an undo, Enter is enough: also with the focus in the table."""
    dialog.show_plan(review(UNDO))
    assert dialog.proceed.text() == "Undo"
    assert dialog.table.hasFocus() or dialog.focusWidget() is dialog.table

    with qtbot.waitSignal(dialog.run_requested) as run:
        qtbot.keyClick(dialog.table, Qt.Key.Key_Return)

    assert run.args == [frozenset({1, 2, 3})]
    assert dialog.windowTitle() == UNDO.title
    assert dialog.notes.text() == "\N{BULLET} Messages that arrived meanwhile do not come back."


def test_enter_deletes_nothing_that_a_file_leaves_out(dialog: PlanDialog, qtbot: QtBot) -> None:
    """Once a deletion is chosen, Enter goes back instead of applying a file."""
    dialog.show_plan(review(APPLY))
    assert dialog.proceed.isDefault()
    assert dialog.proceed.text() == "Apply 3 steps"
    assert dialog.summary.text() == "3 creations in 1 application; 2 not chosen."

    dialog.table.steps.toggle([4])

    assert dialog.proceed.text() == "Apply 4 steps"
    assert not dialog.proceed.isDefault()
    assert dialog.cancel.isDefault()


def test_the_first_step_is_selected(dialog: PlanDialog) -> None:
    """Space acts on a step at once, also where the heading of the deletions comes first."""
    dialog.show_plan(review(APPLY))
    assert dialog.table.selected_runs() == [range(1)]
    dialog.show_plan(review(plan_of(*DELETES)))
    assert dialog.table.selected_runs() == [range(1, 2)]


def test_nothing_chosen_runs_nothing(dialog: PlanDialog) -> None:
    dialog.show_plan(review(APPLY))
    dialog.table.steps.toggle([0, 2])
    assert dialog.summary.text() == "Nothing is chosen; 5 not chosen."
    assert not dialog.proceed.isEnabled()


def test_an_empty_plan_says_so(dialog: PlanDialog) -> None:
    dialog.show_plan(review(plan_of()))
    assert dialog.summary.text() == "There is nothing to do."
    assert not dialog.proceed.isEnabled()


def test_production_is_loud_and_its_name_typed(theme: Theme, qtbot: QtBot) -> None:
    """On a production account nothing is sent before its name is typed; then Enter is enough."""
    dialog = PlanDialog("Undo", PRODUCTION, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_plan(review(UNDO))
    assert dialog.frame.isVisible()
    assert dialog.frame.word.text() == "PRODUCTION"
    assert not dialog.proceed.isEnabled()

    qtbot.keyClicks(dialog.typed, "Bank live")
    with qtbot.waitSignal(dialog.run_requested):
        qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)


def test_steps_are_followed(dialog: PlanDialog) -> None:
    """While it runs, the dialog counts, and Enter does nothing."""
    dialog.show_plan(review(UNDO))
    dialog.show_running()
    dialog.show_progress(StepProgress(1, StepState.DONE, "key"))

    assert dialog.summary.text() == "1 of 3 steps done."
    assert (dialog.progress.value(), dialog.progress.maximum()) == (1, 3)
    assert dialog.cancel.text() == "Stop"
    assert not dialog.proceed.isVisible()
    assert not dialog.cancel.isDefault()
    assert "1. Bora Bank · Create configuration · done" in dialog.as_text


def test_escape_stops_between_two_requests(dialog: PlanDialog, qtbot: QtBot) -> None:
    """A request under way ends first: the dialog stays until its outcome is known."""
    dialog.show_plan(review(UNDO))
    dialog.show_running()

    with qtbot.waitSignal(dialog.stop_requested):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    assert dialog.isVisible()
    assert dialog.summary.text() == "0 of 3 steps done. Stops after this request…"
    assert not dialog.cancel.isEnabled()
    dialog.show_progress(StepProgress(1, StepState.DONE, "key"))
    dialog.show_stopped(None)
    assert dialog.banner.text.text() == "Stopped. 1 of 3 steps done, 2 left."
    assert dialog.cancel.text() == "Close"


def test_a_failure_says_what_is_left_and_can_be_resumed(dialog: PlanDialog, qtbot: QtBot) -> None:
    dialog.show_plan(review(UNDO))
    dialog.show_running()
    dialog.show_progress(StepProgress(1, StepState.DONE, "key"))
    dialog.show_progress(StepProgress(2, StepState.FAILED, problem="It answered 500."))

    dialog.show_stopped(UserError("It answered 500.", details="HTTP 500"))

    assert dialog.banner.severity is Severity.DANGER
    assert dialog.banner.text.text() == "1 of 3 steps done, 2 left. It answered 500."
    assert dialog.proceed.text() == "Resume"
    assert not dialog.proceed.isDefault()
    with qtbot.waitSignal(dialog.run_requested):
        dialog.proceed.click()
    dialog.show_running()
    assert dialog.banner.isHidden()


def test_no_plan_says_why_and_reads_again(dialog: PlanDialog, qtbot: QtBot) -> None:
    dialog.show_not_planned(UserError("The connection timed out."), "Retry")
    assert dialog.summary.text() == "Nothing was changed."
    with qtbot.waitSignal(dialog.retry_requested):
        dialog.banner.action.click()
    assert not dialog.proceed.isVisible()

    dialog.show_not_planned(UserError("There is nothing to undo."), "")
    assert dialog.banner.severity is Severity.INFO
    assert dialog.banner.action.isHidden()


def test_many_notes_are_cut(dialog: PlanDialog) -> None:
    notes = tuple(f"Note {number}." for number in range(9))
    dialog.show_plan(review(replace(UNDO, notes=notes)))
    assert dialog.notes.text().splitlines()[-1] == (
        "\N{BULLET} and 6 more notes: see “Copy as text”"
    )


def test_the_plan_is_copied(dialog: PlanDialog) -> None:
    dialog.show_plan(review(APPLY))
    dialog.copy.click()
    text = QGuiApplication.clipboard().text()
    assert text == dialog.as_text
    assert "Account: Acme · https://x.api.example" in text


def test_a_finished_plan_closes(dialog: PlanDialog, qtbot: QtBot) -> None:
    dialog.show_plan(review(UNDO))
    dialog.show_running()
    with qtbot.waitSignal(dialog.accepted):
        dialog.finish()
