"""The table of calls, and its selected call."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from ibconsole.services.audit import AuditCall
from ibconsole.ui.audit.model import AuditModel, tone_of
from ibconsole.ui.tables import FeedTable, TintedCells
from ibconsole.ui.toolkit import ROW_HEIGHT, ApplicationNames, Theme, TimeDisplay

_WHO, _CONNECTION, _WHAT, _OUTCOME, _PLACE = 1, 2, 4, 5, 7
_WIDTHS = (136, 60, 96, 104, 0, 172, 112, 96)
_WHAT_WIDTH = 180
_AHEAD = 40  # rows below the visible ones at which older calls are read


class CallTable(FeedTable):
    """The calls, the newest on top; `call_selected` carries an AuditCall or None.

    `older_wanted` is emitted near the end of the rows.
    """

    call_selected = Signal(object)
    older_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        names: ApplicationNames,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay,
    ) -> None:
        super().__init__(
            stretch=_WHAT,
            preferred_width=_WHAT_WIDTH,
            optional=(_PLACE, _WHO, _CONNECTION),
            parent=parent,
        )
        self._selected: int | None = None
        self.feed = AuditModel(names, time_display, self)
        self.setAccessibleName("Changes and pulls")
        self.setModel(self.feed)
        self.current_changed.connect(self._on_row_selected)
        self.set_widths(*_WIDTHS)  # not by content: reasons may be long
        self.setItemDelegateForColumn(_OUTCOME, OutcomeCells(self.feed, theme, self))
        self.verticalScrollBar().valueChanged.connect(self._on_value_changed)

    @property
    def call(self) -> AuditCall | None:
        """The selected call."""
        row = None if self._selected is None else self.feed.row_of(self._selected)
        return None if row is None else self.feed.record(row)

    def select_call(self, number: int | None) -> None:
        """Select the call with this number, if it is listed, else none."""
        row = None if number is None else self.feed.row_of(number)
        if row is not None:
            self.selectRow(row)
        elif self._selected is not None:
            self._select(None)

    def _on_row_selected(self, row: int) -> None:
        self._select(self.feed.id_at(row) if row >= 0 else None)

    def _select(self, number: int | None) -> None:
        self._selected = number
        self.call_selected.emit(self.call)

    def _on_value_changed(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if bar.maximum() and value + _AHEAD * ROW_HEIGHT >= bar.maximum():
            self.older_wanted.emit()


class OutcomeCells(TintedCells):
    """The cells of the outcome, coloured unless the call did what it should."""

    def __init__(self, model: AuditModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "text", parent)
        self._model = model
        self._colours = theme

    def colour(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QColor:
        call = self._model.record(index.row())
        tone = tone_of(call) if call else None
        if tone is None:
            return super().colour(option, index)
        return QColor(getattr(self._colours.colours, tone.value))
