"""Connections in the window: opening, adding, editing, testing and removing them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from ibconsole.secret import Secret
from ibconsole.services.connections.connection import (
    AuthorizationKind,
    Connection,
    Environment,
    new_id,
)
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import VaultError
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_connections import RemoteConnections
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.connections.connecting_page import ConnectingPage
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.presenter import ConnectionsPresenter
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme


class Keyring:
    """A keyring that can be told to refuse."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}
        self.refuses = False

    async def read(self, connection: str) -> Secret | None:
        self._answer()
        return self.kept.get(connection)

    async def write(self, connection: str, secret: Secret) -> None:
        self._answer()
        self.kept[connection] = secret

    async def delete(self, connection: str) -> None:
        self.kept.pop(connection, None)

    def store_for_session(self, connection: str, secret: Secret) -> None:
        self.refuses = False
        self.kept[connection] = secret

    def _answer(self) -> None:
        if self.refuses:
            raise VaultError("The keyring is locked; nothing was changed.")


class Desk:
    """The presenter, all that it works with, and what it told."""

    def __init__(
        self, data: Path, engine: Engine, console: Console, theme: Theme, tasks: UiTasks
    ) -> None:
        self.keyring = Keyring()
        self.saved = Connections(
            SettingsFile(data / "settings.json"), self.keyring, ForwardPaths(data / "listener.json")
        )
        self.console, self.engine, self.tasks = console, engine, tasks
        self.bar = ConnectionBar(theme)
        self.page = ConnectingPage(theme)
        self.keeper = RemoteConnections(engine, console, self.saved)
        self.presenter = ConnectionsPresenter(self.bar, self.page, self.keeper, tasks, theme)
        self.shown = ""
        self.told: list[tuple[str, str]] = []
        self.presenter.page_changed.connect(self._on_page_changed)
        self.presenter.noticed.connect(self._on_noticed)

    async def settle(self) -> None:
        await self.tasks.settled()
        self.bar.show_status(self.console.status)
        self.presenter.show_status(self.console.status)
        await self.tasks.settled()

    def dialog(self, kind: type[QDialog]) -> QDialog | None:
        found = (one for one in QApplication.topLevelWidgets() if isinstance(one, kind))
        return next((one for one in found if one.isVisible()), None)

    def _on_page_changed(self, page: str) -> None:
        self.shown = page

    def _on_noticed(self, kind: str, sentence: str) -> None:
        self.told.append((kind, sentence))


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
async def running(engine: Engine) -> AsyncIterator[RunningSimulator]:
    simulator = simulate(SimulatorSettings(messages=7, rate_limited=False))
    yield await engine.call(simulator.__aenter__)
    await engine.call(simulator.__aexit__, None, None, None)


@pytest.fixture
async def desk(
    tmp_path: Path, engine: Engine, theme: Theme, tasks: UiTasks, qtbot: QtBot
) -> AsyncIterator[Desk]:
    console = Console(Paths(tmp_path))
    await engine.call(console.__aenter__)
    desk = Desk(tmp_path, engine, console, theme, tasks)
    qtbot.addWidget(desk.bar)
    qtbot.addWidget(desk.page)
    desk.bar.show()
    yield desk
    await tasks.settled()
    await engine.call(console.__aexit__)


def connection(running: RunningSimulator, **changes: object) -> Connection:
    draft = Connection(id=new_id(), name="Acme", base_url=running.base_url)
    return replace(draft, **changes)  # type: ignore[arg-type]  # a table


def names(desk: Desk) -> list[str]:
    return [one.name for one in desk.presenter.settings.connections]


async def test_the_first_start_greets(desk: Desk) -> None:
    """Where nothing was ever set up, nothing pretends to be."""
    await desk.presenter.start()
    await desk.settle()

    assert desk.shown == "greeting"
    assert not desk.presenter.edit.isEnabled()
    assert desk.presenter.switch.disabled_reason == "There is no connection yet."


async def test_adding_a_connection_opens_it(
    desk: Desk, running: RunningSimulator, qtbot: QtBot
) -> None:
    """What was entered is tested on demand, saved once, and at work at once."""
    await desk.presenter.start()
    desk.presenter.add.trigger()
    dialog = desk.dialog(ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)
    qtbot.keyClicks(dialog.name, "Acme")
    dialog.base_url.setText(f"{running.base_url}/push/1")
    qtbot.keyClicks(dialog.secret, running.api_key)

    qtbot.mouseClick(dialog.check, Qt.MouseButton.LeftButton)
    await desk.settle()
    assert dialog.banner.severity == "ok"
    assert names(desk) == []
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    await desk.settle()

    assert not dialog.isVisible()
    assert dialog.secret.text() == ""
    assert names(desk) == ["Acme"]
    assert desk.shown == "setup"
    assert desk.console.status.connection.name == "Acme"
    assert desk.presenter.settings.last_opened == desk.console.status.connection.id
    assert running.simulator.state.counters["pulls"] == 0


async def test_the_last_one_is_opened_again(desk: Desk, running: RunningSimulator) -> None:
    """One goes on where one stopped; nothing is requested by it."""
    saved = await desk.saved.add(connection(running), Secret(running.api_key))
    await desk.saved.add(connection(running, name="Beta"), Secret(running.api_key))
    await desk.saved.record_opened(saved.id)

    await desk.presenter.start()
    await desk.settle()

    assert desk.console.status.connection.name == "Acme"
    assert running.simulator.state.counters["requests"] == 0


async def test_a_named_one_is_opened_instead(desk: Desk, running: RunningSimulator) -> None:
    """--connection decides; a name that is not there opens nothing."""
    first = await desk.saved.add(connection(running), Secret(running.api_key))
    await desk.saved.add(connection(running, name="Beta"), Secret(running.api_key))
    await desk.saved.record_opened(first.id)

    await desk.presenter.start(wanted="Gamma")
    await desk.settle()
    assert desk.shown == "connecting"
    assert desk.told == [("danger", "There is no connection called Gamma.")]
    await desk.presenter.start(wanted="beta")
    await desk.settle()

    assert desk.console.status.connection.name == "Beta"


async def test_a_locked_keyring_leaves_the_former_one_at_work(
    desk: Desk, running: RunningSimulator
) -> None:
    """It is said what failed, and one can try again or go back."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    beta = await desk.saved.add(connection(running, name="Beta"), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()
    desk.keyring.refuses = True
    desk.presenter.start_opening(beta)
    await desk.settle()

    assert desk.shown == "connecting"
    assert "locked" in desk.page.sentence.text()
    assert desk.page.back.text() == "Back to Acme"
    assert desk.console.status.connection.name == "Acme"
    desk.page.back.click()
    assert desk.shown == "setup"

    desk.presenter.start_opening(beta)
    await desk.settle()
    desk.keyring.refuses = False
    desk.page.retry.click()
    await desk.settle()
    assert desk.console.status.connection.name == "Beta"


async def test_without_a_keyring_for_this_session_only(
    desk: Desk, running: RunningSimulator, qtbot: QtBot
) -> None:
    """No secure place, no file in the clear: it is offered to keep it in memory."""
    desk.keyring.refuses = True
    await desk.presenter.start()
    desk.presenter.add.trigger()
    dialog = desk.dialog(ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)
    dialog.name.setText("Acme")
    dialog.base_url.setText(running.base_url)
    dialog.secret.setText(running.api_key)
    dialog.save.click()
    await desk.settle()
    assert dialog.isVisible()
    assert names(desk) == []

    assert dialog.banner.action.text() == "Keep for this session only"
    dialog.banner.action.click()
    await desk.settle()

    assert desk.console.status.connection.name == "Acme"


async def test_what_is_wrong_is_said_under_its_field(desk: Desk, qtbot: QtBot) -> None:
    """One field at a time, where the eye is; nothing is sent."""
    desk.presenter.add.trigger()
    dialog = desk.dialog(ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)

    dialog.save.click()
    assert dialog.findings["name"].isVisible()
    dialog.name.setText("Acme")
    dialog.base_url.setText("http://acme.api.infobip.com")
    dialog.save.click()
    assert not dialog.findings["name"].isVisible()
    assert "Plain http" in dialog.findings["base_url"].text()
    dialog.base_url.setText("ACME.api.infobip.com/x")
    assert dialog.findings["base_url"].text() == "Used as https://acme.api.infobip.com"
    dialog.save.click()

    assert dialog.findings["secret"].text() == "API key is missing."
    dialog.reject()


@pytest.mark.parametrize("kind", AuthorizationKind)
async def test_each_kind_asks_for_what_it_needs(desk: Desk, kind: AuthorizationKind) -> None:
    """A user name, a client ID, or nothing beside the secret."""
    desk.presenter.add.trigger()
    dialog = desk.dialog(ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)

    dialog.kind.setCurrentIndex(dialog.kind.findData(kind.value))

    assert dialog.identity.isVisible() is bool(kind.identity_name)
    assert dialog.secret.accessibleName() == kind.secret_name
    dialog.reject()


async def test_editing(desk: Desk, running: RunningSimulator) -> None:
    """A new name needs no secret; another address does."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()
    desk.presenter.edit.trigger()
    dialog = desk.dialog(ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)

    dialog.base_url.setText("https://other.api.infobip.com")
    dialog.save.click()
    assert dialog.findings["secret"].isVisible()
    dialog.base_url.setText(running.base_url)
    dialog.name.setText("Acme 2")
    dialog.environments[Environment.PRODUCTION].setChecked(True)
    dialog.colour.select_colour("red")
    dialog.save.click()
    await desk.settle()

    assert names(desk) == ["Acme 2"]
    assert desk.console.status.connection.name == "Acme 2"
    assert desk.console.status.connection.environment == "production"
    assert desk.bar.environment.text() == "PRODUCTION"


async def test_the_list(desk: Desk, running: RunningSimulator) -> None:
    """Everything that can be done with a connection is done there, and told there."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()
    desk.presenter.manage.trigger()
    await desk.settle()
    dialog = desk.dialog(ConnectionsDialog)
    assert isinstance(dialog, ConnectionsDialog)

    dialog.duplicate.click()
    await desk.settle()
    assert names(desk) == ["Acme", "Acme copy"]
    dialog.check.click()
    await desk.settle()
    assert dialog.banner.text.text().startswith("Acme: It works")
    dialog.remove.click()
    await desk.settle()
    removing = desk.dialog(RemoveConnectionDialog)
    assert isinstance(removing, RemoveConnectionDialog)
    removing.proceed.click()
    await desk.settle()

    assert names(desk) == ["Acme copy"]
    assert "Acme was removed" in dialog.banner.text.text()
    assert desk.console.status.connection.name == ""
    dialog.reject()


async def test_removing_messages_takes_the_name(
    desk: Desk, running: RunningSimulator, qtbot: QtBot
) -> None:
    """Keeping them is what a quick hand does; deleting them is what was typed out."""
    saved = await desk.saved.add(connection(running), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()
    await desk.engine.call(desk.console.pull, 5)
    await desk.presenter.ask_removal(saved)
    dialog = desk.dialog(RemoveConnectionDialog)
    assert isinstance(dialog, RemoveConnectionDialog)

    assert dialog.keep_messages.isChecked()
    assert "5 messages" in dialog.keep_messages.text()
    dialog.delete_messages.setChecked(True)
    assert not dialog.proceed.isEnabled()
    qtbot.keyClicks(dialog.typed, "Acme")
    dialog.proceed.click()
    await desk.settle()

    assert await desk.keeper.messages_of(saved.id) == 0
    assert desk.told[-1] == ("ok", "Acme was removed. 5 messages deleted.")


async def test_switching_by_the_menu(desk: Desk, running: RunningSimulator) -> None:
    """The one at work is marked; another is one key away."""
    for name in ("Acme", "Beta & Co"):
        await desk.saved.add(connection(running, name=name), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()

    first, second, *_ = desk.bar.menu.actions()
    assert (first.isChecked(), second.isChecked()) == (True, False)
    assert second.text() == "Beta && Co"
    second.trigger()
    await desk.settle()

    assert desk.console.status.connection.name == "Beta & Co"


async def test_a_switch_waits_for_a_pull(desk: Desk, running: RunningSimulator) -> None:
    """What the platform is handing out is stored before anything else happens."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    beta = await desk.saved.add(connection(running, name="Beta"), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()
    acme = desk.console.status.connection.id

    async def pull_and_switch() -> None:
        await desk.engine.call(desk.console.pull, 5)

    desk.tasks.start("pull", pull_and_switch)
    desk.presenter.start_opening(beta)
    await desk.settle()

    assert await desk.keeper.messages_of(acme) == 5
    assert desk.console.status.connection.name == "Beta"
    assert desk.console.status.pull.state == "never"


async def test_closing_a_connection(desk: Desk, running: RunningSimulator) -> None:
    """Then none is at work, and the connections are offered."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    await desk.presenter.start(wanted="Acme")
    await desk.settle()

    desk.presenter.close.trigger()
    await desk.settle()

    assert desk.shown == "connecting"
    assert desk.page.title.text() == "No connection"


async def test_a_broken_settings_file_is_told(desk: Desk, tmp_path: Path) -> None:
    """Whoever misses his connections is told where they are."""
    spoil(tmp_path / "settings.json")

    await desk.presenter.start()

    [(kind, sentence)] = desk.told
    assert kind == "warning"
    assert "broken-" in sentence


def spoil(path: Path) -> None:
    path.write_text("{")


async def test_the_hand_stays_where_it_was(desk: Desk, running: RunningSimulator) -> None:
    """A test that is over leaves the focus on the button that began it."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    desk.presenter.manage.trigger()
    await desk.settle()
    listed = desk.dialog(ConnectionsDialog)
    assert isinstance(listed, ConnectionsDialog)
    listed.table.selectRow(0)
    listed.check.setFocus()
    listed.check.click()
    assert not listed.check.isEnabled()
    await desk.settle()
    assert listed.focusWidget() is listed.check

    listed.edit.click()
    dialog = desk.dialog(ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)
    dialog.check.setFocus()
    dialog.check.click()
    await desk.settle()

    assert dialog.focusWidget() is dialog.check
    dialog.reject()
    listed.reject()


async def test_settings_that_cannot_be_read(
    desk: Desk, tmp_path: Path, running: RunningSimulator
) -> None:
    """Nobody is greeted as new because a file cannot be read; it can be tried again."""
    await desk.saved.add(connection(running), Secret(running.api_key))
    file = tmp_path / "settings.json"
    good = file.read_bytes()
    file.write_text('{"version": 999}')

    await desk.presenter.start()
    await desk.settle()

    assert desk.shown == "connecting"
    assert "newer ibconsole" in desk.page.sentence.text()
    file.write_bytes(good)
    desk.page.retry.click()
    await desk.settle()
    assert [one.name for one in desk.presenter.settings.connections] == ["Acme"]
    assert desk.page.title.text() == "No connection"
