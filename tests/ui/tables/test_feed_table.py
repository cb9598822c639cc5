from array import array
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.toolkit.theme import ROW_HEIGHT, Theme

COUNT = 100


@dataclass(frozen=True)
class Record:
    id: int


@pytest.fixture
def model() -> FeedModel[Record]:
    columns: list[FeedColumn[Record]] = [FeedColumn("Id", lambda record: str(record.id))]
    return FeedModel(columns, lambda ids: [Record(one) for one in ids])


@pytest.fixture
def table(model: FeedModel[Record], theme: Theme, qtbot: QtBot) -> FeedTable:
    table = FeedTable(stretch=0)
    qtbot.addWidget(table)
    table.setModel(model)
    table.set_widths(0)
    table.resize(200, 200)
    table.show()
    model.show(array("q", range(1, COUNT + 1)))
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() > 0)
    return table


def top(table: FeedTable) -> str:
    return str(table.indexAt(table.viewport().rect().topLeft()).data())


def test_new_rows_do_not_move_the_view(
    table: FeedTable, model: FeedModel[Record], qtbot: QtBot
) -> None:
    """Rows that arrive above the visible part do not move it, and are counted as unseen."""
    table.verticalScrollBar().setValue(10 * ROW_HEIGHT)
    before = top(table)

    with qtbot.waitSignal(table.unseen_changed) as emitted:
        model.append(array("q", [COUNT + 1, COUNT + 2]))

    assert top(table) == before
    assert emitted.args == [2]


def test_following(table: FeedTable, model: FeedModel[Record], qtbot: QtBot) -> None:
    """While the table follows, the newest row stays in sight; scrolling away ends that."""
    table.verticalScrollBar().setValue(10 * ROW_HEIGHT)
    table.set_follow(True)
    assert top(table) == str(COUNT)

    model.append(array("q", [COUNT + 1]))
    assert top(table) == str(COUNT + 1)

    with qtbot.waitSignal(table.follow_changed):
        table.verticalScrollBar().setValue(5 * ROW_HEIGHT)
    assert not table.follow


def test_showing_the_newest_clears_the_unseen(
    table: FeedTable, model: FeedModel[Record], qtbot: QtBot
) -> None:
    """Going to the newest row marks all rows as seen."""
    table.verticalScrollBar().setValue(10 * ROW_HEIGHT)
    model.append(array("q", [COUNT + 1]))

    with qtbot.waitSignal(table.unseen_changed) as emitted:
        table.show_newest()

    assert emitted.args == [0]
    assert top(table) == str(COUNT + 1)


def test_keys(table: FeedTable, qtbot: QtBot) -> None:
    """Space switches following, Esc clears the selection."""
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.follow

    table.selectRow(3)
    with qtbot.waitSignal(table.current_changed) as emitted:
        qtbot.keyClick(table, Qt.Key.Key_Escape)

    assert emitted.args == [-1]
    assert not table.selectionModel().hasSelection()


def test_selected_runs(table: FeedTable, model: FeedModel[Record], qtbot: QtBot) -> None:
    """The selected rows are known as runs, from top to bottom, and so are their ids."""
    area = table.viewport()
    for row, modifier in ((4, "NoModifier"), (1, "ControlModifier"), (2, "ShiftModifier")):
        point = table.visualRect(model.index(row, 0)).center()
        keys = getattr(Qt.KeyboardModifier, modifier)
        qtbot.mouseClick(area, Qt.MouseButton.LeftButton, keys, point)
    assert table.selected_runs() == [range(1, 3), range(4, 5)]
    assert list(model.ids_of(table.selected_runs())) == [99, 98, 96]

    table.selectAll()
    assert list(model.ids_of(table.selected_runs())) == list(range(COUNT, 0, -1))


def test_opened_row_is_in_sight(table: FeedTable) -> None:
    """A row that is opened is selected, and in the middle of the view."""
    table.open_row(50)

    assert table.currentIndex().row() == 50
    assert table.selected_runs() == [range(50, 51)]
    assert abs(table.visualRect(table.currentIndex()).center().y() - 87) < 2 * ROW_HEIGHT
