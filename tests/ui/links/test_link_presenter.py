"""Following links: what is asked, what is awaited, and what is said when something is missing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMainWindow

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.connections import Connection, Settings
from ibconsole.services.links import FindingLink, MessageLink, code_digest
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.links.link_dialog import LinkDialog
from ibconsole.ui.links.link_presenter import LinkPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.dialog_stack import open_dialog
from tests.ui.diagnosis.records import application

ACME, BETA, AWAY = (
    Connection(f"{digit * 8}-3a1f-4c36-9f4e-5a2b9d1d7c10", name, f"https://{name.lower()}.example")
    for digit, name in zip("123", ("Acme", "Beta", "Away"), strict=True)
)
SHOP = application("shop")
SHOP_LINK = f"ibconsole://application/{code_digest(SHOP.code)}"
FINDING = f"ibconsole://finding/IBC-1001/{'0' * 20}"


@dataclass
class Window:
    """A window with saved connections, of which Beta has an application, and Away cannot be opened.

    What is shown is noted.
    """

    connection: ConnectionStatus = field(default_factory=ConnectionStatus)
    applications: list[Application] | None = None
    is_listing: bool = False
    is_opening: bool = False
    settings: Settings = field(default_factory=lambda: Settings(connections=(ACME, BETA, AWAY)))
    shown: list[Any] = field(default_factory=list)
    missing: Callable[[], object] | None = None

    def start_opening(self, connection: Connection) -> None:
        self.is_opening = True
        asyncio.get_running_loop().call_later(0.01, self.open, connection)

    def open(self, connection: Connection) -> None:
        self.is_opening = False
        if connection is AWAY:
            return
        self.connection = ConnectionStatus(connection.name, connection.base_url, id=connection.id)
        self.applications, self.is_listing = None, True
        asyncio.get_running_loop().call_later(0.01, self.list, connection)

    def list(self, connection: Connection) -> None:
        self.is_listing = False
        self.applications = [SHOP] if connection is BETA else []

    def show_connection(self) -> None:
        self.shown.append(self.connection.name)

    def show_application(self, application: Application) -> None:
        self.shown.append(application.name)

    async def find_message(self, link: MessageLink) -> int | None:
        return link.number or None

    def show_message(self, message: int, _: MessageLink) -> None:
        self.shown.append(message)

    def show_finding(
        self, link: FindingLink, application: Application | None, missing: Callable[[], object]
    ) -> None:
        self.shown.append((link.number, application and application.name))
        self.missing = missing

    async def show_case(self, case: str) -> bool:
        return case == ACME.id


class Follower:
    """Follows links in the window, and answers the questions."""

    def __init__(self, presenter: LinkPresenter, tasks: UiTasks, window: QMainWindow) -> None:
        self.presenter = presenter
        self.tasks = tasks
        self.window = window
        self.notices: list[tuple[Severity, str]] = []
        presenter.notice_raised.connect(lambda *of: self.notices.append(of))

    async def question(self) -> LinkDialog:
        """Wait for a question."""
        async with asyncio.timeout(5):
            while not (found := [one for one in self._dialogs() if one.isVisible()]):
                await asyncio.sleep(0.01)
        return found[0]

    async def follow(self, link: str, *, agrees: bool | None = None) -> str:
        """Follow a link to the end, and answer a question; return what was said."""
        self.notices.clear()
        self.presenter.follow(link)
        if agrees is not None:
            dialog = await self.question()
            (dialog.go_on if agrees else dialog.stay).click()
        async with asyncio.timeout(10):
            await self.tasks.settled()
        assert not [one for one in self._dialogs() if one.isVisible()]
        return " ".join(sentence for _, sentence in self.notices)

    def _dialogs(self) -> list[LinkDialog]:
        return self.window.findChildren(LinkDialog)


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
async def follower(
    window: Window, plain_window: QMainWindow, theme: Theme, tasks: UiTasks
) -> Follower:
    presenter = LinkPresenter(window, window, tasks, theme, plain_window, connections=window)
    presenter.STATUS_DELAY = 0.1
    return Follower(presenter, tasks, plain_window)


async def test_another_connection_is_opened_after_a_question(
    follower: Follower, window: Window
) -> None:
    """The open account stays unless the user agrees; what is open already needs no question."""
    window.open(ACME)
    link = f"ibconsole://connection/{BETA.id}"

    assert await follower.follow(link, agrees=False) == ""
    assert (window.connection.name, window.shown) == ("Acme", [])
    assert await follower.follow("ibconsole://connection/bEtA", agrees=True) == ""
    assert await follower.follow(link) == ""
    assert window.shown == ["Beta", "Beta"]


async def test_another_window_may_be_opened(follower: Follower, window: Window) -> None:
    """The open account stays, and the link is followed in the other window."""
    link, requested = f"ibconsole://connection/{BETA.id}", list[tuple[Connection, str]]()
    follower.presenter.window_requested.connect(lambda *of: requested.append(of))
    follower.presenter.follow(link)
    assert (await follower.question()).elsewhere.isHidden()  # no account would be closed
    window.open(ACME)
    follower.presenter.follow(link)
    await asyncio.sleep(0)
    (await follower.question()).elsewhere.click()
    await follower.tasks.settled()

    assert requested == [(BETA, link)]
    assert (window.connection.name, window.shown) == ("Acme", [])


async def test_an_application_waits_for_its_account(follower: Follower, window: Window) -> None:
    """The account is opened and listed first; at the start the last one is waited for."""
    window.start_opening(BETA)

    assert await follower.follow(f"{SHOP_LINK}?connection={BETA.id}") == ""
    assert window.shown == ["App shop"]
    assert await follower.follow(f"{FINDING}?application={code_digest(SHOP.code)}") == ""
    assert await follower.follow(FINDING) == ""
    assert window.shown[1:] == [(1001, "App shop"), (1001, None)]
    assert window.missing
    window.missing()
    assert follower.notices[-1][1].startswith("IBC-1001 is not found now")


async def test_what_does_not_exist_here(follower: Follower, window: Window) -> None:
    """One sentence says so, and nothing is opened or shown."""
    said = {
        link: await follower.follow(link)
        for link in (SHOP_LINK, f"{FINDING}?connection={'0' * 8}-3a1f-4c36-9f4e-5a2b9d1d7c10")
    }
    assert said[SHOP_LINK].startswith("No connection is open.")
    window.open(ACME)
    expected = {
        "ibconsole://pull": "The link is of a kind",
        "ibconsole://connection/Gamma": "The connection of the link is not saved",
        SHOP_LINK: "The application of the link is not in the open account",
        "ibconsole://message?id=1": "The message of the link was not received",
        f"ibconsole://case/{BETA.id}": "The case of the link is not on this computer",
    }
    for link, beginning in expected.items():
        assert (await follower.follow(link)).startswith(beginning)
    assert await follower.follow(f"ibconsole://case/{ACME.id}") == ""

    window.start_opening = window.open  # type: ignore[method-assign]  # at once
    presenter_gives_up = follower.follow(f"{SHOP_LINK}?connection={AWAY.id}", agrees=True)
    assert await presenter_gives_up == ""
    window.applications = None
    assert (await follower.follow(SHOP_LINK)).startswith("The applications of the account could")
    assert window.shown == []


async def test_a_dialog_that_is_open_is_not_covered(
    follower: Follower, window: Window, plain_window: QMainWindow
) -> None:
    """The link waits for its end if the user wants that; the dialog is there again meanwhile."""
    open_one = QDialog(plain_window)
    open_dialog(open_one)
    link = f"ibconsole://message/{'0' * 32}/7"

    assert await follower.follow(link, agrees=False) == ""
    assert window.shown == []
    follower.presenter.follow(link)
    (await follower.question()).go_on.click()
    async with asyncio.timeout(5):
        while not open_one.isVisible():
            QTest.qWait(1)  # there is no loop of Qt, which brings the dialog back
            await asyncio.sleep(0.01)
    assert window.shown == []
    open_one.accept()
    async with asyncio.timeout(5):
        await follower.tasks.settled()
    assert window.shown == [7]


async def test_a_newer_link_takes_the_question_away(follower: Follower, window: Window) -> None:
    """One link is followed at a time, the latest."""
    window.open(ACME)
    follower.presenter.follow(f"ibconsole://connection/{BETA.id}")
    await follower.question()

    assert await follower.follow(f"ibconsole://message/{'0' * 32}/7") == ""
    assert (window.connection.name, window.shown) == ("Acme", [7])
