"""The results of forward tests: the last one, and the list of previous ones."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.services.forward_test.rungs import Ladder, RungKind, SentTest
from ibconsole.services.forward_test.verdict import Delivered
from ibconsole.ui.forward_test.result_view import ResultView
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.forward_test.conftest import TEST


@pytest.fixture
def results(theme: Theme, qtbot: QtBot) -> ResultView:
    results = ResultView(theme, time_display=TimeDisplay())
    qtbot.addWidget(results)
    return results


def test_before_the_first_test(results: ResultView) -> None:
    """Before the first test, a notice explains what a test does."""
    results.show_previous([])

    assert results.currentWidget() is results.notice
    assert "the first cause" in results.notice.sentence.text()


def test_previous_tests_are_listed_at_once(results: ResultView) -> None:
    """Recorded tests are listed in place of the notice, and counted in the tab."""
    results.show_previous([replace(TEST, id=1), replace(TEST, id=2)])

    assert results.currentWidget() is results.tabs
    assert results.tabs.currentWidget() is results.previous_tests
    assert results.tabs.tabText(3) == "History (2)"


def test_a_selected_test_leaves_the_tab_open(results: ResultView) -> None:
    """Selecting a previous test shows its result without leaving the list."""
    results.show_previous([TEST])

    results.show_test(TEST)
    assert results.tabs.currentWidget() is results.previous_tests
    assert results.summary.lead.text() == "Answered 202 Accepted"

    results.show_ladder_tab()
    assert results.tabs.currentWidget() is results.ladder


def test_times_follow_the_zone(theme: Theme, qtbot: QtBot) -> None:
    """Previous tests and the result change with the window's switch between zones."""
    time_display = TimeDisplay()
    results = ResultView(theme, time_display=time_display)
    qtbot.addWidget(results)
    results.show_previous([TEST])
    results.show_test(TEST)
    model = results.previous_tests.model()
    with qtbot.waitSignal(model.dataChanged):
        time_display.show_utc(on=True)

    assert model.index(0, 0).data() == " 5 Jan 2017 12:47"
    assert "UTC" in next(
        row.text.text() for row in results.summary.rows if row.label.text() == "When"
    )


def test_requests_of_one_ladder_are_one_test(results: ResultView) -> None:
    """The history lists a ladder once, not each of its requests."""
    sent = SentTest("curl", RungKind.SENDERS, Delivered.YES, id=2)
    ladder = Ladder("https://a.io/in", 1, "from this computer", sent=(replace(sent, id=1), sent))

    results.show_previous([replace(TEST, id=2), replace(TEST, id=1, ladder=ladder)])

    assert results.tabs.tabText(3) == "History (1)"
