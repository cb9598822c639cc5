import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.viewers.json_tree import JsonTree


@pytest.fixture
def tree(qtbot: QtBot) -> JsonTree:
    tree = JsonTree()
    qtbot.addWidget(tree)
    return tree


def child(tree: JsonTree, *rows: int) -> QModelIndex:
    index = QModelIndex()
    for row in rows:
        index = tree.tree.index(row, 0, index)
    return index


def test_the_first_levels_are_expanded(tree: JsonTree) -> None:
    """Two levels are expanded at first, except objects and arrays with many members."""
    tree.show_body(b'{"a":{"b":{"c":{"d":1}}},"many":[' + b",".join([b"1"] * 51) + b"]}")

    assert tree.isExpanded(child(tree, 0))
    assert tree.isExpanded(child(tree, 0, 0))
    assert not tree.isExpanded(child(tree, 0, 0, 0))
    assert tree.tree.rowCount(child(tree, 1)) == 51


def test_copying(tree: JsonTree, qtbot: QtBot) -> None:
    """Ctrl+C copies the value, Ctrl+Shift+C its path."""
    tree.show_body(b'{"results":[{"big":123456789012345678901234567890}]}')
    tree.setCurrentIndex(child(tree, 0, 0, 0))

    qtbot.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "123456789012345678901234567890"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(tree, Qt.Key.Key_C, both)
    assert QGuiApplication.clipboard().text() == "$.results[0].big"


def test_incomplete_json_has_no_tree(tree: JsonTree) -> None:
    """The caller learns that a body cannot be shown as a tree."""
    assert not tree.show_body(b'{"results":[')


def test_a_value_as_a_column(tree: JsonTree, qtbot: QtBot) -> None:
    """The context menu offers the path of a value as a column, only where the list has messages."""
    tree.show_body(b'{"customPayload":{"order":5}}')
    tree.setCurrentIndex(child(tree, 0, 0))
    assert [one.text() for one in tree.menu().actions()][2:] == []

    tree.offers_column = True
    with qtbot.waitSignal(tree.column_requested) as emitted:
        tree.menu().actions()[-1].trigger()
    assert emitted.args == ["$.customPayload.order"]
