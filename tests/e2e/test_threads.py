"""Following a message in the window: one key opens its thread, Esc goes back to the list."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.archive.archive import Archive
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.threads.pane import ThreadPane
from ibconsole.ui.toolkit.commands import Command
from tests.e2e.conftest import WindowSession, open_window
from tests.unit.services.threads.records import CODE, fill

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


async def follow_the_newest(session: WindowSession) -> ThreadPane:
    """Select the newest message, and press the key."""
    window = session.window
    [follow] = [
        one for one in window.messages.actions() if one.text() == "Follow this installation"
    ]
    assert isinstance(follow, Command)
    await session.until(window.messages.model.rowCount)
    assert follow.disabled_reason == "Select a message to follow."
    window.messages.table.selectRow(0)
    await session.until(lambda: follow.isEnabled() and window.inspector.shows_something)
    window.messages.table.setFocus()
    await session.until(window.messages.table.hasFocus)
    QTest.keyClick(window.messages.table, Qt.Key.Key_F, KEYS)
    await session.until(lambda: window.findChildren(ThreadPane))
    [pane] = window.findChildren(ThreadPane)
    await session.until(lambda: pane.shown and pane.shown.is_complete)
    return pane


async def follow_and_go_back(session: WindowSession) -> None:
    """Follow a message, copy its thread for support, and go back to the list."""
    window, messages = session.window, session.window.messages
    pane = await follow_the_newest(session)
    selected = list(messages.selected_ids)

    assert messages.is_covered
    assert [pane.selected_id] == selected
    assert pane.table.total == 4
    assert window.inspector.shows_something
    pane.support.click()
    assert "pushRegistrationId: device" in QGuiApplication.clipboard().text()
    assert CODE not in QGuiApplication.clipboard().text()

    messages.focus_filter()
    assert (messages.page.isVisible(), pane.isVisible()) == (True, False)
    messages.table.setFocus()
    QTest.keyClick(messages.table, Qt.Key.Key_F, KEYS)
    await session.until(lambda: messages.is_covered and pane.shown and pane.shown.is_complete)
    QTest.keyClick(pane.table, Qt.Key.Key_Escape)
    assert window.messages.isVisible()
    assert (messages.page.isVisible(), pane.isVisible()) == (True, False)
    assert list(messages.selected_ids) == selected


def test_two_actions_find_all_messages_of_a_sender(qapp: QApplication, tmp_path: Path) -> None:
    """Select a message and press the key: of all connections, by both ways, and for support."""
    paths = Paths(tmp_path)
    with Archive(paths.archive) as archive:
        fill(archive)
    qapp.setQuitOnLastWindowClosed(False)

    async def work() -> None:
        async with open_window(qapp, tmp_path, demo=False) as session:
            await follow_and_go_back(session)

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())
