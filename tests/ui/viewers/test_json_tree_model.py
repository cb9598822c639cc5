import pytest
from PySide6.QtCore import QModelIndex
from pytestqt.modeltest import ModelTester

from ibconsole.ui.viewers.json_tree_model import MAX_SIZE, PAGE, JsonTreeModel

BODY = (
    b'{"results":[{"n":1.10,"big":123456789012345678901234567890,"it\'s \\"odd\\"":{"a":null}}],'
    b'"\xc3\xbc":"Gr\xc3\xbc\xc3\x9fe\\n\\u202e","empty":{ },"none":[]}'
)


@pytest.fixture
def model() -> JsonTreeModel:
    return JsonTreeModel()


def find(model: JsonTreeModel, *rows: int) -> QModelIndex:
    index = QModelIndex()
    for row in rows:
        while model.canFetchMore(index):
            model.fetchMore(index)
        index = model.index(row, 0, index)
    return index


def value(model: JsonTreeModel, *rows: int) -> str:
    return str(find(model, *rows).siblingAtColumn(1).data())


def test_paths_and_values(model: JsonTreeModel, qtmodeltester: ModelTester) -> None:
    """A path is a valid JSONPath of its value, and no digit of a number changes."""
    assert model.show(BODY)

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


def test_long_arrays_are_read_in_pages(model: JsonTreeModel) -> None:
    """Of many members, only those that are looked at are added."""
    assert model.show(b"[" + b",".join([b"[1]"] * (PAGE + 1)) + b"]")
    model.fetchMore(QModelIndex())
    assert model.rowCount() == PAGE
    assert model.canFetchMore(QModelIndex())

    model.fetchMore(QModelIndex())
    assert model.rowCount() == PAGE + 1
    assert not model.canFetchMore(QModelIndex())


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
def test_no_tree(model: JsonTreeModel, body: bytes) -> None:
    """Incomplete or too large JSON has no tree; the text view shows all of it."""
    assert not model.show(body)
    assert model.rowCount() == 0


def test_depth(model: JsonTreeModel) -> None:
    """Deeply nested JSON is parsed one level at a time."""
    assert model.show(b"[" * 500 + b"]" * 500)
    assert model.path(find(model, *[0] * 100)) == "$" + "[0]" * 100
