"""The pane of the listener: its controls, its address, and the list of received requests."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity, UserError
from ibconsole.services.intake import DEFAULT_PORT
from ibconsole.services.messages import Delivery
from ibconsole.services.runtime import ListenerState, ListenerStatus
from ibconsole.ui.listener.address import AddressChoice, exposure_question
from ibconsole.ui.listener.columns import PATH, PROBLEM, WIDTHS, request_columns
from ibconsole.ui.tables import FeedModel, FeedPage, FeedTable, TintedCells
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Group,
    Theme,
    copy_to_clipboard,
    describe_listener,
    times,
)
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    ConfirmDialog,
    CopyField,
    PushButton,
    StateDot,
    muted,
)

_AGE_MS = 1000
_STOPPED = (
    "The listener is stopped, so nothing can arrive. Once started, it stores every request sent"
    " to its address, and answers 200 when the request is on disk."
)
_WAITING = (
    "Nothing has arrived yet. The address can be reached from this computer only: for the platform"
    " to reach it, a tunnel must lead to it."
)
_WAITING_EXPOSED = (
    "Nothing has arrived yet. For the platform to reach it, this computer must be reachable from"
    " the internet, or a tunnel must lead to it."
)
_EXPOSED = (
    "The listener is open to the network at {}, unencrypted and for anyone who knows the URL. Stop"
    " it when it is not needed."
)


class DeliveryReader(Protocol):
    """Reads a page of requests by id; synchronous."""

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]: ...


class ListenerPane(QWidget):
    """The controls, the address and the table of requests; reads only the rows in sight."""

    start_requested = Signal(int, str)
    stop_requested = Signal()
    retry_requested = Signal()
    request_selected = Signal(int)
    selection_cleared = Signal()

    def __init__(
        self,
        reader: DeliveryReader,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: times.TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        time_display = time_display or times.TimeDisplay(self)
        self._theme = theme
        self._time_display = time_display
        self._status = ListenerStatus()
        self._busy = False
        self.start = PushButton("Start listening", theme, kind=ButtonKind.PRIMARY, icon_name="play")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.port_label = muted("Port")
        self.port = QSpinBox(minimum=1, maximum=65535, value=DEFAULT_PORT, prefix=" ")
        self.address = AddressChoice()
        self.exposure_banner = Banner(theme)
        self.dot = StateDot(theme)
        self.state_text = muted("")
        self.url = CopyField("forward URL", theme)
        self.model = FeedModel(request_columns(time_display), reader.deliveries, self)
        self.table = FeedTable(stretch=PATH)
        self.page = FeedPage(self._bar(), self.table, theme)
        self._age_timer = QTimer(self, interval=_AGE_MS)
        self.start_command = self._command("Start listening", self.start.click, "play")
        self.stop_command = self._command("Stop listening", self.stop.click, "square")
        self.copy_command = self._command("Copy the forward URL", self._on_copy, "copy")
        self.commands = (self.start_command, self.stop_command, self.copy_command)
        self._set_up(theme)
        self._connect()
        time_display.changed.connect(self.model.refresh)
        time_display.changed.connect(self._show_state_text)
        self._show_state()

    @property
    def newest(self) -> int:
        """The id of the newest request listed; 0 if there is none."""
        return self.model.newest

    def show_status(self, status: ListenerStatus) -> None:
        """Show the state of the listener."""
        self._status = status
        self._show_state()

    def add_requests(self, ids: "array[int]") -> None:
        """Add new requests on top; those listed before may have been decoded meanwhile."""
        self.model.refresh_newest()
        self.model.append(ids)
        self._show_rows()

    def show_failed(self, error: UserError) -> None:
        """Show that the archive could not be searched."""
        self.page.show_failed(str(error), error.details)

    def show_not_started(self, error: UserError) -> None:
        """Show why the listener could not be started."""
        self.page.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Offer neither start nor stop while the block runs."""
        self._busy = True
        self.page.banner.clear()
        self.page.set_working(on=True)
        self._show_state()
        try:
            yield
        finally:
            self._busy = False
            self.page.set_working(on=False)
            self._show_state()

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_state_text()
        self._age_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age_timer.stop()

    def _show_state(self) -> None:
        running = self._status.state is ListenerState.LISTENING
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        idle = not self._busy and self._status.state is not ListenerState.STARTING
        for control in (self.stop, self.port, self.address):
            control.setEnabled(idle)
        self.start.setEnabled(idle and bool(self.address.host))
        for widget in (self.port_label, self.port, self.address):
            widget.setVisible(not running)
        self._show_exposure()
        self.url.setVisible(running)
        self.url.show_value(self._status.url)
        self._update_commands(running=running)
        self._show_state_text()
        self._show_rows()

    def _show_exposure(self) -> None:
        if self._status.reachable_at:
            sentence = _EXPOSED.format(self._status.reachable_at)
            self.exposure_banner.show_notice(Severity.WARNING, sentence, closable=False)
        else:
            self.exposure_banner.clear()

    def _command(self, name: str, run: Callable[[], object], icon_name: str) -> Command:
        return Command(name, Group.LISTENER, run, icon_name=icon_name, parent=self)

    def _update_commands(self, *, running: bool) -> None:
        busy = "" if self.stop.isEnabled() else "The listener is being started or stopped."
        no_address = "" if self.address.host else "The text is not an IP address."
        stopped = "" if running else "The listener is stopped."
        self.start_command.set_disabled_reason(
            busy or ("The listener is running." if running else no_address)
        )
        self.stop_command.set_disabled_reason(busy or stopped)
        self.copy_command.set_disabled_reason(stopped)

    def _on_copy(self) -> None:
        copy_to_clipboard(self._status.url)

    def _show_state_text(self) -> None:
        state = describe_listener(self._status, now_ms(), self._time_display.zone)
        self.dot.show_state(state.indicator, state.text)
        self.state_text.setText(state.text)

    def _show_rows(self) -> None:
        if self.model.rowCount():
            self.page.show_table()
        elif self._status.state is ListenerState.LISTENING:
            self.page.show_empty(_WAITING_EXPOSED if self._status.reachable_at else _WAITING)
        else:
            self.page.show_empty(_STOPPED)

    def _bar(self) -> QWidget:
        bar = QFrame(objectName="bar")
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.start)
        layout.addWidget(self.stop)
        layout.addWidget(self.port_label)
        layout.addWidget(self.port)
        layout.addWidget(self.address)
        layout.addSpacing(SPACE)
        layout.addWidget(self.dot)
        layout.addWidget(self.state_text)
        layout.addWidget(self.url, 10)
        layout.addStretch(1)
        return bar

    def _set_up(self, theme: Theme) -> None:
        self.port.setAccessibleName("Port to listen on")
        self.port.setFixedWidth(88)
        self.state_text.setAccessibleName("State of the listener")
        self.table.setAccessibleName("Requests to the listener")
        self.table.setModel(self.model)
        self.table.set_widths(*WIDTHS)
        self.table.setItemDelegateForColumn(PROBLEM, TintedCells(theme, Severity.WARNING, self))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.exposure_banner)
        layout.addWidget(self.page)

    def _connect(self) -> None:
        self.start.clicked.connect(self._on_start_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self.page.retry_requested.connect(self.retry_requested)
        self.table.current_changed.connect(self._on_current_changed)
        self._age_timer.timeout.connect(self._show_state_text)
        self.address.changed.connect(self._on_address_changed)

    def _on_address_changed(self, _: str) -> None:
        self._show_state()

    def _on_start_clicked(self) -> None:
        port, host = self.port.value(), self.address.host
        question = exposure_question(host, port)
        if question is None:
            self.start_requested.emit(port, host)
            return
        dialog = ConfirmDialog(question, self._theme, self.window())
        dialog.accepted.connect(lambda: self.start_requested.emit(port, host))
        dialog.open()

    def _on_current_changed(self, row: int) -> None:
        if row < 0:
            self.selection_cleared.emit()
        else:
            self.request_selected.emit(self.model.id_at(row))
