import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.filter_sort import FilterSortModel
from ibconsole.ui.tables.records_model import RecordsModel
from tests.ui.tables.fruits import APPLE, FIG, PEAR, PLUM, Fruit, fruit_model

DESCENDING = Qt.SortOrder.DescendingOrder


@pytest.fixture
def source() -> RecordsModel[Fruit]:
    return fruit_model()


@pytest.fixture
def model(source: RecordsModel[Fruit], qtmodeltester: ModelTester) -> FilterSortModel:
    model = FilterSortModel(source)
    qtmodeltester.check(model)
    source.show([PLUM, PEAR, APPLE])
    return model


def names(model: FilterSortModel) -> list[str]:
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_unsorted(model: FilterSortModel) -> None:
    """Before the first sorting, records keep their order."""
    assert names(model) == ["plum", "Pear", "apple"]


def test_filter_and_sort(model: FilterSortModel) -> None:
    """A filter ignores case and applies to the searchable text; sorting applies to the rest."""
    model.sort(1, DESCENDING)
    assert names(model) == ["plum", "apple", "Pear"]

    model.set_filter("PL")
    assert names(model) == ["plum", "apple"]


def test_filter_of_equivalent_texts(model: FilterSortModel, source: RecordsModel[Fruit]) -> None:
    """Texts are found and sorted alike in every spelling."""
    source.show([Fruit("A\u0308pfel"), Fruit("\xc4pfel 2"), Fruit("Apfel")])
    model.sort(0)
    assert names(model) == ["Apfel", "A\u0308pfel", "\xc4pfel 2"]

    model.set_filter("\xe4PF")
    assert names(model) == ["A\u0308pfel", "\xc4pfel 2"]


def test_numbers_in_texts_sort_by_value(
    model: FilterSortModel, source: RecordsModel[Fruit]
) -> None:
    """Shop 9 comes before Shop 10, in either case, and 19-digit IDs are compared whole."""
    expected = [
        "shop 2",
        "Shop 9",
        "shop 10",
        "Shop 10 b9",
        "shop 10 b10",
        "shop 1561984815238930181",
    ]
    source.show([Fruit(name) for name in reversed(expected)])

    model.sort(0)
    assert names(model) == expected

    model.sort(0, DESCENDING)
    assert names(model) == expected[::-1]


def test_rows_map_to_their_source(model: FilterSortModel, source: RecordsModel[Fruit]) -> None:
    """A visible row leads to its record, and back; a record that is filtered out has no row."""
    model.sort(0)
    model.set_filter("pl")

    assert [model.mapToSource(model.index(row, 0)).row() for row in range(2)] == [2, 0]
    assert model.mapFromSource(source.index(0, 0)).row() == 1
    assert not model.mapFromSource(source.index(1, 0)).isValid()


def test_sorting_moves_indexes(model: FilterSortModel) -> None:
    """The selection follows its record when the table is sorted."""
    index = QPersistentModelIndex(model.index(0, 0))

    model.sort(0)

    assert (index.row(), index.data()) == (2, "plum")


def test_changed_values_do_not_reset_the_view(
    model: FilterSortModel, source: RecordsModel[Fruit], qtbot: QtBot
) -> None:
    """The view is reset only when other records become visible, not for other values."""
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        source.show([PLUM, PEAR, Fruit("apple", 11)])
    assert model.index(2, 1).data() == "11"

    with qtbot.waitSignal(model.modelReset):
        source.show([PLUM, PEAR, APPLE, FIG])
