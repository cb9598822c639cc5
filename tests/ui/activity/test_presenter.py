"""Every request of the program is listed, and described without its credential."""

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibconsole.services.request_log.log import ActivityLog
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.activity.pane import ActivityPane
from ibconsole.ui.activity.presenter import ActivityPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.activity.conftest import STATUS, WHO, cells, code_in, entry, fill


async def test_every_request_is_listed(pane: ActivityPane, presenter: ActivityPresenter) -> None:
    """Requests are listed newest first, with status, connection and origin."""
    assert cells(pane, STATUS) == ["401", "200", "200"]
    assert cells(pane, 1) == ["Wrong", "Test", "Test"]
    assert set(cells(pane, WHO)) == {"Applications: refresh"}


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


async def test_clearing(pane: ActivityPane, presenter: ActivityPresenter, log: ActivityLog) -> None:
    """A cleared list explains itself, and fills again."""
    pane.clear.trigger()
    assert pane.model.rowCount() == 0
    assert pane.notice.isVisible()
    assert not pane.clear.isEnabled()

    log.add(entry())
    presenter.poll()

    assert pane.model.rowCount() == 1


async def test_memory_is_bounded(theme: Theme, qtbot: QtBot, tasks: UiTasks) -> None:
    """Entries dropped from the log leave the list; the selected one stays in the details."""
    log = ActivityLog(max_entries=3)
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


async def test_saving_as_har(
    pane: ActivityPane, presenter: ActivityPresenter, tasks: UiTasks, tmp_path: Path
) -> None:
    """The listed requests are saved as they are filtered, oldest first, and it is said."""
    said: list[str] = []
    pane.succeeded.connect(said.append)
    pane.toolbar.search.setText("applications")
    target = tmp_path / "x.har"

    pane.save.trigger()
    [dialog] = pane.window().findChildren(QFileDialog)
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    await tasks.settled()

    entries = json.loads(target.read_bytes())["log"]["entries"]
    assert [one["response"]["status"] for one in entries] == [200, 200, 401]
    assert said[0].startswith(f"3 requests saved to {target}. Application codes are masked")
    pane.toolbar.search.setText("zebra")
    assert pane.save.disabled_reason == "No request is listed."
