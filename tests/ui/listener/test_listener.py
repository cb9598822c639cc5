"""The listener is started and stopped in its pane, which lists the received requests."""

import asyncio
from array import array
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Delivery
from ibconsole.errors import UserError
from ibconsole.services.runtime.status import ArchiveStatus, ListenerState, ListenerStatus, Status
from ibconsole.ui.listener.listener import ListenerPane, ListenerPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.made_up import RECEIVED, delivery

URL = "http://127.0.0.1:8484/inbound/secret"


class Archive:
    """Requests 1 to `newest`, of which those above `decoded` are not decoded yet."""

    def __init__(self) -> None:
        self.newest = 0
        self.decoded = 99
        self.broken = False

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        states = {True: "received", False: "decoded"}
        return [delivery(number, state=states[number > self.decoded]) for number in ids]

    async def find_deliveries(self, via: str, after: int = 0) -> "array[int]":
        await asyncio.sleep(0)
        if self.broken:
            raise UserError("The archive cannot be read.")
        return array("q", range(after + 1, self.newest + 1)) if via == "forward" else array("q")


class Control:
    """Records starts and stops; port 80 is taken."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def start_listener(self, port: int, host: str) -> str:
        if port == 80:
            raise UserError("The listener could not start: port 80 is in use.")
        self.done.append(f"start {host}:{port}")
        return URL

    async def stop_listener(self) -> None:
        self.done.append("stop")


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def pane(qtbot: QtBot, archive: Archive, theme: Theme) -> ListenerPane:
    pane = ListenerPane(archive, theme)
    pane.resize(900, 300)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def presenter(
    pane: ListenerPane, archive: Archive, control: Control, tasks: UiTasks
) -> ListenerPresenter:
    return ListenerPresenter(pane, archive, control, tasks)


def status(state: ListenerState = ListenerState.STOPPED) -> Status:
    url = URL if state is ListenerState.LISTENING else ""
    return Status(listener=ListenerStatus(state, url=url), archive=ArchiveStatus())


def column(pane: ListenerPane, number: int) -> list[str]:
    return [pane.model.index(place, number).data() for place in range(pane.model.rowCount())]


async def test_start_and_stop(
    pane: ListenerPane, presenter: ListenerPresenter, control: Control, tasks: UiTasks
) -> None:
    """A button starts the listener on the chosen port, and stops it again."""
    presenter.show_status(status())
    assert (pane.start.isHidden(), pane.stop.isHidden()) == (False, True)
    pane.port.setValue(9000)
    pane.start.click()
    await tasks.settled()

    presenter.show_status(status(ListenerState.LISTENING))
    assert (pane.start.isHidden(), pane.stop.isHidden()) == (True, False)
    assert pane.port.isHidden()
    pane.stop.click()
    await tasks.settled()
    assert control.done == ["start 127.0.0.1:9000", "stop"]


def question(pane: ListenerPane) -> ConfirmDialog:
    [dialog] = pane.window().findChildren(ConfirmDialog)
    return dialog


async def test_opening_to_the_network_is_confirmed(
    pane: ListenerPane, presenter: ListenerPresenter, control: Control, tasks: UiTasks
) -> None:
    """The listener is opened to the network only after a confirmation that explains the risk."""
    pane.address.choose("0.0.0.0")  # noqa: S104 the address to be confirmed
    pane.start.click()
    assert "plain HTTP without a password" in text_of(question(pane))
    question(pane).reject()
    await tasks.settled()
    assert control.done == []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    pane.start.click()
    question(pane).accept()
    await tasks.settled()
    assert control.done == ["start 0.0.0.0:8484"]


def text_of(dialog: ConfirmDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


async def test_open_listener_shows_a_warning(
    pane: ListenerPane, presenter: ListenerPresenter
) -> None:
    """The warning about an open listener cannot be closed, and ends with the listener."""
    opened = ListenerStatus(ListenerState.LISTENING, url=URL, reachable_at="192.168.1.5")
    presenter.show_status(Status(listener=opened))
    assert not pane.open_notice.isHidden()
    assert pane.open_notice.close_button.isHidden()
    assert "192.168.1.5" in pane.open_notice.text.text()
    assert pane.words.text().endswith(", open to the network")

    presenter.show_status(status())
    assert pane.open_notice.isHidden()


def test_no_start_without_an_address(pane: ListenerPane) -> None:
    """The listener can be started only on a valid IP address."""
    pane.address.kind.setCurrentText("One address…")
    assert not pane.start.isEnabled()
    assert pane.start_command.disabled_reason == "The text is not an IP address."

    pane.address.address.setText("192.168.1.5")
    assert pane.start.isEnabled()


async def test_port_in_use(
    pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks
) -> None:
    """A port in use is reported at once, and another one can be tried."""
    pane.port.setValue(80)
    pane.start.click()
    await tasks.settled()

    assert pane.page.banner.severity == "danger"
    assert "port 80 is in use" in pane.page.banner.text.text()
    assert pane.start.isEnabled()


async def test_starting_listener(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """A starting listener can be neither started nor stopped."""
    presenter.show_status(status(ListenerState.STARTING))

    assert not pane.start.isEnabled()
    assert pane.words.text() == "Listener starting"


async def test_forward_url(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """The forward URL can be copied while the listener is running."""
    presenter.show_status(status(ListenerState.LISTENING))
    assert (pane.url.isHidden(), pane.url.value) == (False, URL)

    presenter.show_status(status())
    assert (pane.url.isHidden(), pane.url.value) == (True, "")


async def test_empty_list(pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks) -> None:
    """An empty list explains why nothing arrived, or what is needed for it."""
    presenter.show_status(status())
    assert "nothing can arrive" in pane.page.notice.sentence.text()

    presenter.show_status(status(ListenerState.LISTENING))
    assert "a tunnel" in pane.page.notice.sentence.text()
    await tasks.settled()


async def test_requests(
    pane: ListenerPane,
    presenter: ListenerPresenter,
    archive: Archive,
    tasks: UiTasks,
    qtmodeltester: ModelTester,
) -> None:
    """Requests are listed newest first, with the number of messages once they are decoded."""
    archive.newest, archive.decoded = 2, 1
    presenter.show_status(status(ListenerState.LISTENING))
    await tasks.settled()
    assert column(pane, 4) == ["…", "3"]
    assert column(pane, 1) == ["POST", "POST"]

    archive.decoded = 2
    presenter.show_status(status(ListenerState.LISTENING))
    await tasks.settled()
    assert column(pane, 4) == ["3", "3"]
    qtmodeltester.check(pane.model)


async def test_request_is_selected(
    pane: ListenerPane,
    presenter: ListenerPresenter,
    archive: Archive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Selecting a request emits its id."""
    archive.newest = 2
    presenter.show_status(status())
    await tasks.settled()

    with qtbot.waitSignal(pane.request_selected) as selected:
        pane.table.selectRow(1)
    assert selected.args == [1]


async def test_broken_archive(
    pane: ListenerPane, presenter: ListenerPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """A failed search is shown, and can be repeated."""
    archive.newest, archive.broken = 1, True
    presenter.show_status(status())
    await tasks.settled()
    assert pane.page.notice.sentence.text() == "The archive cannot be read."

    archive.broken = False
    pane.page.notice.retry.click()
    await tasks.settled()
    assert column(pane, 3) == ["200"]


async def test_ages_are_updated_only_in_sight(
    pane: ListenerPane, presenter: ListenerPresenter, qtbot: QtBot
) -> None:
    """A hidden pane runs no timer."""
    assert not pane._ages.isActive()
    with qtbot.waitExposed(pane):
        pane.show()
    assert pane._ages.isActive()
    pane.hide()
    assert not pane._ages.isActive()


def test_quiet_listener(pane: ListenerPane) -> None:
    """A listener that received nothing for long is not called live."""
    old = ListenerStatus(
        ListenerState.LISTENING, url=URL, since=RECEIVED, last_at=RECEIVED, received=1
    )
    pane.show_status(old)

    assert pane.words.text().startswith("Listener quiet for ")
