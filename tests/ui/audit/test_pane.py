"""The pane of the audit: its states and its commands."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity, UserError
from ibconsole.services.audit import AuditCalls
from ibconsole.ui.audit.pane import AuditPane
from ibconsole.ui.toolkit.text import ApplicationNames
from tests.ui.audit.conftest import CODE, call


def test_rows_stay_under_a_failure(pane: AuditPane) -> None:
    """They are marked as old; the next success takes the mark away."""
    pane.show()
    pane.show_calls(AuditCalls((call(1),)))
    pane.show_failed(UserError("The archive is locked."))
    assert pane.model.rowCount() == 1
    assert "out of date" in pane.page._failure.text.text()
    pane.show_calls(AuditCalls((call(1),)))
    assert pane.page._failure.isHidden()


def test_an_empty_list_says_why(pane: AuditPane) -> None:
    pane.show_calls(AuditCalls(()))
    assert pane.page.notice.action.isHidden()
    pane.toolbar.search.setText("x")
    pane.show_calls(AuditCalls(()))
    assert pane.page.notice.sentence.text() == "No call matches the filter."


def test_the_selection_stays_when_calls_come(pane: AuditPane, qtbot: QtBot) -> None:
    pane.show()
    pane.show_calls(AuditCalls((call(2), call(1, ended=False)), rest=1))
    assert not pane.copy_row.isEnabled()
    pane.table.selectRow(1)
    assert pane.copy_row.isEnabled()
    with qtbot.waitSignal(pane.call_selected) as changed:
        pane.add_calls(AuditCalls((call(3), call(1, "refused"))))
    assert changed.args[0].state == "refused"
    pane.show_calls(AuditCalls((call(1), call(0))))
    kept = pane.call
    pane.show_calls(AuditCalls((call(9),)))
    assert (kept and kept.id, pane.call) == (1, None)
    assert not pane.copy_row.isEnabled()


def test_older_calls_are_asked_for_only_if_there_are(pane: AuditPane, qtbot: QtBot) -> None:
    pane.show_calls(AuditCalls((call(1),)))
    with qtbot.assertNotEmitted(pane.older_wanted):
        pane.table.older_wanted.emit()
    pane.show_calls(AuditCalls((call(2),), rest=2))
    with qtbot.waitSignal(pane.older_wanted):
        pane.table.older_wanted.emit()
    pane.add_older_calls(AuditCalls((call(1),)))
    assert pane.rest is None


def test_space_follows_new_calls(pane: AuditPane, qtbot: QtBot) -> None:
    pane.show()
    pane.show_calls(AuditCalls(tuple(call(number) for number in range(100, 0, -1))))
    qtbot.keyClick(pane.table, Qt.Key.Key_Space)
    assert pane.follow.isChecked()
    pane.follow.trigger()
    assert not pane.table.follow


def test_names_and_banner(pane: AuditPane, names: ApplicationNames) -> None:
    assert pane.name_of(call(1)) == "0123…cdef"
    pane.show_verification(Severity.DANGER, "Broken.", "")
    assert pane.page.banner.action.isHidden()
    assert CODE not in pane.page.banner.text.text()
    pane.focus_filter()


def test_commands_of_the_palette_show_the_tab(pane: AuditPane, qtbot: QtBot) -> None:
    """What they do is seen there alone."""
    for command in (pane.filter, pane.verify):
        with qtbot.waitSignal(pane.tab_wanted):
            command.trigger()
