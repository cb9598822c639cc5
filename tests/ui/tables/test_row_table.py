from array import array
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.records_model import RecordsModel
from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.tables.row_table import MAX_COPIED, RowTable
from ibconsole.ui.tables.snapshot import Column
from ibconsole.ui.toolkit.theme import Theme

LONG = "<b>a very long text</b> that fits into no cell of a table as narrow as this one"
COUNT = 60
SHORT_CELL, STRETCH, REPEATED, EXPLAINED = range(4)


@dataclass(frozen=True)
class Line:
    id: int


def short(line: Line) -> str:
    return f"n{line.id:02}"


def long(_line: Line) -> str:
    return LONG


def more(_line: Line) -> str:
    return "more details"


def feed() -> RowTable:
    columns = [
        FeedColumn("A", short),
        FeedColumn("B", long),
        FeedColumn("C", short, short),
        FeedColumn("D", short, more),
    ]
    table = FeedTable(stretch=STRETCH)
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
    table = RecordsTable(RecordsModel(columns, lambda line: line.id), stretch=STRETCH)
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
    """Return the tooltip at the middle of a cell."""
    point = table.visualRect(table.model().index(0, column)).center()
    where = table.viewport().mapToGlobal(point)
    QApplication.sendEvent(table.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, point, where))
    text = QToolTip.text()
    QToolTip.hideText()
    return text


def test_only_elided_cells_repeat_their_text(table: RowTable) -> None:
    """A cell has a tooltip if it is elided, or if the tooltip says more than the cell."""
    assert table.tooltip_of(table.model().index(0, SHORT_CELL)) == ""
    assert table.tooltip_of(table.model().index(0, REPEATED)) == ""
    assert "more details" in table.tooltip_of(table.model().index(0, EXPLAINED))
    assert "a very long text" in hovered(table, STRETCH)

    table.resize(1600, 200)

    assert table.tooltip_of(table.model().index(0, STRETCH)) == ""


def test_a_tooltip_is_never_html(table: RowTable) -> None:
    """A text from outside is never interpreted as HTML."""
    assert "&lt;b&gt;" in hovered(table, STRETCH)


def test_the_menu_key_opens_the_menu_of_the_current_row(table: RowTable) -> None:
    """The Menu key opens the menu at the current row, also if that was scrolled out of sight."""
    table.setCurrentIndex(table.model().index(COUNT - 1, 0))
    table.verticalScrollBar().setValue(0)

    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(table, event)

    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    texts = [action.text() for action in menu.actions()]
    menu.close()
    current = table.visualRect(table.currentIndex())
    assert "Copy row\tCtrl+C" in texts
    assert table.viewport().rect().contains(current.center())


def test_ctrl_c_copies_the_row(table: RowTable, qtbot: QtBot) -> None:
    """Ctrl+C copies all visible cells, separated by tabs, as spreadsheets expect them."""
    table.selectRow(0)
    cells = [str(table.model().index(0, column).data()) for column in table.columns.visible]

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "\t".join(cells)


def test_home_and_end(table: RowTable, qtbot: QtBot) -> None:
    """Home and End go to the first and the last row, PageUp by a page."""
    table.setCurrentIndex(table.model().index(5, 0))

    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == COUNT - 1

    qtbot.keyClick(table, Qt.Key.Key_PageUp)
    assert 0 < table.currentIndex().row() < COUNT - 1

    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0


def test_copy_of_very_many_rows(theme: Theme, qtbot: QtBot) -> None:
    """A copy has a limit, so that it does not hold the window, and says what it leaves out."""
    table = feed()
    qtbot.addWidget(table)
    model = table.model()
    assert isinstance(model, FeedModel)
    model.show(array("q", range(1, 100_001)))
    table.selectAll()
    QGuiApplication.clipboard().clear()
    table.copy_row()
    model.append(array("q", range(100_001, 100_101)))  # they are not among the selected ones
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()))
    lines = QGuiApplication.clipboard().text().split("\n")

    assert len(lines) == MAX_COPIED + 1
    assert lines[0].startswith("n100000\t")
    assert lines[-2].startswith("n99001\t")
    assert lines[-1] == "(99,000 more rows not copied)"


def test_a_copy_survives_another_list(theme: Theme, qtbot: QtBot) -> None:
    """Rows that are being copied are in the clipboard, also if the list is replaced meanwhile."""
    table = feed()
    qtbot.addWidget(table)
    model = table.model()
    assert isinstance(model, FeedModel)
    model.show(array("q", range(1, 2_001)))
    table.selectAll()
    table.copy_row()
    model.show(array("q"))
    lines = QGuiApplication.clipboard().text().split("\n")

    assert len(lines) == MAX_COPIED + 1
    assert lines[-2].startswith("n1001\t")


def test_the_first_arrow_key_selects_the_first_row(table: RowTable, qtbot: QtBot) -> None:
    """A table that gets the focus shows no row as chosen, and passes none over."""
    table.clearFocus()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(table.hasFocus)
    assert not table.currentIndex().isValid()

    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert [run.start for run in table.selected_runs()] == [0]


class CountingModel(FeedModel[Line]):
    flags_read = 0

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        self.flags_read += 1
        return super().flags(index)


def test_selecting_all_rows_visits_few(theme: Theme, qtbot: QtBot) -> None:
    """Selecting and painting a whole list does not visit the rows out of sight."""
    table = FeedTable(stretch=0)
    qtbot.addWidget(table)
    columns = [FeedColumn("A", short), FeedColumn("B", short)]
    model = CountingModel(columns, lambda ids: [Line(one) for one in ids], table)
    table.setModel(model)
    model.show(array("q", range(1, 5_001)))
    table.resize(300, 200)
    table.show()
    table.selectAll()
    table.grab()

    assert table.selected_runs() == [range(5_000)]
    assert model.flags_read < 1_000
