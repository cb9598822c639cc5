"""The whole program in this process, with real sockets, a real archive and Qt's loop."""

import asyncio
import json
import os
import subprocess
import sys
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
from ibconsole.services.evidence.case_runs.case_run import CaseSource
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.wiring import window as app

Scenario = Callable[["WindowSession"], Awaitable[None]]
ScenarioRunner = Callable[[Scenario], None]
BenchmarkRunner = Callable[..., dict[str, Any]]
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


class WindowSession:
    """The open window, with access to the sandbox."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    async def until(self, condition: Callable[[], object], seconds: float = 15) -> None:
        """Wait until the condition is true."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.02)

    async def until_checked(self) -> None:
        """Wait until the health of all applications is known: its requests would meet faults."""
        health = self.window.setup.applications_pane.health
        await self.until(lambda: health.isVisible() and health.pause_button.isHidden())

    async def control(self, operation: str, **fields: Any) -> None:
        """Post fields to an operation of the simulator's control endpoint."""
        url = f"{self.window.bar.base_url.text()}/_simulator/{operation}"
        answer = await send(url, body=json.dumps(fields).encode())
        assert answer.status == 200, answer.body


@asynccontextmanager
async def open_window(
    qapp: QApplication,
    data: Path,
    *,
    demo: bool = True,
    connection: str = "",
    case: CaseSource | None = None,
) -> AsyncIterator[WindowSession]:
    """Open the window while the block runs; then close it and wait for the program's end."""
    before = set(qapp.topLevelWidgets())
    program = asyncio.get_running_loop().create_task(
        app.run(demo=demo, screenshot=None, data_dir=data, connection=connection, case=case)
    )

    def window() -> MainWindow | None:
        new = [widget for widget in qapp.topLevelWidgets() if widget not in before]
        return next((widget for widget in new if isinstance(widget, MainWindow)), None)

    async with asyncio.timeout(20):
        while not (found := window()) or not found.is_usable:
            if program.done():
                program.result()
            await asyncio.sleep(0.02)
    try:
        yield WindowSession(found)
    finally:
        found.close()
        await asyncio.wait_for(program, 20)
        found.deleteLater()


@pytest.fixture
def run_scenario(qapp: QApplication, tmp_path: Path) -> ScenarioRunner:
    """Run a scenario on the open window."""
    qapp.setQuitOnLastWindowClosed(False)

    def run(scenario: Scenario) -> None:
        async def work() -> None:
            async with open_window(qapp, tmp_path / "data") as session:
                await scenario(session)

        with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
            runner.run(work())

    return run


@pytest.fixture
def run_benchmark(unmeasured_children: None) -> BenchmarkRunner:
    """Run a benchmark briefly and return its results."""

    def run(name: str, *arguments: str) -> dict[str, Any]:
        completed = subprocess.run(
            [sys.executable, str(BENCHMARKS / name), *arguments, "--json"],
            capture_output=True,
            timeout=100,
            check=False,
        )
        assert completed.returncode == 0, completed
        results: dict[str, Any] = json.loads(completed.stdout)
        return results

    return run
