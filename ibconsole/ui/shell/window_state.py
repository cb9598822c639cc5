"""What the window remembers from day to day. No secrets, and nothing that cannot be made anew."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer

from ibconsole.services.messages import Order
from ibconsole.ui.tables import RowTable
from ibconsole.ui.toolkit import Scheme


class WindowState(QObject):
    """Sizes and choices, in a file of the data directory that only its owner reads.

    What changes many times in a row, as the width of a column that is dragged, is written
    once things have calmed down.
    """

    CALM_MS = 1000

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed: dict[str, str] = {}
        self._calm = QTimer(self, singleShot=True, interval=self.CALM_MS)
        self._calm.timeout.connect(self._on_calm)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def scheme(self) -> Scheme:
        """The chosen colours; the system's if none were chosen or the file is spoilt."""
        try:
            return Scheme(str(self._settings.value("scheme", Scheme.SYSTEM.value)))
        except ValueError:
            return Scheme.SYSTEM

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._settings.setValue("scheme", scheme.value)

    @property
    def utc(self) -> bool:
        """Whether times are shown in UTC, not in the zone of this computer."""
        return str(self._settings.value("utc", "")) == "true"

    @utc.setter
    def utc(self, utc: bool) -> None:
        self._settings.setValue("utc", "true" if utc else "false")

    def number(self, name: str, default: int) -> int:
        """A number that was chosen; the default if none was, or the file is spoilt."""
        try:
            return int(str(self._settings.value(f"numbers/{name}", default)))
        except ValueError:
            return default

    def keep_number(self, name: str, number: int) -> None:
        """Remember a number that was chosen."""
        self._settings.setValue(f"numbers/{name}", number)

    @property
    def listener_host(self) -> str:
        """The address that the listener was to listen on; empty if none was chosen."""
        return str(self._settings.value("listener/host", ""))

    @listener_host.setter
    def listener_host(self, host: str) -> None:
        self._settings.setValue("listener/host", host)

    @property
    def message_order(self) -> Order:
        """What messages are sorted by: their arrival, if nothing else was chosen."""
        try:
            return Order(str(self._settings.value("messages/order", Order.ARRIVAL.value)))
        except ValueError:
            return Order.ARRIVAL

    @message_order.setter
    def message_order(self, order: Order) -> None:
        self._settings.setValue("messages/order", order.value)

    def shows(self, pane: str) -> bool:
        """Whether a pane is to be shown, as all are at first."""
        return str(self._settings.value(f"panes/{pane}", "true")) == "true"

    def show(self, pane: str, *, on: bool) -> None:
        """Show a pane from now on, or hide it."""
        self._settings.setValue(f"panes/{pane}", "true" if on else "false")

    def follow(self, table: RowTable, name: str) -> None:
        """Arrange a table's columns as they were left, and remember how they are from now on."""
        state = self._settings.value(f"columns/{name}")
        if isinstance(state, str):
            table.columns.restore(state)
        table.columns.changed.connect(lambda: self._on_columns_changed(table, name))

    def state(self, name: str) -> QByteArray:
        """A saved geometry or splitter or header; empty if there is none."""
        value = self._settings.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_state(self, name: str, state: QByteArray) -> None:
        """Save a geometry or splitter or header."""
        self._settings.setValue(f"state/{name}", state)

    def save(self) -> None:
        """Write the file now."""
        self._on_calm()
        self._settings.sync()

    def _on_columns_changed(self, table: RowTable, name: str) -> None:
        self._changed[name] = table.columns.state
        self._calm.start()

    def _on_calm(self) -> None:
        self._calm.stop()
        changed, self._changed = self._changed, {}
        for name, state in changed.items():
            self._settings.setValue(f"columns/{name}", state)
