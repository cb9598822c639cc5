import pytest
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import AuthorizationKind, Environment
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from tests.ui.connections.harness import Harness


async def test_a_secret_can_be_kept_for_the_session(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """If the keyring fails, the dialog offers to keep the secret in memory, never in a file."""
    harness.keyring.refuses = True
    await harness.presenter.start()
    harness.presenter.add.trigger()
    dialog = harness.dialog(ConnectionDialog)
    dialog.name.setText("Acme")
    dialog.base_url.setText(running.base_url)
    dialog.secret.setText(running.api_key)
    dialog.save.click()
    await harness.settle()
    assert dialog.isVisible()
    assert harness.names == []

    assert dialog.banner.action.text() == "Keep for this session only"
    dialog.banner.action.click()
    await harness.settle()

    assert harness.console.status.connection.name == "Acme"


async def test_an_invalid_field_has_a_message_below_it(harness: Harness, qtbot: QtBot) -> None:
    """One field at a time is reported below it, and nothing is sent."""
    harness.presenter.add.trigger()
    dialog = harness.dialog(ConnectionDialog)

    dialog.save.click()
    assert dialog.field_messages["name"].isVisible()
    dialog.name.setText("Acme")
    dialog.base_url.setText("http://acme.api.infobip.com")
    dialog.save.click()
    assert not dialog.field_messages["name"].isVisible()
    assert "Plain http" in dialog.field_messages["base_url"].text()
    dialog.base_url.setText("ACME.api.infobip.com/x")
    assert dialog.field_messages["base_url"].text() == "Used as https://acme.api.infobip.com"
    dialog.save.click()

    assert dialog.field_messages["secret"].text() == "API key is missing."
    dialog.reject()


@pytest.mark.parametrize("kind", AuthorizationKind)
async def test_each_authorization_has_its_fields(harness: Harness, kind: AuthorizationKind) -> None:
    """A user name or client ID is asked for only where the authorization needs it."""
    harness.presenter.add.trigger()
    dialog = harness.dialog(ConnectionDialog)

    dialog.kind.setCurrentIndex(dialog.kind.findData(kind.value))

    assert dialog.identity.isVisible() is bool(kind.identity_name)
    assert dialog.secret.accessibleName() == kind.secret_name
    dialog.reject()


async def test_editing_a_connection(harness: Harness, running: RunningSimulator) -> None:
    """A new name needs no secret, another address does."""
    await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.edit.trigger()
    dialog = harness.dialog(ConnectionDialog)

    dialog.base_url.setText("https://other.api.infobip.com")
    dialog.save.click()
    assert dialog.field_messages["secret"].isVisible()
    dialog.base_url.setText(running.base_url)
    dialog.name.setText("Acme 2")
    dialog.environments[Environment.PRODUCTION].setChecked(True)
    dialog.colour.select_colour("red")
    dialog.save.click()
    await harness.settle()

    assert harness.names == ["Acme 2"]
    assert harness.console.status.connection.name == "Acme 2"
    assert harness.console.status.connection.environment == "production"
    assert harness.bar.environment.text() == "PRODUCTION"
