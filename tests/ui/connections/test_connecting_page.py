import pytest
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import Connection
from ibconsole.ui.connections.connecting_page import ConnectingPage
from ibconsole.ui.toolkit.theme import Theme

CONNECTION = Connection("", "Acme", "https://xxxxx.api.infobip.com")


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> ConnectingPage:
    page = ConnectingPage(theme)
    qtbot.addWidget(page)
    page.show()
    return page


def visible_buttons(page: ConnectingPage) -> list[str]:
    buttons = (page.retry, page.edit, page.manage, page.doctor, page.back, page.cancel)
    return [button.text() for button in buttons if button.isVisible()]


def test_opening_can_be_cancelled(page: ConnectingPage, qtbot: QtBot) -> None:
    """While the secret is read, the page shows progress and can be cancelled."""
    page.show_opening(CONNECTION)

    assert page.title.text() == "Opening Acme"
    assert page.progress.busy
    assert visible_buttons(page) == ["Cancel"]
    with qtbot.waitSignal(page.cancel_requested):
        page.cancel.click()


@pytest.mark.parametrize("previous", ["", "Beta"])
def test_a_failure_offers_what_helps(page: ConnectingPage, previous: str) -> None:
    """After a failure the page offers to retry, to edit, and to go back if another one is open."""
    page.show_failed(CONNECTION, "The keyring is locked.", previous=previous)

    assert page.title.text() == "Acme is not open"
    assert page.sentence.text() == "The keyring is locked."
    assert not page.progress.busy
    offered = ["Try again", "Edit connection…", "Connections…", "Keyring doctor…"]
    assert visible_buttons(page) == [*offered, *(["Back to Beta"] if previous else [])]


def test_the_other_states(page: ConnectingPage) -> None:
    """Without an open connection the list is offered; unreadable settings can be read again."""
    page.show_none()
    assert visible_buttons(page) == ["Connections…"]

    page.show_unreadable("The file is damaged.")
    assert visible_buttons(page) == ["Try again"]
    assert page.sentence.text() == "The file is damaged."
