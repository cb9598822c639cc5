"""The controls that pull messages from the platform, and their presenter."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSpinBox, QToolButton, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.intake import PullReport, RunResult
from ibconsole.services.runtime import ConnectionStatus, RepeatMode, RepeatStatus, Status
from ibconsole.ui.messages.pull_dialog import PullDialog, PullMode, PullOptions
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Group,
    ResultText,
    Theme,
    UiTasks,
    describe_pull_result,
    describe_run_result,
)
from ibconsole.ui.widgets import ButtonKind, IconButton, PushButton, muted

# The name of a task.
_ASK = "ask before a pull"

FIRST_LIMIT = 10  # messages that the first pull on a connection is offered to take
_MAX_LIMIT = 1000
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
    connection that the question was about.
    """

    pull_requested = Signal(PullOptions)
    confirmed = Signal(PullOptions, ConnectionStatus)
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._connected = self._pulling = False
        self._repeat = RepeatStatus()
        self.interval = 30
        self.pull = PushButton(_PULL, theme, kind=ButtonKind.PRIMARY, icon_name="download")
        self.more = IconButton("chevron-down", "Other ways to pull", theme)
        self.limit = QSpinBox(minimum=1, maximum=_MAX_LIMIT, value=FIRST_LIMIT, prefix=" up to ")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.progress = muted("")
        self.pending = muted("")
        self._make_commands()
        self._lay_out()
        self.pull.clicked.connect(self._on_pull_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self._show()

    def show_status(self, status: Status, *, pulling: bool) -> None:
        """Show whether a pull is possible or in progress, and how many messages wait."""
        self._connected = bool(status.connection.base_url)
        self._pulling = pulling or status.pull.running
        self._repeat = status.repeat
        pending = status.pull.pending
        self.pending.setText("" if pending is None else f"{pending:,} waiting")
        self._show()

    def show_pulling(self, *, on: bool) -> None:
        """Show whether a pull is in progress."""
        self._pulling = on
        self._show()

    def options(self, mode: PullMode) -> PullOptions:
        """Return the chosen limit and interval, for a pull of this mode."""
        return PullOptions(mode, self.limit.value(), interval=self.interval)

    def ask(self, status: Status, options: PullOptions, pullers: Sequence[str]) -> None:
        """Ask for confirmation; the dialog lets the numbers be changed."""
        dialog = PullDialog(status, options, pullers, self._theme, self.window())
        dialog.accepted.connect(lambda: self.confirmed.emit(dialog.options, status.connection))
        dialog.open()

    def show_confirmed(self, options: PullOptions) -> None:
        """Show the confirmed limit and interval."""
        self.limit.setValue(options.limit)
        self.interval = options.interval

    def _show(self) -> None:
        running = self._repeat.running
        offered = self._connected and not self._pulling and not running
        for control in (self.pull, self.limit, self.more):
            control.setEnabled(offered)
        self.pull.setText("Pulling…" if self._pulling else _PULL)
        tooltip = _PULLING_TOOLTIP if self._pulling else _PULL_TOOLTIP
        self.pull.setToolTip(tooltip if self._connected else _NO_CONNECTION)
        for control in (self.pull, self.limit, self.more):
            control.setVisible(not running)
        self.stop.setVisible(running)
        self.progress.setText(_progress(self._repeat))
        self.progress.setVisible(running)
        self.pending.setVisible(bool(self.pending.text()))
        for command in (self.pull_command, self.until_empty_command, self.auto_command):
            command.set_disabled_reason("" if offered else _BUSY)
        self.stop_command.set_disabled_reason("" if running else "No repeated pull is running.")

    def _make_commands(self) -> None:
        group = Group.MESSAGES
        self.pull_command = Command(
            "Pull…", group, self._on_pull_clicked, icon_name="download", parent=self
        )
        self.until_empty_command = Command(
            "Pull until nothing waits…", group, self._on_until_empty, parent=self
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
        self.limit.setAccessibleName("Most messages to pull")
        self.limit.setToolTip("How many messages a pull takes at most")
        self.limit.setFixedWidth(104)
        self.pending.setToolTip("As the platform reported after the last pull")
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
        ):
            layout.addWidget(control)

    def _on_pull_clicked(self) -> None:
        self.pull_requested.emit(self.options(PullMode.ONCE))

    def _on_until_empty(self) -> None:
        self.pull_requested.emit(self.options(PullMode.UNTIL_EMPTY))

    def _on_auto(self) -> None:
        self.pull_requested.emit(self.options(PullMode.AUTO))


def _progress(status: RepeatStatus) -> str:
    if not status.batches:
        return "Auto" if status.mode is RepeatMode.AUTO else ""
    return f"{counted(status.messages, 'message')} in {counted(status.batches, 'pull')}"


class PullCommands(Protocol):
    """Pulls once or repeatedly; a pull in progress cannot be cancelled."""

    async def pull(self, limit: int | None) -> PullReport: ...
    async def pull_until_empty(self, limit: int | None, max_messages: int | None) -> RunResult: ...
    async def pull_continuously(self, limit: int | None, interval: float) -> RunResult: ...
    async def stop_pulling(self) -> None: ...


class PullHistory(Protocol):
    """Whether the archive holds a pull of a connection."""

    async def has_pulled(self, connection: str) -> bool: ...


class PullDisplay(Protocol):
    """Where progress and outcome of a pull are shown."""

    def set_working(self, *, on: bool) -> None: ...
    def show_state(self, state: ResultText | None) -> None: ...


class PullPresenter(QObject):
    """Pulls as the bar asks for it, after a confirmation where one is needed.

    `pullers` returns the names of the applications that are known to have a PULL action.
    """

    def __init__(
        self,
        bar: PullBar,
        display: PullDisplay,
        intake: PullCommands,
        history: PullHistory,
        tasks: UiTasks,
        pullers: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._display = display
        self._intake = intake
        self._history = history
        self._tasks = tasks
        self._pullers = pullers
        self._status = Status()
        self._confirmed: set[tuple[str, str]] = set()
        bar.pull_requested.connect(self._on_pull_requested)
        bar.confirmed.connect(self._on_confirmed)
        bar.stop_requested.connect(self._on_stop_requested)

    def show_status(self, status: Status) -> None:
        """Show what is in progress, no matter where it was started."""
        self._status = status
        self._bar.show_status(status, pulling=self._tasks.running("pull"))

    async def begin(self, options: PullOptions) -> None:
        """Pull, after a confirmation where one is needed.

        A single pull needs one the first time on a connection, and in production the first
        time since the program was started; repeated pulls always need one.
        """
        connection = self._status.connection
        first = not await self._history.has_pulled(connection.id)
        if connection != self._status.connection:
            self._show_not_pulled()
            return
        trusted = self._account() in self._confirmed or connection.environment != "production"
        if options.mode is PullMode.ONCE and trusted and not first:
            self._start(options)
            return
        options = replace(options, limit=min(options.limit, FIRST_LIMIT)) if first else options
        self._bar.ask(self._status, options, self._pullers())

    async def pull(self, options: PullOptions) -> None:
        """Pull, and show the outcome."""
        self._display.show_state(None)
        self._display.set_working(on=True)
        self._bar.show_pulling(on=options.mode is PullMode.ONCE)
        try:
            state = await self._run(options)
        except UserError as error:
            state = ResultText(Severity.DANGER, str(error))
        finally:
            self._display.set_working(on=False)
            self._bar.show_pulling(on=False)
        self._display.show_state(state)

    async def _run(self, options: PullOptions) -> ResultText:
        if options.mode is PullMode.UNTIL_EMPTY:
            return describe_run_result(
                await self._intake.pull_until_empty(options.limit, options.most)
            )
        if options.mode is PullMode.AUTO:
            return describe_run_result(
                await self._intake.pull_continuously(options.limit, options.interval)
            )
        return describe_pull_result(await self._intake.pull(options.limit))

    def _on_confirmed(self, options: PullOptions, connection: ConnectionStatus) -> None:
        if connection != self._status.connection:
            self._show_not_pulled()
            return
        self._confirmed.add(self._account())
        self._bar.show_confirmed(options)
        self._start(options)

    def _show_not_pulled(self) -> None:
        self._display.show_state(
            ResultText(Severity.INFO, "The connection has changed; nothing was pulled.")
        )

    def _start(self, options: PullOptions) -> None:
        # Starting the task again would cancel the wait for the pull in progress.
        if not self._tasks.running("pull"):
            self._tasks.start("pull", self.pull, options)

    def _account(self) -> tuple[str, str]:
        return self._status.connection.name, self._status.connection.base_url

    def _on_pull_requested(self, options: PullOptions) -> None:
        if not self._tasks.running(_ASK):
            self._tasks.start(_ASK, self.begin, options)

    def _on_stop_requested(self) -> None:
        self._tasks.start("stop pulling", self._intake.stop_pulling)
