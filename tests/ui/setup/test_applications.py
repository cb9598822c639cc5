"""The list of applications."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.model.application import read_application
from ibconsole.services.diagnosis.catalogue.finding import Level
from ibconsole.services.diagnosis.health import HealthReport, HealthState
from ibconsole.services.diagnosis.health_cache import ApplicationHealth
from ibconsole.ui.diagnosis.health_column import HealthGroup
from ibconsole.ui.setup.applications import name_of, push_of
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.setup.conftest import GatedSetup
from tests.ui.setup.steps import cells


async def test_applications(
    panes: SetupPanes, presenter: SetupPresenter, selection: SetupSelection
) -> None:
    """A new connection lists its applications, by name, with masked codes."""
    assert cells(panes.applications_pane) == sorted(cells(panes.applications_pane), key=str.lower)
    assert "Bora Bank" in cells(panes.applications_pane)
    assert all("…" in code for code in cells(panes.applications_pane, 2))
    assert selection.application is None


async def test_filter(panes: SetupPanes, presenter: SetupPresenter, qtbot: QtBot) -> None:
    """The filter searches whole codes, counts what it leaves, and is cleared by Esc."""
    [application] = [
        record
        for record in panes.applications_pane.table.model().sourceModel().records  # type: ignore[attr-defined]
        if record.name == "Bora Bank"
    ]
    panes.applications_pane.filter.setText(application.code[10:30])
    assert cells(panes.applications_pane) == ["Bora Bank"]
    assert panes.applications_pane._subtitle.text() == "1 of 6"

    panes.activateWindow()
    panes.applications_pane.filter.setFocus()
    qtbot.waitUntil(panes.applications_pane.filter.hasFocus)
    qtbot.keyClick(panes.applications_pane.filter, Qt.Key.Key_Escape)
    assert panes.applications_pane.filter.text() == ""


async def test_no_application(
    panes: SetupPanes, gated: GatedSetup, gated_presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """An account without applications explains where they are created."""
    panes.applications_pane.show_applications([])

    assert "no application" in panes.applications_pane.notice.sentence.text()


@pytest.mark.parametrize(
    ("fields", "name", "push"),
    [
        ({"name": "Bora\nBank", "apns": {"enabled": True}, "gcm": {}}, "Bora ⏎ Bank", "APNs"),
        ({"name": ""}, "0123…cdef", ""),
    ],
)
def test_words_of_an_application(fields: dict[str, object], name: str, push: str) -> None:
    """A name is shown on one line; an application without one is shown by its masked code."""
    application = read_application({"applicationCode": "0123456789abcdef", **fields})

    assert (name_of(application), push_of(application)) == (name, push)


async def test_health(panes: SetupPanes, presenter: SetupPresenter) -> None:
    """A chip shows its applications alone, and the selected one stays selected."""
    pane = panes.applications_pane
    bank = next(one for one in pane.table.records if one.name == "Bora Bank")
    other = next(one for one in pane.table.records if one is not bank)
    pane.table.select_records((other.code, other.id))
    ill = ApplicationHealth(bank.code, bank.name, now_ms(), Level.ERROR, "Bad.", 1, 0, (1206,))
    pane.show_health(HealthReport(HealthState.FILLING, {bank.code: ill}, done=1, total=6))
    chip = pane.health.chips[HealthGroup.FAILING]
    assert "Error · 1" in cells(pane, 1)
    chip.click()
    assert cells(pane) == ["Bora Bank"]
    assert pane.table.selected_record is other
    pane.show_health(HealthReport(HealthState.DONE, {}, done=0, total=6))
    assert cells(pane) == []
    assert "failing" in pane.table.placeholder
    chip.click()

    assert len(cells(pane)) == 6


async def test_order_by_health(panes: SetupPanes, presenter: SetupPresenter) -> None:
    """Rows that are sorted by health stay where they are until all are checked."""
    pane = panes.applications_pane
    pane.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    before = cells(pane)
    last = next(one for one in pane.table.records if one.name == before[-1])
    ill = {last.code: ApplicationHealth(last.code, last.name, now_ms(), Level.ERROR, "Bad.", 1)}
    pane.show_health(HealthReport(HealthState.FILLING, ill, done=1, total=6))
    while_filling = cells(pane)
    pane.show_health(HealthReport(HealthState.DONE, ill, done=6, total=6))

    assert while_filling == before
    assert cells(pane)[0] == last.name
