import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.team import TeamCheck, TeamExamination
from ibconsole.ui.team.checks_page import ChecksPage
from ibconsole.ui.toolkit import Indicator, Theme, TimeDisplay
from tests.ui.team.harness import ACCESS, BAD, EXAMINATION, GOOD, NOW, UNKNOWN


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> ChecksPage:
    page = ChecksPage(theme, TimeDisplay(QApplication.instance()))
    qtbot.addWidget(page)
    return page


def test_problems_come_first(page: ChecksPage, qtmodeltester: ModelTester) -> None:
    """The first problem is selected: what to do about it is on the screen."""
    model = page.table.model()
    qtmodeltester.check(model)
    assert not page.copy.isEnabled()

    page.show_examination(EXAMINATION)

    shown = [[model.index(row, column).data() for column in range(3)] for row in range(3)]
    assert shown == [
        ["Problem", "Clock", "The clocks differ."],
        ["Not known", "Members", "Not permitted."],
        ["OK", "Tables", "They have version 1."],
    ]
    assert page.table.selected_record == BAD
    assert page.details.toPlainText() == (
        "Clock: The clocks differ.\n\nWhat to do: Correct the wrong one."
    )
    assert page.summary.text().startswith("3 checks: 1 problem, 1 not known, at ")
    assert page.title == "Checks (1 wrong)"


def test_a_selected_check_stays_selected(page: ChecksPage) -> None:
    """The next examination does not move what is being read."""
    page.show_examination(EXAMINATION)
    page.table.selectRow(2)
    assert page.details.toPlainText() == "Tables: They have version 1."

    page.show_examination(EXAMINATION)

    assert page.table.selected_record == GOOD


@pytest.mark.parametrize(
    ("checks", "indicator"),
    [
        ((GOOD,), Indicator.OK),
        ((GOOD, UNKNOWN), Indicator.OFF),
        ((GOOD, BAD), Indicator.WARNING),
    ],
)
def test_the_state_at_a_glance(
    page: ChecksPage, checks: tuple[TeamCheck, ...], indicator: Indicator
) -> None:
    """It is green only if every check was made and found no problem."""
    page.show_examination(TeamExamination(ACCESS.address, checks, NOW))

    assert page.dot.indicator is indicator


def test_the_report_is_copied(page: ChecksPage) -> None:
    """It is complete, for a ticket."""
    page.show_examination(EXAMINATION)

    page.copy.click()

    assert QGuiApplication.clipboard().text() == EXAMINATION.report


def test_nothing_is_left_of_another_team(page: ChecksPage) -> None:
    """What failed is said in place of a state, and another team begins empty."""
    page.show_examination(EXAMINATION)
    page.show_failed(UserError("The settings are damaged."))
    assert (page.summary.text(), page.dot.indicator) == (
        "The settings are damaged.",
        Indicator.DANGER,
    )

    page.forget()

    assert (page.table.total, page.details.toPlainText(), page.title) == (0, "", "Checks")
    assert not page.copy.isEnabled()
