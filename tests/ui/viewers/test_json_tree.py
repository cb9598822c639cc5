"""JSON as a tree: paths, values as they came, and no more than is looked at."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.ui.viewers.json_tree import JsonTree
from ibconsole.ui.viewers.json_tree_model import MAX_SIZE, PAGE, JsonTreeModel

BODY = (
    b'{"results":[{"n":1.10,"big":123456789012345678901234567890,"it\'s \\"odd\\"":{"a":null}}],'
    b'"\xc3\xbc":"Gr\xc3\xbc\xc3\x9fe\\n\\u202e","empty":{ },"none":[]}'
)


@pytest.fixture
def tree(qtbot: QtBot) -> JsonTree:
    tree = JsonTree()
    qtbot.addWidget(tree)
    return tree


def find(model: JsonTreeModel, *rows: int) -> QModelIndex:
    index = QModelIndex()
    for row in rows:
        while model.canFetchMore(index):
            model.fetchMore(index)
        index = model.index(row, 0, index)
    return index


def value(model: JsonTreeModel, *rows: int) -> str:
    return str(find(model, *rows).siblingAtColumn(1).data())


def test_paths_and_values(tree: JsonTree, qtmodeltester: ModelTester) -> None:
    """A path leads to its value in every JSONPath; no digit of a number is changed."""
    assert tree.show_body(BODY)
    model = tree.tree
    assert model.path(find(model, 0, 0, 0)) == "$.results[0].n"
    assert value(model, 0, 0, 0) == "1.10"
    assert value(model, 0, 0, 1) == "123456789012345678901234567890"
    assert model.path(find(model, 0, 0, 2, 0)) == "$.results[0]['it\\'s \"odd\"'].a"
    assert value(model, 0, 0, 2, 0) == "null"
    assert model.path(find(model, 1)) == "$['ü']"
    assert value(model, 1) == "Grüße \\u202e"
    assert model.value(find(model, 1)) == "Grüße\n\u202e"
    assert not model.hasChildren(find(model, 2))
    assert not model.hasChildren(find(model, 3))
    qtmodeltester.check(model)


def test_copy(tree: JsonTree, qtbot: QtBot) -> None:
    """Keys copy the value, and its path."""
    tree.show_body(BODY)
    tree.setCurrentIndex(find(tree.tree, 0, 0, 1))
    qtbot.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "123456789012345678901234567890"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(tree, Qt.Key.Key_C, both)
    assert QGuiApplication.clipboard().text() == "$.results[0].big"


def test_long_arrays_come_in_pages(tree: JsonTree) -> None:
    """Of many members those come that are looked at."""
    assert tree.show_body(b"[" + b",".join([b"[1]"] * (PAGE + 1)) + b"]")
    assert tree.tree.rowCount() == PAGE
    assert tree.tree.canFetchMore(QModelIndex())
    tree.tree.fetchMore(QModelIndex())
    assert tree.tree.rowCount() == PAGE + 1
    assert not tree.tree.canFetchMore(QModelIndex())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"1",
        b'"a"',
        b'{"a":1',
        b'{"a":"\xff"}',
        b"[NaN]",
        b"[" * 100_000,
        b"[" + b" " * MAX_SIZE + b"]",
    ],
)
def test_no_tree(tree: JsonTree, body: bytes) -> None:
    """What is not whole JSON, or too large, is left to the text, which shows everything."""
    assert not tree.show_body(body)
    assert tree.tree.rowCount() == 0


def test_deep(tree: JsonTree) -> None:
    """Depth is opened a level at a time."""
    assert tree.show_body(b"[" * 500 + b"]" * 500)
    assert tree.tree.path(find(tree.tree, *[0] * 100)) == "$" + "[0]" * 100
