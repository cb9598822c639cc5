"""Which columns a table shows, how wide and in which order: as its user wants, and as fits.

One column is elastic: it takes the width that the others leave, so a table is filled
whatever its size. Everything that the user chose can be kept as text and restored.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QTableView

NARROWEST = 32
_WIDEST = 4000


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user chose of the columns, by their names; what he left alone is not in it.

    `shown` says which are to be shown, however little room there is, and which are not.
    `sort` is empty or a name and either "up" or "down".
    """

    widths: dict[str, int] = field(default_factory=dict)
    shown: dict[str, bool] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()


def choices_from(text: str) -> Choices:
    """Read what `Columns.state` wrote; what is spoilt or unknown is as if never chosen."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return Choices()
    if not isinstance(read, dict):
        return Choices()
    widths, shown = _dict(read.get("widths")), _dict(read.get("shown"))
    return Choices(
        widths={name: width for name, width in widths.items() if _is_width(width)},
        shown={name: on for name, on in shown.items() if isinstance(on, bool)},
        order=_names(read.get("order")),
        sort=_names(read.get("sort")),
    )


class Columns(QObject):
    """Arranges the columns of a view; `changed` tells that the user did so.

    The elastic column never hides. The `yielding` ones hide, the first of them first, where
    it would get less than `least` pixels, unless the user insists on them. It never gets
    less than `floor`: then the view scrolls.
    """

    changed = Signal()

    def __init__(
        self,
        view: QTableView,
        *,
        elastic: int,
        least: int,
        floor: int,
        yielding: Sequence[int] = (),
    ) -> None:
        super().__init__(view)
        self._view = view
        self._header = view.horizontalHeader()
        self._elastic = elastic
        self._least = least
        self._floor = floor
        self._yielding = yielding
        self._given: Sequence[int] = ()
        self._widths: dict[int, int] = {}
        self._shown: dict[int, bool] = {}
        self._arranging = False
        self._header.setMinimumSectionSize(NARROWEST)
        self._header.setSectionsMovable(True)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.sectionResized.connect(self._on_section_resized)
        self._header.sectionMoved.connect(self._on_section_moved)
        self._header.sortIndicatorChanged.connect(self._on_sort_changed)
        self._header.customContextMenuRequested.connect(self._on_menu_requested)

    @property
    def visible(self) -> list[int]:
        """The columns that are shown, from left to right."""
        return [column for column in self._in_order() if not self._header.isSectionHidden(column)]

    @property
    def state(self) -> str:
        """What the user chose, as text."""
        names = self._names()
        order = self._in_order()
        return json.dumps(
            asdict(
                Choices(
                    widths={names[column]: width for column, width in self._widths.items()},
                    shown={names[column]: shown for column, shown in self._shown.items()},
                    order=tuple(names[column] for column in order)
                    if order != sorted(order)
                    else (),
                    sort=self._sort(names),
                )
            )
        )

    def set_widths(self, *widths: int) -> None:
        """Give each column its width; that of the elastic one does not matter."""
        self._given = widths
        self.fit()

    def restore(self, state: str) -> None:
        """Arrange the columns as they were; one that there was not then keeps its place."""
        chosen = choices_from(state)
        columns = {name: column for column, name in enumerate(self._names())}
        self._widths = {columns[name]: w for name, w in chosen.widths.items() if name in columns}
        self._shown = {columns[name]: on for name, on in chosen.shown.items() if name in columns}
        self._shown.pop(self._elastic, None)
        known = [columns[name] for name in dict.fromkeys(chosen.order) if name in columns]
        with self._quietly():
            self._arrange(_completed(known, self._header.count()))
            self._restore_sort(chosen.sort, columns)
        self.fit()

    def reset(self) -> None:
        """Arrange the columns as they are for a new user."""
        self.restore("")
        self.changed.emit()

    def show_column(self, column: int, *, on: bool) -> None:
        """Show a column from now on, be there room or not, or hide it."""
        self._shown[column] = on
        self.fit()
        self.changed.emit()

    def fit(self) -> None:
        """Use the width that there is."""
        count = self._header.count()
        if not count or len(self._given) != count:
            return
        hidden = {column for column, shown in self._shown.items() if not shown}
        others = (c for c in range(count) if c not in hidden and c != self._elastic)
        spare = self._view.viewport().width() - sum(map(self._width, others))
        for column in self._yielding:
            if column not in self._shown and spare < self._least:
                hidden.add(column)
                spare += self._width(column)
        with self._quietly():
            for column in range(count):
                self._header.setSectionHidden(column, column in hidden)
                if column not in hidden:
                    is_elastic = column == self._elastic
                    width = max(spare, self._floor) if is_elastic else self._width(column)
                    self._header.resizeSection(column, width)

    def fill(self, menu: QMenu) -> None:
        """Offer to show and hide columns, and to reset them."""
        header = self._view.model().headerData
        for column in self._in_order():
            if column == self._elastic:
                continue
            entry = menu.addAction(str(header(column, Qt.Orientation.Horizontal)))
            entry.setCheckable(True)
            entry.setChecked(not self._header.isSectionHidden(column))
            entry.toggled.connect(lambda on, column=column: self.show_column(column, on=on))
        menu.addSeparator()
        menu.addAction("Reset columns", self.reset)

    def _width(self, column: int) -> int:
        return self._widths.get(column, self._given[column])

    def _in_order(self) -> list[int]:
        return [self._header.logicalIndex(place) for place in range(self._header.count())]

    def _names(self) -> list[str]:
        """The headers, without the zone that stands behind some in brackets."""
        header = self._view.model().headerData
        texts = (header(c, Qt.Orientation.Horizontal) for c in range(self._header.count()))
        return [str(text).partition(" (")[0] for text in texts]

    def _sort(self, names: Sequence[str]) -> tuple[str, ...]:
        column, order = self._header.sortIndicatorSection(), self._header.sortIndicatorOrder()
        ascending = order == Qt.SortOrder.AscendingOrder
        if not self._view.isSortingEnabled() or (column, ascending) == (0, True):
            return ()
        return (names[column], "up" if ascending else "down") if 0 <= column < len(names) else ()

    def _restore_sort(self, sort: Sequence[str], columns: dict[str, int]) -> None:
        if not self._view.isSortingEnabled():
            return
        name, direction = sort if len(sort) == 2 else ("", "")
        order = Qt.SortOrder.DescendingOrder if direction == "down" else Qt.SortOrder.AscendingOrder
        self._view.sortByColumn(
            columns.get(name, 0), order if name in columns else Qt.SortOrder.AscendingOrder
        )

    def _arrange(self, order: Sequence[int]) -> None:
        for place, column in enumerate(order):
            self._header.moveSection(self._header.visualIndex(column), place)

    def _right_of(self, column: int) -> int | None:
        """The next column to the right that is shown."""
        visible = self.visible
        place = visible.index(column) + 1 if column in visible else len(visible)
        return visible[place] if place < len(visible) else None

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._arranging = self._arranging, True
        try:
            yield
        finally:
            self._arranging = before

    def _on_section_resized(self, column: int, old: int, new: int) -> None:
        # To or from nothing nobody drags: so Qt tells what is hidden when it lays out anew.
        if self._arranging or not self._given or not (old and new):
            return
        # Right of the elastic column the neighbour gives what a column takes: otherwise the
        # edge that the user drags would stay where it is.
        visual = self._header.visualIndex
        neighbour = self._right_of(column)
        if neighbour is not None and visual(column) >= visual(self._elastic):
            self._widths[neighbour] = max(self._width(neighbour) - (new - old), NARROWEST)
        if column != self._elastic:
            self._widths[column] = new
        self.fit()
        self.changed.emit()

    def _on_section_moved(self) -> None:
        if not self._arranging:
            self.changed.emit()

    def _on_sort_changed(self) -> None:
        if not self._arranging and self._view.isSortingEnabled():
            self.changed.emit()

    def _on_menu_requested(self, place: QPoint) -> None:
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu)
        menu.popup(self._header.viewport().mapToGlobal(place))


def _completed(known: Sequence[int], count: int) -> list[int]:
    """An order of all columns: each that is not in it behind the one that is before it."""
    order = list(known)
    for column in range(count):
        if column not in known:
            order.insert(order.index(column - 1) + 1 if column else 0, column)
    return order


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else []
    return tuple(text for text in texts if isinstance(text, str))


def _is_width(value: Any) -> bool:
    return type(value) is int and NARROWEST <= value <= _WIDEST
