"""From the command to the borrowed route."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.runtime.status import (
    ConnectionStatus,
    LeaseStatus,
    ListenerState,
    ListenerStatus,
)
from ibconsole.services.setup.lease import LeaseRequest
from ibconsole.services.tunnels import AddressCheck, CheckOutcome, Tunnel, TunnelProgram
from ibconsole.ui.lease.catch_dialog import CatchDialog
from ibconsole.ui.lease.presenter import CatchPresenter
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.conftest import SANDBOX
from tests.ui.lease.lent import LEASE, status_with
from tests.ui.setup.steps import cells, select_application

TUNNEL = Tunnel(TunnelProgram.NGROK, "https://a.ngrok.app", "localhost:8484", 8484)
Make = Callable[[SetupPanes, SetupSelection], CatchPresenter]
LISTENING = ListenerStatus(ListenerState.LISTENING, "http://127.0.0.1:9090/inbound/x")


class Borrower:
    """Notes what it is asked, and answers what the test wants."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.outcome = CheckOutcome.ARRIVED
        self.refusal = ""
        self.free_port = 0

    async def ensure_listening(self, port: int, *, fixed: bool) -> int:
        self.asked.append(f"listen {port}")
        return port if fixed else self.free_port or port

    async def find_tunnels(self, port: int) -> Sequence[Tunnel]:
        return [TUNNEL]

    async def reserve_path(self) -> str:
        return "/inbound/lease-1"

    async def check(self, url: str) -> AddressCheck:
        self.asked.append(f"check {url}")
        return AddressCheck(self.outcome, "What was seen.")

    async def borrow(self, connection: ConnectionStatus, request: LeaseRequest) -> LeaseStatus:
        self.asked.append(f"borrow {request.url}{request.path} for {request.minutes} min")
        if self.refusal:
            raise UserError(self.refusal)
        return replace(LEASE, name=request.name)


class Memory:
    """Remembers texts until the test ends."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def set_text(self, name: str, text: str) -> None:
        self.texts[name] = text


@pytest.fixture
def borrower() -> Borrower:
    return Borrower()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def make(borrower: Borrower, memory: Memory, tasks: UiTasks, theme: Theme) -> Make:
    def make(panes: SetupPanes, selection: SetupSelection) -> CatchPresenter:
        return CatchPresenter(panes, selection, borrower, memory, tasks, theme)

    return make


@pytest.fixture
def catching(
    panes: SetupPanes, selection: SetupSelection, presenter: SetupPresenter, make: Make
) -> Iterator[CatchPresenter]:
    made = make(panes, selection)
    made.wanted_port = lambda: 8484
    presenter.application_changed.connect(lambda _: made.update_command())
    yield made
    for dialog in panes.findChildren(CatchDialog):
        dialog.done(0)


async def opened(catching: CatchPresenter, panes: SetupPanes, tasks: UiTasks) -> CatchDialog:
    """Select the first application that has actions, and run the command."""
    select_application(panes, cells(panes.applications_pane)[0])
    await tasks.settled()
    catching.catch_here.trigger()
    await tasks.settled()
    widgets = QApplication.topLevelWidgets()
    [dialog] = [one for one in widgets if isinstance(one, CatchDialog) and one.isVisible()]
    return dialog


async def test_two_keys(
    catching: CatchPresenter, panes: SetupPanes, borrower: Borrower, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The command, and Enter: the listener is started, the address checked, the route borrowed."""
    assert catching.catch_here.disabled_reason == "No application is selected."
    dialog = await opened(catching, panes, tasks)
    assert borrower.asked == []  # nothing happens before it is wanted
    assert "next to" in dialog.effect.text() or "configuration" in dialog.effect.text()

    with qtbot.waitSignal(catching.lent) as lent:
        dialog.submit.click()
        await tasks.settled()

    url = "http://127.0.0.1:8484/inbound/lease-1"
    assert borrower.asked == ["listen 8484", f"check {url}", f"borrow {url} for 15 min"]
    assert "for 15 minutes; the other actions are as they were" in lent.args[1]
    assert not dialog.isVisible()
    assert catching.checks[LEASE.id].arrived


async def test_port_in_use(
    catching: CatchPresenter, panes: SetupPanes, borrower: Borrower, tasks: UiTasks
) -> None:
    """Another program at the usual port does not matter where the port is free to choose."""
    borrower.free_port = 50_000
    dialog = await opened(catching, panes, tasks)

    dialog.submit.click()
    await tasks.settled()

    assert borrower.asked[-1] == "borrow http://127.0.0.1:50000/inbound/lease-1 for 15 min"


async def test_nothing_arrives(
    catching: CatchPresenter, panes: SetupPanes, borrower: Borrower, tasks: UiTasks
) -> None:
    """An address at which nothing arrives is used only if the user insists."""
    borrower.outcome = CheckOutcome.ELSEWHERE
    dialog = await opened(catching, panes, tasks)

    dialog.submit.click()
    await tasks.settled()
    assert dialog.isVisible()
    assert not any(one.startswith("borrow") for one in borrower.asked)

    dialog.submit.click()
    await tasks.settled()
    assert not dialog.isVisible()
    assert borrower.asked[-1].startswith("borrow")


async def test_refused(
    catching: CatchPresenter, panes: SetupPanes, borrower: Borrower, tasks: UiTasks
) -> None:
    """A refusal is said in the dialog, which can be tried again."""
    borrower.refusal = "The administrator's policy forbids it. Nothing was sent."
    dialog = await opened(catching, panes, tasks)

    dialog.submit.click()
    await tasks.settled()

    assert dialog.isVisible()
    assert dialog.banner.text.text() == borrower.refusal
    assert dialog.submit.isEnabled()


async def test_check_alone(
    catching: CatchPresenter, panes: SetupPanes, borrower: Borrower, tasks: UiTasks
) -> None:
    """A check borrows nothing; a running listener keeps its port."""
    catching.show_status(replace(status_with(), listener=LISTENING))
    dialog = await opened(catching, panes, tasks)

    dialog.check.click()
    await tasks.settled()

    assert borrower.asked == [
        "listen 9090",
        "check http://127.0.0.1:9090/inbound/lease-1",
    ]
    assert dialog.banner.text.text() == "What was seen."


async def test_typed_address_is_remembered(
    catching: CatchPresenter, panes: SetupPanes, memory: Memory, tasks: UiTasks
) -> None:
    """The next dialog proposes what was typed; an address of a tunnel changes with each start."""
    dialog = await opened(catching, panes, tasks)
    dialog.address.setEditText("https://in.corp.dev/")
    dialog.submit.click()
    await tasks.settled()
    assert memory.texts == {"lease/address": "https://in.corp.dev"}

    dialog = await opened(catching, panes, tasks)
    dialog.address.setEditText(TUNNEL.url)
    dialog.submit.click()
    await tasks.settled()

    assert memory.texts == {"lease/address": "https://in.corp.dev"}


async def test_cancelled(catching: CatchPresenter, panes: SetupPanes, tasks: UiTasks) -> None:
    """Closing the dialog ends what it was waiting for."""
    dialog = await opened(catching, panes, tasks)
    dialog.submit.click()

    dialog.reject()
    await tasks.settled()

    assert not dialog.isVisible()


async def test_one_route_at_a_time(
    catching: CatchPresenter, panes: SetupPanes, selection: SetupSelection, tasks: UiTasks
) -> None:
    """The route of an application is borrowed once at a time; that of others stays free."""
    dialog = await opened(catching, panes, tasks)
    dialog.reject()
    assert selection.application
    code = selection.application.code
    held = replace(LEASE, application=code, connection=SANDBOX.id)

    catching.show_status(replace(status_with(held), connection=SANDBOX))
    assert "borrowed already" in catching.catch_here.disabled_reason

    catching.show_status(replace(status_with(replace(held, application="x")), connection=SANDBOX))
    assert catching.catch_here.isEnabled()
