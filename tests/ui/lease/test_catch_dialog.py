"""The dialog that borrows a route."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.services.tunnels import AddressCheck, CheckOutcome, Tunnel, TunnelProgram
from ibconsole.ui.lease.catch_dialog import CatchContext, CatchDialog, CatchRequest
from ibconsole.ui.toolkit.theme import Theme

HERE = Tunnel(
    TunnelProgram.CLOUDFLARED, "https://a.trycloudflare.com", "http://localhost:8484", 8484
)
ELSEWHERE = Tunnel(TunnelProgram.NGROK, "https://b.ngrok.app", "http://localhost:3000", 3000)
IDLE = Tunnel(TunnelProgram.CLOUDFLARED, "https://c.corp.dev", "", 8484, connected=False)
ARRIVED = AddressCheck(CheckOutcome.ARRIVED, "It has arrived.")
FAILED = AddressCheck(CheckOutcome.ELSEWHERE, "Nothing has arrived here.")

Open = Callable[..., CatchDialog]


@pytest.fixture
def opened(theme: Theme, qtbot: QtBot) -> Open:
    def open_dialog(**values: Any) -> CatchDialog:
        context = CatchContext("Kestrel Go", "Acme · https://x.infobip.com", port=8484, **values)
        dialog = CatchDialog(context, theme)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return open_dialog


def test_sandbox_needs_one_key(opened: Open, qtbot: QtBot) -> None:
    """In the sandbox the listener's own address is chosen, and Enter catches at once."""
    dialog = opened(is_sandbox=True)

    with qtbot.waitSignal(dialog.catch_requested) as emitted:
        qtbot.keyClick(dialog.minutes, Qt.Key.Key_Return)

    assert emitted.args == [CatchRequest("http://127.0.0.1:8484", 15)]
    assert dialog.submit.text() == "Catch for 15 minutes"


def test_a_tunnel_that_leads_here_is_chosen(opened: Open) -> None:
    """Of the running tunnels the one that leads to the listener comes first."""
    dialog = opened(remembered="https://in.corp.dev")
    assert dialog.request == CatchRequest("https://in.corp.dev", 15, is_typed=True)

    dialog.show_tunnels([HERE, ELSEWHERE])

    assert dialog.request == CatchRequest(HERE.url, 15)
    assert dialog.remark.text() == "cloudflared leads from there to port 8484 of this computer."
    listed = [dialog.address.itemText(row) for row in range(dialog.address.count())]
    assert listed == [HERE.url, "https://in.corp.dev", ELSEWHERE.url]


@pytest.mark.parametrize(
    ("tunnel", "sentence"),
    [
        (ELSEWHERE, "ngrok leads from there to http://localhost:3000; the listener has port 8484."),
        (IDLE, "cloudflared says that it has no connection at present."),
    ],
)
def test_a_tunnel_that_may_not_work(opened: Open, tunnel: Tunnel, sentence: str) -> None:
    """The dialog says what is wrong with a tunnel before anything is sent."""
    dialog = opened()
    dialog.show_tunnels([tunnel])

    dialog.address.setCurrentText(tunnel.url)

    assert dialog.remark.text() == sentence
    assert dialog.submit.isEnabled()


def test_what_is_typed_stays(opened: Open, qtbot: QtBot) -> None:
    """Tunnels that are found while the user types do not replace the text."""
    dialog = opened()
    field = dialog.address.lineEdit()
    assert field
    assert not dialog.submit.isEnabled()
    qtbot.keyClicks(field, "https://in.corp.dev/x/")

    dialog.show_tunnels([HERE])

    assert dialog.request == CatchRequest("https://in.corp.dev/x/", 15, is_typed=True)
    assert dialog.request.base == "https://in.corp.dev/x"


def test_no_tunnel(opened: Open) -> None:
    """Where none runs, the dialog says what to do."""
    dialog = opened()

    dialog.show_tunnels([])

    assert "leads to port 8484" in dialog.remark.text()
    assert not dialog.check.isEnabled()


@pytest.mark.parametrize("url", ["ftp://in.corp.dev", "https://a b"])
def test_mistakes_are_said_at_once(opened: Open, url: str) -> None:
    """A text that is no URL cannot be sent."""
    dialog = opened()

    dialog.address.setEditText(url)

    assert dialog.remark.text().strip()
    assert not dialog.submit.isEnabled()


def test_nothing_arrives(opened: Open) -> None:
    """After a check that failed, catching is a choice, for that address alone."""
    dialog = opened(is_sandbox=True)
    dialog.show_busy("Checking.")
    assert not dialog.submit.isEnabled()

    dialog.show_check(FAILED)

    assert dialog.banner.severity is Severity.WARNING
    assert dialog.submit.text() == "Catch anyway for 15 minutes"
    assert dialog.request.despite
    dialog.address.setEditText("http://127.0.0.1:9")
    assert not dialog.request.despite


def test_a_check_that_arrived(opened: Open) -> None:
    """What was proven is said, and nothing is caught by a check."""
    dialog = opened(is_sandbox=True)

    dialog.show_check(ARRIVED)

    assert (dialog.banner.severity, dialog.banner.text.text()) == (Severity.OK, "It has arrived.")
    assert not dialog.request.despite


def test_under_way(opened: Open, qtbot: QtBot) -> None:
    """A request that is on its way cannot be cancelled by closing the dialog."""
    dialog = opened(is_sandbox=True)
    dialog.show_busy("The action is being added.", under_way=True)

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()

    assert dialog.isVisible()
    assert "cannot be taken back" in dialog.banner.text.text()
    dialog.show_failed("Refused.")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"actions": None}, "the actions that exist are not touched"),
        ({"actions": ()}, "which has no other"),
        ({"actions": ("Pull",)}, "next to 1 action, which stays as it is:\n• Pull"),
        ({"actions": ("a", "b", "c", "d")}, "• c\n• and 1 more"),
        ({"actions": None, "has_configuration": False}, "one is created"),
    ],
)
def test_what_will_be_created(opened: Open, values: dict[str, object], sentence: str) -> None:
    """The dialog says what is added, and next to what."""
    dialog = opened(**values)

    assert sentence in dialog.effect.text()


def test_production(opened: Open) -> None:
    """A dialog about a production account says so."""
    assert opened(environment="production").frame.word.text() == "PRODUCTION"
