"""The choices of the list of messages: its order, and the connections whose messages it has."""

from collections.abc import Mapping

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, Signal

from ibconsole.services.messages import Filter, Order
from ibconsole.ui.tables import RowTable
from ibconsole.ui.toolkit import Command, Group

_NAMES = {
    Order.ARRIVAL: "Sort by arrival here",
    Order.RECEIVED: "Sort by receipt at the platform",
}


class ScopeChoice(QObject):
    """The choice between messages of all connections and those of the open one.

    Without a team the default is all: so no message is overlooked. Of a connection with a team
    they are in the team's record, while those of all connections are on this disk alone. `changed`
    is emitted when what is listed has changed; `chosen` carries the connection's UUID and the
    user's choice.
    """

    changed = Signal()
    chosen = Signal(str, bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.connection = ""
        self.has_team = False
        self._saved: dict[str, bool] = {}
        self.command = Command(
            "Messages of all connections", Group.MESSAGES, self._on_triggered, parent=self
        )
        self.command.setCheckable(True)
        self._show()

    @property
    def is_all(self) -> bool:
        """True if messages of all connections are listed."""
        return not self.connection or self._saved.get(self.connection, not self.has_team)

    @property
    def is_disk(self) -> bool:
        """True if this disk is listed in place of the team's record."""
        return self.has_team and self.is_all

    def restrict(self, criteria: Filter) -> Filter:
        """Return a filter with the open connection in it, if only its messages are listed."""
        if self.is_all or self.has_team:  # whose record has messages of the connection alone
            return criteria
        return replace(criteria, connection=self.connection)

    def use(self, connection: str, *, has_team: bool, saved: bool | None = None) -> None:
        """List the messages of this connection's scope: the saved one, or the default."""
        before = (self.restrict(Filter()), self.is_disk)
        self.connection, self.has_team = connection, has_team
        if saved is not None:
            self._saved[connection] = saved
        self._show()
        if (self.restrict(Filter()), self.is_disk) != before:
            self.changed.emit()

    def _on_triggered(self) -> None:
        self._saved[self.connection] = self.command.isChecked()
        self._show()
        self.chosen.emit(self.connection, self.is_all)
        self.changed.emit()

    def _show(self) -> None:
        self.command.setChecked(self.is_all)
        self.command.set_disabled_reason(
            "" if self.connection else "No saved connection is open: all messages are listed."
        )


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
