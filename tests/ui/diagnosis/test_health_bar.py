"""The chips above the applications."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.services.diagnosis.health import HealthReport, HealthState
from ibconsole.ui.diagnosis.health_bar import HealthBar
from ibconsole.ui.diagnosis.health_column import HealthBook, HealthGroup
from ibconsole.ui.tables.slices import CHUNK, Slices
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.diagnosis.records import APPLICATIONS, A, B, C, D, application, report


@pytest.fixture
def book() -> HealthBook:
    return HealthBook()


@pytest.fixture
def bar(book: HealthBook, theme: Theme, qtbot: QtBot) -> HealthBar:
    bar = HealthBar(book, theme)
    qtbot.addWidget(bar)
    return bar


def chips(bar: HealthBar) -> list[str]:
    return [chip.text() for chip in bar.chips.values() if not chip.isHidden()]


def test_counts(bar: HealthBar, book: HealthBook) -> None:
    """Each group that has an application is counted; the rest is not in the way."""
    book.report = report(A, B, C, D)
    bar.show_counts(APPLICATIONS)
    filling = (chips(bar), bar.progress.text())
    book.report = report(A, B, C, D, state=HealthState.DONE)
    bar.show_counts(APPLICATIONS)

    assert filling == (["No route 1", "Failing 1", "Warning 1"], "Checking 4 of 5")
    assert chips(bar) == ["No route 1", "Failing 1", "Warning 1", "Not checked 1"]
    assert bar.progress.text() == ""
    assert bar.pause_button.isHidden()


def test_many(bar: HealthBar, book: HealthBook, qtbot: QtBot) -> None:
    """Many are counted in steps, the last of which shows all; another account ends it."""
    many = tuple(application(f"{number}") for number in range(CHUNK + 2))
    book.report = report(*(replace(A, code=one.code) for one in many[:-1]), state=HealthState.DONE)
    bar._counting = Slices(bar, seconds=0)
    bar.show_counts(many)
    begun = chips(bar)
    qtbot.waitUntil(lambda: not bar._counting.busy)
    complete = chips(bar)
    bar.show_counts(many)
    bar.clear()

    assert begun == []
    assert complete == [f"No route {CHUNK + 1:,}", "Not checked 1"]
    assert (chips(bar), bar._counting.busy) == ([], False)


def test_one_group_at_a_time(bar: HealthBar, book: HealthBook) -> None:
    """A chip shows its group alone; pressed again, it shows all."""
    book.report = report(A, B, C, D)
    bar.show_counts(APPLICATIONS)
    changes = []
    bar.filter_changed.connect(lambda: changes.append(bar.group))
    bar.chips[HealthGroup.NO_ROUTE].click()
    bar.chips[HealthGroup.FAILING].click()
    left = [one.code for one in APPLICATIONS if bar.meets(one)]
    bar.chips[HealthGroup.FAILING].click()

    assert changes == [HealthGroup.NO_ROUTE, HealthGroup.FAILING, None]
    assert left == ["b"]
    assert all(map(bar.meets, APPLICATIONS))


def test_pause(bar: HealthBar, book: HealthBook) -> None:
    """The checks can be paused and resumed while they run, and the button says which."""
    wanted: list[bool] = []
    bar.pause_toggled.connect(wanted.append)
    assert bar.pause.disabled_reason
    book.report = report(A)
    bar.show_counts(APPLICATIONS)
    bar.pause.trigger()
    assert bar.pause.name == "Resume the health checks"
    book.report = report(A, state=HealthState.PAUSED)
    bar.show_counts(APPLICATIONS)
    assert bar.progress.text() == "Paused at 1 of 5"
    bar.pause.trigger()

    assert wanted == [True, False]


def test_a_failure(bar: HealthBar, book: HealthBook) -> None:
    """A check that ended says why."""
    book.report = HealthReport(HealthState.FAILED, problem="It timed out.")
    bar.show_counts(APPLICATIONS)

    assert bar.progress.text() == "Not checked: It timed out."


def test_another_account(bar: HealthBar, book: HealthBook) -> None:
    """Nothing is carried over to another account."""
    book.report = report(A)
    bar.show_counts(APPLICATIONS)
    bar.chips[HealthGroup.NO_ROUTE].click()
    bar.pause.trigger()
    bar.clear()

    assert (bar.group, bar.paused, bar.isHidden()) == (None, False, True)
