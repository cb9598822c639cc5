"""The selection of the list of messages, across searches that replace the list."""

from PySide6.QtCore import QModelIndex, QObject

from ibconsole.ui.tables import FeedModel, FeedTable


class KeptSelection(QObject):
    """Selects again what was selected before a search, or opens the newest match of a filter.

    A message that the user has selected stays selected while it is listed, also in a list that is
    completed later. A message that was opened as the newest match gives way to the newest match of
    the next filter.
    """

    def __init__(self, table: FeedTable, model: FeedModel, parent: QObject) -> None:  # type: ignore[type-arg]  # any records
        super().__init__(parent)
        self._table = table
        self._model = model
        self._wanted: int | None = None
        self._opened: int | None = None
        self._opens_newest = False
        self._position = 0

    @property
    def selected(self) -> int | None:
        """The id of the current message; None if there is none."""
        index = self._table.currentIndex()
        return self._model.id_at(index.row()) if index.isValid() else None

    def want(self, message: int) -> None:
        """Select this message in the next list that has it, in place of what is selected now."""
        self._table.clearSelection()
        self._table.setCurrentIndex(QModelIndex())
        self._wanted, self._opened = message, None

    def remember(self, *, opens_newest: bool) -> None:
        """Remember the selection before the list is replaced."""
        selected = self.selected
        wanted = self._wanted if selected is None else selected
        self._wanted = None if opens_newest and wanted == self._opened else wanted
        self._opens_newest = opens_newest

    def restore(self, *, complete: bool) -> None:
        """Select in the new list; one that is not `complete` is followed by `finish`."""
        self._position = self._table.verticalScrollBar().value()
        row = None if self._wanted is None else self._model.row_of(self._wanted)
        if row is not None:
            self._table.open_row(row)
        elif self._wanted is not None and not complete:
            return  # it may still be found
        elif self._opens_newest and self._model.rowCount():
            self._table.open_row(0)
            self._opened = self.selected
        self._wanted = None
        self._opens_newest = False

    def finish(self) -> None:
        """Select in the completed list, unless the user has gone on to something else."""
        position = self._table.verticalScrollBar().value()
        if not self._table.currentIndex().isValid() and position == self._position:
            self.restore(complete=True)
        self._wanted = None
        self._opens_newest = False
