import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from tests.ui.connections.harness import Harness


async def test_the_first_start_shows_the_greeting(harness: Harness) -> None:
    """Without a saved connection the greeting is shown, and no command claims otherwise."""
    await harness.presenter.start()
    await harness.settle()

    assert harness.shown_page == "greeting"
    assert not harness.presenter.edit.isEnabled()
    assert harness.presenter.switch.disabled_reason == "There is no connection yet."


async def test_an_added_connection_is_opened(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """A draft can be tested, is saved once, and is then opened; nothing is pulled."""
    await harness.presenter.start()
    harness.presenter.add.trigger()
    dialog = harness.dialog(ConnectionDialog)
    qtbot.keyClicks(dialog.form.name, "Acme")
    dialog.form.base_url.setText(f"{running.base_url}/push/1")
    qtbot.keyClicks(dialog.form.secret, running.api_key)

    qtbot.mouseClick(dialog.check, Qt.MouseButton.LeftButton)
    await harness.settle()
    assert dialog.banner.severity == Severity.OK
    assert harness.names == []
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    await harness.settle()

    assert not dialog.isVisible()
    assert dialog.form.secret.text() == ""
    assert harness.names == ["Acme"]
    assert harness.shown_page == "setup"
    assert harness.console.status.connection.name == "Acme"
    assert harness.presenter.settings.last_opened == harness.console.status.connection.id
    assert running.simulator.state.counters["pulls"] == 0


async def test_the_last_connection_is_opened_at_the_start(
    harness: Harness, running: RunningSimulator
) -> None:
    """The connection that was open last is opened again, and no request is sent."""
    saved = await harness.save(running)
    await harness.save(running, name="Beta")
    await harness.saved.record_opened(saved.id)

    await harness.presenter.start()
    await harness.settle()

    assert harness.console.status.connection.name == "Acme"
    assert running.simulator.state.counters["requests"] == 0


async def test_an_account_that_is_open_at_the_start_stays_open(
    harness: Harness, running: RunningSimulator
) -> None:
    """The window of --base-url never opens the last connection over it, before any status."""
    saved = await harness.save(running)
    await harness.saved.record_opened(saved.id)
    account = account_of(running.base_url, Secret(running.api_key))
    await harness.engine.call(harness.console.connect, account)

    await harness.presenter.start()
    await harness.settle()

    assert harness.console.status.connection.id == account.connection
    assert harness.shown_page == "setup"


async def test_a_named_connection_is_opened_at_the_start(
    harness: Harness, running: RunningSimulator
) -> None:
    """--connection selects the connection; an unknown name opens none."""
    first = await harness.save(running)
    await harness.save(running, name="Beta")
    await harness.saved.record_opened(first.id)

    await harness.presenter.start(name="Gamma")
    await harness.settle()
    assert harness.shown_page == "connecting"
    assert harness.notices == [(Severity.DANGER, "There is no connection called Gamma.")]
    await harness.presenter.start(name="beta")
    await harness.settle()

    assert harness.console.status.connection.name == "Beta"


async def test_a_locked_keyring_keeps_the_previous_connection(
    harness: Harness, running: RunningSimulator
) -> None:
    """The failure is shown, and the user can try again or go back to the open connection."""
    await harness.save(running)
    beta = await harness.save(running, name="Beta")
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.keyring.refuses = True
    harness.presenter.start_opening(beta)
    await harness.settle()

    assert harness.shown_page == "connecting"
    assert "locked" in harness.page.sentence.text()
    assert harness.page.back.text() == "Back to Acme"
    assert harness.console.status.connection.name == "Acme"
    harness.page.back.click()
    assert harness.shown_page == "setup"

    harness.presenter.start_opening(beta)
    await harness.settle()
    harness.keyring.refuses = False
    harness.page.retry.click()
    await harness.settle()
    assert harness.console.status.connection.name == "Beta"


async def test_a_secret_is_entered_on_the_page(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """A session-only connection is opened after a restart by typing its secret; no dialog opens."""
    saved = await harness.save(running, for_session=True)
    await harness.saved.record_opened(saved.id)
    harness.keyring.session.clear()
    harness.keyring.refuses = True
    harness.page.show()
    await harness.presenter.start()
    await harness.settle()
    assert harness.page.title.text() == "Acme is not open"
    assert harness.page.focusWidget() is harness.page.secret_field.line

    qtbot.keyClicks(harness.page.secret_field.line, running.api_key)
    qtbot.keyClick(harness.page.secret_field.line, Qt.Key.Key_Return)
    await harness.settle()

    assert harness.console.status.connection.name == "Acme"
    assert harness.page.secret_field.line.text() == ""
    assert harness.keyring.secrets == {}


async def test_a_secret_that_the_keyring_refuses_stays_typed(
    harness: Harness, running: RunningSimulator
) -> None:
    """After the keyring refuses to save it, the typed secret can be used for the session."""
    saved = await harness.save(running)
    del harness.keyring.secrets[saved.id]
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.keyring.refuses = True
    field = harness.page.secret_field
    field.line.setText(running.api_key)
    assert field.session.checkState() is Qt.CheckState.Unchecked
    harness.page.open_button.click()
    await harness.settle()
    assert "locked" in harness.page.sentence.text()
    assert field.for_session

    harness.page.open_button.click()
    await harness.settle()

    assert harness.console.status.connection.name == "Acme"


async def test_a_switch_waits_for_a_pull(harness: Harness, running: RunningSimulator) -> None:
    """Messages that the platform is handing out are stored before another connection is opened."""
    await harness.save(running)
    beta = await harness.save(running, name="Beta")
    await harness.presenter.start(name="Acme")
    await harness.settle()
    acme = harness.console.status.connection.id

    async def pull_and_switch() -> None:
        await harness.engine.call(harness.console.pulls.pull, 5)

    harness.tasks.start("pull", pull_and_switch)
    harness.presenter.start_opening(beta)
    await harness.settle()

    assert await harness.service.messages_of(acme) == 5
    assert harness.console.status.connection.name == "Beta"
    assert harness.console.status.pull.state == "never"


async def test_closing_a_connection(harness: Harness, running: RunningSimulator) -> None:
    """After closing, no connection is open, and the saved ones are offered."""
    await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()

    harness.presenter.close.trigger()
    await harness.settle()

    assert harness.shown_page == "connecting"
    assert harness.page.title.text() == "No connection"


async def test_a_broken_settings_file_is_reported(harness: Harness, tmp_path: Path) -> None:
    """A warning names the file to which unreadable settings were renamed."""
    file = tmp_path / "settings.json"
    await asyncio.to_thread(file.write_text, "{")

    await harness.presenter.start()

    [(kind, sentence)] = harness.notices
    assert kind == Severity.WARNING
    assert "broken-" in sentence


async def test_unreadable_settings_are_no_first_start(
    harness: Harness, tmp_path: Path, running: RunningSimulator
) -> None:
    """Settings that cannot be read are reported instead of the greeting; reading can be retried."""
    await harness.save(running)
    file = tmp_path / "settings.json"
    good = file.read_bytes()
    file.write_text('{"version": 999}')

    await harness.presenter.start()
    await harness.settle()

    assert harness.shown_page == "connecting"
    assert "newer ibconsole" in harness.page.sentence.text()
    file.write_bytes(good)
    harness.page.retry.click()
    await harness.settle()
    assert harness.names == ["Acme"]
    assert harness.page.title.text() == "No connection"
