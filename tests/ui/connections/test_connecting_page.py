import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.store import NoSecret
from ibconsole.services.connections.vault import KeyringLocked, NoKeyring
from ibconsole.ui.connections.connecting_page import ConnectingPage, OpeningFailure
from ibconsole.ui.toolkit.theme import Theme

CONNECTION = Connection("", "Acme", "https://xxxxx.api.infobip.com")


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> ConnectingPage:
    page = ConnectingPage(theme)
    qtbot.addWidget(page)
    page.show()
    return page


def visible_buttons(page: ConnectingPage) -> list[str]:
    buttons = (
        page.open_button,
        page.retry,
        page.edit,
        page.manage,
        page.doctor,
        page.back,
        page.cancel,
        page.details_button,
    )
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
    failure = OpeningFailure(CONNECTION, UserError("The settings cannot be written."))
    page.show_failed(failure, previous=previous)

    assert page.title.text() == "Acme is not open"
    assert page.sentence.text() == "The settings cannot be written."
    assert not page.secret_field.isVisible()
    assert not page.progress.busy
    offered = ["Try again", "Edit connection…", "Connections…", "Keyring doctor…"]
    assert visible_buttons(page) == [*offered, *(["Back to Beta"] if previous else [])]


@pytest.mark.parametrize(
    ("error", "offers_keyring", "for_session"),
    [
        (NoKeyring("No keyring. Secret Service: not there."), False, True),
        (KeyringLocked("The keyring is locked."), True, True),
        (NoSecret("The keyring holds no API key for Acme."), True, False),
    ],
)
def test_a_missing_secret_is_asked_for(
    page: ConnectingPage, qtbot: QtBot, error: UserError, offers_keyring: bool, for_session: bool
) -> None:
    """The page itself takes the secret; it goes to the keyring only if there is one."""
    page.show_failed(OpeningFailure(CONNECTION, error))
    page.focus_secret()
    page.open_button.click()
    assert page.secret_field.line.placeholderText() == "Enter the API key"
    assert page.focusWidget() is page.secret_field.line
    assert page.secret_field.session.isVisible() is offers_keyring

    qtbot.keyClicks(page.secret_field.line, "a secret")
    page.show_failed(OpeningFailure(CONNECTION, error))
    with qtbot.waitSignal(page.secret_entered) as entered:
        qtbot.keyClick(page.secret_field.line, Qt.Key.Key_Return)

    assert entered.args == [Secret("a secret"), for_session]


def test_the_secret_keeps_the_focus(page: ConnectingPage) -> None:
    """What is typed goes to the secret, also if the failure is shown again or before the window."""
    page.hide()
    failure = OpeningFailure(CONNECTION, NoSecret("The keyring holds no API key for Acme."))
    page.show_failed(failure)
    page.focus_secret()
    page.show()
    assert page.focusWidget() is page.secret_field.line

    page.show_failed(failure)
    assert page.focusWidget() is page.secret_field.line


def test_details_are_folded(page: ConnectingPage) -> None:
    """The reasons of each keyring, and the details of other errors, are under Details."""
    page.show_failed(OpeningFailure(CONNECTION, NoKeyring("No keyring. KWallet: not there.")))
    assert "KWallet" not in page.sentence.text()
    assert not page.details.isVisible()

    page.details_button.click()
    assert page.details.isVisible()
    assert "KWallet" in page.details.toPlainText()
    page.show_opening(CONNECTION)
    assert not page.details.isVisible()

    error = UserError("It cannot be opened.", details="errno 5")
    page.show_failed(OpeningFailure(CONNECTION, error))
    assert page.details.toPlainText() == "errno 5"


def test_a_typed_secret_is_not_kept_for_another(page: ConnectingPage) -> None:
    """What was typed for one connection is never offered to another."""
    page.show_failed(OpeningFailure(CONNECTION, NoSecret("It is missing.")))
    page.secret_field.line.setText("a secret")

    other = Connection("1", "Beta", "https://beta.api.infobip.com")
    page.show_failed(OpeningFailure(other, NoSecret("It is missing.")))

    assert page.secret_field.line.text() == ""


def test_the_other_states(page: ConnectingPage) -> None:
    """Without an open connection the list is offered; unreadable settings can be read again."""
    page.show_none()
    assert visible_buttons(page) == ["Connections…"]

    page.show_unreadable("The file is damaged.")
    assert visible_buttons(page) == ["Try again"]
    assert page.sentence.text() == "The file is damaged."


def test_buttons_that_find_no_width_go_on_below(page: ConnectingPage, qtbot: QtBot) -> None:
    """No button is cut in a narrow window; the name of the previous connection may be long."""
    page.resize(640, 300)
    page.show_failed(OpeningFailure(CONNECTION, NoSecret("No secret.")), previous="Acme " * 40)

    buttons = (page.open_button, page.retry, page.edit, page.manage, page.doctor, page.back)
    qtbot.waitUntil(lambda: page.back.y() > page.open_button.y())
    assert all(one.width() >= one.sizeHint().width() for one in buttons)
    assert page.rect().contains(page.back.geometry())
