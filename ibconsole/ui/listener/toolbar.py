"""The controls of the listener: start and stop, port and address, its state and forward URL."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.services.intake import DEFAULT_PORT
from ibconsole.services.runtime import ArchiveStatus, ListenerState, ListenerStatus
from ibconsole.ui.answers import AnswerControls
from ibconsole.ui.listener.address import AddressChoice, exposure_question
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
    ButtonKind,
    ConfirmDialog,
    CopyField,
    ElidedLabel,
    PushButton,
    StateDot,
    muted,
    open_dialog,
    set_tone,
)

_AGE_MS = 1000


class ListenerToolbar(QFrame):
    """Starts and stops the listener, after a confirmation if others could reach it.

    The age of the last request is updated while the toolbar is visible.
    """

    start_requested = Signal(int, str)
    stop_requested = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, time_display: times.TimeDisplay
    ) -> None:
        super().__init__(parent, objectName="bar")
        self._theme = theme
        self._time_display = time_display
        self._status = ListenerStatus()
        self._archive: ArchiveStatus | None = None
        self._busy = self._had_focus = False
        self.start = PushButton("Start listening", theme, kind=ButtonKind.PRIMARY, icon_name="play")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.port_label = muted("Port")
        self.port = QSpinBox(minimum=1, maximum=65535, value=DEFAULT_PORT, prefix=" ")
        self.address = AddressChoice()
        self.dot = StateDot(theme)
        self.state_text = ElidedLabel()
        self.url = CopyField("forward URL", theme)
        self.answers = AnswerControls(theme)
        self._age_timer = QTimer(self, interval=_AGE_MS)
        self.start_command = self._command("Start listening", self.start.click, "play")
        self.stop_command = self._command("Stop listening", self.stop.click, "square")
        self.copy_command = self._command("Copy the forward URL", self._on_copy, "copy")
        self.commands = (
            self.start_command,
            self.stop_command,
            self.copy_command,
            *self.answers.commands,
        )
        self._lay_out()
        self.start.clicked.connect(self._on_start_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self.address.changed.connect(self._on_address_changed)
        self._age_timer.timeout.connect(self._show_state_text)
        time_display.changed.connect(self._show_state_text)
        self._show_state()

    def show_status(self, status: ListenerStatus, archive: ArchiveStatus | None = None) -> None:
        """Show the state of the listener, and what the archive says about its requests."""
        if status.answers != self._status.answers:
            self.answers.show_answers(status.answers)
        self._status = status
        self._archive = archive
        self._show_state()

    def set_busy(self, *, on: bool) -> None:
        """Offer neither start nor stop while `on`: the listener is being started or stopped.

        Afterwards the keyboard is at the button that undoes it: Qt takes the focus from disabled
        and hidden ones.
        """
        if on:
            focused = self.window().focusWidget()
            self._had_focus = focused is not None and self.isAncestorOf(focused)
        self._busy = on
        self._show_state()
        if not on and self._had_focus:
            self._had_focus = False
            self._focus_button()

    def _focus_button(self) -> None:
        (self.start if self.stop.isHidden() else self.stop).setFocus()

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
        at_button = self.window().focusWidget() in {self.start, self.stop}
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        if at_button:
            self._focus_button()
        idle = not self._busy and self._status.state is not ListenerState.STARTING
        for control in (self.stop, self.port, self.address):
            control.setEnabled(idle)
        self.start.setEnabled(idle and bool(self.address.host))
        for widget in (self.port_label, self.port, self.address):
            widget.setVisible(not running)
        self.url.setVisible(running)
        self.url.show_value(self._status.url)
        self._update_commands(running=running)
        self._show_state_text()

    def _show_state_text(self) -> None:
        status = replace(self._status, answers=None)  # which have a row of their own
        state = describe_listener(status, now_ms(), self._time_display.zone, self._archive)
        self.dot.show_state(state.indicator, state.text)
        self.state_text.setText(state.text)
        self.answers.show_time()

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
        open_dialog(dialog)

    def _lay_out(self) -> None:
        self.port.setAccessibleName("Port to listen on")
        self.port.setFixedWidth(88)
        set_tone(self.state_text, Severity.MUTED)
        self.state_text.setAccessibleName("State of the listener")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        rows.setSpacing(SPACE)
        layout = QHBoxLayout()
        layout.setSpacing(2 * SPACE)
        rows.addLayout(layout)
        rows.addWidget(self.answers.row)
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
        layout.addWidget(self.answers)
