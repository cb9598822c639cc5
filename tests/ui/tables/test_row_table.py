"""What holds for every table: its tooltips, its menu without a mouse, what it copies."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.records_model import Column, RecordsModel
from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit.theme import Theme

LONG = "<b>a very long text</b> that fits into no cell of a table as narrow as this one"
COUNT = 60
SHORT_CELL, ELASTIC, REPEATED, EXPLAINED = range(4)


@dataclass(frozen=True)
class Line:
    id: int


def short(line: Line) -> str:
    return f"n{line.id:02}"


def long(_line: Line) -> str:
    return LONG


def more(_line: Line) -> str:
    return "tells more"


def feed() -> RowTable:
    columns = [
        FeedColumn("A", short),
        FeedColumn("B", long),
        FeedColumn("C", short, short),
        FeedColumn("D", short, more),
    ]
    table = FeedTable(stretch=ELASTIC)
    model = FeedModel(columns, lambda ids: [Line(number) for number in ids], table)
    table.setModel(model)
    model.show(array("q", range(1, COUNT + 1)))
    return table


def records() -> RowTable:
    columns = [
        Column("A", short),
        Column("B", long),
        Column("C", short, tooltip=short),
        Column("D", short, tooltip=more),
    ]
    table = RecordsTable(RecordsModel(columns, lambda line: line.id), stretch=ELASTIC)
    table.show_records([Line(number) for number in range(1, COUNT + 1)])
    return table


@pytest.fixture(params=[feed, records])
def table(request: pytest.FixtureRequest, theme: Theme, qtbot: QtBot) -> RowTable:
    make: Callable[[], RowTable] = request.param
    table = make()
    qtbot.addWidget(table)
    table.set_widths(80, 0, 80, 80)
    table.resize(400, 200)
    table.show()
    return table


def hovered(table: RowTable, column: int) -> str:
    """What is told at the middle of a cell."""
    place = table.visualRect(table.model().index(0, column)).center()
    where = table.viewport().mapToGlobal(place)
    QApplication.sendEvent(table.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, place, where))
    text = QToolTip.text()
    QToolTip.hideText()
    return text


def test_only_what_is_elided_has_a_tooltip(table: RowTable) -> None:
    """A tooltip that repeats what one sees is in the way; one that says more is told."""
    assert table.tooltip_of(table.model().index(0, SHORT_CELL)) == ""
    assert table.tooltip_of(table.model().index(0, REPEATED)) == ""
    assert "tells more" in table.tooltip_of(table.model().index(0, EXPLAINED))
    assert "a very long text" in hovered(table, ELASTIC)

    table.resize(1600, 200)

    assert table.tooltip_of(table.model().index(0, ELASTIC)) == ""


def test_a_tooltip_shows_texts_as_they_are(table: RowTable) -> None:
    """What a stranger wrote is never taken for HTML."""
    assert "&lt;b&gt;" in hovered(table, ELASTIC)


def test_the_menu_key_opens_the_menu_of_the_current_row(table: RowTable) -> None:
    """Also if that row was scrolled out of sight."""
    table.setCurrentIndex(table.model().index(COUNT - 1, 0))
    table.verticalScrollBar().setValue(0)

    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(table, event)

    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    texts = [action.text() for action in menu.actions()]
    menu.close()
    current = table.visualRect(table.currentIndex())
    assert "Copy row" in texts
    assert table.viewport().rect().contains(current.center())


def test_ctrl_c_copies_the_row(table: RowTable, qtbot: QtBot) -> None:
    """All visible cells, parted by tabs, ready for a sheet."""
    table.selectRow(0)
    cells = [str(table.model().index(0, column).data()) for column in table.columns.visible]

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "\t".join(cells)


def test_home_and_end(table: RowTable, qtbot: QtBot) -> None:
    """They go to the first and the last row; the pages in between go by page."""
    table.setCurrentIndex(table.model().index(5, 0))

    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == COUNT - 1

    qtbot.keyClick(table, Qt.Key.Key_PageUp)
    assert 0 < table.currentIndex().row() < COUNT - 1

    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0
