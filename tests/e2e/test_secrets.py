"""A planted key, a platform that repeats it in every answer, and a search in all that is left."""

import asyncio
import base64
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from qasync import QEventLoop

from ibconsole.secret import Secret
from ibconsole.services.connections.connection import AuthorizationKind, Connection, new_id
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import Vault
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.window_commands import WindowCommands
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.e2e.conftest import Session, opened
from tests.keyrings import Session as Bus
from tests.keyrings import needs_gnome_keyring

pytestmark = [
    needs_gnome_keyring,
    # keyring leaves its connection to the bus open where it raises.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

KEY = "0123456789abcdef0123456789abcdef-planted0-4a6b-8c1d-planted-key"


def forms(secret: str) -> list[bytes]:
    """How a secret could have been written."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return [one.encode() for one in (secret, quote(secret, safe=""), encoded, secret[8:])]


def written(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file())


def shown(window: QWidget) -> str:
    """Every text of a window and of what is open over it, titles and tooltips included."""
    texts = []
    for widget in (window, *window.findChildren(QWidget)):
        texts += [widget.windowTitle(), widget.toolTip(), widget.accessibleName()]
        if isinstance(widget, QLabel):
            texts.append(widget.text())
        elif isinstance(widget, QLineEdit):
            texts.append(widget.displayText())
        elif isinstance(widget, QPlainTextEdit):
            texts.append(widget.toPlainText())
    return "\n".join(texts)


async def use_the_setup(session: Session, running: RunningSimulator) -> list[str]:
    """List, first refused, then repeating the key in every answer."""
    window, simulator = session.window, running.simulator
    pane = window.setup.applications_pane
    await session.until(lambda: window.bar.name.text() == "Acme" and pane.table.total)
    simulator.inject_fault("echo-403", match="GET /push/1/applications")
    window.refresh_requested.emit()
    await session.until(lambda: "does not let it" in pane.notice.sentence.text())
    seen = [shown(window)]
    simulator.inject_fault("echo", times=99)
    window.refresh_requested.emit()
    await session.until(lambda: pane.table.total)
    pane.table.selectRow(0)
    await session.until(lambda: window.setup.configuration_pane.has_content)
    return [*seen, shown(window)]


async def pull(session: Session) -> list[str]:
    """Pull, and look into what came."""
    window = session.window
    await session.until(window.messages.toolbar.pulling.pull.isEnabled)
    window.messages.toolbar.pulling.pull.click()
    await session.until(lambda: window.findChildren(ConfirmDialog))
    window.findChildren(ConfirmDialog)[0].proceed.click()
    await session.until(window.messages.model.rowCount)
    window.messages.table.selectRow(0)
    await session.until(lambda: window.inspector.shows_something)
    window.inspector.tabs.setCurrentWidget(window.inspector.raw)
    await session.until(window.inspector.raw.view.text.toPlainText)
    return [shown(window)]


async def look_at_the_requests(session: Session) -> list[str]:
    """Each request in detail, and as cURL."""
    window, seen = session.window, []
    window.tabs.setCurrentWidget(window.activity)
    await session.until(lambda: window.activity.model.rowCount() > 3)
    for row in range(window.activity.model.rowCount()):
        window.activity.table.selectRow(row)
        window.activity.copy_curl.trigger()
        await session.until(lambda: window.activity.details.has_details)
        seen += [QGuiApplication.clipboard().text(), shown(window)]
    return seen


async def check_the_connection(session: Session, running: RunningSimulator) -> list[str]:
    """From the list of connections, refused with the key in the answer."""
    window = session.window
    commands = window.findChild(WindowCommands)
    assert commands
    for command in commands.menus.commands:
        if command.name in {"Connections…", "About ibconsole"}:
            command.trigger()
    await session.until(lambda: window.findChildren(ConnectionsDialog))
    listed = window.findChildren(ConnectionsDialog)[0]
    await session.until(lambda: listed.table.total)
    listed.table.selectRow(0)
    running.simulator.inject_fault("echo-401", match="GET /push/1/applications")
    listed.check.click()
    await session.until(lambda: listed.banner.isVisible() and listed.check.isEnabled())
    seen = [shown(window)]
    listed.reject()
    return seen


async def fail_unexpectedly(session: Session) -> list[str]:
    """What nobody foresaw, with the secret in its words."""
    window = session.window
    sys.excepthook(ValueError, ValueError(f"cannot use {KEY}"), None)
    logging.getLogger("ibconsole").error("A careless line with %s in it.", KEY)
    await session.until(lambda: window.findChildren(UnexpectedDialog))
    box = window.findChildren(UnexpectedDialog)[0]
    box.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "ValueError" in copied
    seen = [shown(window), copied, repr(vars(window))]
    box.reject()
    return seen


async def work(session: Session, running: RunningSimulator) -> list[str]:
    """Everything that makes requests, fails, tells and copies; what was to be seen meanwhile."""
    return [
        *await use_the_setup(session, running),
        *await pull(session),
        *await look_at_the_requests(session),
        *await check_the_connection(session, running),
        *await fail_unexpectedly(session),
    ]


@pytest.mark.parametrize("kind", [AuthorizationKind.API_KEY, AuthorizationKind.IBSSO])
def test_a_planted_key_is_nowhere(
    qapp: QApplication, bus: Bus, tmp_path: Path, kind: AuthorizationKind
) -> None:
    """Not in a file, a log, the archive, a title, a copy, a report or the keyring's own files."""
    qapp.setQuitOnLastWindowClosed(False)
    bus.unlock()
    data = tmp_path / "data"
    seen: list[str] = []

    async def acts() -> None:
        settings = SimulatorSettings(messages=5, rate_limited=False, api_key=KEY, session_token=KEY)
        async with simulate(settings) as running:
            paths = ForwardPaths(Paths(data).listener)
            saved = Connections(SettingsFile(Paths(data).settings), Vault(), paths)
            await saved.add(Connection(new_id(), "Acme", running.base_url, kind=kind), Secret(KEY))
            async with opened(qapp, data, demo=False, connection="Acme") as session:
                seen.extend(await work(session, running))

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(acts())

    assert len(seen) > 10
    for form in forms(KEY):
        assert not [text for text in seen if form.decode() in text]
        assert not [path for path in written(tmp_path) if form in path.read_bytes()]
    logs = b"".join(path.read_bytes() for path in written(data) if path.suffix == ".log")
    assert b"A careless line with" in logs
    assert b"cannot use" in logs
    # It was at work all the same.
    assert any(path.name == "archive.sqlite3" for path in written(data))


def test_without_a_keyring_the_window_says_so(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saved connection cannot be opened; why is said, and what to do; the program lives."""
    qapp.setQuitOnLastWindowClosed(False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    data = tmp_path / "data"

    async def acts() -> None:
        paths = ForwardPaths(Paths(data).listener)
        saved = Connections(SettingsFile(Paths(data).settings), Vault(), paths)
        await saved.add(
            Connection(new_id(), "Acme", "https://xxxxx.api.infobip.com"),
            Secret(KEY),
            for_session=True,
        )
        async with opened(qapp, data, demo=False, connection="Acme") as session:
            page = session.window.connecting
            await session.until(lambda: "no keyring" in page.sentence.text())
            assert page.doctor.isVisible()
            assert page.title.text() == "Acme is not open"

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(acts())
