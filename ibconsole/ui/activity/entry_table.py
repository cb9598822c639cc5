"""The table of requests, and its selected entry, which outlives its row."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ibconsole.services.request_log import Entry
from ibconsole.ui.activity.model import ActivityFilter, ActivityModel
from ibconsole.ui.tables import FeedTable
from ibconsole.ui.toolkit import CodeDisplay, Theme, TimeDisplay

_CONNECTION, _WHO, _PATH, _STATUS, _DURATION, _TRY = 1, 2, 4, 5, 6, 7
_WIDTHS = (132, 112, 156, 68, 0, 64, 78, 44)
_PATH_WIDTH = 200


class EntryTable(FeedTable):
    """The requests, the newest on top; `entry_selected` carries an Entry or None.

    An entry that is dropped from the list to make room stays selected; one that does not
    match a new filter does not.
    """

    entry_selected = Signal(object)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(
            stretch=_PATH,
            preferred_width=_PATH_WIDTH,
            optional=(_TRY, _CONNECTION, _DURATION, _WHO),
            parent=parent,
        )
        self._entry: Entry | None = None
        self._updating = False
        self.feed = ActivityModel(time_display, self, codes=codes)
        self.setAccessibleName("Requests of this program")
        # Connected before the table, which would move the selection to a neighbour.
        self.feed.rowsAboutToBeRemoved.connect(self._on_rows_about_to_be_removed)
        self.setModel(self.feed)
        self.feed.rowsRemoved.connect(self._on_rows_removed)
        self.current_changed.connect(self._on_row_selected)
        self.set_widths(*_WIDTHS, by_content=True)
        self.setItemDelegateForColumn(_STATUS, StatusCells(self.feed, theme, self))

    @property
    def entry(self) -> Entry | None:
        """The selected entry, even if it was dropped from the list."""
        return self._entry

    def select_entry(self, entry: Entry | None) -> None:
        """Make an entry the selected one; `entry_selected` is emitted in any case."""
        self._entry = entry
        self.entry_selected.emit(entry)

    def set_filter(self, filter_: ActivityFilter) -> None:
        """List the requests that match another filter."""
        self._updating = True
        self.feed.set_filter(filter_)
        row = self.feed.row_of(self._entry.id) if self._entry else None
        if row is not None:
            self.selectRow(row)
        self._updating = False
        if self._entry and row is None:
            self.select_entry(None)

    def _on_row_selected(self, row: int) -> None:
        if not self._updating:
            self.select_entry(self.feed.record(row) if row >= 0 else None)

    def _on_rows_about_to_be_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        # The selected entry stays: it is dropped only to make room.
        self._updating = True
        if first <= self.currentIndex().row() <= last:
            self.selectionModel().clearCurrentIndex()

    def _on_rows_removed(self) -> None:
        self._updating = False


class StatusCells(QStyledItemDelegate):
    """The cells of the status, in the colour of danger if the request failed."""

    def __init__(self, model: ActivityModel, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme

    # Qt's side

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        entry = self._model.record(index.row())
        if entry and entry.failed:
            colour = QColor(self._theme.colours.danger)
            for name in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
                option.palette.setColor(name, colour)
