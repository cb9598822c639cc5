"""Every request of the program is listed, can be found, and shows no secret."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.request_log.log import ActivityLog, Entry, requested_by
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.activity.activity import ActivityPane, ActivityPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

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
        async with ApiClient(running.base_url, authorization, observe=log.observe(name)) as client:
            platform = Platform(client)
            with suppress(UserError), requested_by("Applications: refresh"):
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
    pane: ActivityPane, log: ActivityLog, tasks: UiTasks, qtmodeltester: ModelTester
) -> ActivityPresenter:
    qtmodeltester.check(pane.model)
    presenter = ActivityPresenter(pane, log, tasks)
    pane.show()
    return presenter


def cells(pane: ActivityPane, column: int) -> list[str]:
    model = pane.model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def entry(**changes: object) -> Entry:
    values = {"started_at": 1, "method": "GET", "url": "https://x.io/a", "status": 200}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def code_in(log: ActivityLog) -> str:
    """Return the application code in the path of the second request."""
    return log.since(0).entries[1].path.split("/")[-2]


async def test_every_request_is_listed(pane: ActivityPane, presenter: ActivityPresenter) -> None:
    """Requests are listed newest first, with status, connection and origin."""
    assert cells(pane, STATUS) == ["401", "200", "200"]
    assert cells(pane, 1) == ["Wrong", "Test", "Test"]
    assert set(cells(pane, WHO)) == {"Applications: refresh"}


async def test_codes_are_masked_by_default(
    pane: ActivityPane, presenter: ActivityPresenter, log: ActivityLog
) -> None:
    """Application codes, which are credentials, are masked until the user shows them."""
    code = code_in(log)
    assert len(code) > 8
    assert not any(code in path for path in cells(pane, PATH))

    pane.show_codes.trigger()

    assert any(code in path for path in cells(pane, PATH))


async def test_filtering(pane: ActivityPane, presenter: ActivityPresenter) -> None:
    """The list can be filtered by words and by failure, and unfiltered again."""
    pane.toolbar.search.setText("test configurations")
    assert cells(pane, STATUS) == ["200"]

    pane.toolbar.search.clear()
    pane.only_failures.trigger()
    assert cells(pane, STATUS) == ["401"]

    pane.toolbar.search.setText("zebra")
    assert pane.notice.isVisible()

    pane.notice.action_requested.emit()
    assert pane.model.rowCount() == 3


@pytest.mark.parametrize("shown", [False, True])
async def test_the_details(
    pane: ActivityPane,
    presenter: ActivityPresenter,
    log: ActivityLog,
    running: RunningSimulator,
    *,
    shown: bool,
) -> None:
    """Details and cURL command of a request never contain the API key."""
    if shown:
        pane.show_codes.trigger()
    pane.table.selectRow(1)
    assert pane.entry
    await presenter.describe(pane.entry)

    assert pane.details.has_details
    pane.copy_curl.trigger()
    command = QGuiApplication.clipboard().text()
    everything = repr(pane.entry) + command
    assert command.splitlines()[-1].strip().startswith(("curl", "'", "http", '"'))
    assert running.api_key not in everything
    assert (code_in(log) in command) is shown


async def test_copying_a_row(
    pane: ActivityPane, presenter: ActivityPresenter, qtbot: QtBot
) -> None:
    """Ctrl+C copies the row as it is shown."""
    pane.table.selectRow(0)
    qtbot.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    copied = QGuiApplication.clipboard().text().split("\t")
    assert {"401", "GET"} <= set(copied)


async def test_clearing(pane: ActivityPane, presenter: ActivityPresenter, log: ActivityLog) -> None:
    """A cleared list explains itself, and fills again."""
    pane.clear.trigger()
    assert pane.model.rowCount() == 0
    assert pane.notice.isVisible()
    assert not pane.clear.isEnabled()

    log.add(entry())
    presenter.poll()

    assert pane.model.rowCount() == 1


async def test_rows_do_not_jump(pane: ActivityPane, presenter: ActivityPresenter) -> None:
    """New requests move neither selection nor scroll position, unless they are followed."""
    log = fill(presenter, 100)
    pane.table.verticalScrollBar().setValue(260)
    pane.table.setCurrentIndex(pane.model.index(12, 0))
    selected, top = pane.entry, pane.table.indexAt(pane.table.viewport().rect().topLeft()).row()

    log.add(entry())
    presenter.poll()

    assert pane.entry is selected
    assert pane.table.indexAt(pane.table.viewport().rect().topLeft()).row() == top + 1

    pane.follow.trigger()
    log.add(entry())
    presenter.poll()

    assert pane.table.verticalScrollBar().value() == 0


async def test_memory_is_bounded(theme: Theme, qtbot: QtBot, tasks: UiTasks) -> None:
    """Entries dropped from the log leave the list; the selected one stays in the details."""
    log = ActivityLog(most=3)
    pane = ActivityPane(theme)
    qtbot.addWidget(pane)
    presenter = ActivityPresenter(pane, log, tasks)
    log.add(entry(url="https://x.io/first"))
    presenter.poll()
    pane.table.selectRow(0)
    for _ in range(5):
        log.add(entry())
    presenter.poll()

    assert pane.model.total == pane.model.rowCount() == 3
    assert pane.entry
    assert pane.entry.path == "/first"


async def test_a_long_log_is_shown_in_portions(
    pane: ActivityPane, presenter: ActivityPresenter
) -> None:
    """A long log is added in portions, so that it does not block the window."""
    portion = presenter.PORTION
    fill(presenter, portion + 5)
    assert pane.model.total == 3 + portion

    presenter.poll()

    assert pane.model.total == 3 + portion + 5


async def test_controls_have_names(pane: ActivityPane) -> None:
    """Every control of the tab has a name for screen readers."""
    controls: list[Callable[[], str]] = [
        pane.table.accessibleName,
        pane.toolbar.search.accessibleName,
        pane.toolbar.codes.accessibleName,
        pane.toolbar.clear.accessibleName,
        pane.details.tabs.accessibleName,
    ]

    assert all(name() for name in controls)


def fill(presenter: ActivityPresenter, count: int) -> ActivityLog:
    """Add requests to the log that the presenter polls."""
    log = presenter._log
    assert isinstance(log, ActivityLog)
    for number in range(count):
        log.add(entry(started_at=number))
    presenter.poll()
    return log
