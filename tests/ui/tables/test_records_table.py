import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.toolkit.theme import ROW_HEIGHT, Theme
from tests.ui.tables.fruits import APPLE, FIG, PEAR, PLUM, Fruit, fruit_model


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> RecordsTable:
    table = RecordsTable(
        fruit_model(), stretch=0, optional=(1,), copies=[("Copy it", lambda fruit: fruit.name)]
    )
    qtbot.addWidget(table)
    table.set_widths(0, 80)
    table.resize(400, 300)
    table.show()
    return table


def names(table: RecordsTable) -> list[str]:
    model = table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def selected(table: RecordsTable) -> list[str]:
    return [index.data() for index in table.selectionModel().selectedRows()]


def test_sorting(table: RecordsTable) -> None:
    """Texts are sorted without regard to case, numbers by value."""
    table.show_records([PLUM, PEAR, APPLE])
    assert names(table) == ["apple", "Pear", "plum"]

    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)

    assert names(table) == ["Pear", "apple", "plum"]


def test_the_selection_survives_a_refresh(table: RecordsTable, qtbot: QtBot) -> None:
    """A refresh keeps the selected record selected, and emits no signal."""
    table.show_records([APPLE, PEAR, PLUM])
    table.selectRow(1)

    with qtbot.assertNotEmitted(table.record_selected):
        table.show_records([FIG, PLUM, PEAR, APPLE])

    assert table.selected_record == PEAR
    assert selected(table) == ["Pear"]


def test_a_removed_record_is_deselected(table: RecordsTable, qtbot: QtBot) -> None:
    """When the selected record is removed, none is selected: never its neighbour."""
    table.show_records([APPLE, PEAR, PLUM])
    table.selectRow(1)

    with qtbot.waitSignal(table.record_selected) as emitted:
        table.show_records([APPLE, PLUM])

    assert emitted.args == [None]
    assert not table.selectionModel().hasSelection()
    assert table.selected_record is None


def test_a_filter_does_not_change_the_selection(table: RecordsTable, qtbot: QtBot) -> None:
    """A filter that hides the selected record neither deselects it nor selects another."""
    table.show_records([APPLE, PEAR, PLUM])
    table.selectRow(0)

    with qtbot.assertNotEmitted(table.record_selected):
        table.filter("P")
        assert names(table) == ["apple", "Pear", "plum"]
        table.filter("pl")
        assert names(table) == ["apple", "plum"]
        table.filter("plu")
        assert names(table) == ["plum"]
        assert not table.selectionModel().hasSelection()
        table.filter("")

    assert table.selected_record == APPLE
    assert selected(table) == ["apple"]


def test_selecting_is_signalled_once(table: RecordsTable) -> None:
    """Selecting a record emits a signal; selecting it again does not."""
    emitted: list[object] = []
    table.record_selected.connect(emitted.append)
    table.show_records([APPLE, PEAR])

    table.selectRow(0)
    table.selectRow(0)
    table.selectRow(1)

    assert emitted == [APPLE, PEAR]


def test_selecting_by_the_program(table: RecordsTable, qtbot: QtBot) -> None:
    """The program can select a record, or none, without a signal."""
    table.show_records([APPLE, PEAR])

    with qtbot.assertNotEmitted(table.record_selected):
        table.select_records("Pear")
        assert table.selected_record == PEAR
        table.select_records(None)

    assert table.selected_record is None
    assert table.currentIndex() == QModelIndex()


def test_selecting_several_records(table: RecordsTable, qtbot: QtBot) -> None:
    """Several selected records are available in the order of rows; there is no single one."""
    table.enable_multiple_selection()
    table.show_records([PLUM, PEAR, APPLE])

    with qtbot.waitSignal(table.selection_changed):
        table.selectAll()

    assert table.selected_records == [APPLE, PEAR, PLUM]
    assert table.selected_record is None


def test_no_more_are_selected_than_can_be_looked_at(table: RecordsTable, qtbot: QtBot) -> None:
    """Ctrl+A in a long list selects the current record alone; up to the limit it selects all."""
    table.enable_multiple_selection(most=20)
    fruits = [Fruit(f"m{number:03}") for number in range(30)]
    table.show_records(fruits)
    table.selectRow(3)

    with qtbot.assertNotEmitted(table.record_selected):
        qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selected_records == fruits[3:4]

    table.show_records(fruits[:20])
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selected_records == fruits[:20]
    table.show_records(fruits[10:20])
    assert table.selected_records == fruits[10:20]


def test_the_view_stays_when_records_are_added(table: RecordsTable, qtbot: QtBot) -> None:
    """The first visible row stays in place when records are added above it."""
    table.show_records([Fruit(f"m{number:03}") for number in range(100)])
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() > 0)
    table.verticalScrollBar().setValue(20 * ROW_HEIGHT)

    table.show_records([Fruit(f"{row}{number:03}") for row in "am" for number in range(100)])

    assert table.indexAt(table.viewport().rect().topLeft()).data() == "m020"


def test_keys(table: RecordsTable, qtbot: QtBot) -> None:
    """Ctrl+C copies the selected row as shown, Del requests its deletion."""
    table.show_records([APPLE, PEAR])
    table.selectRow(1)

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Pear\t9"

    with qtbot.waitSignal(table.delete_pressed):
        qtbot.keyClick(table, Qt.Key.Key_Delete)


def test_context_menu_copies_the_whole_value(table: RecordsTable) -> None:
    """A value that is shown shortened can be copied whole."""
    table.show_records([APPLE])

    table.customContextMenuRequested.emit(table.visualRect(table.model().index(0, 0)).center())

    [menu] = [child for child in table.children() if child.inherits("QMenu")]
    actions = {action.text(): action for action in menu.actions()}  # type: ignore[attr-defined]
    actions["Copy it"].trigger()
    assert QGuiApplication.clipboard().text() == "apple"
    menu.close()  # type: ignore[attr-defined]


def test_rows_have_one_height(table: RecordsTable) -> None:
    """Rows are as high as in every other table of the window."""
    table.show_records([APPLE, PEAR])

    assert {table.rowHeight(row) for row in range(2)} == {ROW_HEIGHT}


def test_narrow_tables_hide_columns(table: RecordsTable) -> None:
    """In a narrow table the name keeps its width, and optional columns are hidden."""
    table.resize(160, 300)
    assert table.isColumnHidden(1)

    table.resize(400, 300)
    assert not table.isColumnHidden(1)


def test_thousands_of_records_follow_the_last_filter(table: RecordsTable, qtbot: QtBot) -> None:
    """With many records, the rows follow in time: for the last text, selected and current."""
    records = [Fruit(f"fruit {number}", number % 50) for number in range(5_000)]
    table.show_records(records)
    table.select_records("fruit 77")
    for text in ("f", "fruit 7", "fruit 77"):
        table.filter(text)
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)

    assert table.selected_record == records[77]
    qtbot.waitUntil(lambda: table.model().rowCount() == 11)
    qtbot.waitUntil(lambda: selected(table) == ["fruit 77"])
    assert table.currentIndex().data() == "fruit 77"

    table.show_records(records[:77])

    assert table.selected_record is None
    qtbot.waitUntil(lambda: table.model().rowCount() == 0)
    table.filter("")
    qtbot.waitUntil(lambda: table.model().rowCount() == 77)
