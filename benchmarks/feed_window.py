"""The window of `feed.py` over one archive; prints its figures as one line of JSON.

    python benchmarks/feed_window.py STARTED DIRECTORY PLAN

STARTED is the time at which this process was started, PLAN the JSON of a `Plan`. Imports in the
order of ibconsole/__main__.py without arguments, as users start it.
"""

import gc

gc.disable()
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

import ibconsole.ui  # noqa: F401  # before PySide6, as the program does
from feed_data import KINDS, ORDERS, Plan
from ibconsole.services.messages import Order
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.wiring import window as program
from probes import Pauses, resident_mb

DEADLINE = 120.0  # seconds that anything may take
HELD_MS = 50.0


@dataclass(slots=True)
class Search:
    """One search: seconds until the first rows and until all rows are shown."""

    name: str
    first: float
    complete: float
    rows: int


@dataclass(slots=True)
class FeedFigures:
    """The figures of one window. Seconds since its process started, or since it was shown; MB; ms.

    `longest` is the longest time by stage in which the window's thread was held, `holds` are all
    such times above 50 ms.
    """

    first_rows_from_start: float = 0.0
    first_rows: float = 0.0
    all_rows: float = 0.0
    memory: float = 0.0
    memory_after: float = 0.0
    live_rows: int = 0
    searches: list[Search] = field(default_factory=list)
    longest: dict[str, float] = field(default_factory=dict)
    p999: dict[str, float] = field(default_factory=dict)
    holds: dict[str, list[float]] = field(default_factory=dict)

    def add_gaps(self, stage: str, gaps: Sequence[float]) -> None:
        """Add the times between two ticks during a stage."""
        ordered = sorted(gap * 1000 for gap in gaps)
        self.longest[stage] = max(self.longest.get(stage, 0.0), ordered[-1])
        self.p999[stage] = ordered[int(len(ordered) * 0.999)]
        self.holds.setdefault(stage, []).extend(one for one in ordered if one > HELD_MS)


class Measurement:
    """Uses the window as a user does, and measures every stage."""

    def __init__(self, started: float, directory: Path, plan: Plan) -> None:
        self._started = started
        self._directory = directory
        self._plan = plan
        self._figures = FeedFigures()

    async def run(self) -> FeedFigures:
        """Open the window, search, scroll, wait, and add messages."""
        opened = asyncio.get_running_loop().create_task(
            program.run(demo=False, screenshot=None, data_dir=self._directory, account=None)
        )
        await until(lambda: (found := shown_window()) is not None and found.is_usable)
        window = shown_window()
        assert window is not None  # noqa: S101 waited for
        self._pane: MessagesPane = window.messages
        self._pauses = Pauses()
        await self._load()
        for _ in range(self._plan.rounds):
            for name in (*self._plan.texts, *KINDS, *ORDERS):
                await self._search(name)
        await self._scroll()
        await asyncio.sleep(self._plan.seconds / 3)
        self._end_stage("idle")
        await self._receive()
        window.close()
        await opened
        return self._figures

    async def _load(self) -> None:
        shown, figures = time.perf_counter(), self._figures
        await until(lambda: self._pane.model.rowCount() > 0)
        figures.first_rows = time.perf_counter() - shown
        figures.first_rows_from_start = time.time() - self._started
        await until(lambda: self._pane.model.rowCount() >= self._plan.count)
        figures.all_rows = time.perf_counter() - shown
        await asyncio.sleep(1)
        self._end_stage("first load")

    async def _search(self, name: str) -> None:
        if name in KINDS and self._pane.toolbar.search.text():
            self._pane.toolbar.search.clear()
            await self._until_reset(self._pane.toolbar.search.returnPressed.emit)
            await self._until_complete()
            self._end_stage("clearing the search")
        began = time.perf_counter()
        await self._until_reset(lambda: self._choose(name))
        first = time.perf_counter() - began
        await self._until_complete()
        complete = time.perf_counter() - began
        rows = self._pane.model.rowCount()
        self._figures.searches.append(Search(name, first, complete, rows))
        await asyncio.sleep(0.05)  # what the last rows cause belongs to this stage
        self._end_stage(name)

    async def _until_reset(self, choose: Callable[[], object]) -> None:
        resets = 0

        def on_reset() -> None:
            nonlocal resets
            resets += 1

        self._pane.model.modelReset.connect(on_reset)
        choose()
        await until(lambda: resets > 0)
        self._pane.model.modelReset.disconnect(on_reset)

    async def _until_complete(self) -> None:
        await until(lambda: not self._pane.page.progress.busy)

    def _choose(self, name: str) -> None:
        toolbar = self._pane.toolbar
        if name in ORDERS:
            self._pane.order.select(Order(ORDERS[name]))
        elif name in KINDS:
            next(one for one in toolbar.kind.menu().actions() if one.text() == name).trigger()
        else:
            toolbar.search.setText(name)
            toolbar.search.returnPressed.emit()

    async def _scroll(self) -> None:
        model, count = self._pane.model, self._plan.count
        for row in range(0, count, max(1, count // 200)):
            self._pane.table.scrollTo(model.index(row, 0))
            await asyncio.sleep(0)
        self._figures.memory = resident_mb()
        self._end_stage("scrolling")

    async def _receive(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("feed_data.py"))]
        command += [self._plan.archive, str(self._plan.seconds)]
        with subprocess.Popen(command) as writer:  # noqa: S603, ASYNC220 the starting of it is not measured
            before = self._pane.model.rowCount()
            await until(lambda: self._pane.model.rowCount() > before)
            self._end_stage("first new messages")
            await asyncio.sleep(self._plan.seconds - 2)
            self._end_stage("1,000 new messages a second")
            self._figures.live_rows = self._pane.model.rowCount() - before
            await until(lambda: writer.poll() is not None)
        self._figures.memory_after = resident_mb()

    def _end_stage(self, name: str) -> None:
        self._figures.add_gaps(name, self._pauses.take())


def shown_window() -> MainWindow | None:
    """Return the program's window; None while there is none."""
    widgets = QApplication.topLevelWidgets()
    return next((one for one in widgets if isinstance(one, MainWindow)), None)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; exit with an error if it takes too long."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"Nothing happened for {DEADLINE:.0f} seconds.")
        await asyncio.sleep(0.001)


def main() -> None:
    """Measure, and print the figures."""
    plan = Plan(**json.loads(sys.argv[3]))
    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    measurement = Measurement(float(sys.argv[1]), Path(sys.argv[2]), plan)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        figures: dict[str, Any] = asdict(runner.run(measurement.run()))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
