import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ibconsole.secret import Secret
from ibconsole.services.connections.vault import SecretPlace
from ibconsole.ui.connections.secret_field import SecretField
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def field(theme: Theme, qtbot: QtBot) -> SecretField:
    field = SecretField(theme)
    qtbot.addWidget(field)
    field.show()
    return field


def test_the_secret_is_hidden(field: SecretField) -> None:
    """What is typed is hidden until the user asks to see it."""
    field.line.setText("a secret")
    assert field.typed == Secret("a secret")
    assert field.line.echoMode() is QLineEdit.EchoMode.Password

    field.reveal.click()
    assert field.line.echoMode() is QLineEdit.EchoMode.Normal
    field.reveal.click()

    assert field.line.echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.parametrize("place", SecretPlace)
def test_the_placeholder_is_a_fact(field: SecretField, place: SecretPlace) -> None:
    """The line names the keyring only if the secret is known to be there."""
    field.show_place(place)

    assert ("keyring" in field.line.placeholderText()) is (place is SecretPlace.KEYRING)
    field.show_place(None)
    assert field.line.placeholderText() == ""


def test_the_session_is_a_choice_about_what_is_typed(field: SecretField) -> None:
    """Without a typed secret there is nothing to choose; without a keyring, nothing at all."""
    assert not field.session.isEnabled()
    field.line.setText("a secret")
    assert field.session.isEnabled()
    assert not field.for_session

    field.offer_keyring(available=False, default=True)

    assert not field.session.isVisible()
    assert field.for_session
