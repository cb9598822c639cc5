"""The table of a plan's steps."""

import time

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import PlanKind, StepKind, StepProgress
from ibconsole.ui.plans.steps_table import GOES_TO, NOTE, STATE, STEP, StepsModel, StepsTable
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.plans.plans import APPLY, UNDO, plan_of, review, step


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> StepsTable:
    table = StepsTable(theme)
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    return table


def column(model: StepsModel, number: int) -> list[str]:
    return [model.index(row, number).data() for row in range(model.rowCount())]


def test_model_is_consistent(table: StepsTable, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(table.steps)
    table.steps.show_review(review())
    table.steps.toggle([5])
    table.show_progress(StepProgress(1, StepState.DONE, "key"))
    table.steps.show_review(review(UNDO))


def test_deletions_stand_apart_and_are_not_chosen(table: StepsTable) -> None:
    """What a file would delete is below a heading of its own, and is left alone at first."""
    table.steps.show_review(review())

    assert column(table.steps, STEP) == [
        "Create configuration",
        "Create forward action",
        "Create pull action",
        "Deletions (2)",
        "Delete forward action",
        "Delete configuration",
    ]
    assert column(table.steps, STATE) == [
        *(["waiting"] * 3),
        "",
        "not chosen",
        "not chosen",
    ]
    assert table.steps.chosen == {1, 2, 3}
    boxes = Qt.ItemDataRole.CheckStateRole
    assert table.steps.index(3, STEP).data(boxes) is None
    assert table.steps.index(4, STEP).data(boxes) == Qt.CheckState.Unchecked
    assert table.columnSpan(3, STEP) == 6


def test_an_undo_chooses_everything(table: StepsTable) -> None:
    table.steps.show_review(
        review(plan_of(step(1, StepKind.DELETE_ACTION, action="old"), kind=PlanKind.UNDO))
    )
    assert table.steps.chosen == {1}
    assert column(table.steps, GOES_TO) == ["", "https://old.example/in"]


def test_space_chooses_the_selected_steps_with_what_they_need(
    table: StepsTable, qtbot: QtBot
) -> None:
    """The deletion of a configuration takes those of its actions with it, in both directions."""
    table.steps.show_review(review())
    table.selectRow(5)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.steps.chosen == {1, 2, 3, 4, 5}

    table.selectRow(4)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.steps.chosen == {1, 2, 3}

    table.selectRow(0)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.steps.chosen == frozenset()  # the actions go into the configuration


def test_a_click_on_the_box_chooses(table: StepsTable, qtbot: QtBot) -> None:
    table.steps.show_review(review())
    index = table.steps.index(2, STEP)
    box = table.visualRect(index).topLeft()
    box.setX(box.x() + 16)
    box.setY(box.y() + table.rowHeight(2) // 2)

    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box)

    assert table.steps.chosen == {1, 2}
    assert not table.steps.setData(index, "x", Qt.ItemDataRole.EditRole)


def test_a_running_plan_keeps_its_choice(table: StepsTable, qtbot: QtBot) -> None:
    table.steps.show_review(review())
    table.steps.lock(on=True)
    table.selectRow(0)

    qtbot.keyClick(table, Qt.Key.Key_Space)

    assert table.steps.chosen == {1, 2, 3}
    assert not table.steps.flags(table.steps.index(0, STEP)) & Qt.ItemFlag.ItemIsUserCheckable


def test_progress_is_shown_with_its_problem(table: StepsTable) -> None:
    """Each step says whether it is under way, done or failed, and why it failed."""
    table.steps.show_review(review(plan_of(*APPLY.steps[:1])))
    assert table.isColumnHidden(NOTE)

    table.show_progress(StepProgress(1, StepState.RUNNING))
    assert column(table.steps, STATE) == ["under way"]
    table.show_progress(StepProgress(1, StepState.FAILED, problem="It answered 500."))

    assert column(table.steps, NOTE) == ["It answered 500."]
    assert not table.isColumnHidden(NOTE)
    table.show_progress(StepProgress(9, StepState.DONE))  # of no step that is shown


def test_states_have_colours(table: StepsTable, theme: Theme) -> None:
    table.steps.show_review(review())
    table.show_progress(StepProgress(1, StepState.FAILED, problem="x"))
    table.grab()  # painted with the delegate

    assert table.steps.state_of(0) is StepState.FAILED
    assert table.steps.state_of(3) is None


def test_three_thousand_steps_are_no_effort(table: StepsTable) -> None:
    """A large plan is shown, and chosen from, as quickly as a small one."""
    many = plan_of(
        *(
            step(number, StepKind.DELETE_ACTION, application=f"app{number}", action="a")
            for number in range(1, 3001)
        )
    )
    reviewed = review(many)
    began = time.process_time()

    table.steps.show_review(reviewed)
    table.steps.toggle(range(3001))
    table.grab()

    assert table.steps.chosen == set(range(1, 3001))
    assert time.process_time() - began < 5  # a ceiling for a broken algorithm, no measurement
