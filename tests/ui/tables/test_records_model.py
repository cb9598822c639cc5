import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from ibconsole.ui.tables.records_model import RecordRole, RecordsModel, SearchRole, SortRole
from tests.ui.tables.fruits import APPLE, FIG, PEAR, PLUM, Fruit, fruit_model


@pytest.fixture
def model(qtmodeltester: ModelTester) -> RecordsModel[Fruit]:
    model = fruit_model()
    qtmodeltester.check(model)
    return model


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
def test_replacing_records(model: RecordsModel[Fruit], after: list[Fruit]) -> None:
    """Whatever was shown before, exactly the new records are shown, in their order."""
    model.show([APPLE, PEAR, PLUM])

    model.show(after)

    assert list(model.records) == after
    assert [model.index(row, 0).data(RecordRole) for row in range(model.rowCount())] == after


def test_content_of_a_column(model: RecordsModel[Fruit]) -> None:
    """A column has a text, a sort key and a tooltip; numbers are aligned to the right."""
    model.show([APPLE])
    price = model.index(0, 1)

    assert (price.data(), price.data(SortRole), price.data(SearchRole)) == ("10", 10, "apple")
    assert ">a apple<" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert price.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Price"


def test_row_of_an_identity(model: RecordsModel[Fruit]) -> None:
    """A record is found by its identity; of equal identities, the first one."""
    model.show([APPLE, PEAR, Fruit("apple", 11)])

    assert [model.row_of(name) for name in ("apple", "Pear", "plum")] == [0, 1, None]
