"""The layout of a table's columns: which are visible, their widths, order and sorting.

One column stretches: it takes the width that the others leave, so that the table is filled at
any size. The user's choices can be saved as text and restored.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec.structs import asdict
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QStyle, QTableView

MIN_COLUMN_WIDTH = 32
_MAX_COLUMN_WIDTH = 4000
_MAX_CONTENT_WIDTH = 260  # longer content is cut, unless the user widens the column
_COMFORTABLE_WIDTH = 220  # of the stretching column
# Headers of released versions, by which layouts were saved, and the present ones.
_RENAMED = {"Who asked": "Source", "Took": "Duration", "Messages go to": "Destination"}


class ColumnSettings(msgspec.Struct, frozen=True):
    """The user's choices by the names of the columns; what was not changed is absent.

    `shown` is true for columns to show at any width of the table, false for hidden ones.
    `sort` is empty, or a name and either "up" or "down".
    """

    widths: dict[str, int] = msgspec.field(default_factory=dict)
    shown: dict[str, bool] = msgspec.field(default_factory=dict)
    order: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()


def parse_settings(text: str) -> ColumnSettings:
    """Read the text of `Columns.state`; damaged or unknown parts are ignored."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return ColumnSettings()
    if not isinstance(read, dict):
        return ColumnSettings()
    widths, shown = _dict(read.get("widths")), _dict(read.get("shown"))
    return ColumnSettings(
        widths={_renamed(name): width for name, width in widths.items() if _is_width(width)},
        shown={_renamed(name): on for name, on in shown.items() if isinstance(on, bool)},
        order=_names(read.get("order")),
        sort=_names(read.get("sort")),
    )


class Columns(QObject):
    """The columns of a view; `changed` is emitted when the user changed their layout.

    `menu_filled` is emitted with a menu of columns, which may get further entries, and the column
    at which it was opened, -1 if it is none.

    The column `stretch` is always visible. If it would be narrower than `preferred_width`
    pixels, the `optional` columns are hidden, in the given order, except those that the user
    chose to show. If it would be narrower than `minimum_width`, so are those named by
    `hide_if_crowded`. It is never narrower than that: the view scrolls instead.
    """

    changed = Signal()
    menu_filled = Signal(QMenu, int)

    def __init__(
        self,
        view: QTableView,
        *,
        stretch: int,
        preferred_width: int,
        minimum_width: int,
        optional: Sequence[int] = (),
    ) -> None:
        super().__init__(view)
        self._view = view
        self._header = view.horizontalHeader()
        self._stretch = stretch
        self._preferred_width = preferred_width
        self._minimum_width = minimum_width
        self._optional = optional
        self._crowding: Sequence[int] = ()
        self._default_widths: Sequence[int] = ()
        self._by_content = False
        self._content_widths: dict[int, int] = {}
        self._widths: dict[int, int] = {}
        self._shown: dict[int, bool] = {}
        self._left_out: frozenset[int] = frozenset()
        self._restored = ColumnSettings()
        self._changing = False
        self._header.setResizeContentsPrecision(0)
        self._header.setMinimumSectionSize(MIN_COLUMN_WIDTH)
        self._header.setSectionsMovable(True)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.sectionResized.connect(self._on_section_resized)
        self._header.sectionMoved.connect(self._on_section_moved)
        self._header.sortIndicatorChanged.connect(self._on_sort_changed)
        self._header.customContextMenuRequested.connect(self._on_menu_requested)

    @property
    def visible(self) -> list[int]:
        """The visible columns, from left to right."""
        return [column for column in self._in_order() if not self._header.isSectionHidden(column)]

    @property
    def names(self) -> Sequence[str]:
        """The names of all columns, by which choices are saved."""
        return self._names()

    @property
    def state(self) -> str:
        """The user's choices, as text for `restore`."""
        names, absent = self._names(), self._restored
        order = self._in_order()
        ordered = [names[column] for column in order] if order != sorted(order) else []
        # Columns that are not there now, of another connection, keep their choices.
        widths = {name: width for name, width in absent.widths.items() if name not in names}
        shown = {name: on for name, on in absent.shown.items() if name not in names}
        return json.dumps(
            asdict(
                ColumnSettings(
                    widths=widths
                    | {names[column]: width for column, width in self._widths.items()},
                    shown=shown | {names[column]: shown for column, shown in self._shown.items()},
                    order=_with_absent(ordered, absent.order, names),
                    sort=self._sort(names),
                )
            )
        )

    def set_widths(self, *widths: int, by_content: bool = False) -> None:
        """Set the default width of each column; that of the stretching one is ignored.

        With `by_content` a column is as wide as its header and what was in sight need, as long
        as the stretching column keeps a comfortable width.
        """
        self._default_widths = widths
        self._by_content = by_content
        self.fit()

    def rearrange(self, change: Callable[[], object], *widths: int) -> None:
        """Keep the user's choices while `change` replaces columns; `widths` are the new defaults.

        Columns are known by their names, those that are not there any more included.
        """
        state = self.state
        with self._programmatic_change():
            change()
        self._default_widths = widths
        self._content_widths.clear()
        self.restore(state)
        self.measure()

    def hide_if_crowded(self, *columns: int) -> None:
        """Hide these columns, in this order, before the view would have to scroll."""
        self._crowding = columns
        self.fit()

    def measure(self) -> None:
        """Adapt the widths to the rows in sight. Columns only grow: rows must not jump."""
        if not self._by_content or not self._view.isVisible() or not self._view.model().rowCount():
            return
        margin = self._header.style().pixelMetric(QStyle.PixelMetric.PM_HeaderMargin)
        for column in self.visible:
            # Only what the view shows is measured: 1 ms for 30 rows of 9 columns.
            needed = self._view.sizeHintForColumn(column) + margin
            needed = max(needed, self._header.sectionSizeHint(column), MIN_COLUMN_WIDTH)
            before = self._content_widths.get(column, 0)
            self._content_widths[column] = max(before, min(needed, _MAX_CONTENT_WIDTH))
        self.fit()

    def restore(self, state: str) -> None:
        """Apply saved choices; a column that they do not mention keeps its place."""
        self._restored = settings = parse_settings(state)
        columns = {name: column for column, name in enumerate(self._names())}
        self._widths = {
            columns[name]: width for name, width in settings.widths.items() if name in columns
        }
        self._shown = {columns[name]: on for name, on in settings.shown.items() if name in columns}
        self._shown.pop(self._stretch, None)
        order = [columns[name] for name in dict.fromkeys(settings.order) if name in columns]
        with self._programmatic_change():
            self._arrange(_complete_order(order, self._header.count()))
            self._restore_sort(settings.sort, columns)
        self.fit()

    def reset(self) -> None:
        """Discard the user's choices."""
        self.restore("")
        self.changed.emit()

    def show_column(self, column: int, *, on: bool) -> None:
        """Show a column at any width of the table, or hide it."""
        self._shown[column] = on
        self.fit()
        self.changed.emit()

    def leave_out(self, *columns: int) -> None:
        """Hide columns that say nothing now, except those that the user chose to show."""
        self._left_out = frozenset(columns)
        self.fit()

    def fit(self) -> None:
        """Adapt the columns to the current width of the view."""
        count = self._header.count()
        if not count or len(self._default_widths) != count:
            return
        hidden = {column for column in range(count) if not self._shown.get(column, True)}
        hidden |= self._left_out - self._shown.keys()
        others = (c for c in range(count) if c not in hidden and c != self._stretch)
        widths = {column: self._width(column) for column in others}
        spare = self._view.viewport().width() - sum(widths.values())
        spare += self._drop(self._optional, widths, self._preferred_width - spare)
        spare += self._cut_contents(widths, spare)
        spare += self._drop(self._crowding, widths, self._minimum_width - spare)
        hidden |= set(range(count)) - widths.keys() - {self._stretch}
        widths[self._stretch] = max(spare, self._minimum_width)
        with self._programmatic_change():
            for column in range(count):
                self._header.setSectionHidden(column, column in hidden)
                if column not in hidden:
                    self._header.resizeSection(column, widths[column])

    def fill_menu(self, menu: QMenu, at: int = -1) -> None:
        """Add entries that show and hide columns, and one that resets them.

        `at` is the column at which the menu is opened.
        """
        header = self._view.model().headerData
        for column in self._in_order():
            if column == self._stretch:
                continue
            entry = menu.addAction(str(header(column, Qt.Orientation.Horizontal)))
            entry.setCheckable(True)
            entry.setChecked(not self._header.isSectionHidden(column))
            entry.toggled.connect(lambda on, column=column: self.show_column(column, on=on))
        menu.addSeparator()
        menu.addAction("Reset columns", self.reset)
        self.menu_filled.emit(menu, at)

    def _width(self, column: int) -> int:
        default = self._content_widths.get(column, self._default_widths[column])
        return self._widths.get(column, default)

    def _drop(self, columns: Sequence[int], widths: dict[int, int], missing: int) -> int:
        """Remove columns until the missing pixels are there; return the pixels that were taken."""
        taken = 0
        for column in columns:
            if column in widths and column not in self._shown and taken < missing:
                taken += widths.pop(column)
        return taken

    def _cut_contents(self, widths: dict[int, int], spare: int) -> int:
        """Cut widths beyond the default ones if the stretching column gets too little of `spare`.

        Returns the pixels that were taken, first from the column that has the most to give.
        """
        missing = min(self._preferred_width, _COMFORTABLE_WIDTH) - spare
        excess = {
            column: width - self._default_widths[column]
            for column, width in widths.items()
            if column not in self._widths and width > self._default_widths[column]
        }
        taken = 0
        for column in sorted(excess, key=excess.__getitem__, reverse=True):
            cut = min(excess[column], max(missing - taken, 0))
            widths[column] -= cut
            taken += cut
        return taken

    def _in_order(self) -> list[int]:
        return [self._header.logicalIndex(position) for position in range(self._header.count())]

    def _names(self) -> list[str]:
        """Return the headers, without the time zone that some have in brackets."""
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
        for position, column in enumerate(order):
            self._header.moveSection(self._header.visualIndex(column), position)

    def _right_of(self, column: int) -> int | None:
        """Return the next visible column to the right; None if there is none."""
        visible = self.visible
        position = visible.index(column) + 1 if column in visible else len(visible)
        return visible[position] if position < len(visible) else None

    @contextmanager
    def _programmatic_change(self) -> Iterator[None]:
        before, self._changing = self._changing, True
        try:
            yield
        finally:
            self._changing = before

    def _on_section_resized(self, column: int, old: int, new: int) -> None:
        # A width of 0 means that Qt hid or showed a section, not that the user resized it.
        if self._changing or not self._default_widths or not (old and new):
            return
        # Right of the stretching column, the next column gives the width that this one takes:
        # otherwise the edge under the user's pointer would not move.
        visual = self._header.visualIndex
        neighbour = self._right_of(column)
        if neighbour is not None and visual(column) >= visual(self._stretch):
            self._widths[neighbour] = max(self._width(neighbour) - (new - old), MIN_COLUMN_WIDTH)
        if column != self._stretch:
            self._widths[column] = new
        self.fit()
        self.changed.emit()

    def _on_section_moved(self) -> None:
        if not self._changing:
            self.changed.emit()

    def _on_sort_changed(self) -> None:
        if not self._changing and self._view.isSortingEnabled():
            self.changed.emit()

    def _on_menu_requested(self, point: QPoint) -> None:
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, self._header.logicalIndexAt(point))
        menu.popup(self._header.viewport().mapToGlobal(point))


def _complete_order(some: Sequence[int], count: int) -> list[int]:
    """Return an order of all columns: missing ones follow the column with the next lower index."""
    order = list(some)
    for column in range(count):
        if column not in some:
            order.insert(order.index(column - 1) + 1 if column else 0, column)
    return order


def _with_absent(
    order: Sequence[str], saved: Sequence[str], present: Sequence[str]
) -> tuple[str, ...]:
    """Return an order of names with those that are absent where they were saved."""
    if not order and all(name in present for name in saved):
        return ()
    found = list(order or present)
    for place, name in enumerate(saved):
        if name not in found:
            before = saved[place - 1] if place else ""
            found.insert(found.index(before) + 1 if before in found else 0, name)
    return tuple(found)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else []
    return tuple(_renamed(text) for text in texts if isinstance(text, str))


def _renamed(header: str) -> str:
    return _RENAMED.get(header, header)


def _is_width(value: Any) -> bool:
    return type(value) is int and MIN_COLUMN_WIDTH <= value <= _MAX_COLUMN_WIDTH
