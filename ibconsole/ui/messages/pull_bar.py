"""The controls that pull messages from the platform."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSpinBox, QToolButton, QWidget

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.runtime import PullLoopMode, PullLoopStatus, Status
from ibconsole.ui.messages.pull_dialog import MAX_LIMIT, PullDialog, PullMode, PullOptions
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Group,
    Theme,
)
from ibconsole.ui.widgets import (
    ButtonKind,
    ElidedLabel,
    IconButton,
    PushButton,
    open_dialog,
    set_tone,
)

FIRST_LIMIT = 10  # messages that the first pull on a connection is offered to take
_PULL = "Pull"
_PULL_TOOLTIP = (
    "Pull the messages that wait on the platform.\n"
    "The platform hands out each only once, to the first client that pulls it."
)
_NO_CONNECTION = "There is no connection, so there is nothing to pull from."
_PULLING_TOOLTIP = (
    "A pull is in progress. It cannot be cancelled: the platform may have handed out\n"
    "messages already, and it hands out each only once."
)
_STOP_TOOLTIP = "Start no further pull; one that is in progress ends first"
_BUSY = "There is no connection, or a pull is in progress."


class PullBar(QWidget):
    """Buttons to pull once or repeatedly, with the limit and the progress.

    `pull_requested` carries what the user wants; `confirmed` what the user agreed to, and the
    connection that the question was about. `batch` and `interval` are those of repeated pulls.
    """

    pull_requested = Signal(PullOptions)
    confirmed = Signal(PullOptions, Status)
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._connected = self._pulling = False
        self._pull_loop = PullLoopStatus()
        self.batch = MAX_LIMIT
        self.interval = 30
        self.pull = PushButton(_PULL, theme, kind=ButtonKind.PRIMARY, icon_name="download")
        self.more = IconButton("chevron-down", "Other ways to pull", theme)
        self.limit = QSpinBox(minimum=1, maximum=MAX_LIMIT, value=FIRST_LIMIT, prefix=" up to ")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.progress = ElidedLabel()
        self.pending = ElidedLabel()
        self.puller = ElidedLabel()
        self._make_commands()
        self._lay_out()
        self.pull.clicked.connect(self._on_pull_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self._show()

    def show_status(self, status: Status, *, pulling: bool) -> None:
        """Show whether a pull is possible or in progress, and how many messages wait."""
        self._connected = bool(status.connection.base_url)
        self._pulling = pulling or status.pull.running
        self._pull_loop = status.pull_loop
        pending = status.pull.pending if self._connected else None
        self.pending.setText("" if pending is None else f"{pending:,} waiting")
        self.puller.setText(_describe_puller(status))
        self._show()

    def show_pulling(self, *, on: bool) -> None:
        """Show whether a pull is in progress."""
        self._pulling = on
        self._show()

    def options(self, mode: PullMode) -> PullOptions:
        """Return the chosen limit and interval, for a pull of this mode.

        The limit of the bar is that of a single pull. Repeated pulls take large batches, because
        the number of requests per second is limited for the whole account.
        """
        limit = self.limit.value() if mode is PullMode.ONCE else self.batch
        return PullOptions(mode, limit, interval=self.interval)

    def ask(
        self, status: Status, options: PullOptions, pullers: Sequence[str], collector: str = ""
    ) -> None:
        """Ask for confirmation; the dialog lets the numbers be changed.

        `collector` is the one that would be asked to pull, empty if this computer pulls.
        """
        dialog = PullDialog(
            status, options, pullers, self._theme, self.window(), collector=collector
        )
        dialog.accepted.connect(lambda: self.confirmed.emit(dialog.options, status))
        open_dialog(dialog)

    def show_confirmed(self, options: PullOptions) -> None:
        """Show the confirmed limit, or keep the batch size and interval for the next time."""
        if options.mode is PullMode.ONCE:
            self.limit.setValue(options.limit)
            return
        self.batch, self.interval = options.limit, options.interval

    def _show(self) -> None:
        running = self._pull_loop.running
        offered = self._connected and not self._pulling and not running
        for control in (self.pull, self.limit, self.more):
            control.setEnabled(offered)
        self.pull.setText("Pulling…" if self._pulling else _PULL)
        tooltip = _PULLING_TOOLTIP if self._pulling else _PULL_TOOLTIP
        self.pull.setToolTip(tooltip if self._connected else _NO_CONNECTION)
        for control in (self.pull, self.limit, self.more):
            control.setVisible(not running)
        self.stop.setVisible(running)
        self.progress.setText(_progress(self._pull_loop))
        self.progress.setVisible(running)
        self.pending.setVisible(bool(self.pending.text()))
        self.puller.setVisible(bool(self.puller.text()))
        for command in (self.pull_command, self.until_empty_command, self.auto_command):
            command.set_disabled_reason("" if offered else _BUSY)
        self.stop_command.set_disabled_reason("" if running else "No repeated pull is running.")

    def _make_commands(self) -> None:
        group = Group.MESSAGES
        self.pull_command = Command(
            "Pull…", group, self._on_pull_clicked, icon_name="download", parent=self
        )
        self.until_empty_command = Command(
            "Pull all waiting messages…", group, self._on_until_empty, parent=self
        )
        self.auto_command = Command(
            "Pull automatically…", group, self._on_auto, icon_name="clock", parent=self
        )
        self.stop_command = Command(
            "Stop pulling", group, self.stop_requested.emit, icon_name="square", parent=self
        )
        self.commands = (
            self.pull_command,
            self.until_empty_command,
            self.auto_command,
            self.stop_command,
        )

    def _lay_out(self) -> None:
        menu = QMenu(self.more)
        actions: tuple[QAction, ...] = (self.until_empty_command, self.auto_command)
        menu.addActions(actions)
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.limit.setAccessibleName("Maximum number of messages to pull")
        self.limit.setToolTip("How many messages a pull takes at most")
        self.limit.setFixedWidth(104)
        self.pending.setAccessibleDescription("As the platform reported after the last pull")
        self.puller.setAccessibleDescription("Who of your team has the right to pull")
        for label in (self.progress, self.pending, self.puller):
            set_tone(label, Severity.MUTED)
        self.stop.setToolTip(_STOP_TOOLTIP)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE)
        for control in (
            self.pull,
            self.more,
            self.limit,
            self.stop,
            self.progress,
            self.pending,
            self.puller,
        ):
            layout.addWidget(control)

    def _on_pull_clicked(self) -> None:
        self.pull_requested.emit(self.options(PullMode.ONCE))

    def _on_until_empty(self) -> None:
        self.pull_requested.emit(self.options(PullMode.UNTIL_EMPTY))

    def _on_auto(self) -> None:
        self.pull_requested.emit(self.options(PullMode.AUTO))


def _progress(status: PullLoopStatus) -> str:
    if not status.batches:
        return "Auto" if status.mode is PullLoopMode.AUTO else ""
    return f"{counted(status.messages, 'message')} in {counted(status.batches, 'pull')}"


def _describe_puller(status: Status) -> str:
    link = status.team.link_of(status.connection.id)
    if not link or not link.puller:
        return ""
    return f"{link.puller[0].upper()}{link.puller[1:]} pulls"
