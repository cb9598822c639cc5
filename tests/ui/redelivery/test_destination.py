"""The field for the URL that messages are sent to."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.redelivery.destination import DestinationField
from ibconsole.ui.toolkit.theme import Theme

URL = "https://customer.example.com/in"
ORIGIN = "The forward action of Shop"


@pytest.fixture
def destination(theme: Theme, qtbot: QtBot) -> DestinationField:
    destination = DestinationField(theme)
    qtbot.addWidget(destination)
    destination.show()
    return destination


def test_a_url_is_proposed(destination: DestinationField) -> None:
    """The proposed URL is entered, and the field says where it comes from."""
    destination.propose(URL, ORIGIN)

    assert (destination.url, destination.usable, destination.is_proposed) == (URL, True, True)
    assert destination.origin.text() == ORIGIN
    assert destination.use_proposed.isHidden()


def test_a_typed_url_is_kept(destination: DestinationField, qtbot: QtBot) -> None:
    """A proposal that comes late replaces nothing that was typed, but is one click away."""
    qtbot.keyClicks(destination.field, "https://other.example.com/in")
    destination.propose(URL, ORIGIN)
    typed = destination.url, destination.is_proposed, destination.origin.isHidden()

    destination.use_proposed.click()

    assert typed == ("https://other.example.com/in", False, True)
    assert (destination.url, destination.is_proposed) == (URL, True)


def test_a_mistyped_url_is_explained_and_corrected(
    destination: DestinationField, qtbot: QtBot
) -> None:
    """A text that is no URL says why, and a likely correction is one click away."""
    destination.enter("example.com/in")
    before = destination.usable, "https://" in destination.remark.text()

    with qtbot.waitSignal(destination.changed):
        destination.use_correction.click()

    assert before == (False, True)
    assert (destination.url, destination.usable) == ("https://example.com/in", True)


@pytest.mark.parametrize("host", ["127.0.0.1:8484", "192.168.1.5", "intranet.local"])
def test_an_address_of_this_network_needs_no_remark(
    destination: DestinationField, host: str
) -> None:
    """This computer sends the messages: what the platform could not reach is no fault."""
    destination.enter(f"https://{host}/in")

    assert (destination.usable, destination.remark.text()) == (True, "")
