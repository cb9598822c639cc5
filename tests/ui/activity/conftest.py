"""The list of requests on a log that a real transport filled."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.gate import admit_all
from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.request_log.log import ActivityLog, Entry, request_purpose
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.activity.pane import ActivityPane
from ibconsole.ui.activity.presenter import ActivityPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

if TYPE_CHECKING:
    # Importing it before pytest-qt has chosen its binding fails.
    from pytestqt.modeltest import ModelTester

PATH, STATUS, WHO = 4, 5, 2


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(messages=3)) as running:
        yield running


@pytest.fixture
async def log(running: RunningSimulator) -> ActivityLog:
    """A log filled by a real transport: a list, its configurations, and a refusal."""
    log = ActivityLog()
    for name, key in (("Test", running.api_key), ("Wrong", "a-key-that-is-wrong")):
        authorization = ApiKey(Secret(key))
        async with ApiClient(
            running.base_url, authorization, observe=log.observe(name), gate=admit_all
        ) as client:
            platform = Platform(client)
            with suppress(UserError), request_purpose("Applications: refresh"):
                applications = await platform.applications()
                await platform.configurations(applications[0].code)
    return log


@pytest.fixture
async def pane(theme: Theme, qtbot: QtBot) -> ActivityPane:
    pane = ActivityPane(theme)
    qtbot.addWidget(pane)
    pane.resize(1200, 400)
    return pane


@pytest.fixture
async def presenter(
    pane: ActivityPane, log: ActivityLog, tasks: UiTasks, qtmodeltester: "ModelTester"
) -> ActivityPresenter:
    qtmodeltester.check(pane.model)
    presenter = ActivityPresenter(pane, log, tasks)
    pane.show()
    return presenter


def entry(**changes: object) -> Entry:
    values = {"started_at": 1, "method": "GET", "url": "https://x.io/a", "status": 200}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def fill(presenter: ActivityPresenter, count: int) -> ActivityLog:
    """Add requests to the log that the presenter polls."""
    log = presenter._log
    assert isinstance(log, ActivityLog)
    for number in range(count):
        log.add(entry(started_at=number))
    presenter.poll()
    return log


def cells(pane: ActivityPane, column: int) -> list[str]:
    model = pane.model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def code_in(log: ActivityLog) -> str:
    """Return the application code in the path of the second request."""
    return log.since(0).entries[1].path.split("/")[-2]
