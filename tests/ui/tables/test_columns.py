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
from ibconsole.ui.tables.columns import MIN_COLUMN_WIDTH, ColumnSettings, parse_settings
from ibconsole.ui.tables.extended_model import ExtendedFeedModel, ExtraColumn
from ibconsole.ui.tables.feed_model import FeedColumn, FeedModel
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.tables.records_model import RecordsModel
from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.tables.row_table import RowTable
from ibconsole.ui.tables.snapshot import Column
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme

STRETCH = 1
NAMES = ("Time", "Path", "Status", "Who")
WIDTHS = (100, 0, 80, 120)
TABLE_WIDTH = 600


@dataclass(frozen=True)
class Line:
    id: int


def text_under(name: str) -> Callable[[Line], str]:
    return lambda line: f"{name} {line.id}"


def feed(qtbot: QtBot, names: Sequence[str] = NAMES, optional: Sequence[int] = ()) -> FeedTable:
    table = FeedTable(stretch=STRETCH, preferred_width=150, optional=optional)
    columns = [FeedColumn(name, text_under(name)) for name in names]
    model = FeedModel(columns, lambda ids: [Line(number) for number in ids], table)
    table.setModel(model)
    table.set_widths(*WIDTHS[: len(names)])
    model.show(array("q", [1, 2]))
    shown(qtbot, table)
    return table


def records(qtbot: QtBot) -> RecordsTable:
    columns = [Column(name, text_under(name)) for name in NAMES]
    table = RecordsTable(RecordsModel(columns, lambda line: line.id), stretch=STRETCH)
    table.set_widths(*WIDTHS)
    table.show_records([Line(1), Line(2)])
    shown(qtbot, table)
    return table


def shown(qtbot: QtBot, table: RowTable) -> None:
    qtbot.addWidget(table)
    table.resize(TABLE_WIDTH, 200)
    table.show()
    # A list has a border while it has the focus.
    table.resize(2 * TABLE_WIDTH - table.viewport().width(), 200)
    assert table.viewport().width() == TABLE_WIDTH


def widths(table: RowTable) -> list[int]:
    return [table.columnWidth(column) for column in range(len(NAMES))]


def drag(qtbot: QtBot, table: RowTable, column: int, by: int) -> None:
    """Drag the right edge of a column by this many pixels."""
    header = table.horizontalHeader()
    edge = header.sectionViewportPosition(column) + header.sectionSize(column) - 2
    viewport, button = header.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(viewport, button, pos=QPoint(edge, 10))
    for step in (by // 2, by):
        qtbot.mouseMove(viewport, QPoint(edge + step, 10))
    qtbot.mouseRelease(viewport, button, pos=QPoint(edge + by, 10))


def menu_of(table: RowTable) -> dict[str, object]:
    """Return the entries of the header's menu by their texts."""
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
    """The dragged edge moves with the pointer, and the table stays filled."""
    table = make(qtbot)  # type: ignore[operator]
    assert widths(table) == [100, 300, 80, 120]

    drag(qtbot, table, column, by)

    assert widths(table) == expected
    assert table.horizontalScrollBar().maximum() == 0


def test_a_neighbour_has_a_minimum_width(theme: Theme, qtbot: QtBot) -> None:
    """If the next column cannot get narrower, the stretching one gives the rest."""
    table = feed(qtbot)

    table.horizontalHeader().resizeSection(2, 80 + 120)

    assert widths(table) == [100, TABLE_WIDTH - 100 - 200 - MIN_COLUMN_WIDTH, 200, MIN_COLUMN_WIDTH]


def test_the_stretching_column_takes_the_rest(theme: Theme, qtbot: QtBot) -> None:
    """A wider table widens the stretching column; a very narrow table scrolls."""
    table = feed(qtbot)
    table.resize(table.width() + 300, 200)
    assert widths(table) == [100, 600, 80, 120]

    table.resize(300, 200)
    assert widths(table)[STRETCH] == 120
    assert table.horizontalScrollBar().maximum() > 0


def test_optional_columns_are_hidden_unless_chosen(theme: Theme, qtbot: QtBot) -> None:
    """Optional columns are hidden in a narrow table, except those that the user chose to show."""
    table = feed(qtbot, optional=(3, 2))
    table.resize(360, 200)
    assert table.columns.visible == [0, 1, 2]

    menu_of(table)["Who"].setChecked(True)  # type: ignore[attr-defined]
    assert table.columns.visible == [0, 1, 3]
    table.resize(TABLE_WIDTH, 200)
    assert table.columns.visible == [0, 1, 2, 3]


def test_the_menu_of_the_header(theme: Theme, qtbot: QtBot) -> None:
    """Every column except the stretching one can be hidden; one entry resets all of them."""
    table = records(qtbot)
    entries = menu_of(table)
    assert list(entries) == ["Time", "Status", "Who", "Reset columns"]

    entries["Status"].setChecked(False)  # type: ignore[attr-defined]
    table.horizontalHeader().moveSection(3, 0)
    table.horizontalHeader().resizeSection(0, 150)
    table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert table.columns.visible == [3, 0, 1]
    assert widths(table) == [150, TABLE_WIDTH - 270, 0, 120]

    menu_of(table)["Reset columns"].trigger()  # type: ignore[attr-defined]
    assert table.columns.visible == [0, 1, 2, 3]
    assert widths(table) == [100, 300, 80, 120]
    assert table.horizontalHeader().sortIndicatorSection() == 0


def test_columns_without_a_mouse(theme: Theme, qtbot: QtBot) -> None:
    """The menu of a row has the columns too, since the keyboard does not reach the header."""
    table = feed(qtbot)
    table.selectRow(0)
    table.customContextMenuRequested.emit(table.visualRect(table.currentIndex()).center())
    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    menu.close()

    [columns] = [action.menu() for action in menu.actions() if action.menu()]
    assert isinstance(columns, QMenu)
    assert "Status" in [action.text() for action in columns.actions()]


def test_a_row_is_copied_as_shown(theme: Theme, qtbot: QtBot) -> None:
    """Ctrl+C copies the visible columns, in their order."""
    table = feed(qtbot)
    table.columns.show_column(2, on=False)
    table.horizontalHeader().moveSection(3, 0)
    table.selectAll()

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "Who 2\tTime 2\tPath 2\nWho 1\tTime 1\tPath 1"


def test_copying_nothing_keeps_the_clipboard(theme: Theme, qtbot: QtBot) -> None:
    """Copying without a selected row keeps the clipboard."""
    QGuiApplication.clipboard().setText("precious")
    table = records(qtbot)

    table.copy_row()

    assert QGuiApplication.clipboard().text() == "precious"


def test_commands_are_in_the_menu_of_a_row(theme: Theme, qtbot: QtBot) -> None:
    """A command that was added to the table is in the menu of its rows."""
    table = records(qtbot)
    command = Command("Delete…", Group.SETUP, lambda: None, parent=table).add_to(table)

    table.customContextMenuRequested.emit(table.visualRect(table.model().index(0, 0)).center())

    [menu] = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    menu.close()
    assert command in menu.actions()


@pytest.mark.parametrize("make", [feed, records])
def test_columns_are_saved(make: object, theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    """Widths, order, hidden columns and sorting are restored at the next start."""
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
    assert widths(again) == widths(table) == [140, TABLE_WIDTH - 260, 0, 120]
    assert again.columns.state == table.columns.state
    assert again.model().index(0, 3).data() == "Who 2"
    if sorts:
        assert again.horizontalHeader().sortIndicatorSection() == 3


def test_a_drag_is_written_once(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    """A drag, which changes the width with each move of the mouse, is saved once at its end."""
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


def test_columns_of_another_version(theme: Theme, qtbot: QtBot) -> None:
    """A new column appears in its place, and a removed one is ignored."""
    old = feed(qtbot, names=("Time", "Path", "Gone"))
    old.horizontalHeader().moveSection(2, 0)
    old.columns.show_column(0, on=False)

    new = feed(qtbot)
    new.columns.restore(old.columns.state)

    assert new.columns.visible == [1, 2, 3]


LONG = "a text that is longer than its column"


def by_content(qtbot: QtBot, width: int, who: str) -> RecordsTable:
    columns = [Column(name, text_under(name)) for name in NAMES]
    columns[3] = Column("Who", lambda _: who)
    table = RecordsTable(
        RecordsModel(columns, lambda line: line.id), stretch=STRETCH, preferred_width=150
    )
    table.set_widths(*WIDTHS, by_content=True)
    table.show_records([Line(1), Line(2)])
    shown(qtbot, table)
    table.resize(width, 200)
    return table


def test_short_columns_are_as_wide_as_their_content(theme: Theme, qtbot: QtBot) -> None:
    """Nothing is cut while there is room; what is left goes to the stretching column."""
    table = by_content(qtbot, 1000, LONG)

    time, path, status, who = widths(table)
    assert time < WIDTHS[0]
    assert status >= table.sizeHintForColumn(2)
    assert who >= table.sizeHintForColumn(3)
    assert path == table.viewport().width() - time - status - who


def test_long_content_leaves_room_for_the_stretching_column(theme: Theme, qtbot: QtBot) -> None:
    """In a narrow table a column wider than its default gives way."""
    table = by_content(qtbot, 400, LONG)

    assert WIDTHS[3] <= widths(table)[3] < table.sizeHintForColumn(3)
    assert widths(table)[STRETCH] >= 120


def test_columns_grow_with_new_rows_and_never_shrink(theme: Theme, qtbot: QtBot) -> None:
    """A column grows for a longer text, and rows do not jump when it is gone."""
    table = by_content(qtbot, 1000, "x")
    before = widths(table)[0]

    table.show_records([Line(1), Line(123_456_789_012_345)])
    qtbot.waitUntil(lambda: widths(table)[0] > before)
    grown = widths(table)[0]
    table.show_records([Line(1)])
    table.columns.measure()

    assert widths(table)[0] == grown


def test_a_width_of_the_user_wins_over_the_content(theme: Theme, qtbot: QtBot) -> None:
    """A column that the user made narrow stays narrow."""
    table = by_content(qtbot, 1000, LONG)
    drag(qtbot, table, 0, -10)
    narrow = widths(table)[0]

    table.columns.measure()

    assert widths(table)[0] == narrow


def test_columns_that_were_renamed(theme: Theme, qtbot: QtBot) -> None:
    """Layouts saved under the headers of earlier versions still hold."""
    old = (
        '{"widths": {"Who asked": 77}, "shown": {"Took": true}, "order": ["Who asked", "Took"],'
        ' "sort": ["Took", "down"]}'
    )

    assert parse_settings(old) == ColumnSettings(
        widths={"Source": 77},
        shown={"Duration": True},
        order=("Source", "Duration"),
        sort=("Duration", "down"),
    )


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"widths": [], "shown": 1, "order": {}, "sort": null}',
        '{"widths": {"Time": 99999, "Who": "x", "Path": true, "Status": -1}}',
        '{"shown": {"Path": false, "Time": 0}, "order": [1, null, "Unknown"], "sort": ["Time"]}',
        '{"order": ["Unknown"], "sort": ["Unknown", "down"]}',
    ],
)
@pytest.mark.parametrize("make", [feed, records])
def test_damaged_columns(make: object, theme: Theme, qtbot: QtBot, damaged: str) -> None:
    """Damaged settings are ignored."""
    table: RowTable = make(qtbot)  # type: ignore[operator]

    table.columns.restore(damaged)

    assert table.columns.visible == [0, 1, 2, 3]
    assert widths(table) == [100, 300, 80, 120]


def test_a_zone_in_a_header_is_not_part_of_its_name(theme: Theme, qtbot: QtBot) -> None:
    """Columns are restored after the change to summer time."""
    winter = feed(qtbot, names=("Time (CET)", *NAMES[1:]))
    winter.columns.show_column(0, on=False)

    summer = feed(qtbot, names=("Time (CEST)", *NAMES[1:]))
    summer.columns.restore(winter.columns.state)

    assert summer.columns.visible == [1, 2, 3]


def test_columns_that_come_and_go(theme: Theme, qtbot: QtBot) -> None:
    """A column that is there at times keeps its width, its place and whether it is shown."""
    columns = [FeedColumn(name, text_under(name)) for name in NAMES]
    model = ExtendedFeedModel(columns, lambda ids: [Line(number) for number in ids])
    table = FeedTable(stretch=STRETCH, preferred_width=150)
    model.setParent(table)
    table.setModel(model)
    table.set_widths(*WIDTHS)
    shown(qtbot, table)

    def show(*names: str) -> None:
        added = [ExtraColumn(name) for name in names]
        widths = (*WIDTHS, *(60 for _ in names))
        table.columns.rearrange(lambda: model.show_extras(added), *widths)

    show("Order", "To")
    table.horizontalHeader().resizeSection(4, 90)
    table.horizontalHeader().moveSection(5, 0)
    table.columns.show_column(2, on=False)
    show()
    saved = table.columns.state
    assert table.columns.visible == [0, 1, 3]
    show("To")
    assert table.columns.visible == [4, 0, 1, 3]
    show("Order", "To")

    assert table.columns.visible == [5, 0, 1, 3, 4]
    assert table.columnWidth(4) == 90
    table.columns.reset()
    table.columns.restore(saved)
    assert (table.columns.visible, table.columnWidth(4)) == ([5, 0, 1, 3, 4], 90)


def test_the_menu_of_columns_can_have_more(theme: Theme, qtbot: QtBot) -> None:
    """What adds entries to the menu learns at which column it was opened."""
    table = feed(qtbot)
    opened: list[int] = []
    table.columns.menu_filled.connect(lambda menu, column: opened.append(column))

    table.columns.fill_menu(QMenu(table))
    table.columns.fill_menu(QMenu(table), 2)

    assert opened == [-1, 2]


def test_columns_are_left_out(qtbot: QtBot) -> None:
    """A column that says nothing now leaves its room, unless the user chose to show it."""
    table = records(qtbot)
    table.columns.leave_out(2, 3)
    assert table.columns.visible == [0, 1]
    table.columns.show_column(3, on=True)
    assert table.columns.visible == [0, 1, 3]

    table.columns.leave_out()
    assert table.columns.visible == [0, 1, 2, 3]


def test_a_crowded_table_hides_columns_before_it_scrolls(qtbot: QtBot) -> None:
    """In a narrow table the named columns go, in their order; one that the user chose stays."""
    table = feed(qtbot)
    table.columns.hide_if_crowded(3, 2)
    hidden = table.horizontalHeader().isSectionHidden
    assert not hidden(3)

    table.resize(360, 200)
    assert (hidden(3), hidden(2)) == (True, False)
    assert table.horizontalHeader().length() <= table.viewport().width()

    table.columns.show_column(3, on=True)
    assert (hidden(3), hidden(2)) == (False, True)
