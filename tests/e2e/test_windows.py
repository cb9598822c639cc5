"""Several windows of one process, each on an account of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.secret import Secret
from ibconsole.services.connections import Connection, new_id
from ibconsole.services.console.remote_connections import RemoteConnections
from ibconsole.services.links import ConnectionLink, format_link
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.connections import ConnectionsPresenter
from ibconsole.ui.links import LinkPresenter
from ibconsole.ui.links.link_dialog import LinkDialog
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.e2e.conftest import WindowSession, open_window


class Windows:
    """The windows of the program, without what tests before have left."""

    def __init__(self, qapp: QApplication, first: WindowSession) -> None:
        self._qapp = qapp
        self._before = set(qapp.topLevelWidgets()) - {first.window}
        self.first = first

    @property
    def open(self) -> list[MainWindow]:
        found = [one for one in self._qapp.topLevelWidgets() if one not in self._before]
        return [one for one in found if isinstance(one, MainWindow) and one.isVisible()]

    async def next(self, known: list[MainWindow]) -> WindowSession:
        """Wait until another window is open and usable."""
        await self.first.until(lambda: len(self.open) > len(known))
        [window] = [one for one in self.open if one not in known]
        await self.first.until(lambda: window.is_usable)
        return WindowSession(window)

    async def open_next(self) -> WindowSession:
        known = self.open
        command(self.first, "New window").trigger()
        return await self.next(known)


def command(session: WindowSession, name: str) -> Command:
    return next(one for one in session.window.findChildren(Command) if one.name == name)


def connections(session: WindowSession) -> ConnectionsPresenter:
    [presenter] = session.window.findChildren(ConnectionsPresenter)
    return presenter


def shows(session: WindowSession, platform: RunningSimulator) -> bool:
    """Return whether a window lists the applications of this platform."""
    window = session.window
    listed = window.setup.applications_pane.table.total
    return bool(listed) and window.bar.base_url.text() == platform.base_url


def has_messages(session: WindowSession, count: int) -> bool:
    return session.window.messages.model.rowCount() >= count


async def add(session: WindowSession, platform: RunningSimulator, name: str) -> Connection:
    """Save a connection whose secret is kept for this session."""
    service = connections(session)._service
    assert isinstance(service, RemoteConnections)
    draft = Connection(new_id(), name, platform.base_url)
    saved = await service.add(draft, Secret(platform.api_key), for_session=True)
    await connections(session).load()
    return saved


async def pull(session: WindowSession) -> None:
    """Pull, and confirm it, which is asked for the first time on a connection."""
    window = session.window
    await session.until(window.messages.toolbar.pulling.pull.isEnabled)
    window.messages.toolbar.pulling.pull.click()
    await session.until(
        lambda: [one for one in window.findChildren(ConfirmDialog) if one.isVisible()]
    )
    [question] = [one for one in window.findChildren(ConfirmDialog) if one.isVisible()]
    question.proceed.click()


@asynccontextmanager
async def platforms() -> AsyncIterator[tuple[RunningSimulator, RunningSimulator]]:
    settings = SimulatorSettings(rate_limited=False)
    async with simulate(settings) as acme, simulate(settings) as beta:
        yield acme, beta


async def follow_a_link(windows: Windows, shown: WindowSession, link: str) -> WindowSession:
    """Follow a link to another connection, and choose another window for it."""
    [links] = shown.window.findChildren(LinkPresenter)
    known = windows.open
    links.follow(link)
    await shown.until(lambda: shown.window.findChildren(LinkDialog))
    [question] = shown.window.findChildren(LinkDialog)
    question.elsewhere.click()
    return await windows.next(known)


async def look_at_two_accounts(
    windows: Windows, acme: RunningSimulator, beta: RunningSimulator
) -> None:
    first = windows.first
    saved = await add(first, acme, "Acme"), await add(first, beta, "Beta")
    connections(first).start_opening(saved[0])
    await first.until(partial(shows, first, acme))

    second = await windows.open_next()
    await second.until(lambda: len(connections(second).settings.connections) == 2)
    assert second.window.upper.currentWidget() is second.window.connecting
    connections(second).start_opening(saved[1])
    await second.until(partial(shows, second, beta))
    assert shows(first, acme)
    titles = [one.windowTitle() for one in (first.window, second.window)]
    assert titles == ["Acme - ibconsole", "Beta - ibconsole"]

    command(second, "Colours: dark").trigger()
    assert first.window.styleSheet() == second.window.styleSheet()
    command(second, "Colours: light").trigger()
    command(second, "Times in UTC").trigger()
    assert first.window.time_display.utc
    assert command(first, "Times in UTC").isChecked()

    third = await follow_a_link(windows, second, format_link(ConnectionLink(saved[0].id)))
    await third.until(partial(shows, third, acme))
    assert shows(second, beta)
    await pull_in_two_windows(first, third)
    await close_during_a_pull(windows, first, third)
    command(second, "Colours: dark").trigger()  # nothing of the closed window is left to follow
    command(second, "Colours: light").trigger()
    await change_a_connection(first, second, saved[1])
    connections(second).manage.trigger()  # an open dialog is no reason to stay


async def pull_in_two_windows(one: WindowSession, other: WindowSession) -> None:
    """What one window pulls is listed in the other one on the same connection."""
    await one.control("messages", count=3)
    await pull(one)
    for session in (one, other):
        await session.until(partial(has_messages, session, 3))


async def close_during_a_pull(windows: Windows, first: WindowSession, last: WindowSession) -> None:
    """A window that is closed during its pull closes after that; the other one says who pulls."""
    await last.control("messages", count=2)
    await last.control("faults", fault="slow", times=1, match="inbox", seconds=1.0)
    before = first.window.messages.model.rowCount()
    last.window.messages.toolbar.pulling.pull.click()
    await last.until(lambda: "another window or process" in first.window.status.pull.toolTip())
    last.window.close()
    assert last.window in windows.open
    await last.until(lambda: last.window not in windows.open)
    await first.until(lambda: first.window.messages.model.rowCount() > before)


async def change_a_connection(
    changing: WindowSession, showing: WindowSession, saved: Connection
) -> None:
    """A window follows what another one has changed of its connection, and of its removal."""
    service = connections(changing)._service
    await service.edit(replace(saved, name="Gamma"), None)
    await connections(changing).load()
    await showing.until(lambda: showing.window.bar.connection.name == "Gamma")
    await service.remove(saved.id, messages=False)
    await connections(changing).load()
    await showing.until(lambda: not showing.window.bar.connection.base_url)


def test_windows_with_an_account_each(qapp: QApplication, tmp_path: Path) -> None:
    """Each shows its account, and closes by itself; what one pulls is listed in the others."""
    qapp.setQuitOnLastWindowClosed(False)
    threads = {one.name for one in threading.enumerate()}

    async def work() -> None:
        async with (
            platforms() as (acme, beta),
            open_window(qapp, tmp_path / "data", demo=False) as session,
        ):
            windows = Windows(qapp, session)
            await look_at_two_accounts(windows, acme, beta)
            running = {one.get_name() for one in asyncio.all_tasks()}
            assert {"window 1", "window 2"} <= running
            assert "window 3" not in running
            command(session, "Quit").trigger()
            await session.until(lambda: not windows.open)

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(work())
    assert {one.name for one in threading.enumerate()} <= threads | {"keyring"}
