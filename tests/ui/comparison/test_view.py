"""The rows of a comparison."""

from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.comparison import ComparedValue, RowComparison, Side
from ibconsole.ui.comparison.view import ComparisonView
from ibconsole.ui.toolkit.theme import Theme

LONG = "x" * 5_000
ROWS = (
    ComparedValue("a", "", "1", "1.0", Side.DIFFERENT, "equal in value"),
    ComparedValue("b", "", f"{LONG}1", f"{LONG}2", Side.DIFFERENT),
    ComparedValue("c", "", "0", "0", Side.EQUAL),
)


def test_bodies_have_places_and_notes(
    theme: Theme, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    """A row without a name has no column for it; a note explains what is hard to see."""
    view = ComparisonView(theme, widths=(90, 90, 90, 0), group="Place", has_names=False)
    qtbot.addWidget(view)
    model = view.table.model()
    qtmodeltester.check(model)

    view.show_comparison(RowComparison(ROWS), "2 values differ.", "")

    texts = [[model.index(row, column).data() for column in range(4)] for row in range(3)]
    assert texts[0] == ["≠ differs, equal in value", "a", "1", "1.0"]
    assert texts[1][2].startswith("…x")
    assert texts[1][2].endswith("1")
    assert "\tA\tB\n" in view.as_text("A", "B")

    view.only_differences.setChecked(True)
    assert model.rowCount() == 2
    with qtbot.waitSignal(view.row_selected) as signal:
        view.table.selectRow(1)
    assert signal.args == [ROWS[1]]
