"""The Qt model of a JSON tree: a level is parsed when it is expanded, and digits stay as sent."""

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibconsole.model import encode
from ibconsole.text import escape_invisible

Index = QModelIndex | QPersistentModelIndex

MAX_SIZE = 2 << 20  # bytes; more could not be validated within one repaint
PAGE = 500  # members of an object or array that are added at a time

_MAX_VALUE = 300  # bytes of a value that are shown
_EMPTY = {b"{}", b"[]"}
_HEADERS = ("Name", "Value")


class _Node(msgspec.Struct, eq=False):
    """A value, its name or index in its parent, and those of its members that were read.

    `parsed` are all members, None before they are parsed; `children` are those that the view
    has fetched.
    """

    name: str | int
    raw: bytes
    parent: "_Node | None"
    row: int
    parsed: Sequence["_Node"] | None = None
    children: list["_Node"] = msgspec.field(default_factory=list)

    @property
    def has_members(self) -> bool:
        """True if the value is an object or an array that is not empty."""
        return self.raw[:1] in {b"{", b"["} and b"".join(self.raw.split()) not in _EMPTY

    def read(self) -> Sequence["_Node"]:
        """Parse all members; of several members of one name, the last one counts."""
        if self.raw[:1] == b"[":
            items = enumerate(msgspec.json.decode(self.raw, type=list[msgspec.Raw]))
        else:
            named = msgspec.json.decode(self.raw, type=dict[str, msgspec.Raw])
            return [
                _Node(name, bytes(raw).strip(), self, row)
                for row, (name, raw) in enumerate(named.items())
            ]
        return [_Node(number, bytes(raw).strip(), self, number) for number, raw in items]


class JsonTreeModel(QAbstractItemModel):
    """A tree over one body, which must be complete JSON of at most MAX_SIZE bytes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node("$", b"", None, 0)

    def show(self, body: bytes) -> bool:
        """Show a body; return whether it can be shown as a tree."""
        self.beginResetModel()
        body = body.strip()
        is_tree = len(body) <= MAX_SIZE and _is_complete(body)
        self._root = _Node("$", body if is_tree else b"", None, 0)
        self.endResetModel()
        return is_tree

    def path(self, index: Index) -> str:
        """Return the JSONPath of a value: `$.results[3].customPayload['odd name']`."""
        parts: list[str] = []
        node: _Node | None = self._node(index)
        while node is not None and node.parent is not None:
            parts.append(_path_step(node.name))
            node = node.parent
        return "$" + "".join(reversed(parts))

    def value(self, index: Index) -> str:
        """Return a value as sent; a string without its quotation marks and escapes."""
        return _text(self._node(index).raw)

    # Qt's side

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        children = self._node(parent).children
        if not 0 <= row < len(children) or not 0 <= column < len(_HEADERS):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # Qt overloads this name
        parent = self._node(index).parent if index.isValid() else None
        if parent is None or parent is self._root:
            return QModelIndex()
        return self.createIndex(parent.row, 0, parent)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self._node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, _: Index = QModelIndex()) -> int:
        return len(_HEADERS)

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:
        return parent.column() <= 0 and self._node(parent).has_members

    def canFetchMore(self, parent: Index) -> bool:
        node = self._node(parent)
        if node.parsed is None:
            return node.has_members
        return len(node.children) < len(node.parsed)

    def fetchMore(self, parent: Index) -> None:
        node = self._node(parent)
        if node.parsed is None:
            node.parsed = node.read()
        more = node.parsed[len(node.children) : len(node.children) + PAGE]
        if more:
            first = len(node.children)
            self.beginInsertRows(parent, first, first + len(more) - 1)
            node.children += more
            self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        node = self._node(index)
        if index.column() == 0:
            return escape_invisible(str(node.name))
        if node.has_members:
            return "{…}" if node.raw[:1] == b"{" else "[…]"
        return escape_invisible(" ".join(_text(node.raw[: 6 * _MAX_VALUE]).split("\n")))[
            :_MAX_VALUE
        ]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None

    def _node(self, index: Index) -> _Node:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, _Node) else self._root


def _is_complete(body: bytes) -> bool:
    """Return whether a body is one complete JSON object or array."""
    if body[:1] not in {b"{", b"["}:
        return False
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _text(raw: bytes) -> str:
    if raw[:1] == b'"':
        try:
            return msgspec.json.decode(raw, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):  # the value was cut at _MAX_VALUE
            return raw[1:].decode(errors="replace")
    return raw.decode(errors="replace")


def _path_step(name: str | int) -> str:
    if isinstance(name, int):
        return f"[{name}]"
    if name.isidentifier() and name.isascii():
        return f".{name}"
    inside = encode(name).decode()[1:-1].replace("'", "\\'").replace('\\"', '"')
    return f"['{inside}']"
