"""The pane of the listener on a fake archive."""

import asyncio
from array import array
from collections.abc import Sequence

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Delivery, Via
from ibconsole.errors import UserError
from ibconsole.services.runtime.status import ArchiveStatus, ListenerState, ListenerStatus, Status
from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.listener.presenter import ListenerPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.sample_records import delivery

URL = "http://127.0.0.1:8484/inbound/secret"


class FakeArchive:
    """Requests 1 to `newest`, of which those above `decoded` are not decoded yet."""

    def __init__(self) -> None:
        self.newest = 0
        self.decoded = 99
        self.broken = False

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        states = {True: "received", False: "decoded"}
        return [delivery(number, state=states[number > self.decoded]) for number in ids]

    async def find_deliveries(self, via: Via, after: int = 0) -> "array[int]":
        await asyncio.sleep(0)
        if self.broken:
            raise UserError("The archive cannot be read.")
        return array("q", range(after + 1, self.newest + 1)) if via == "forward" else array("q")


class FakeControl:
    """Records starts and stops; port 80 is taken."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def start_listener(self, port: int, host: str) -> str:
        if port == 80:
            raise UserError(
                "The listener could not start: port 80 is in use.", details="EADDRINUSE"
            )
        self.done.append(f"start {host}:{port}")
        return URL

    async def stop_listener(self) -> None:
        self.done.append("stop")


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def control() -> FakeControl:
    return FakeControl()


@pytest.fixture
def pane(qtbot: QtBot, archive: FakeArchive, theme: Theme) -> ListenerPane:
    pane = ListenerPane(archive, theme)
    pane.resize(900, 300)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def presenter(
    pane: ListenerPane, archive: FakeArchive, control: FakeControl, tasks: UiTasks
) -> ListenerPresenter:
    return ListenerPresenter(pane, archive, control, tasks)


def status(state: ListenerState = ListenerState.STOPPED) -> Status:
    url = URL if state is ListenerState.LISTENING else ""
    return Status(listener=ListenerStatus(state, url=url), archive=ArchiveStatus())


def column(pane: ListenerPane, number: int) -> list[str]:
    return [pane.model.index(row, number).data() for row in range(pane.model.rowCount())]
