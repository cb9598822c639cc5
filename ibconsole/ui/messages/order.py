"""The order of the list of messages, chosen by a click on a header or by a command."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Signal

from ibconsole.services.messages import Order
from ibconsole.ui.tables import RowTable
from ibconsole.ui.toolkit import Command, Group

_NAMES = {
    Order.ARRIVAL: "Sort by arrival here",
    Order.RECEIVED: "Sort by receipt at the platform",
}


class OrderChoice(QObject):
    """The order of a table, newest on top; `changed` carries the new one.

    `columns` maps each order to the column whose header selects it; other headers do nothing.
    """

    changed = Signal(Order)

    def __init__(self, table: RowTable, columns: Mapping[Order, int], parent: QObject) -> None:
        super().__init__(parent)
        self._table = table
        self._columns = columns
        self._order = Order.ARRIVAL
        self.commands = tuple(self._command(order) for order in columns)
        header = table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        # Qt moves its arrow to any header that was clicked.
        header.sortIndicatorChanged.connect(self._show)
        header.sectionClicked.connect(self._on_section_clicked)
        self._show()

    @property
    def order(self) -> Order:
        """The present order."""
        return self._order

    def select(self, order: Order) -> None:
        """Sort by this order; its column is shown if it was hidden."""
        changed = order is not self._order
        self._order = order
        if changed and self._table.isColumnHidden(self._columns[order]):
            self._table.columns.show_column(self._columns[order], on=True)
        self._show()
        if changed:
            self.changed.emit(order)

    def _command(self, order: Order) -> Command:
        command = Command(_NAMES[order], Group.MESSAGES, lambda: self.select(order), parent=self)
        command.setCheckable(True)
        return command

    def _on_section_clicked(self, column: int) -> None:
        for order, its_column in self._columns.items():
            if its_column == column:
                self.select(order)

    def _show(self, *_: object) -> None:
        header = self._table.horizontalHeader()
        before = header.blockSignals(True)  # noqa: FBT003 Qt's
        header.setSortIndicator(self._columns[self._order], Qt.SortOrder.DescendingOrder)
        header.blockSignals(before)
        header.viewport().update()
        for order, command in zip(self._columns, self.commands, strict=True):
            command.setChecked(order is self._order)
