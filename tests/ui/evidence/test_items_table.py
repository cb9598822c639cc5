"""The table of a case's items."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.cases.values import NoteContent
from ibconsole.ui.evidence.items_table import CaseItemsTable, with_comment
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.services.evidence.cases.samples import full_case, item


@pytest.fixture
def table(qtbot: QtBot, tmp_path: Path) -> CaseItemsTable:
    display = TimeDisplay()
    table = CaseItemsTable(display)
    display.setParent(table)
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show_items(full_case(tmp_path)[1].items)
    table.show()
    return table


def order(table: CaseItemsTable) -> str:
    return "".join(one.id.removeprefix("i-") for one in table.items_model.rows)


def test_items_are_ordered_by_keys_and_by_the_mouse(
    table: CaseItemsTable, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    """The selected item keeps its selection wherever it is moved."""
    qtmodeltester.check(table.items_model)
    moved: list[tuple[str, int]] = []
    table.moved.connect(lambda one, place: moved.append((one, place)))
    alt = Qt.KeyboardModifier.AltModifier
    assert table.item
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(table, key, alt)
    assert (order(table), moved) == ("213456789", [("i-1", 1), ("i-1", 2), ("i-1", 1)])
    assert table.item.id == "i-1"

    model = table.items_model
    action = Qt.DropAction.MoveAction
    for row, before in ((1, 9), (8, 0), (0, -1), (3, 3), (3, 4)):
        data = model.mimeData([model.index(row, 0)])
        assert not model.dropMimeData(data, action, before, 0, QModelIndex())
    assert order(table) == "234567891"
    assert moved[3:] == [("i-1", 8), ("i-1", 0), ("i-1", 8)]
    assert model.supportedDropActions() == action
    assert model.index(0, 0).data() == "1. A forward"
    qtmodeltester.check(model)


def test_keys_of_the_selected_item(table: CaseItemsTable, qtbot: QtBot) -> None:
    """Delete removes, Enter and F2 ask for a comment, which needs an item."""
    asked: list[str] = []
    table.removal_requested.connect(lambda: asked.append("remove"))
    table.comment_requested.connect(lambda: asked.append("comment"))
    keys = (Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Return)
    for key in keys:
        qtbot.keyClick(table, key)
    assert asked == ["remove", "comment", "comment"]
    table.show_items([])
    for key in keys:
        qtbot.keyClick(table, key)
    table.move_selected(1)
    assert (asked.count("comment"), table.item) == (2, None)


def test_the_selection_survives_changes(table: CaseItemsTable) -> None:
    """A neighbour takes the place of a removed item; what is written is shown at once."""
    table.selectRow(2)
    selected: list[object] = []
    table.item_selected.connect(selected.append)
    items = list(table.items_model.rows)
    del items[2]
    table.show_items(items)
    assert table.item is items[2]
    assert selected == [items[2]]
    table.show_items(items, select="i-1")
    assert table.item is items[0]
    table.replace_item(items[0], "Look\nhere")
    assert table.items_model.index(0, 1).data() == "Look ⏎ here"
    note = with_comment(item(NoteContent(text="old")), "new")
    assert (note.content, note.comment) == (NoteContent(text="new"), "")
