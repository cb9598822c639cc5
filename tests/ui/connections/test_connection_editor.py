import asyncio

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.secret import Secret
from ibconsole.services.connections import Connection, new_id
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from tests.postgres import TeamDatabase
from tests.ui.connections.harness import Harness


async def test_a_session_secret_is_asked_for_after_a_restart(
    harness: Harness, running: RunningSimulator
) -> None:
    """Without a keyring, Edit takes the secret for another session and opens the connection."""
    await harness.save(running, for_session=True)
    harness.keyring.session.clear()
    harness.keyring.refuses = True
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.page.edit.click()
    await harness.settle()
    dialog = harness.dialog(ConnectionDialog)
    assert dialog.form.secret.placeholderText() == "Not saved; enter it here"
    assert dialog.focusWidget() is dialog.form.secret

    dialog.form.secret.setText(running.api_key)
    assert dialog.form.secret_field.for_session
    dialog.save.click()
    await harness.settle()

    assert not dialog.isVisible()
    assert harness.console.status.connection.name == "Acme"
    assert harness.keyring.secrets == {}


async def test_the_place_of_a_saved_secret_is_shown(
    harness: Harness, running: RunningSimulator
) -> None:
    """The dialog says that the secret is kept in the keyring only where it is."""
    await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.edit.trigger()
    await harness.settle()
    dialog = harness.dialog(ConnectionDialog)

    assert dialog.form.secret.placeholderText() == "Kept in the keyring; leave empty to keep it"
    dialog.form.kind.setCurrentIndex(1)
    assert dialog.form.secret.placeholderText() == ""
    dialog.reject()


async def test_all_dialogs_close_after_adding(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """A connection that was added from the list is open at once, and no dialog covers it."""
    await harness.save(running)
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.add.click()
    dialog = harness.dialog(ConnectionDialog)
    dialog.form.name.setText("Beta")
    dialog.form.base_url.setText(running.base_url)
    dialog.form.secret.setText(running.api_key)
    qtbot.keyClick(dialog.form.secret, Qt.Key.Key_Return)
    await harness.settle()

    assert not dialog.isVisible()
    assert not listed.isVisible()
    assert harness.console.status.connection.name == "Beta"


async def test_a_team_is_tested_before_it_is_saved(
    harness: Harness, running: RunningSimulator, team: TeamDatabase
) -> None:
    """What the database says of this user is shown; the password goes to the keyring on saving."""
    saved = await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.edit.trigger()
    await harness.settle()
    dialog = harness.dialog(ConnectionDialog)
    fields = dialog.form.team
    fields.shared.click()
    address = team.address("reader")
    fields.database.setText(address.database)
    fields.account.setText("unknown")
    fields.test.click()
    await harness.settle()
    assert "no account" in dialog.team_banner.text.text()

    fields.account.setText(address.account)
    fields.password.line.setText("a password")
    fields.test.click()
    await harness.settle()
    assert "may only read" in dialog.team_banner.text.text()
    assert "PostgreSQL" in dialog.team_banner.details.toPlainText()
    assert not dialog.banner.isVisible()
    assert harness.keyring.secrets.keys() == {saved.id}
    dialog.save.click()
    await harness.settle()

    assert not dialog.isVisible()
    assert harness.keyring.secrets.keys() == {saved.id, f"{saved.id}:team"}
    assert (await harness.saved.load()).connections[0].team_address == address


async def test_the_credential_is_tested_without_the_team(
    harness: Harness, running: RunningSimulator, team: TeamDatabase, qtbot: QtBot
) -> None:
    """A team's archive without an answer has a row of its own, which can be given up.

    The form can be used as soon as the platform has answered.
    """
    address = team.address("operator", tcp=True)
    await harness.save(running, team=address.database, team_account="acme", for_session=True)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.edit.trigger()
    await harness.settle()
    dialog = harness.dialog(ConnectionDialog)
    dialog.check.click()
    await harness.settle()
    assert dialog.banner.text.text().startswith("It works: the account has")
    assert dialog.team_banner.text.text().startswith("Team: It works: operator is operator of acme")
    assert not dialog.team_banner.action.isVisible()

    with team.server.frozen():
        dialog.check.click()
        async with asyncio.timeout(20):
            while dialog.save.isEnabled():
                await asyncio.sleep(0)
            while not dialog.save.isEnabled():
                await asyncio.sleep(0.01)
        assert dialog.banner.text.text().startswith("It works: the account has")
        assert "asking its archive" in dialog.team_banner.text.text()
        dialog.team_banner.action.click()
        await harness.settle()
        assert not dialog.team_banner.isVisible()
    dialog.form.team.shared.click()
    dialog.check.click()
    await harness.settle()

    assert not dialog.team_banner.isVisible()


async def test_a_draft_is_filled_in(harness: Harness) -> None:
    """What was pasted is in the form, a credential in its field; nothing is saved by that."""
    draft = Connection(id=new_id(), name="", base_url="https://x.example")

    harness.presenter.add_draft(draft, Secret("k3y"))
    dialog = harness.dialog(ConnectionDialog)

    assert dialog.form.base_url.text() == "https://x.example"
    assert dialog.form.secret.text() == "k3y"
    assert harness.presenter.opened is None
    assert harness.names == []
    dialog.reject()
