"""The table of requests and its selected entry."""

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from ibconsole.ui.activity.entry_table import EntryTable, StatusCells
from ibconsole.ui.activity.model import ActivityFilter
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.activity.conftest import STATUS, entry


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> EntryTable:
    """A table of three requests, of which the newest failed."""
    table = EntryTable(theme, time_display=TimeDisplay())
    qtbot.addWidget(table)
    table.feed.add([entry(id=number) for number in (1, 2)], 1)
    table.feed.add([entry(id=3, status=500, url="https://x.io/b")], 1)
    return table


def test_selecting_a_row_selects_its_entry(table: EntryTable, qtbot: QtBot) -> None:
    """The entry of a selected row is emitted, and None once nothing is selected."""
    with qtbot.waitSignal(table.entry_selected) as selected:
        table.selectRow(0)
    assert selected.args[0].id == 3

    table.select_entry(None)
    assert table.entry is None


def test_a_dropped_entry_stays_selected(table: EntryTable, qtbot: QtBot) -> None:
    """An entry that leaves the list to make room stays selected; no neighbour takes its place."""
    table.selectRow(2)

    with qtbot.assertNotEmitted(table.entry_selected):
        table.feed.add([], 2)

    assert table.feed.rowCount() == 2
    assert table.entry
    assert table.entry.id == 1
    assert not table.currentIndex().isValid()


def test_a_filter_keeps_only_a_matching_selection(table: EntryTable, qtbot: QtBot) -> None:
    """The selection survives a filter that it matches, and ends with one that it does not."""
    table.selectRow(0)
    with qtbot.assertNotEmitted(table.entry_selected):
        table.set_filter(ActivityFilter(only_failures=True))
    assert table.currentIndex().row() == 0

    with qtbot.waitSignal(table.entry_selected) as selected:
        table.set_filter(ActivityFilter("x.io/a"))
    assert selected.args == [None]


def test_a_failure_is_red(table: EntryTable, theme: Theme) -> None:
    """The status of a failed request has the colour of danger, any other has not."""
    delegate = table.itemDelegateForColumn(STATUS)
    assert isinstance(delegate, StatusCells)
    colours = []
    for row in range(2):
        option = QStyleOptionViewItem()
        delegate.initStyleOption(option, table.feed.index(row, STATUS))
        colours.append(option.palette.color(QPalette.ColorRole.Text).name())

    assert (colours[0] == theme.colours.danger, colours[1] == theme.colours.danger) == (True, False)
