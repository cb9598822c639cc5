"""The presenter of the pull controls: it asks for a confirmation where one is needed, and pulls."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject

from ibconsole.errors import Severity, UserError
from ibconsole.services.connections import Environment
from ibconsole.services.intake import OtherPuller, PullLoopResult, PullReport
from ibconsole.services.runtime import Status
from ibconsole.ui.messages.pull_bar import FIRST_LIMIT, PullBar
from ibconsole.ui.messages.pull_dialog import PullMode, PullOptions
from ibconsole.ui.toolkit import (
    Permit,
    ResultText,
    UiTasks,
    brief,
    describe_pull_loop_result,
    describe_pull_result,
    run_at_once,
)

if TYPE_CHECKING:
    from ibconsole.services.team import CollectorPull

# The name of a task.
_ASK = "ask before a pull"


class PullCommands(Protocol):
    """Pulls once or repeatedly; a pull in progress cannot be cancelled."""

    async def pull(self, limit: int | None) -> "PullReport | CollectorPull": ...
    async def team_puller(self) -> OtherPuller | None: ...
    async def pull_until_empty(
        self, limit: int | None, max_messages: int | None
    ) -> PullLoopResult: ...
    async def pull_continuously(self, limit: int | None, interval: float) -> PullLoopResult: ...
    async def stop_pulling(self) -> None: ...
    async def other_puller(self) -> str: ...


class PullHistory(Protocol):
    """The archive's answer to whether it contains a pull of a connection."""

    async def has_pulled(self, connection: str) -> bool: ...


class PullDisplay(Protocol):
    """The pane that shows progress and outcome of a pull."""

    def set_working(self, *, on: bool) -> None: ...
    def show_state(self, state: ResultText | None) -> None: ...


class PullPresenter(QObject):
    """Pulls as the bar asks for it, after a confirmation where one is needed.

    `pullers` returns the names of the applications that are known to have a PULL action. A pull
    runs through `permit`, which asks the user to unlock the connection if it is locked.
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
        self.permit: Permit = run_at_once
        self._status = Status()
        self._confirmed: set[tuple[str, str]] = set()
        self._competing: set[tuple[str, str]] = set()
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
        time since the program was started; repeated pulls always need one. So does a pull, once
        in each window, while another process pulls from the account. While another computer of
        the team pulls, only a single pull is possible, of a collector, which is asked to pull.
        """
        connection = self._status.connection
        first = not await self._history.has_pulled(connection.id)
        other = await self._intake.other_puller()
        try:
            team = await self._intake.team_puller()
        except UserError as error:
            self._show_error(error)
            return
        if connection != self._status.connection:
            self._show_not_pulled()
            return
        if team and not (team.is_collector and options.mode is PullMode.ONCE):
            self._display.show_state(ResultText(Severity.INFO, team.sentence))
            return
        trusted = (
            self._account() in self._confirmed or connection.environment != Environment.PRODUCTION
        )
        once = options.mode is PullMode.ONCE
        competes = bool(other) and not team and self._account() not in self._competing
        if once and trusted and not first and not competes:
            self._start(options)
            return
        if once and first:
            options = replace(options, limit=min(options.limit, FIRST_LIMIT))
        status = replace(self._status, other_puller=other)
        self._bar.ask(status, options, self._pullers(), team.name if team else "")

    async def pull(self, options: PullOptions) -> None:
        """Pull, and show the outcome."""
        self._display.show_state(None)
        self._display.set_working(on=True)
        self._bar.show_pulling(on=options.mode is PullMode.ONCE)
        try:
            state = await self._run(options)
        except UserError as error:
            self._show_error(error)
        else:
            self._display.show_state(state)
        finally:
            self._display.set_working(on=False)
            self._bar.show_pulling(on=False)

    async def _run(self, options: PullOptions) -> ResultText:
        if options.mode is PullMode.UNTIL_EMPTY:
            return describe_pull_loop_result(
                await self._intake.pull_until_empty(options.limit, options.max_messages)
            )
        if options.mode is PullMode.AUTO:
            return describe_pull_loop_result(
                await self._intake.pull_continuously(options.limit, options.interval)
            )
        result = await self._intake.pull(options.limit)
        if isinstance(result, PullReport):
            return describe_pull_result(result)
        severity = Severity.WARNING if result.problem else Severity.OK
        return ResultText(severity, result.sentence, result.problem)

    def _on_confirmed(self, options: PullOptions, asked: Status) -> None:
        if asked.connection != self._status.connection:
            self._show_not_pulled()
            return
        self._confirmed.add(self._account())
        if asked.other_puller:
            self._competing.add(self._account())
        self._bar.show_confirmed(options)
        self._start(options)

    def _show_error(self, error: UserError) -> None:
        self._display.show_state(ResultText(Severity.DANGER, *brief(error, sentences=2)))

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
            self.permit(lambda: self._tasks.start(_ASK, self.begin, options))

    def _on_stop_requested(self) -> None:
        self._tasks.start("stop pulling", self._intake.stop_pulling)
