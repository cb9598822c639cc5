"""The table model of small tables, and its view."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.records_model import Column, RecordRole, RecordsModel, SortRole
from ibconsole.ui.tables.records_table import RecordsTable
from ibconsole.ui.toolkit.theme import ROW_HEIGHT, Theme


@dataclass(frozen=True)
class Fruit:
    name: str
    price: int = 1


APPLE, PEAR, PLUM, FIG = Fruit("apple", 10), Fruit("Pear", 9), Fruit("plum", 100), Fruit("fig")
COLUMNS: tuple[Column[Fruit], ...] = (
    Column("Name", lambda fruit: fruit.name, tooltip=lambda fruit: f"a {fruit.name}"),
    Column("Price", lambda fruit: f"{fruit.price}", lambda fruit: fruit.price, right=True),
)


@pytest.fixture
def model(qtmodeltester: ModelTester) -> RecordsModel[Fruit]:
    model = RecordsModel(COLUMNS, lambda fruit: fruit.name, search=lambda fruit: fruit.name)
    qtmodeltester.check(model)
    return model


@pytest.fixture
def table(model: RecordsModel[Fruit], theme: Theme, qtbot: QtBot) -> RecordsTable:
    table = RecordsTable(model, stretch=0, optional=(1,), copies=[("Copy it", lambda f: f.name)])
    qtbot.addWidget(table)
    table.set_widths(0, 80)
    table.resize(400, 300)
    table.show()
    return table


def names(table: RecordsTable) -> list[str]:
    model = table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    "after",
    [
        [],
        [APPLE],
        [PLUM],
        [FIG, APPLE, PLUM],
        [APPLE, PEAR, FIG, PLUM],
        [PLUM, PEAR, APPLE],
        [APPLE, APPLE],
        [Fruit("apple", 11), PEAR, PLUM],
    ],
)
def test_showing_others(model: RecordsModel[Fruit], after: list[Fruit]) -> None:
    """Whatever was shown before, exactly the new records are shown, in their order."""
    model.show([APPLE, PEAR, PLUM])

    model.show(after)

    assert list(model.records) == after
    assert [model.index(row, 0).data(RecordRole) for row in range(model.rowCount())] == after


def test_what_a_column_shows(model: RecordsModel[Fruit]) -> None:
    """A column says its text, its key for sorting and its tooltip, figures to the right."""
    model.show([APPLE])
    price = model.index(0, 1)

    assert (price.data(), price.data(SortRole)) == ("10", 10)
    assert ">a apple<" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert price.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Price"


def test_sorting(table: RecordsTable) -> None:
    """Names are sorted without regard to case, numbers as numbers."""
    table.show_records([PLUM, PEAR, APPLE])
    assert names(table) == ["apple", "Pear", "plum"]

    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)

    assert names(table) == ["Pear", "apple", "plum"]


def test_choice_survives(table: RecordsTable, qtbot: QtBot) -> None:
    """A refresh leaves the chosen row chosen, and tells nobody."""
    table.show_records([APPLE, PEAR, PLUM])
    table.selectRow(1)

    with qtbot.assertNotEmitted(table.record_selected):
        table.show_records([FIG, PLUM, PEAR, APPLE])

    assert table.selected_record == PEAR
    assert [index.data() for index in table.selectionModel().selectedRows()] == ["Pear"]


def test_choice_is_gone(table: RecordsTable, qtbot: QtBot) -> None:
    """When the chosen record is no longer there, none is chosen: never its neighbour."""
    table.show_records([APPLE, PEAR, PLUM])
    table.selectRow(1)

    with qtbot.waitSignal(table.record_selected) as told:
        table.show_records([APPLE, PLUM])

    assert told.args == [None]
    assert not table.selectionModel().hasSelection()
    assert table.selected_record is None


def test_filter_hides_and_chooses_nothing(table: RecordsTable, qtbot: QtBot) -> None:
    """A filter that hides the chosen record neither forgets it nor chooses another."""
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
    assert table.selectionModel().selectedRows()[0].data() == "apple"


def test_choosing_is_told_once(table: RecordsTable) -> None:
    """Choosing a record is told; choosing it again is not."""
    told: list[object] = []
    table.record_selected.connect(told.append)
    table.show_records([APPLE, PEAR])

    table.selectRow(0)
    table.selectRow(0)
    table.selectRow(1)

    assert told == [APPLE, PEAR]


def test_choosing_from_outside(table: RecordsTable, qtbot: QtBot) -> None:
    """The program can choose a record, or none, without having itself told."""
    table.show_records([APPLE, PEAR])

    with qtbot.assertNotEmitted(table.record_selected):
        table.select_records("Pear")
        assert table.selected_record == PEAR
        table.select_records(None)

    assert table.selected_record is None
    assert table.currentIndex() == QModelIndex()


def test_keys(table: RecordsTable, qtbot: QtBot) -> None:
    """Ctrl+C copies the row as it is shown, Del asks to delete."""
    table.show_records([APPLE, PEAR])
    table.selectRow(1)

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Pear\t9"

    with qtbot.waitSignal(table.delete_pressed):
        qtbot.keyClick(table, Qt.Key.Key_Delete)


def test_context_menu_copies_the_whole_value(table: RecordsTable, qtbot: QtBot) -> None:
    """What is shown shortened can be copied whole."""
    table.show_records([APPLE])

    table.customContextMenuRequested.emit(table.visualRect(table.model().index(0, 0)).center())

    [menu] = [child for child in table.children() if child.inherits("QMenu")]
    actions = {action.text(): action for action in menu.actions()}  # type: ignore[attr-defined]
    actions["Copy it"].trigger()
    assert QGuiApplication.clipboard().text() == "apple"
    menu.close()  # type: ignore[attr-defined]


def test_rows_have_one_height(table: RecordsTable) -> None:
    """Rows are as high as every other row in the window."""
    table.show_records([APPLE, PEAR])

    assert {table.rowHeight(row) for row in range(2)} == {ROW_HEIGHT}


def test_narrow_tables_drop_columns(table: RecordsTable) -> None:
    """Where there is little room, the name keeps it and lesser columns go."""
    table.resize(160, 300)
    assert table.isColumnHidden(1)

    table.resize(400, 300)
    assert not table.isColumnHidden(1)
