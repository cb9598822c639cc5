from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.services.connections.connection import Connection, Environment
from ibconsole.services.connections.connection_check import CheckResult
from ibconsole.services.connections.vault import NoKeyring
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.connections.harness import Harness


async def test_a_secret_can_be_kept_for_the_session(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """If the keyring fails, the dialog offers to keep the secret in memory, never in a file."""
    harness.keyring.refuses = True
    await harness.presenter.start()
    harness.presenter.add.trigger()
    dialog = harness.dialog(ConnectionDialog)
    dialog.form.name.setText("Acme")
    dialog.form.base_url.setText(running.base_url)
    dialog.form.secret.setText(running.api_key)
    dialog.save.click()
    await harness.settle()
    assert dialog.isVisible()
    assert harness.names == []

    assert dialog.banner.action.text() == "Keep for this session only"
    assert dialog.focusWidget() is dialog.banner.action, "Enter would only fail again"
    dialog.banner.action.click()
    await harness.settle()

    assert harness.console.status.connection.name == "Acme"


def test_without_a_keyring_one_sentence_says_so(theme: Theme, qtbot: QtBot) -> None:
    """The reasons of every kind of keyring are details."""
    connection = Connection("", "Acme", "https://xxxxx.api.infobip.com")
    dialog = ConnectionDialog(connection, theme, new=True)
    qtbot.addWidget(dialog)
    error = NoKeyring("No secure keyring is available. KWallet: none. libsecret: none.")
    dialog.show_failed(error.when_saving(), offer_session=True)
    assert dialog.banner.text.text() == (
        "No secure keyring is available, so the key was not saved."
    )
    assert dialog.banner.details.toPlainText() == "KWallet: none. libsecret: none."


def test_the_note_says_where_the_secret_goes(theme: Theme, qtbot: QtBot) -> None:
    """It follows the choice: a secret for one session does not go to the keyring."""
    connection = Connection("", "Acme", "https://xxxxx.api.infobip.com", session_only=True)
    dialog = ConnectionDialog(connection, theme, new=False)
    qtbot.addWidget(dialog)
    assert "stays in memory" in dialog.note.text()

    dialog.form.secret_field.session.setChecked(False)

    assert "keyring" in dialog.note.text()


def test_a_refused_credential_is_one_sentence(theme: Theme, qtbot: QtBot) -> None:
    """The possible causes are given once, as details: the dialog stays on a small screen."""
    dialog = ConnectionDialog(
        Connection("", "Acme", "https://xxxxx.api.infobip.com"), theme, new=True
    )
    qtbot.addWidget(dialog)
    sentence = "Not accepted (401 “No.”). Nothing was changed. Possible causes: it has expired."
    dialog.show_check_result(
        CheckResult(Severity.DANGER, sentence, ("The key has expired",), "status 401")
    )
    assert dialog.banner.text.text() == "Not accepted (401 “No.”)."
    details = dialog.banner.details.toPlainText()
    assert details.splitlines()[-2:] == ["\N{BULLET} The key has expired", "status 401"]


async def test_editing_a_connection(harness: Harness, running: RunningSimulator) -> None:
    """A new name needs no secret, another address does."""
    await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.edit.trigger()
    dialog = harness.dialog(ConnectionDialog)

    dialog.form.base_url.setText("https://other.api.infobip.com")
    dialog.save.click()
    assert dialog.form.messages["secret"].isVisible()
    dialog.form.base_url.setText(running.base_url)
    dialog.form.name.setText("Acme 2")
    dialog.form.environment.buttons[Environment.PRODUCTION].setChecked(True)
    dialog.form.colour.select_colour("red")
    dialog.save.click()
    await harness.settle()

    assert harness.names == ["Acme 2"]
    assert harness.console.status.connection.name == "Acme 2"
    assert harness.console.status.connection.environment == Environment.PRODUCTION
    assert harness.bar.environment.text() == "PRODUCTION"
