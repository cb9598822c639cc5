"""The table of the cases."""

from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.cases.store import CaseSummary
from ibconsole.ui.evidence.cases_table import CasesTable
from ibconsole.ui.toolkit.times import TimeDisplay

CASES = [
    CaseSummary(id="a", title="Older", created_at=1, changed_at=2, items=3),
    CaseSummary(id="b", title="Newer", created_at=1, changed_at=3, items=1),
    CaseSummary(id="c", problem="The case c cannot be read."),
]


def test_the_last_change_is_on_top(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    """The case to which things are pinned is marked, and one that is damaged is named so."""
    display = TimeDisplay()
    table = CasesTable(display)
    display.setParent(table)
    qtbot.addWidget(table)
    qtmodeltester.check(table.model())
    table.show_records(CASES)
    table.mark_current("a")
    titles = [table.model().index(row, 0).data() for row in range(3)]
    assert titles == ["Newer", "● Older", "Cannot be read"]
    [(name, link)] = table.copies
    assert (name, link(CASES[0])) == ("Copy link", "ibconsole://case/a")
    assert "pinned to this case" in table.tooltip_of(table.model().index(1, 0))
    assert "case c cannot be read" in table.tooltip_of(table.model().index(2, 0))
