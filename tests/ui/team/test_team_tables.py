from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.ui.team.team_tables import SourceRow, refused_table, sources_table
from ibconsole.ui.toolkit import TimeDisplay
from tests.ui.team.harness import NOW, REFUSED, SEEN


def test_collectors_come_first(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    """Each source is shown with its kind, its last sign of life and what waits there."""
    parent = QWidget()
    qtbot.addWidget(parent)
    table = sources_table(TimeDisplay(parent), parent)
    qtmodeltester.check(table.model())

    table.show_records([SourceRow(one, NOW) for one in SEEN.overview.sources])

    model = table.model()
    shown = [[model.index(row, column).data() for column in range(5)] for row in range(2)]
    assert shown == [
        ["eu-1", "collector", "just now", "0", ""],
        ["anna@desk", "desktop", "1 min ago", "2", "2 min"],
    ]


def test_refused_rows_have_a_reason(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    """The row is named as the archive on this disk names it."""
    parent = QWidget()
    qtbot.addWidget(parent)
    table = refused_table(TimeDisplay(parent), parent)
    qtmodeltester.check(table.model())

    table.show_records([REFUSED])

    model = table.model()
    assert model.index(0, 0).data() == "delivery 7"
    assert model.index(0, 2).data() == "invalid byte sequence"
