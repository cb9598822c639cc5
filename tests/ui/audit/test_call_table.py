"""The table of calls keeps what is selected, and asks for more near its end."""

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from ibconsole.ui.audit.call_table import CallTable, OutcomeCells
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.audit.conftest import call


def _table(theme: Theme, qtbot: QtBot, count: int) -> CallTable:
    table = CallTable(theme, ApplicationNames(), time_display=TimeDisplay())
    qtbot.addWidget(table)
    table.resize(800, 200)
    table.show()
    table.feed.replace_calls([call(number) for number in range(1, count + 1)])
    return table


def test_the_selected_call_is_found_again(theme: Theme, qtbot: QtBot) -> None:
    table = _table(theme, qtbot, 3)
    table.selectRow(1)
    assert table.call
    assert table.call.id == 2
    table.feed.add_calls([call(4), call(2, "refused")])
    assert table.call.id == 2
    assert table.call.state == "refused"

    table.feed.replace_calls([call(2), call(1)])
    table.select_call(2)
    assert table.call.id == 2
    table.select_call(9)
    assert table.call is None


def test_older_calls_are_wanted_near_the_end(theme: Theme, qtbot: QtBot) -> None:
    table = _table(theme, qtbot, 300)
    with qtbot.assertNotEmitted(table.older_wanted):
        table.verticalScrollBar().setValue(1)
    with qtbot.waitSignal(table.older_wanted):
        table.scrollToBottom()


def test_outcomes_are_coloured(theme: Theme, qtbot: QtBot) -> None:
    table = _table(theme, qtbot, 1)
    table.feed.replace_calls([call(1, "refused"), call(2)])
    cells = table.itemDelegateForColumn(5)
    assert isinstance(cells, OutcomeCells)
    colours = [
        cells.colour(QStyleOptionViewItem(), table.feed.index(row, 5)).name() for row in range(2)
    ]
    assert colours == [QColor(one).name() for one in (theme.colours.text, theme.colours.danger)]
