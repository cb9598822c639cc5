"""The whole program in this process: real sockets, a real archive, Qt's loop."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"

import pytest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.http1.exact import send
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.wiring import window as app

User = Callable[["Session"], Awaitable[None]]
Play = Callable[[User], None]


class Session:
    """The open window, and the sandbox behind it."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    async def until(self, happened: Callable[[], object], seconds: float = 15) -> None:
        """Wait for something to be seen."""
        async with asyncio.timeout(seconds):
            while not happened():
                await asyncio.sleep(0.005)

    async def order(self, what: str, **order: Any) -> None:
        """Steer the simulated platform."""
        url = f"{self.window.bar.base_url.text()}/_simulator/{what}"
        answer = await send(url, body=json.dumps(order).encode())
        assert answer.status == 200, answer.body


@asynccontextmanager
async def opened(
    qapp: QApplication, data: Path, *, demo: bool = True, connection: str = ""
) -> AsyncIterator[Session]:
    """The window while the block runs; then it is closed, and the program has ended."""
    before = set(qapp.topLevelWidgets())
    program = asyncio.get_running_loop().create_task(
        app.run(demo=demo, screenshot=None, data_dir=data, connection=connection)
    )

    def window() -> MainWindow | None:
        new = [one for one in qapp.topLevelWidgets() if one not in before]
        return next((one for one in new if isinstance(one, MainWindow)), None)

    async with asyncio.timeout(20):
        while not (found := window()):
            if program.done():
                program.result()
            await asyncio.sleep(0.01)
    try:
        yield Session(found)
    finally:
        found.close()
        await asyncio.wait_for(program, 20)
        found.deleteLater()


@pytest.fixture
def play(qapp: QApplication, tmp_path: Path) -> Play:
    """Runs a user's acts on the open window."""
    qapp.setQuitOnLastWindowClosed(False)

    def run(user: User) -> None:
        async def acts() -> None:
            async with opened(qapp, tmp_path / "data") as session:
                await user(session)

        with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
            runner.run(acts())

    return run
