"""Health is filled in the background, for the connection that is open."""

import asyncio
from collections.abc import Sequence

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.model.application import Application
from ibconsole.services.diagnosis.health import HealthReport, HealthState
from ibconsole.services.runtime.status import Status
from ibconsole.ui.diagnosis.health_bar import HealthBar
from ibconsole.ui.diagnosis.health_column import HealthBook
from ibconsole.ui.diagnosis.health_presenter import HealthPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.conftest import SANDBOX
from tests.ui.diagnosis.records import APPLICATIONS, A, B, report

DONE = report(A, B, state=HealthState.DONE)


class GatedHealth:
    """A health that is done once the test opens the gate."""

    def __init__(self) -> None:
        self.report = HealthReport()
        self.calls: list[str] = []
        self.gate = asyncio.Event()
        self.failure: UserError | None = None

    async def fill(self, applications: Sequence[Application] | None = None) -> HealthReport:
        self.calls.append("fill" if applications is not None else "fill what is listed")
        self.report = report(A)
        await self.gate.wait()
        if self.failure:
            raise self.failure
        return DONE

    async def pause(self) -> None:
        self.calls.append("pause")

    async def resume(self) -> None:
        self.calls.append("resume")

    async def forget(self, code: str) -> None:
        self.calls.append(f"forget {code}")


@pytest.fixture
def health() -> GatedHealth:
    return GatedHealth()


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> HealthBar:
    bar = HealthBar(HealthBook(), theme)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def presenter(bar: HealthBar, health: GatedHealth, tasks: UiTasks) -> HealthPresenter:
    presenter = HealthPresenter(bar, health, tasks)
    presenter._timer.setInterval(1)
    presenter.show_status(Status(connection=SANDBOX))
    return presenter


async def test_filling(presenter: HealthPresenter, health: GatedHealth, tasks: UiTasks) -> None:
    """What is known is shown before everything is, and nothing is looked at afterwards."""
    presenter.check(APPLICATIONS)
    while not health.calls:
        await asyncio.sleep(0)
    presenter._on_interval()
    assert presenter.report is health.report
    health.gate.set()
    await tasks.settled()

    assert presenter.report is DONE
    assert not presenter._timer.isActive()


async def test_a_changed_setup(
    presenter: HealthPresenter, health: GatedHealth, tasks: UiTasks
) -> None:
    """An application whose setup was changed is checked again."""
    health.gate.set()
    presenter.check_again("a")
    await tasks.settled()

    assert health.calls == ["forget a", "fill"]


async def test_pause(
    presenter: HealthPresenter, bar: HealthBar, health: GatedHealth, tasks: UiTasks
) -> None:
    """During a pause no list of applications starts a check; it starts after the pause."""
    health.gate.set()
    bar.pause.set_disabled_reason()
    bar.pause.trigger()
    presenter.check(APPLICATIONS)
    await tasks.settled()
    assert health.calls == ["pause"]
    bar.pause.trigger()
    await tasks.settled()

    assert health.calls == ["pause", "resume", "fill"]


async def test_another_connection(
    presenter: HealthPresenter, health: GatedHealth, tasks: UiTasks
) -> None:
    """Nothing is known of another account, and the checks of the former one end."""
    presenter.check(APPLICATIONS)
    while not health.calls:
        await asyncio.sleep(0)
    presenter._on_interval()
    presenter.show_status(Status())
    await tasks.settled()

    assert presenter.report == HealthReport()


async def test_a_closed_connection(
    presenter: HealthPresenter, health: GatedHealth, tasks: UiTasks
) -> None:
    """A connection that is closed meanwhile is no failure of the window."""
    health.failure = UserError("There is no connection.")
    health.gate.set()
    presenter.check(APPLICATIONS)
    await tasks.settled()

    assert presenter.report == HealthReport()


async def test_a_refused_list_is_looked_into(
    presenter: HealthPresenter, health: GatedHealth, tasks: UiTasks
) -> None:
    """A key that may not list applications fills nothing; why is a finding of the account."""
    health.gate.set()
    presenter.check_refused()
    await tasks.settled()

    assert health.calls[-1] == "fill what is listed"
