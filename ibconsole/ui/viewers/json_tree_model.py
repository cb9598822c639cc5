"""JSON as a tree: a level is read when somebody opens it, and every digit stays as it came."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibconsole.model import encode
from ibconsole.text import escape_invisible

Index = QModelIndex | QPersistentModelIndex

LARGEST = 2 << 20  # bytes that are looked through within one repaint
PAGE = 500  # members of an object or an array that come at once

_SHOWN = 300
_EMPTY = {b"{}", b"[]"}
_HEADERS = ("Name", "Value")


@dataclass(slots=True, eq=False)
class _Node:
    """A value, its name or number in its parent, and those of its members that were read."""

    name: str | int
    raw: bytes
    parent: "_Node | None"
    row: int
    waiting: Sequence["_Node"] | None = None
    children: list["_Node"] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it can have members."""
        return self.raw[:1] in {b"{", b"["} and b"".join(self.raw.split()) not in _EMPTY

    def read(self) -> Sequence["_Node"]:
        """All members; those of an object with two of one name: the last."""
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
    """A tree over one body. What is not whole JSON, or too large, has no tree."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node("$", b"", None, 0)

    def show(self, body: bytes) -> bool:
        """Show this body; whether it has a tree."""
        self.beginResetModel()
        body = body.strip()
        shows = len(body) <= LARGEST and _is_whole(body)
        self._root = _Node("$", body if shows else b"", None, 0)
        self.endResetModel()
        return shows

    def path(self, index: Index) -> str:
        """Where a value stands, as JSONPath: `$.results[3].customPayload['odd name']`."""
        parts: list[str] = []
        node: _Node | None = self._node(index)
        while node is not None and node.parent is not None:
            parts.append(_step(node.name))
            node = node.parent
        return "$" + "".join(reversed(parts))

    def value(self, index: Index) -> str:
        """A value as it came; a text without its quotation marks."""
        return _text(self._node(index).raw)

    # Qt's side

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        children = self._node(parent).children
        if not 0 <= row < len(children) or not 0 <= column < len(_HEADERS):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # Qt has two of this name
        parent = self._node(index).parent if index.isValid() else None
        if parent is None or parent is self._root:
            return QModelIndex()
        return self.createIndex(parent.row, 0, parent)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self._node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, _: Index = QModelIndex()) -> int:
        return len(_HEADERS)

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:
        return parent.column() <= 0 and self._node(parent).is_open

    def canFetchMore(self, parent: Index) -> bool:
        node = self._node(parent)
        if node.waiting is None:
            return node.is_open
        return len(node.children) < len(node.waiting)

    def fetchMore(self, parent: Index) -> None:
        node = self._node(parent)
        if node.waiting is None:
            node.waiting = node.read()
        more = node.waiting[len(node.children) : len(node.children) + PAGE]
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
        if node.is_open:
            return "{…}" if node.raw[:1] == b"{" else "[…]"
        return escape_invisible(" ".join(_text(node.raw[: 6 * _SHOWN]).split("\n")))[:_SHOWN]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None

    def _node(self, index: Index) -> _Node:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, _Node) else self._root


def _is_whole(body: bytes) -> bool:
    """An object or an array that is JSON to its end, as strictly as the tree reads it."""
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
        except (msgspec.DecodeError, UnicodeDecodeError):  # only its beginning was given
            return raw[1:].decode(errors="replace")
    return raw.decode(errors="replace")


def _step(name: str | int) -> str:
    if isinstance(name, int):
        return f"[{name}]"
    if name.isidentifier() and name.isascii():
        return f".{name}"
    inside = encode(name).decode()[1:-1].replace("'", "\\'").replace('\\"', '"')
    return f"['{inside}']"
