"""The choice of the address that the listener listens on."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.listener.address import ALL_ADDRESSES, LOOPBACK, AddressChoice, exposure_question


@pytest.fixture
def choice(qtbot: QtBot) -> AddressChoice:
    choice = AddressChoice()
    qtbot.addWidget(choice)
    return choice


def test_loopback_by_default(choice: AddressChoice) -> None:
    """Unless the user chooses another address, only this computer reaches the listener."""
    assert choice.host == LOOPBACK
    assert choice.address.isHidden()


@pytest.mark.parametrize(
    ("typed", "host"),
    [("", ""), ("here", ""), (" 192.168.1.5 ", "192.168.1.5"), ("::1", "::1")],
)
def test_typed_address(choice: AddressChoice, qtbot: QtBot, typed: str, host: str) -> None:
    """A typed text counts only if it is an IP address."""
    choice.kind.setCurrentText("One address…")
    assert not choice.address.isHidden()

    with qtbot.waitSignal(choice.changed) as emitted:
        choice.address.setText(f"x{typed}")
        choice.address.setText(typed)

    assert choice.host == host
    assert emitted.signal_triggered


@pytest.mark.parametrize(
    ("host", "shown", "typed"),
    [("", LOOPBACK, ""), (ALL_ADDRESSES, ALL_ADDRESSES, ""), ("10.0.0.7", "10.0.0.7", "10.0.0.7")],
)
def test_saved_address(choice: AddressChoice, host: str, shown: str, typed: str) -> None:
    """A saved address is shown as a choice, or as text if it is none of the choices."""
    choice.select(host)

    assert choice.host == shown
    assert choice.address.text() == typed


@pytest.mark.parametrize("host", [LOOPBACK, "::1"])
def test_loopback_needs_no_confirmation(host: str) -> None:
    """Listening on this computer only is not asked about."""
    assert exposure_question(host, 8484) is None


@pytest.mark.parametrize(
    ("host", "where"),
    [
        (ALL_ADDRESSES, "every address of this computer, port 8484"),
        ("10.0.0.7", "10.0.0.7, port 8484"),
    ],
)
def test_network_needs_a_confirmation(host: str, where: str) -> None:
    """The question before the network can reach the listener names address and risk."""
    question = exposure_question(host, 8484)

    assert question
    assert list(question.facts) == [("Listens on", where)]
    assert "plain HTTP without a password" in question.consequence
