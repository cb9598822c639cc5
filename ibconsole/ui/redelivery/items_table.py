"""The table of a job's messages in the order of sending; only parts of a long job are in memory."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, islice

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from ibconsole.errors import Severity
from ibconsole.services.redelivery import Decision, ItemState, LedgerItem
from ibconsole.ui.tables import FeedColumn, FeedModel, FeedTable, TintedCells
from ibconsole.ui.toolkit import ROW_HEIGHT, ApplicationNames, Theme, TimeDisplay, one_line, times

_APPLICATION, _STATE, _ATTEMPTS, _ANSWER, _CHANGED = 1, 2, 3, 4, 5
_WIDTHS = (136, 120, 112, 76, 0, 112)
_ANSWER_WIDTH = 140
_COMPARED = 2  # items
_AHEAD = 40  # rows below the visible ones at which further items are read
_MARGIN = 16  # rows around the visible ones that are read again with them
_TONES = {
    ItemState.WAITING: Severity.MUTED,
    ItemState.SENDING: Severity.INFO,
    ItemState.ACKNOWLEDGED: Severity.OK,
    ItemState.UNDELIVERED: Severity.DANGER,
    ItemState.UNKNOWN: Severity.WARNING,
    ItemState.SKIPPED: Severity.MUTED,
}
_DECISIONS = {
    Decision.RESEND: "to be sent again",
    Decision.ACCEPT: "counted as delivered",
    Decision.SKIP: "not to be sent",
}


class ItemsModel(FeedModel[LedgerItem]):
    """The items that were read, the first of the job on top."""

    def __init__(
        self, names: ApplicationNames, time_display: TimeDisplay, parent: QObject | None = None
    ) -> None:
        super().__init__(_columns(names, time_display), self._items_of, parent)
        self._items: dict[int, LedgerItem] = {}

    @property
    def last(self) -> int:
        """The highest id in the list; 0 if there is none."""
        return self.id_at(self.rowCount() - 1) if self.rowCount() else 0

    def replace_items(self, items: Sequence[LedgerItem]) -> None:
        """Show these items and no others."""
        self._items = {item.id: item for item in items}
        ids = array("q", sorted(self._items, reverse=True))
        self.show(ids, _keys(ids))

    def add_items(self, items: Sequence[LedgerItem]) -> None:
        """Add further items below the last one."""
        ids = array("q", sorted({item.id for item in items} - self._items.keys(), reverse=True))
        self._items.update((item.id, item) for item in items)
        self.add_older(ids, _keys(ids), max(ids, default=0))

    def update_items(self, items: Iterable[LedgerItem]) -> None:
        """Show listed items as they are now."""
        changed = {item.id: item for item in items if self._items.get(item.id, item) != item}
        if changed:
            self._items.update(changed)
            self.refresh()

    def _items_of(self, ids: Sequence[int]) -> list[LedgerItem]:
        return [self._items[one] for one in ids if one in self._items]


class ItemsTable(FeedTable):
    """The items, of which several can be selected.

    `more_wanted` is emitted near the end of the rows.
    """

    selection_changed = Signal()
    more_wanted = Signal()

    def __init__(
        self,
        names: ApplicationNames,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay,
    ) -> None:
        super().__init__(
            stretch=_ANSWER,
            preferred_width=_ANSWER_WIDTH,
            optional=(_CHANGED, _APPLICATION),
            parent=parent,
        )
        self.feed = ItemsModel(names, time_display, self)
        self.setAccessibleName("Messages of the job")
        self.setModel(self.feed)
        self.set_widths(*_WIDTHS, by_content=True)
        self.columns.hide_if_crowded(_ATTEMPTS)
        self.setItemDelegateForColumn(_STATE, _ItemStateCells(self.feed, theme, self))
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.feed.modelReset.connect(self._on_selection_changed)
        self.verticalScrollBar().valueChanged.connect(self._on_value_changed)
        for changed in (names.changed, time_display.changed):
            changed.connect(self.feed.refresh)

    @property
    def selected_ids(self) -> Sequence[int]:
        """The ids of the selected items, from top to bottom."""
        return self.feed.ids_of(self.selected_runs())

    @property
    def selected(self) -> list[LedgerItem]:
        """The first selected items, as many as can be compared."""
        rows = islice(chain.from_iterable(self.selected_runs()), _COMPARED)
        return [item for row in rows if (item := self.feed.record(row))]

    @property
    def visible_part(self) -> tuple[int, int]:
        """The id after which the rows in sight begin, and their number with some around them."""
        rows = self.feed.rowCount()
        top = self.verticalScrollBar().value() // ROW_HEIGHT
        first = max(top - _MARGIN, 0)
        after = self.feed.id_at(first) - 1 if rows > first else 0
        return after, self.viewport().height() // ROW_HEIGHT + 2 * _MARGIN

    def select_item(self, item: int) -> None:
        """Select an item, if it is listed."""
        row = self.feed.row_of(item)
        if row is not None:
            self.selectRow(row)

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()

    def _on_value_changed(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if bar.maximum() and value + _AHEAD * ROW_HEIGHT >= bar.maximum():
            self.more_wanted.emit()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:  # there is no newest row to follow
            super().keyPressEvent(event)


class _ItemStateCells(TintedCells):
    """The cells of the states, each in its colour."""

    def __init__(self, model: ItemsModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "text", parent)
        self._model = model
        self._colours = theme

    def colour(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QColor:
        item = self._model.record(index.row())
        if item is None:
            return super().colour(option, index)
        return QColor(getattr(self._colours.colours, tone_of_item(item).value))


def tone_of_item(item: LedgerItem) -> Severity:
    """Return the severity of an item's state."""
    return _TONES[item.state]


def state_of_item(item: LedgerItem) -> str:
    """Return the state of an item; of one that is not sent, the decision that says so."""
    is_decided = item.state is ItemState.SKIPPED and item.decision
    return decision_text(item) if is_decided else item.state.value


def decision_text(item: LedgerItem) -> str:
    """Return the decision about an item in words; empty if there is none."""
    return _DECISIONS[item.decision] if item.decision else ""


def answer_text_of(item: LedgerItem) -> str:
    """Return the last answer to an item on one line: its status, and what was wrong with it."""
    decision = "" if item.state is ItemState.SKIPPED else decision_text(item)
    parts = (str(item.status or ""), item.problem, decision)
    return one_line(" \N{MIDDLE DOT} ".join(filter(None, parts)))


def _keys(ids: "array[int]") -> "array[int]":
    """Return keys by which the lowest id is the first row."""
    return array("q", [-one for one in ids])


def _columns(
    names: ApplicationNames, time_display: TimeDisplay
) -> Sequence[FeedColumn[LedgerItem]]:
    return (
        FeedColumn("Message ID", lambda item: one_line(item.message_id)),
        FeedColumn(
            "Application",
            lambda item: names(item.application_code) if item.application_code else "",
        ),
        FeedColumn("State", state_of_item),
        FeedColumn("Attempts", lambda item: f"{item.attempts:,}", right=True),
        FeedColumn("Last answer", answer_text_of, answer_text_of),
        FeedColumn(
            "Changed",
            lambda item: times.column_time(item.changed_at or None, time_display.zone),
            lambda item: times.iso(item.changed_at) if item.changed_at else "",
            unit=lambda: times.zone_name(zone=time_display.zone),
        ),
    )
