"""Extra cells and marks of rows come later, page by page, and only for rows in sight."""

from array import array
from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.extended_model import (
    ExtendedFeedModel,
    ExtraColumn,
    RowMark,
)
from ibconsole.ui.tables.feed_model import PAGE, FeedColumn
from tests.ui.tables.lines import Line, LineExtras

ORDER, TO = ExtraColumn("Order", "$.order"), ExtraColumn("To")
STOP, PULLED = RowMark("Stop", "danger"), RowMark("Pulled", "info")
ROLES = Qt.ItemDataRole


@pytest.fixture
def model(qtmodeltester: ModelTester) -> ExtendedFeedModel[Line]:
    columns: Sequence[FeedColumn[Line]] = [
        FeedColumn("Number", lambda line: str(line.id), right=True)
    ]
    model = ExtendedFeedModel[Line](columns, lambda ids: [Line(one) for one in ids if one != 2])
    qtmodeltester.check(model)
    model.show(array("q", range(1, 3 * PAGE + 1)))
    return model


def cells(model: ExtendedFeedModel[Line], row: int) -> list[str]:
    return [model.index(row, column).data() for column in range(model.columnCount())]


def headers(model: ExtendedFeedModel[Line], role: int = ROLES.DisplayRole) -> list[object]:
    horizontal = Qt.Orientation.Horizontal
    return [model.headerData(column, horizontal, role) for column in range(model.columnCount())]


def test_columns_come_and_go(model: ExtendedFeedModel[Line]) -> None:
    """Extra columns follow the others, that of the marks first; without any, none is there."""
    model.show_extras((ORDER, TO), (STOP,), "Rule")
    assert headers(model) == ["Number", "Rule", "Order", "To"]
    assert headers(model, ROLES.ToolTipRole)[1:2] == [None]
    assert "$.order" in str(headers(model, ROLES.ToolTipRole)[2])
    assert headers(model, ROLES.TextAlignmentRole)[2] == Qt.AlignmentFlag.AlignLeft | (
        Qt.AlignmentFlag.AlignVCenter
    )
    assert model.headerData(0, Qt.Orientation.Vertical) is None

    model.show_extras((TO,))
    assert headers(model) == ["Number", "To"]
    assert model.index(0, 1).data(ROLES.TextAlignmentRole) is None
    model.show_extras(())
    assert (headers(model), model.has_marks, model.mark(0)) == (["Number"], False, None)
    assert not model.take_wanted_extras()


def test_extras_follow(model: ExtendedFeedModel[Line], qtbot: QtBot) -> None:
    """A cell shows that it is read; what was painted is wanted, and shown once it is there."""
    with qtbot.waitSignal(model.extras_wanted):
        model.show_extras((ORDER,), (STOP, PULLED), "Rule")
        assert cells(model, 0) == [str(3 * PAGE), "…", "…"]
    assert model.mark(0) is None

    wanted = model.take_wanted_extras()
    assert sorted(wanted) == [*range(2 * PAGE + 1, 3 * PAGE + 1)]
    assert not model.take_wanted_extras()
    half = wanted[: PAGE // 2]
    model.add_extras(half, [LineExtras(one, ("a\nb",), 1) for one in half])
    found = {cells(model, row)[1] for row in range(PAGE)}
    model.add_extras(wanted[PAGE // 2 :], [LineExtras(3 * PAGE, ("5",), 0)])

    assert found == {"Pulled", "…"}
    assert cells(model, 0) == [str(3 * PAGE), "Stop", "5"]
    assert cells(model, PAGE - 1)[1:] == ["Pulled", "a ⏎ b"]
    assert (model.mark(0), model.mark(PAGE - 1), model.mark(PAGE)) == (STOP, PULLED, None)
    described = [model.index(row, 0).data(ROLES.AccessibleDescriptionRole) for row in (0, PAGE + 1)]
    assert described == ["Rule: Stop", None]


def test_rows_without_extras(model: ExtendedFeedModel[Line]) -> None:
    """A row that is gone, and one without extras, have empty cells; others have no mark."""
    model.show_extras((ORDER,), (STOP,))
    cells(model, 3 * PAGE - 1)
    wanted = model.take_wanted_extras()
    model.add_extras(wanted, [LineExtras(3, ("x",))])

    assert headers(model) == ["Number", "Order"]
    assert [cells(model, 3 * PAGE - number)[1] for number in (1, 2, 3)] == ["", "", "x"]
    assert model.mark(3 * PAGE - 3) is None


def test_another_list_and_other_columns(model: ExtendedFeedModel[Line]) -> None:
    """What was fetched is forgotten with the list, the columns and the marks."""

    def fill(text: str) -> list[str]:
        before = cells(model, 0)[1:]
        wanted = model.take_wanted_extras()
        model.add_extras(wanted, [LineExtras(one, (text,)) for one in wanted])
        return [*before, *cells(model, 0)[1:]]

    model.show_extras((ORDER,))
    assert fill("a") == ["…", "a"]
    model.show(array("q", range(1, 3 * PAGE + 1)))
    assert fill("b") == ["…", "b"]
    model.show_extras((ORDER,))
    assert fill("c") == ["…", "c"]
    model.forget_extras()
    assert fill("d") == ["…", "d"]
