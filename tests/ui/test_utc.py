"""One switch shows every time in UTC, including those that are already visible."""

import time
from array import array
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Delivery, MessageRow
from ibconsole.services.runtime.status import PullState, PullStatus, Status
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.shell.status_bar import StatusBar
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.inspector.fakes import MemoryArchive
from tests.ui.sample_records import RECEIVED, delivery, message, row


@pytest.fixture(autouse=True)
def _in_zagreb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Zagreb")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class EndlessArchive:
    """An archive that has a record for each id."""

    def rows(self, ids: list[int]) -> list[MessageRow]:
        return [row(number, arrived_at=RECEIVED) for number in ids]

    def deliveries(self, ids: list[int]) -> list[Delivery]:
        return [delivery(number) for number in ids]


@pytest.fixture
def time_display(qtbot: QtBot) -> TimeDisplay:
    return TimeDisplay()


def first_time(model: QAbstractItemModel) -> tuple[str, str]:
    return model.headerData(0, Qt.Orientation.Horizontal)[-5:], model.index(0, 0).data()


@pytest.mark.parametrize("kind", ["messages", "requests"])
def test_lists(kind: str, time_display: TimeDisplay, theme: Theme, qtbot: QtBot) -> None:
    """A list shows the zone in its header, which changes together with the times."""
    pane: MessagesPane | ListenerPane
    if kind == "messages":
        pane = MessagesPane(EndlessArchive(), ApplicationNames(), theme, time_display=time_display)  # type: ignore[arg-type]
    else:
        pane = ListenerPane(EndlessArchive(), theme, time_display=time_display)  # type: ignore[arg-type]
    qtbot.addWidget(pane)
    pane.model.show(array("q", [1]))
    header, moment = first_time(pane.model)
    assert header in {"(CET)", "CEST)"}
    assert moment == " 5 Jan 2017 13:47"

    with qtbot.waitSignal(pane.model.headerDataChanged):
        time_display.show_utc(on=True)

    assert first_time(pane.model) == ("(UTC)", " 5 Jan 2017 12:47")


def test_status_bar(time_display: TimeDisplay, theme: Theme, qtbot: QtBot) -> None:
    """The time of the last pull is shown in the selected zone."""
    bar = StatusBar(theme, time_display=time_display)
    qtbot.addWidget(bar)
    bar.show_status(Status(pull=PullStatus(PullState.IDLE, last_at=RECEIVED)))
    assert "13:47:56.221 CET" in bar.pull.toolTip()

    time_display.show_utc(on=True)

    assert "12:47:56.221 UTC" in bar.pull.toolTip()


@pytest.mark.parametrize("kind", ["message", "request"])
async def test_inspector(
    kind: str, time_display: TimeDisplay, theme: Theme, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The inspected record is shown again with the times of the selected zone."""
    inspector = Inspector(theme)
    qtbot.addWidget(inspector)
    archive = MemoryArchive({1: message(1)}, {1: delivery(1)})
    presenter = InspectorPresenter(
        inspector, archive, ApplicationNames(), tasks, time_display=time_display
    )
    time_display.show_utc(on=True)
    time_display.show_utc(on=False)
    if kind == "message":
        presenter.inspect_message(1)
    else:
        presenter.inspect_request(1)
    await tasks.settled()
    assert "2017-01-05 13:47:56.221 CET" in values(inspector)

    time_display.show_utc(on=True)
    await tasks.settled()

    assert "2017-01-05 12:47:56.221 UTC" in values(inspector)


def values(inspector: Inspector) -> list[str]:
    return [entry.text.text() for entry in inspector.summary.rows]
