"""A pull is asked about where a confirmation is needed, and its outcome is shown."""

import asyncio

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity, UserError
from ibconsole.services.intake.permit import OtherPuller
from ibconsole.services.intake.pull_loop import PullLoopResult
from ibconsole.services.runtime.status import (
    Status,
)
from ibconsole.services.team.asking import CollectorPull
from ibconsole.ui.messages.pull_bar import PullBar
from ibconsole.ui.messages.pull_dialog import PullMode, PullOptions
from ibconsole.ui.messages.pull_presenter import PullPresenter
from ibconsole.ui.toolkit.status_text import ResultText
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.messages.pulls import (
    CONNECTED,
    PRODUCTION,
    Display,
    FakePlatform,
    asked,
)


@pytest.mark.usefixtures("pull_presenter")
async def test_pull_on_a_known_connection(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> None:
    """On a connection that was pulled from before, a click pulls without a question."""
    bar.limit.setValue(3)
    bar.pull.click()
    await tasks.settled()

    assert platform.asked == [("pull", 3)]
    assert display.working == [True, False]
    assert display.state
    assert display.state.sentence == "2 messages pulled. 5 still waiting."


@pytest.mark.usefixtures("pull_presenter")
async def test_first_pull_on_a_connection(
    bar: PullBar, platform: FakePlatform, tasks: UiTasks
) -> None:
    """The first pull explains what it takes, and is offered with a small limit."""
    platform.before.clear()
    bar.limit.setValue(500)

    dialog = await asked(bar, tasks, bar.pull.click)

    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert platform.asked == []
    assert dialog.limit.value() == 10
    assert "Shop, Bank (they have a PULL action)" in words
    assert "Sandbox · http://127.0.0.1:8080" in words
    assert "this cannot be undone" in words
    dialog.limit.setValue(25)
    dialog.proceed.click()
    await tasks.settled()
    assert platform.asked == [("pull", 25)]
    assert bar.limit.value() == 25


@pytest.mark.usefixtures("pull_presenter")
async def test_declined_pull(bar: PullBar, platform: FakePlatform, tasks: UiTasks) -> None:
    """A declined pull pulls nothing, and is asked about again."""
    platform.before.clear()
    for _ in range(2):
        dialog = await asked(bar, tasks, bar.pull.click)
        dialog.cancel.click()
        await tasks.settled()

    assert platform.asked == []


@pytest.mark.usefixtures("pull_presenter")
async def test_another_process_that_pulls_is_named_once(
    bar: PullBar, platform: FakePlatform, tasks: UiTasks
) -> None:
    """While another process pulls from the account, a window asks once and says who it is."""
    platform.other = "Auto pull, connection Sandbox, process 7"
    dialog = await asked(bar, tasks, bar.pull.click)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Auto pull, connection Sandbox, process 7" in words
    assert "the one that asks first" in words
    dialog.cancel.click()
    assert platform.asked == []

    dialog = await asked(bar, tasks, bar.pull.click)
    dialog.proceed.click()
    await tasks.settled()
    bar.pull.click()
    await tasks.settled()

    assert len(platform.asked) == 2


@pytest.mark.usefixtures("pull_presenter")
async def test_a_collector_is_asked(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> None:
    """While the team's collector pulls, the question names it, and its pull is reported."""
    platform.team = OtherPuller("the collector east", is_collector=True)
    platform.answer = CollectorPull("east", 2, 4, problem="Short.")
    platform.before.clear()

    dialog = await asked(bar, tasks, bar.pull.click)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "the collector east" in words
    assert "they appear in the team's record" in words
    assert dialog.proceed.text() == "Ask to pull"
    dialog.proceed.click()
    await tasks.settled()

    assert platform.asked == [("pull", 10)]
    assert display.state == ResultText(
        Severity.WARNING,
        "The collector east pulled 2 messages; they are in the team's record. 4 still waiting.",
        "Short.",
    )


@pytest.mark.usefixtures("pull_presenter")
async def test_a_team_that_pulls_elsewhere(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> None:
    """Nothing is pulled, or asked about, while another computer of the team has the right to."""
    for platform.team, press in (
        (OtherPuller("anna"), bar.pull.click),
        (OtherPuller("the collector east", is_collector=True), bar.auto_command.trigger),
    ):
        display.state = None
        press()
        await tasks.settled()
        assert display.state == ResultText(Severity.INFO, platform.team.sentence)

    assert platform.asked == []

    platform.team_error = UserError("Nothing was requested. The team's archive is away.")
    bar.pull.click()
    await tasks.settled()
    assert display.state == ResultText(Severity.DANGER, str(platform.team_error))
    assert platform.asked == []


async def test_production_name_is_typed(
    bar: PullBar,
    pull_presenter: PullPresenter,
    platform: FakePlatform,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """On a production connection its name must be typed once per session before a pull."""
    pull_presenter.show_status(Status(PRODUCTION))
    dialog = await asked(bar, tasks, bar.pull.click)
    assert not dialog.proceed.isEnabled()

    qtbot.keyClicks(dialog.typed, "Customer")
    dialog.proceed.click()
    await tasks.settled()
    bar.pull.click()
    await tasks.settled()

    assert platform.asked == [("pull", 10), ("pull", 10)]


async def test_confirmation_for_another_connection(
    bar: PullBar,
    pull_presenter: PullPresenter,
    display: Display,
    platform: FakePlatform,
    tasks: UiTasks,
) -> None:
    """A confirmation for one account never pulls from another."""
    platform.before.clear()
    dialog = await asked(bar, tasks, bar.pull.click)
    pull_presenter.show_status(Status(PRODUCTION))
    dialog.proceed.click()
    await tasks.settled()

    assert platform.asked == []
    assert display.state
    assert "nothing was pulled" in display.state.sentence


@pytest.mark.usefixtures("pull_presenter")
async def test_until_nothing_waits(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> None:
    """Pulling until nothing waits always asks, with a cap, and reports the sum."""
    platform.answer = PullLoopResult(7, 3, "No more messages are waiting.", complete=True)
    dialog = await asked(bar, tasks, bar.until_empty_command.trigger)
    dialog.limit.setValue(50)
    dialog.max_messages.setValue(200)
    dialog.proceed.click()
    await tasks.settled()

    assert platform.asked == [("until empty", 50, 200)]
    assert display.state == ResultText(
        Severity.OK, "7 messages in 3 pulls. No more messages are waiting."
    )


@pytest.mark.usefixtures("pull_presenter")
async def test_automatic_pull(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> None:
    """Automatic pulls always ask, take large batches, and are stopped by one click.

    The batch size and the interval are remembered; the limit of single pulls is unchanged.
    """
    platform.answer = PullLoopResult(7, 3, "Stopped.", complete=True)
    platform.allowed.clear()
    dialog = await asked(bar, tasks, bar.auto_command.trigger)
    assert dialog.limit.value() == 1000
    dialog.limit.setValue(800)
    dialog.interval.setCurrentIndex(dialog.interval.findData(300))
    dialog.proceed.click()
    while not platform.asked:
        await asyncio.sleep(0)
    bar.stop.click()
    await tasks.settled()

    assert platform.asked == [("auto", 800, 300), ("stop",)]
    assert bar.options(PullMode.UNTIL_EMPTY) == PullOptions(PullMode.UNTIL_EMPTY, 800, interval=300)
    assert bar.options(PullMode.ONCE).limit == 10
    assert display.state == ResultText(Severity.OK, "7 messages in 3 pulls. Stopped.")


async def test_one_pull_at_a_time(
    bar: PullBar, pull_presenter: PullPresenter, platform: FakePlatform, tasks: UiTasks
) -> None:
    """During a pull no second one can be started, and a tooltip says why it cannot be cancelled."""
    platform.allowed.clear()
    bar.pull.click()
    while not platform.asked:
        await asyncio.sleep(0)
    bar.pull_requested.emit(bar.options(PullMode.ONCE))
    while tasks.running("ask before a pull"):
        await asyncio.sleep(0)
    pull_presenter.show_status(CONNECTED)

    assert not bar.pull.isEnabled()
    assert "cannot be cancelled" in bar.pull.toolTip()
    platform.allowed.set()
    await tasks.settled()
    assert platform.asked == [("pull", 10)]
    assert bar.pull.isEnabled()


@pytest.mark.usefixtures("pull_presenter")
async def test_failed_pull(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> None:
    """A failed pull reports why, with details, and enables the button again."""
    platform.answer = UserError("No answer arrived.", details="GET /x timed out")
    bar.pull.click()
    await tasks.settled()

    assert display.state == ResultText(Severity.DANGER, "No answer arrived.", "GET /x timed out")
    assert bar.pull.isEnabled()
