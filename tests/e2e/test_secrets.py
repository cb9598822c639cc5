"""A known key, a platform that echoes it, and a search for it in all files and texts."""

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
from tests.e2e.conftest import WindowSession, open_window
from tests.keyrings import KeyringSession, needs_gnome_keyring

pytestmark = [
    needs_gnome_keyring,
    # keyring leaves its connection to the bus open when it raises an exception.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

KEY = "0123456789abcdef0123456789abcdef-planted0-4a6b-8c1d-planted-key"


def encodings(secret: str) -> list[bytes]:
    """Return the encodings in which a secret could have been written."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return [text.encode() for text in (secret, quote(secret, safe=""), encoded, secret[8:])]


def files_in(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file())


def visible_texts(window: QWidget) -> str:
    """Return all texts of a window and its dialogs, including titles and tooltips."""
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


async def use_the_setup(session: WindowSession, running: RunningSimulator) -> list[str]:
    """List the applications, first refused, then with the key echoed in every answer."""
    window, simulator = session.window, running.simulator
    pane = window.setup.applications_pane
    await session.until(lambda: window.bar.name.text() == "Acme" and pane.table.total)
    await session.until_checked()
    simulator.inject_fault("echo-403", operation="GET /push/1/applications")
    window.refresh_requested.emit()
    failure = window.setup.failure
    await session.until(lambda: failure.text.text().startswith("Refresh failed"))
    seen = [visible_texts(window)]
    simulator.inject_fault("echo", times=99)
    window.refresh_requested.emit()
    await session.until(failure.isHidden)
    pane.table.selectRow(0)
    await session.until(lambda: window.setup.configuration_pane.has_content)
    return [*seen, visible_texts(window)]


async def pull(session: WindowSession) -> list[str]:
    """Pull, and inspect a message."""
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
    return [visible_texts(window)]


async def inspect_the_requests(session: WindowSession) -> list[str]:
    """Show each request in detail, and copy it as cURL."""
    window, seen = session.window, []
    window.tabs.setCurrentWidget(window.activity)
    await session.until(lambda: window.activity.model.rowCount() > 3)
    for row in range(window.activity.model.rowCount()):
        window.activity.table.selectRow(row)
        window.activity.copy_curl.trigger()
        await session.until(lambda: window.activity.details.has_details)
        seen += [QGuiApplication.clipboard().text(), visible_texts(window)]
    return seen


async def check_the_connection(session: WindowSession, running: RunningSimulator) -> list[str]:
    """Test a connection in the dialog, refused with the key in the answer."""
    window = session.window
    commands = window.findChild(WindowCommands)
    assert commands
    named = {command.name: command for command in commands.menus.commands}
    named["Connections…"].trigger()
    await session.until(lambda: window.findChildren(ConnectionsDialog))
    dialog = window.findChildren(ConnectionsDialog)[0]
    await session.until(lambda: dialog.table.total)
    dialog.table.selectRow(0)
    running.simulator.inject_fault("echo-401", match="GET /push/1/applications")
    dialog.check.click()
    await session.until(lambda: dialog.banner.isVisible() and dialog.check.isEnabled())
    seen = [visible_texts(window)]
    dialog.reject()
    named["About ibconsole"].trigger()
    return [*seen, visible_texts(window)]


async def fail_unexpectedly(session: WindowSession) -> list[str]:
    """Raise an unhandled exception and log an error, both with the key in their text."""
    window = session.window
    sys.excepthook(ValueError, ValueError(f"cannot use {KEY}"), None)
    logging.getLogger("ibconsole").error("A careless line with %s in it.", KEY)
    await session.until(lambda: window.findChildren(UnexpectedDialog))
    dialog = window.findChildren(UnexpectedDialog)[0]
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "ValueError" in copied
    seen = [visible_texts(window), copied, repr(vars(window))]
    dialog.reject()
    return seen


async def use_everything(session: WindowSession, running: RunningSimulator) -> list[str]:
    """Use everything that sends, fails, reports or copies; return all texts that were visible."""
    return [
        *await use_the_setup(session, running),
        *await pull(session),
        *await inspect_the_requests(session),
        *await check_the_connection(session, running),
        *await fail_unexpectedly(session),
    ]


@pytest.mark.parametrize("kind", [AuthorizationKind.API_KEY, AuthorizationKind.IBSSO])
def test_a_key_is_never_revealed(
    qapp: QApplication, bus: KeyringSession, tmp_path: Path, kind: AuthorizationKind
) -> None:
    """A key is in no file, log, archive, title, copy or report, nor readable in the keyring."""
    qapp.setQuitOnLastWindowClosed(False)
    bus.unlock()
    data = tmp_path / "data"
    seen: list[str] = []

    async def work() -> None:
        settings = SimulatorSettings(messages=5, rate_limited=False, api_key=KEY, session_token=KEY)
        async with simulate(settings) as running:
            paths = ForwardPaths(Paths(data).listener)
            saved = Connections(SettingsFile(Paths(data).settings), Vault(), paths)
            await saved.add(Connection(new_id(), "Acme", running.base_url, kind=kind), Secret(KEY))
            async with open_window(qapp, data, demo=False, connection="Acme") as session:
                seen.extend(await use_everything(session, running))

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())

    assert len(seen) > 10
    for encoded in encodings(KEY):
        assert not [text for text in seen if encoded.decode() in text]
        assert not [path for path in files_in(tmp_path) if encoded in path.read_bytes()]
    logs = b"".join(path.read_bytes() for path in files_in(data) if path.suffix == ".log")
    assert b"A careless line with" in logs
    assert b"cannot use" in logs
    # The archive was in use, so the search covered it.
    assert any(path.name == "archive.sqlite3" for path in files_in(data))


def test_without_a_keyring_the_window_says_so(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart without a keyring the window asks for the secret, ready to be typed."""
    qapp.setQuitOnLastWindowClosed(False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    data = tmp_path / "data"

    async def work() -> None:
        paths = ForwardPaths(Paths(data).listener)
        saved = Connections(SettingsFile(Paths(data).settings), Vault(), paths)
        await saved.add(
            Connection(new_id(), "Acme", "https://xxxxx.api.infobip.com"),
            Secret(KEY),
            for_session=True,
        )
        async with open_window(qapp, data, demo=False, connection="Acme") as session:
            page = session.window.connecting
            await session.until(lambda: "one session only" in page.sentence.text())
            assert page.doctor.isVisible()
            assert session.window.focusWidget() is page.secret_field.line
            assert page.title.text() == "Acme is not open"

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())
