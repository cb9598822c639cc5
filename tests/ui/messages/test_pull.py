"""The controls that pull: they ask where a confirmation is needed, and show the true state."""

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity, UserError
from ibconsole.services.intake.pull import PullReport
from ibconsole.services.intake.pull_loop import RunResult
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ConnectionStatus,
    PullState,
    PullStatus,
    RepeatMode,
    RepeatState,
    RepeatStatus,
    Status,
)
from ibconsole.ui.messages.pull import PullBar, PullPresenter
from ibconsole.ui.messages.pull_dialog import PullDialog, PullMode
from ibconsole.ui.toolkit.status_text import ResultText
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:8080", "abcd…", "sandbox", id="s")
PRODUCTION = ConnectionStatus("Customer", "https://x.api.infobip.com", "", "production", id="p")
REPORT = PullReport(1, (1, 2), announced=2, pending=5, problem="", complete=True)
CONNECTED = Status(SANDBOX, archive=ArchiveStatus(path="/archive"))


class Platform:
    """Answers a pull once it is allowed to; `before` are the connections pulled on before."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.before = {"s", "p"}
        self.answer: PullReport | RunResult | UserError = REPORT
        self.allowed = asyncio.Event()
        self.allowed.set()

    async def pull(self, limit: int | None) -> PullReport:
        return await self._answer("pull", limit)  # type: ignore[return-value]  # as the test set it

    async def pull_until_empty(self, limit: int | None, max_messages: int | None) -> RunResult:
        return await self._answer("until empty", limit, max_messages)  # type: ignore[return-value]

    async def pull_continuously(self, limit: int | None, interval: float) -> RunResult:
        return await self._answer("auto", limit, interval)  # type: ignore[return-value]

    async def stop_pulling(self) -> None:
        self.asked.append(("stop",))
        self.allowed.set()

    async def has_pulled(self, connection: str) -> bool:
        return connection in self.before

    async def _answer(self, *asked: object) -> PullReport | RunResult:
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


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def display() -> Display:
    return Display()


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> PullBar:
    bar = PullBar(theme)
    qtbot.addWidget(bar)
    bar.show()
    return bar


@pytest.fixture
def presenter(bar: PullBar, display: Display, platform: Platform, tasks: UiTasks) -> PullPresenter:
    presenter = PullPresenter(bar, display, platform, platform, tasks, lambda: ["Shop", "Bank"])
    presenter.show_status(CONNECTED)
    return presenter


def question(bar: PullBar) -> PullDialog | None:
    open_ones = (one for one in bar.window().findChildren(PullDialog) if one.isVisible())
    return next(open_ones, None)


async def asked(bar: PullBar, tasks: UiTasks, press: Callable[[], object]) -> PullDialog:
    press()
    await tasks.settled()
    dialog = question(bar)
    assert dialog
    return dialog


@pytest.mark.usefixtures("presenter")
async def test_pull_on_a_known_connection(
    bar: PullBar, display: Display, platform: Platform, tasks: UiTasks
) -> None:
    """On a connection that was pulled from before, a click pulls without a question."""
    bar.limit.setValue(3)
    bar.pull.click()
    await tasks.settled()

    assert platform.asked == [("pull", 3)]
    assert display.working == [True, False]
    assert display.state
    assert display.state.sentence == "2 messages pulled. 5 still waiting."


@pytest.mark.usefixtures("presenter")
async def test_first_pull_on_a_connection(bar: PullBar, platform: Platform, tasks: UiTasks) -> None:
    """The first pull explains what it takes, and is offered with a small limit."""
    platform.before.clear()
    bar.limit.setValue(500)

    dialog = await asked(bar, tasks, bar.pull.click)

    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert platform.asked == []
    assert dialog.limit.value() == 10
    assert "Shop, Bank (they have a PULL action)" in words
    assert "Sandbox, http://127.0.0.1:8080" in words
    assert "this cannot be undone" in words
    dialog.limit.setValue(25)
    dialog.proceed.click()
    await tasks.settled()
    assert platform.asked == [("pull", 25)]
    assert bar.limit.value() == 25


@pytest.mark.usefixtures("presenter")
async def test_declined_pull(bar: PullBar, platform: Platform, tasks: UiTasks) -> None:
    """A declined pull pulls nothing, and is asked about again."""
    platform.before.clear()
    for _ in range(2):
        dialog = await asked(bar, tasks, bar.pull.click)
        dialog.cancel.click()
        await tasks.settled()

    assert platform.asked == []


async def test_production_name_is_typed(
    bar: PullBar, presenter: PullPresenter, platform: Platform, tasks: UiTasks, qtbot: QtBot
) -> None:
    """On a production connection its name must be typed once per session before a pull."""
    presenter.show_status(Status(PRODUCTION))
    dialog = await asked(bar, tasks, bar.pull.click)
    assert not dialog.proceed.isEnabled()

    qtbot.keyClicks(dialog.typed, "Customer")
    dialog.proceed.click()
    await tasks.settled()
    bar.pull.click()
    await tasks.settled()

    assert platform.asked == [("pull", 10), ("pull", 10)]


async def test_confirmation_for_another_connection(
    bar: PullBar, presenter: PullPresenter, display: Display, platform: Platform, tasks: UiTasks
) -> None:
    """A confirmation for one account never pulls from another."""
    platform.before.clear()
    dialog = await asked(bar, tasks, bar.pull.click)
    presenter.show_status(Status(PRODUCTION))
    dialog.proceed.click()
    await tasks.settled()

    assert platform.asked == []
    assert display.state
    assert "nothing was pulled" in display.state.sentence


@pytest.mark.usefixtures("presenter")
async def test_until_nothing_waits(
    bar: PullBar, display: Display, platform: Platform, tasks: UiTasks
) -> None:
    """Pulling until nothing waits always asks, with a cap, and reports the sum."""
    platform.answer = RunResult(7, 3, "Nothing waits any more.", complete=True)
    dialog = await asked(bar, tasks, bar.until_empty_command.trigger)
    dialog.limit.setValue(50)
    dialog.most.setValue(200)
    dialog.proceed.click()
    await tasks.settled()

    assert platform.asked == [("until empty", 50, 200)]
    assert display.state == ResultText(
        Severity.OK, "7 messages in 3 pulls. Nothing waits any more."
    )


@pytest.mark.usefixtures("presenter")
async def test_automatic_pull(
    bar: PullBar, display: Display, platform: Platform, tasks: UiTasks
) -> None:
    """Automatic pulls always ask, remember the interval, and are stopped by one click."""
    platform.answer = RunResult(7, 3, "Stopped.", complete=True)
    platform.allowed.clear()
    dialog = await asked(bar, tasks, bar.auto_command.trigger)
    dialog.interval.setCurrentIndex(dialog.interval.findData(300))
    dialog.proceed.click()
    while not platform.asked:
        await asyncio.sleep(0)
    bar.stop.click()
    await tasks.settled()

    assert platform.asked == [("auto", 10, 300), ("stop",)]
    assert bar.interval == 300
    assert display.state == ResultText(Severity.OK, "7 messages in 3 pulls. Stopped.")


async def test_repeated_pulls_in_progress(bar: PullBar, presenter: PullPresenter) -> None:
    """Repeated pulls show what they brought, can be stopped, and allow no other pull."""
    repeat = RepeatStatus(RepeatMode.AUTO, RepeatState.WAITING, batches=3, messages=1200)
    presenter.show_status(Status(SANDBOX, PullStatus(PullState.IDLE), repeat=repeat))

    assert bar.stop.isVisible()
    assert bar.progress.text() == "1,200 messages in 3 pulls"
    assert not bar.pull.isVisible()
    assert not bar.pull_command.isEnabled()
    assert bar.stop_command.isEnabled()

    presenter.show_status(Status(SANDBOX, PullStatus(PullState.IDLE)))
    assert bar.pull.isVisible()
    assert not bar.stop.isVisible()
    assert not bar.stop_command.isEnabled()


async def test_one_pull_at_a_time(
    bar: PullBar, presenter: PullPresenter, platform: Platform, tasks: UiTasks
) -> None:
    """During a pull no second one can be started, and a tooltip says why it cannot be cancelled."""
    platform.allowed.clear()
    bar.pull.click()
    while not platform.asked:
        await asyncio.sleep(0)
    bar.pull_requested.emit(bar.options(PullMode.ONCE))
    while tasks.running("ask before a pull"):
        await asyncio.sleep(0)
    presenter.show_status(CONNECTED)

    assert not bar.pull.isEnabled()
    assert "cannot be cancelled" in bar.pull.toolTip()
    platform.allowed.set()
    await tasks.settled()
    assert platform.asked == [("pull", 10)]
    assert bar.pull.isEnabled()


async def test_pull_started_elsewhere(bar: PullBar, presenter: PullPresenter) -> None:
    """A pull that was not started in the window is shown too, with what still waits."""
    presenter.show_status(Status(SANDBOX, PullStatus(PullState.PULLING, pending=37)))
    assert not bar.pull.isEnabled()
    assert bar.pull.text() == "Pulling…"
    assert bar.pending.text() == "37 waiting"

    presenter.show_status(Status(SANDBOX, PullStatus(PullState.IDLE)))
    assert bar.pull.isEnabled()
    assert bar.pending.isHidden()


async def test_no_pull_without_a_connection(bar: PullBar, presenter: PullPresenter) -> None:
    """Without a connection the button is disabled, and says why."""
    presenter.show_status(Status())

    assert not bar.pull.isEnabled()
    assert "no connection" in bar.pull.toolTip()


@pytest.mark.usefixtures("presenter")
async def test_failed_pull(
    bar: PullBar, display: Display, platform: Platform, tasks: UiTasks
) -> None:
    """A failed pull reports why, and enables the button again."""
    platform.answer = UserError("No answer arrived.")
    bar.pull.click()
    await tasks.settled()

    assert display.state == ResultText(Severity.DANGER, "No answer arrived.")
    assert bar.pull.isEnabled()


@pytest.mark.usefixtures("presenter")
async def test_controls_have_names(bar: PullBar, tasks: UiTasks) -> None:
    """Every control has a name for screen readers."""
    dialog = await asked(bar, tasks, bar.auto_command.trigger)
    controls = (bar.pull, bar.more, bar.limit, bar.stop, dialog.limit, dialog.interval)

    assert all(control.accessibleName() for control in controls)
    dialog.done(QDialog.DialogCode.Rejected)
