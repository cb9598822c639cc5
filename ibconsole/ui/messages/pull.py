"""The controls that take messages from the platform, and what they do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSpinBox, QToolButton, QWidget

from ibconsole.errors import UserError
from ibconsole.plural import counted
from ibconsole.services.intake import PullReport, RunResult
from ibconsole.services.runtime import ConnectionStatus, RepeatMode, RepeatStatus, Status
from ibconsole.ui.messages.pull_dialog import PullDialog, PullWish, Repeat
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Group,
    SourceState,
    Theme,
    UiTasks,
    ended_state,
    report_state,
)
from ibconsole.ui.widgets import IconButton, Kind, PushButton, muted

FIRST = 10
_LARGEST = 1000
_PULL = "Pull"
_PULL_TOOLTIP = (
    "Take waiting messages from the platform.\n"
    "Each is handed out once, to whoever on the account pulls first."
)
_NO_CONNECTION = "There is no connection, so there is nothing to pull from."
_PULLING_TOOLTIP = (
    "A pull is under way. It cannot be cancelled: the platform may have handed out\n"
    "messages already, and it hands out each only once."
)
_STOP_TOOLTIP = "Begin no further pull; one that is under way ends first"
_BUSY = "There is no connection, or a pull is under way."


class PullBar(QWidget):
    """Says what the user wants to have taken, and what has been."""

    pull_requested = Signal(PullWish)
    agreed = Signal(PullWish, ConnectionStatus)
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._connected = self._pulling = False
        self._repeat = RepeatStatus()
        self.interval = 30
        self.pull = PushButton(_PULL, theme, kind=Kind.PRIMARY, icon_name="download")
        self.more = IconButton("chevron-down", "Other ways to pull", theme)
        self.limit = QSpinBox(minimum=1, maximum=_LARGEST, value=FIRST, prefix=" up to ")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.progress = muted("")
        self.pending = muted("")
        self._make_commands()
        self._lay_out()
        self.pull.clicked.connect(self._on_pull_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self._show()

    def show_status(self, status: Status, *, pulling: bool) -> None:
        """Whether there is anybody to pull from, what is under way, and what waits."""
        self._connected = bool(status.connection.base_url)
        self._pulling = pulling or status.pull.running
        self._repeat = status.repeat
        pending = status.pull.pending
        self.pending.setText("" if pending is None else f"{pending:,} waiting")
        self._show()

    def show_pulling(self, *, on: bool) -> None:
        """Say that a pull is under way, or not any more."""
        self._pulling = on
        self._show()

    def wish(self, repeat: Repeat) -> PullWish:
        """What the controls say."""
        return PullWish(repeat, self.limit.value(), interval=self.interval)

    def ask(self, status: Status, wish: PullWish, pullers: Sequence[str]) -> None:
        """Ask whether that is really wanted, and how much of it."""
        dialog = PullDialog(status, wish, pullers, self._theme, self.window())
        dialog.accepted.connect(lambda: self.agreed.emit(dialog.wish, status.connection))
        dialog.open()

    def show_agreed(self, wish: PullWish) -> None:
        """Keep what was chosen."""
        self.limit.setValue(wish.limit)
        self.interval = wish.interval

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
            command.allow("" if offered else _BUSY)
        self.stop_command.allow("" if running else "No pulls in a row are at work.")

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
        self.pending.setToolTip("What the platform said after the last pull")
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
        self.pull_requested.emit(self.wish(Repeat.ONCE))

    def _on_until_empty(self) -> None:
        self.pull_requested.emit(self.wish(Repeat.UNTIL_EMPTY))

    def _on_auto(self) -> None:
        self.pull_requested.emit(self.wish(Repeat.AUTO))


def _progress(status: RepeatStatus) -> str:
    if not status.batches:
        return "Auto" if status.mode is RepeatMode.AUTO else ""
    return f"{counted(status.messages, 'message')} in {counted(status.batches, 'pull')}"


class PullSource(Protocol):
    """Whoever pulls; what is under way cannot be taken back."""

    async def pull(self, limit: int | None) -> PullReport: ...
    async def pull_until_empty(self, limit: int | None, most: int | None) -> RunResult: ...
    async def follow_pulls(self, limit: int | None, interval: float) -> RunResult: ...
    async def stop_pulling(self) -> None: ...


class PullHistory(Protocol):
    """The archive, as far as former pulls go."""

    async def has_pulled(self, connection: str) -> bool: ...


class PullPlace(Protocol):
    """Where it is said what came of a pull."""

    def set_working(self, *, on: bool) -> None: ...
    def show_state(self, state: SourceState | None) -> None: ...


class PullPresenter(QObject):
    """What the bar does: asks where there is need to ask, and pulls.

    `pullers` names the applications that are known to have a PULL action.
    """

    def __init__(
        self,
        bar: PullBar,
        place: PullPlace,
        receiving: PullSource,
        history: PullHistory,
        tasks: UiTasks,
        pullers: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._place = place
        self._receiving = receiving
        self._history = history
        self._tasks = tasks
        self._pullers = pullers
        self._status = Status()
        self._agreed: set[tuple[str, str]] = set()
        bar.pull_requested.connect(self._on_pull_requested)
        bar.agreed.connect(self._on_agreed)
        bar.stop_requested.connect(self._on_stop_requested)

    def show_status(self, status: Status) -> None:
        """What is going on, wherever it was started."""
        self._status = status
        self._bar.show_status(status, pulling=self._tasks.running("pull"))

    async def begin(self, wish: PullWish) -> None:
        """Ask if there is need to, else take what is wanted.

        A single pull is asked about the first time on a connection; in production, the
        first time since the program was started; more than one always.
        """
        connection = self._status.connection
        first = not await self._history.has_pulled(connection.id)
        if connection != self._status.connection:
            self._show_not_pulled()
            return
        trusted = self._account() in self._agreed or connection.environment != "production"
        if wish.repeat is Repeat.ONCE and trusted and not first:
            self._start(wish)
            return
        wish = replace(wish, limit=min(wish.limit, FIRST)) if first else wish
        self._bar.ask(self._status, wish, self._pullers())

    async def pull(self, wish: PullWish) -> None:
        """Take messages from the platform, and tell what came of it."""
        self._place.show_state(None)
        self._place.set_working(on=True)
        self._bar.show_pulling(on=wish.repeat is Repeat.ONCE)
        try:
            state = await self._pulled(wish)
        except UserError as error:
            state = SourceState("danger", str(error))
        finally:
            self._place.set_working(on=False)
            self._bar.show_pulling(on=False)
        self._place.show_state(state)

    async def _pulled(self, wish: PullWish) -> SourceState:
        if wish.repeat is Repeat.UNTIL_EMPTY:
            return ended_state(await self._receiving.pull_until_empty(wish.limit, wish.most))
        if wish.repeat is Repeat.AUTO:
            return ended_state(await self._receiving.follow_pulls(wish.limit, wish.interval))
        return report_state(await self._receiving.pull(wish.limit))

    def _on_agreed(self, wish: PullWish, connection: ConnectionStatus) -> None:
        if connection != self._status.connection:
            self._show_not_pulled()
            return
        self._agreed.add(self._account())
        self._bar.show_agreed(wish)
        self._start(wish)

    def _show_not_pulled(self) -> None:
        self._place.show_state(
            SourceState("info", "The connection has changed; nothing was pulled.")
        )

    def _start(self, wish: PullWish) -> None:
        # Starting it again would cancel the wait for the one under way.
        if not self._tasks.running("pull"):
            self._tasks.start("pull", self.pull, wish)

    def _account(self) -> tuple[str, str]:
        return self._status.connection.name, self._status.connection.base_url

    def _on_pull_requested(self, wish: PullWish) -> None:
        if not self._tasks.running("ask before a pull"):
            self._tasks.start("ask before a pull", self.begin, wish)

    def _on_stop_requested(self) -> None:
        self._tasks.start("stop pulling", self._receiving.stop_pulling)
