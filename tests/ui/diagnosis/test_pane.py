"""The Health tab."""

import json

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.services.diagnosis.outputs import AccountDiagnosis
from ibconsole.ui.diagnosis.finding_dialogs import FindingPageDialog, MuteDialog
from ibconsole.ui.diagnosis.finding_rows import rows_of_account, rows_of_application
from ibconsole.ui.diagnosis.pane import HealthPane
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.diagnosis.records import DIAGNOSIS, FINDING, FOUND, MUTED, NOW

ACCOUNT = AccountDiagnosis("Acme", "sandbox", NOW, FOUND, 1)


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> HealthPane:
    pane = HealthPane(theme)
    qtbot.addWidget(pane)
    pane.resize(1000, 400)
    pane.show()
    pane.show_rows(rows_of_application(DIAGNOSIS), ACCOUNT)
    return pane


def test_the_order(pane: HealthPane) -> None:
    """The questions keep their order with their findings below."""
    model = pane.table.model()
    names = [model.index(row, 0).data() for row in range(model.rowCount())]

    assert names[:2] == ["1. Does it route?", "IBC-1002"]
    pane.filter.setText("known")
    assert model.rowCount() == 1


def test_the_focus_waits_for_the_list(theme: Theme, qtbot: QtBot) -> None:
    """A tab that opens before its diagnosis is there has the focus in its list afterwards."""
    pane = HealthPane(theme)
    qtbot.addWidget(pane)
    pane.show()
    pane.activateWindow()
    pane.show_loading(keep=False)
    pane.all_findings.setFocus()
    qtbot.waitUntil(pane.all_findings.hasFocus)
    pane.show_rows(rows_of_application(DIAGNOSIS), ACCOUNT)

    assert pane.table.hasFocus()

    pane.all_findings.setFocus()
    pane.show_rows(rows_of_application(DIAGNOSIS), ACCOUNT)

    assert pane.all_findings.hasFocus()


def test_a_finding(pane: HealthPane) -> None:
    """A finding has its details, and its remedy for the selected application alone."""
    pane.table.clearSelection()
    assert pane.mute.disabled_reason
    pane.table.selectRow(1)
    asked: list[str] = []
    pane.remedy_requested.connect(asked.append)
    assert "Remedy:" in pane.details.toPlainText()
    assert not pane.remedy.isEnabled()
    pane.select_application("a")
    pane.remedy.click()

    assert asked == ["New action…"]


def test_the_answer_is_on_the_screen(pane: HealthPane) -> None:
    """What explains most is selected, with its remedy; a choice of the user stays."""
    assert pane.finding == FINDING
    assert "Remedy:" in pane.details.toPlainText()

    pane.table.selectRow(0)
    pane.show_rows(rows_of_application(DIAGNOSIS), ACCOUNT)
    assert pane.details.toPlainText().startswith("1. Does it route?")
    pane.show_rows(rows_of_account(FOUND), ACCOUNT)
    assert pane.finding == FINDING


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter(pane: HealthPane, qtbot: QtBot, key: Qt.Key) -> None:
    """Both Enter keys open the page of the finding, once."""
    pane.table.selectRow(1)
    pane.activateWindow()
    pane.table.setFocus()
    qtbot.waitUntil(pane.table.hasFocus)
    qtbot.keyClick(pane.table, key)
    [dialog] = pane.findChildren(FindingPageDialog)

    assert dialog.windowTitle() == "IBC-1002"
    dialog.reject()


def test_mute_and_unmute(pane: HealthPane) -> None:
    """A finding is muted with a reason; a muted one is unmuted at once."""
    muted: list[object] = []
    pane.mute_requested.connect(lambda finding, reason, _until: muted.append((finding, reason)))
    pane.unmute_requested.connect(muted.append)
    pane.table.selectRow(1)
    pane.mute.trigger()
    [dialog] = pane.findChildren(MuteDialog)
    dialog.reason.setText("Known.")
    dialog.submit.click()
    pane.table.selectRow(3)
    assert pane.mute.name == "Unmute the finding"
    pane.mute.trigger()

    assert muted == [(FINDING, "Known."), MUTED.mute]


def test_open_the_application(pane: HealthPane) -> None:
    """A finding leads to its application."""
    opened: list[str] = []
    pane.application_requested.connect(opened.append)
    pane.table.selectRow(1)
    pane.open.trigger()

    assert opened == ["a"]


def test_copies(pane: HealthPane) -> None:
    """The findings are copied for a ticket, and for a program."""
    pane.markdown.trigger()
    assert "## IBC-1002 (error)" in QGuiApplication.clipboard().text()
    pane.json.trigger()

    assert json.loads(QGuiApplication.clipboard().text())["accounts"][0]["name"] == "Acme"


def test_the_application_is_named_where_there_are_several(pane: HealthPane) -> None:
    """One application needs no column for its name: the sentence has the room."""
    header = pane.table.horizontalHeader()
    assert header.isSectionHidden(3)
    pane.show_all_findings()
    pane.show_rows(rows_of_application(DIAGNOSIS), ACCOUNT)

    assert not header.isSectionHidden(3)


def test_a_finding_is_selected_once_it_is_listed(pane: HealthPane) -> None:
    """A finding that the palette leads to is selected when its application is diagnosed."""
    pane.select_finding(MUTED.finding)
    pane.show_rows(rows_of_account(FOUND), ACCOUNT)
    assert pane.finding == MUTED.finding

    pane.select_finding(FINDING)

    assert pane.finding == FINDING
    assert list(pane.findings) == [FINDING, MUTED.finding]
    pane.select_finding(replace(FINDING, number=1001))
    pane.show_rows(rows_of_account(FOUND), ACCOUNT)
    assert pane.finding == FINDING
