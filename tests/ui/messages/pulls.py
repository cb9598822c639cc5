"""A fake platform to pull from, and the question before a pull."""

import asyncio
from collections.abc import Callable

from ibconsole.errors import UserError
from ibconsole.services.connections.connection import Environment
from ibconsole.services.intake.permit import OtherPuller
from ibconsole.services.intake.pull import PullReport
from ibconsole.services.intake.pull_loop import PullLoopResult
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ConnectionStatus,
    Status,
)
from ibconsole.services.team.asking import CollectorPull
from ibconsole.ui.messages.pull_bar import PullBar
from ibconsole.ui.messages.pull_dialog import PullDialog
from ibconsole.ui.toolkit.status_text import ResultText
from ibconsole.ui.toolkit.tasks import UiTasks

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:8080", "abcd…", Environment.SANDBOX, id="s")
PRODUCTION = ConnectionStatus(
    "Customer", "https://x.api.infobip.com", "", Environment.PRODUCTION, id="p"
)
REPORT = PullReport(1, (1, 2), announced=2, pending=5, problem="", complete=True)
CONNECTED = Status(SANDBOX, archive=ArchiveStatus(path="/archive"))


class FakePlatform:
    """Answers a pull once it is allowed to; `before` are the connections pulled on before."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.before = {"s", "p"}
        self.other = ""
        self.team: OtherPuller | None = None
        self.team_error: UserError | None = None
        self.answer: PullReport | CollectorPull | PullLoopResult | UserError = REPORT
        self.allowed = asyncio.Event()
        self.allowed.set()

    async def pull(self, limit: int | None) -> PullReport | CollectorPull:
        return await self._answer("pull", limit)  # type: ignore[return-value]  # as the test set it

    async def pull_until_empty(self, limit: int | None, max_messages: int | None) -> PullLoopResult:
        return await self._answer("until empty", limit, max_messages)  # type: ignore[return-value]

    async def pull_continuously(self, limit: int | None, interval: float) -> PullLoopResult:
        return await self._answer("auto", limit, interval)  # type: ignore[return-value]

    async def stop_pulling(self) -> None:
        self.asked.append(("stop",))
        self.allowed.set()

    async def other_puller(self) -> str:
        return self.other

    async def team_puller(self) -> OtherPuller | None:
        if self.team_error:
            raise self.team_error
        return self.team

    async def has_pulled(self, connection: str) -> bool:
        return connection in self.before

    async def _answer(self, *asked: object) -> PullReport | CollectorPull | PullLoopResult:
        self.asked.append(asked)
        await self.allowed.wait()
        if isinstance(self.answer, UserError):
            raise self.answer
        return self.answer


class Display:
    """Records the progress and outcome that are shown."""

    def __init__(self) -> None:
        self.working: list[bool] = []
        self.state: ResultText | None = None

    def set_working(self, *, on: bool) -> None:
        self.working.append(on)

    def show_state(self, state: ResultText | None) -> None:
        self.state = state


def question(bar: PullBar) -> PullDialog | None:
    open_ones = (one for one in bar.window().findChildren(PullDialog) if one.isVisible())
    return next(open_ones, None)


async def asked(bar: PullBar, tasks: UiTasks, press: Callable[[], object]) -> PullDialog:
    press()
    await tasks.settled()
    dialog = question(bar)
    assert dialog
    return dialog
