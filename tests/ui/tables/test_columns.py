"""Columns: the user arranges them, the window fills the room, and both are window_state."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.tables.columns import NARROWEST_COLUMN, ColumnSettings, parse_settings
from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.records_model import Column, RecordsModel
from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme

ELASTIC = 1
NAMES = ("Time", "Path", "Status", "Who")
WIDTHS = (100, 0, 80, 120)
ROOM = 600


@dataclass(frozen=True)
class Line:
    id: int


def text_under(name: str) -> Callable[[Line], str]:
    return lambda line: f"{name} {line.id}"


def feed(qtbot: QtBot, names: Sequence[str] = NAMES, optional: Sequence[int] = ()) -> FeedTable:
    table = FeedTable(stretch=ELASTIC, preferred_width=150, optional=optional)
    columns = [FeedColumn(name, text_under(name)) for name in names]
    model = FeedModel(columns, lambda ids: [Line(number) for number in ids], table)
    table.setModel(model)
    table.set_widths(*WIDTHS[: len(names)])
    model.show(array("q", [1, 2]))
    shown(qtbot, table)
    return table


def records(qtbot: QtBot) -> RecordsTable:
    columns = [Column(name, text_under(name)) for name in NAMES]
    table = RecordsTable(RecordsModel(columns, lambda line: line.id), stretch=ELASTIC)
    table.set_widths(*WIDTHS)
    table.show_records([Line(1), Line(2)])
    shown(qtbot, table)
    return table


def shown(qtbot: QtBot, table: RowTable) -> None:
    qtbot.addWidget(table)
    table.resize(ROOM, 200)
    table.show()
    # A list has a border, which is seen while it has the focus.
    table.resize(2 * ROOM - table.viewport().width(), 200)
    assert table.viewport().width() == ROOM


def widths(table: RowTable) -> list[int]:
    return [table.columnWidth(column) for column in range(len(NAMES))]


def drag(qtbot: QtBot, table: RowTable, column: int, by: int) -> None:
    """Drag the right edge of a column."""
    header = table.horizontalHeader()
    edge = header.sectionViewportPosition(column) + header.sectionSize(column) - 2
    viewport, button = header.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(viewport, button, pos=QPoint(edge, 10))
    for step in (by // 2, by):
        qtbot.mouseMove(viewport, QPoint(edge + step, 10))
    qtbot.mouseRelease(viewport, button, pos=QPoint(edge + by, 10))


def menu_of(table: RowTable) -> dict[str, object]:
    """The entries of the header's menu."""
    table.horizontalHeader().customContextMenuRequested.emit(QPoint(10, 10))
    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    menu.close()
    return {action.text(): action for action in menu.actions() if action.text()}


@pytest.mark.parametrize("make", [feed, records])
@pytest.mark.parametrize(
    ("column", "by", "expected"),
    [
        (0, 50, [150, 250, 80, 120]),
        (0, -30, [70, 330, 80, 120]),
        (1, 20, [100, 320, 60, 120]),
        (1, -20, [100, 280, 100, 120]),
        (2, 30, [100, 300, 110, 90]),
        (3, -20, [100, 320, 80, 100]),
    ],
)
def test_dragging_an_edge(
    make: object, theme: Theme, qtbot: QtBot, column: int, by: int, expected: list[int]
) -> None:
    """The edge that is dragged is the one that moves, and the table stays filled."""
    table = make(qtbot)  # type: ignore[operator]
    assert widths(table) == [100, 300, 80, 120]

    drag(qtbot, table, column, by)

    assert widths(table) == expected
    assert table.horizontalScrollBar().maximum() == 0


def test_a_neighbour_gives_no_more_than_it_has(theme: Theme, qtbot: QtBot) -> None:
    """A column that cannot get narrower lets the elastic one give the rest."""
    table = feed(qtbot)

    table.horizontalHeader().resizeSection(2, 80 + 120)

    assert widths(table) == [100, ROOM - 100 - 200 - NARROWEST_COLUMN, 200, NARROWEST_COLUMN]


def test_the_elastic_column_takes_the_rest(theme: Theme, qtbot: QtBot) -> None:
    """A wider window goes to the elastic column; a narrow one scrolls in the end."""
    table = feed(qtbot)
    table.resize(table.width() + 300, 200)
    assert widths(table) == [100, 600, 80, 120]

    table.resize(300, 200)
    assert widths(table)[ELASTIC] == 120
    assert table.horizontalScrollBar().maximum() > 0


def test_columns_yield_unless_they_are_wanted(theme: Theme, qtbot: QtBot) -> None:
    """Lesser columns go where there is little room, except those that the user insists on."""
    table = feed(qtbot, optional=(3, 2))
    table.resize(360, 200)
    assert table.columns.visible == [0, 1, 2]

    menu_of(table)["Who"].setChecked(True)  # type: ignore[attr-defined]
    assert table.columns.visible == [0, 1, 3]
    table.resize(ROOM, 200)
    assert table.columns.visible == [0, 1, 2, 3]


def test_columns_are_hidden_and_reset_by_the_headers_menu(theme: Theme, qtbot: QtBot) -> None:
    """Every column but the elastic one can be hidden; one click undoes it all."""
    table = records(qtbot)
    entries = menu_of(table)
    assert list(entries) == ["Time", "Status", "Who", "Reset columns"]

    entries["Status"].setChecked(False)  # type: ignore[attr-defined]
    table.horizontalHeader().moveSection(3, 0)
    table.horizontalHeader().resizeSection(0, 150)
    table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert table.columns.visible == [3, 0, 1]
    assert widths(table) == [150, ROOM - 270, 0, 120]

    menu_of(table)["Reset columns"].trigger()  # type: ignore[attr-defined]
    assert table.columns.visible == [0, 1, 2, 3]
    assert widths(table) == [100, 300, 80, 120]
    assert table.horizontalHeader().sortIndicatorSection() == 0


def test_columns_without_a_mouse(theme: Theme, qtbot: QtBot) -> None:
    """The menu of a row offers the columns, too: a keyboard cannot reach the header."""
    table = feed(qtbot)
    table.selectRow(0)
    table.customContextMenuRequested.emit(table.visualRect(table.currentIndex()).center())
    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    menu.close()

    [columns] = [action.menu() for action in menu.actions() if action.menu()]
    assert isinstance(columns, QMenu)
    assert "Status" in [action.text() for action in columns.actions()]


def test_a_row_is_copied_as_it_is_shown(theme: Theme, qtbot: QtBot) -> None:
    """Ctrl+C copies what is in sight, in its order: no hidden column."""
    table = feed(qtbot)
    table.columns.show_column(2, on=False)
    table.horizontalHeader().moveSection(3, 0)
    table.selectAll()

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "Who 2\tTime 2\tPath 2\nWho 1\tTime 1\tPath 1"


def test_copying_nothing_keeps_the_clipboard(theme: Theme, qtbot: QtBot) -> None:
    """Without a selected row there is nothing to copy, so nothing is lost."""
    QGuiApplication.clipboard().setText("precious")
    table = records(qtbot)

    table.copy_row()

    assert QGuiApplication.clipboard().text() == "precious"


def test_commands_stand_in_the_menu_of_a_row(theme: Theme, qtbot: QtBot) -> None:
    """A command that reaches the table is offered where its row is clicked."""
    table = records(qtbot)
    command = Command("Delete…", Group.SETUP, lambda: None, parent=table).add_to(table)

    table.customContextMenuRequested.emit(table.visualRect(table.model().index(0, 0)).center())

    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    menu.close()
    assert command in menu.actions()


@pytest.mark.parametrize("make", [feed, records])
def test_columns_are_there_the_next_day(
    make: object, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    """Widths, order, hidden columns and sorting survive the end of the program."""
    path = tmp_path / "window.ini"
    table: RowTable = make(qtbot)  # type: ignore[operator]
    first = WindowState(path)
    first.track_columns(table, "requests")
    drag(qtbot, table, 0, 40)
    table.columns.show_column(2, on=False)
    table.horizontalHeader().moveSection(3, 0)
    sorts = table.isSortingEnabled()
    if sorts:
        table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    first.save()

    again: RowTable = make(qtbot)  # type: ignore[operator]
    WindowState(path).track_columns(again, "requests")

    assert again.columns.visible == [3, 0, 1]
    assert widths(again) == widths(table) == [140, ROOM - 260, 0, 120]
    assert again.columns.state == table.columns.state
    assert again.model().index(0, 3).data() == "Who 2"
    if sorts:
        assert again.horizontalHeader().sortIndicatorSection() == 3


def test_a_drag_is_written_once(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    """What changes with every move of the mouse is written when it has come to rest."""
    window_state, table = WindowState(tmp_path / "window.ini"), feed(qtbot)
    window_state.track_columns(table, "requests")

    drag(qtbot, table, 0, 40)
    assert window_state._settings.value("columns/requests") is None
    window_state._delay.setInterval(0)
    window_state._delay.start()
    qtbot.waitUntil(lambda: window_state._settings.value("columns/requests") is not None)

    assert parse_settings(str(window_state._settings.value("columns/requests"))) == ColumnSettings(
        widths={"Time": 140}
    )


def test_other_columns_in_another_version(theme: Theme, qtbot: QtBot) -> None:
    """A column that is new appears in its place, one that went is forgotten."""
    old = feed(qtbot, names=("Time", "Path", "Gone"))
    old.horizontalHeader().moveSection(2, 0)
    old.columns.show_column(0, on=False)

    new = feed(qtbot)
    new.columns.restore(old.columns.state)

    assert new.columns.visible == [1, 2, 3]


@pytest.mark.parametrize(
    "spoilt",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"widths": [], "shown": 1, "order": {}, "sort": null}',
        '{"widths": {"Time": 99999, "Who": "x", "Path": true, "Status": -1}}',
        '{"shown": {"Path": false, "Time": 0}, "order": [1, null, "Nobody"], "sort": ["Time"]}',
        '{"order": ["Nobody"], "sort": ["Nobody", "down"]}',
    ],
)
@pytest.mark.parametrize("make", [feed, records])
def test_spoilt_columns(make: object, theme: Theme, qtbot: QtBot, spoilt: str) -> None:
    """What cannot be understood is as if it had never been chosen."""
    table: RowTable = make(qtbot)  # type: ignore[operator]

    table.columns.restore(spoilt)

    assert table.columns.visible == [0, 1, 2, 3]
    assert widths(table) == [100, 300, 80, 120]


def test_a_zone_in_a_header_is_no_part_of_its_name(theme: Theme, qtbot: QtBot) -> None:
    """Columns are window_state over the change to summer time."""
    winter = feed(qtbot, names=("Time (CET)", *NAMES[1:]))
    winter.columns.show_column(0, on=False)

    summer = feed(qtbot, names=("Time (CEST)", *NAMES[1:]))
    summer.columns.restore(winter.columns.state)

    assert summer.columns.visible == [1, 2, 3]
