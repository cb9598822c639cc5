"""The whole program behind its icon in the tray, whose desktop is Qt's word alone here."""

import asyncio
import socket
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from qasync import QEventLoop

from ibconsole.files import holder_note
from ibconsole.http1.exact import send
from ibconsole.services.links import WindowRequest, hand_over
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.toolkit.commands import Command
from tests.e2e.conftest import WindowSession, open_window


def commands(session: WindowSession, name: str) -> list[Command]:
    return [one for one in session.window.findChildren(Command) if one.name == name]


async def listen(session: WindowSession) -> str:
    """Start the listener on a free port, and return the URL to forward to."""
    toolbar = session.window.listener.toolbar
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        toolbar.port.setValue(free.getsockname()[1])
    toolbar.start.click()
    await session.until(session.window.status.url.text)
    return session.window.status.url.text()


async def receive_while_hidden(session: WindowSession) -> None:
    window = session.window
    url = await listen(session)
    window.close()
    assert not window.isVisible()
    assert (await send(url, body=b'{"results": [{"messageId": "a"}]}')).status == 200
    await session.until(lambda: window.messages.model.rowCount() == 1)


async def bring_back_and_quit(session: WindowSession, lock: Path) -> None:
    await session.until(lambda: holder_note(lock))
    assert await asyncio.to_thread(hand_over, lock, WindowRequest())
    assert session.window.isVisible()
    session.window.close()
    [end] = commands(session, "Quit")
    end.trigger()
    await session.until(lambda: not lock.exists())


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)
def test_the_program_goes_on_in_the_tray(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hidden window receives, another start brings it back, and Quit ends it."""
    qapp.setQuitOnLastWindowClosed(False)
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    lock = Paths(tmp_path).window_lock

    async def work() -> None:
        async with open_window(qapp, tmp_path, demo=False) as session:
            [keep] = commands(session, "Keep in the tray")
            keep.trigger()
            try:
                await receive_while_hidden(session)
                await bring_back_and_quit(session, lock)
            except BaseException:
                keep.trigger()  # it would never close
                raise

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())
