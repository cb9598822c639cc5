"""The listener is started and stopped where its address and its requests are shown."""

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
from ibconsole.ui.listener.columns import size
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
    """Starts and stops at a word; some ports are taken."""

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
    """One button starts it on the port that is shown, and then stops it."""
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


async def test_opening_it_to_the_network_is_asked(
    pane: ListenerPane, presenter: ListenerPresenter, control: Control, tasks: UiTasks
) -> None:
    """Nobody else reaches the listener unless its user was told what that means, and agreed."""
    pane.address.choose("0.0.0.0")  # noqa: S104 that is the point
    pane.start.click()
    assert "plain HTTP, which anybody on the way can read" in text_of(question(pane))
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


async def test_an_open_listener_says_so_as_long_as_it_lasts(
    pane: ListenerPane, presenter: ListenerPresenter
) -> None:
    """The notice cannot be closed, and goes with the openness."""
    opened = ListenerStatus(ListenerState.LISTENING, url=URL, reachable_at="192.168.1.5")
    presenter.show_status(Status(listener=opened))
    assert not pane.open_notice.isHidden()
    assert pane.open_notice.close_button.isHidden()
    assert "192.168.1.5" in pane.open_notice.text.text()
    assert pane.words.text().endswith(", open to the network")

    presenter.show_status(status())
    assert pane.open_notice.isHidden()


def test_an_address_of_ones_own(pane: ListenerPane) -> None:
    """What is no address cannot be listened on; what is one can."""
    pane.address.kind.setCurrentText("One address…")
    assert not pane.address.address.isHidden()
    for typed, host in (("", ""), ("here", ""), (" 192.168.1.5 ", "192.168.1.5"), ("::1", "::1")):
        pane.address.address.setText(typed)
        assert pane.address.host == host
        assert pane.start.isEnabled() == bool(host)

    pane.address.choose("")
    assert pane.address.host == "127.0.0.1"
    assert pane.address.address.isHidden()
    pane.address.choose("10.0.0.7")
    assert pane.address.host == "10.0.0.7"


async def test_taken_port(pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks) -> None:
    """A port that cannot be had is said at once, and another one can be tried."""
    pane.port.setValue(80)
    pane.start.click()
    await tasks.settled()

    assert pane.page.banner.severity == "danger"
    assert "port 80 is in use" in pane.page.banner.text.text()
    assert pane.start.isEnabled()


async def test_no_button_while_it_starts(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """While it starts, it can be neither started nor stopped."""
    presenter.show_status(status(ListenerState.STARTING))

    assert not pane.start.isEnabled()
    assert pane.words.text() == "Listener starting"


async def test_address(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """The address is there to be copied as long as it works, and not longer."""
    presenter.show_status(status(ListenerState.LISTENING))
    assert (pane.url.isHidden(), pane.url.value) == (False, URL)

    presenter.show_status(status())
    assert (pane.url.isHidden(), pane.url.value) == (True, "")


async def test_empty_list_teaches(
    pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks
) -> None:
    """Without requests the pane says why none can have come, or what they need to come."""
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
    """What arrived is listed, newest first; how many messages it held once that is known."""
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
    """Selecting a request tells which one."""
    archive.newest = 2
    presenter.show_status(status())
    await tasks.settled()

    with qtbot.waitSignal(pane.request_selected) as selected:
        pane.table.selectRow(1)
    assert selected.args == [1]


async def test_broken_archive(
    pane: ListenerPane, presenter: ListenerPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """A search that failed says so, and can be tried again."""
    archive.newest, archive.broken = 1, True
    presenter.show_status(status())
    await tasks.settled()
    assert pane.page.notice.sentence.text() == "The archive cannot be read."

    archive.broken = False
    pane.page.notice.retry.click()
    await tasks.settled()
    assert column(pane, 3) == ["200"]


async def test_ages_grow_only_in_sight(
    pane: ListenerPane, presenter: ListenerPresenter, qtbot: QtBot
) -> None:
    """A pane that nobody sees does not work."""
    assert not pane._ages.isActive()
    with qtbot.waitExposed(pane):
        pane.show()
    assert pane._ages.isActive()
    pane.hide()
    assert not pane._ages.isActive()


def test_quiet_listener(pane: ListenerPane) -> None:
    """A listener that heard nothing for long is not called live."""
    old = ListenerStatus(
        ListenerState.LISTENING, url=URL, since=RECEIVED, last_at=RECEIVED, received=1
    )
    pane.show_status(old)

    assert pane.words.text().startswith("Listener quiet for ")


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 B"), (999, "999 B"), (1432, "1.4 kB"), (2_500_000, "2.5 MB")]
)
def test_size(number: int, words: str) -> None:
    """Sizes are given in a unit that suits them."""
    assert size(number) == words
