from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.ordered_table import OrderedModel, OrderedTable


class Words(OrderedModel[str]):
    """Words and their lengths."""

    def __init__(self) -> None:
        super().__init__(("Word", "Length"), numbers=(1,))

    def text(self, row: int, column: int) -> str:
        return str(len(self.rows[row])) if column else self.rows[row]


def test_rows_are_moved_within_the_list_alone() -> None:
    """A row is where it was moved to, whatever refers to it goes with it, and no row gets lost."""
    model = Words()
    model.show_rows("abcd")
    held = [QPersistentModelIndex(model.index(row, 0)) for row in range(4)]
    for place in range(4):
        for target in range(-1, 6):
            before = list(model.rows)
            moved = model.move(place, target)
            assert moved == (0 <= target < 4 and target != place)
            if moved:
                assert model.rows[target] == before[place]
            assert sorted(model.rows) == list("abcd")
            assert [index.data() for index in held] == list("abcd")


def test_keys_move_and_remove(qtbot: QtBot) -> None:
    """Alt with an arrow asks to move the selected row, Delete to remove it; arrows select."""
    table, model = OrderedTable(stretch=0, preferred_width=90, minimum_width=40), Words()
    qtbot.addWidget(table)
    table.setModel(model)
    assert table.row == -1
    model.show_rows(["one", "three\nlines"])
    model.insert(1, "two")
    asked: list[int] = []
    table.move_requested.connect(asked.append)
    table.removal_requested.connect(lambda: asked.append(0))
    table.selectRow(0)
    for key, modifier in (
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier),
    ):
        qtbot.keyClick(table, key, modifier)

    assert asked == [1, -1, 0]
    assert table.row == 1
    assert [model.index(2, column).data() for column in range(2)] == ["three ⏎ lines", "11"]
    model.remove(0)
    assert model.rows == ["two", "three\nlines"]
