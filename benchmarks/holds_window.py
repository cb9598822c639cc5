"""The window of `holds.py`, used as by a user; prints the longest hold of each stage as JSON.

    python benchmarks/holds_window.py SUBJECT DIRECTORY PLAN

SUBJECT is one of SUBJECTS, PLAN the JSON of a dictionary (see `holds.py`). Imports in the order of
ibconsole/__main__.py without arguments, as users start it. With HOLDS_TRACE in the environment,
stderr gets a stack of the window's thread for each hold, as far as another thread can see it.
"""

import gc

gc.disable()
import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

import ibconsole.ui  # noqa: F401  # before PySide6, as the program does
from feed_window import shown_window, until
from ibconsole.secret import Secret
from ibconsole.services.connections import Environment, account_of
from ibconsole.services.messages import Order
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.tables import RowTable
from ibconsole.wiring import content, services
from ibconsole.wiring import window as program

HELD = 0.032  # seconds
SETTLE = 0.4  # seconds, for what an action causes later
Plan = dict[str, Any]


class Ticks:
    """The times between two ticks of a timer of 1 ms, and the processor time of the thread in them.

    Other programs prolong a hold, but not its processor time.
    """

    def __init__(self) -> None:
        self._gaps: list[tuple[float, float]] = []
        self._last = time.perf_counter(), time.thread_time()
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def take(self) -> list[tuple[float, float]]:
        """Return the times since the last call in seconds, the present one included."""
        self._tick()
        gaps, self._gaps = self._gaps, []
        return gaps

    def _tick(self) -> None:
        now, used = time.perf_counter(), time.thread_time()
        self._gaps.append((now - self._last[0], used - self._last[1]))
        self._last = now, used


class Stages:
    """The longest hold of each stage, and the most processor time of any hold, in ms."""

    def __init__(self) -> None:
        self._ticks = Ticks()
        self._trace = Trace() if os.environ.get("HOLDS_TRACE") else None
        self.longest: dict[str, tuple[float, float]] = {}

    @asynccontextmanager
    async def stage(self, name: str, *, settle: float = SETTLE) -> AsyncIterator[None]:
        """Measure what happens in this context, and shortly after it."""
        self._ticks.take()
        began = time.perf_counter()
        yield
        await asyncio.sleep(settle)
        gaps = self._ticks.take()
        longest, most = (max(each) * 1000 for each in zip(*gaps, strict=True))
        self.longest[name] = round(longest, 1), round(most, 1)
        if self._trace:
            self._trace.report(name, began, [gap for gap, _ in gaps])


class Trace:
    """Samples the stack of the window's thread every 2 ms, and reports those of holds."""

    def __init__(self) -> None:
        self._thread = threading.main_thread().ident or 0
        self._samples: list[tuple[float, Any]] = []
        threading.Thread(target=self._run, daemon=True).start()

    def report(self, name: str, began: float, gaps: list[float]) -> None:
        """Write the stacks of each hold of a stage."""
        samples, self._samples = self._samples, []
        end = time.perf_counter()
        for gap in reversed(gaps):
            start = end - gap
            if gap > HELD and end > began:
                stacks = Counter(stack for at, stack in samples if start <= at <= end)
                sys.stderr.write(f"\n=== {name}: {gap * 1000:.0f} ms\n")
                for stack, count in stacks.most_common(6):
                    sys.stderr.write(f"  {count} x {stack}\n")
            end = start

    def _run(self) -> None:
        while True:
            frame = sys._current_frames().get(self._thread)  # noqa: SLF001 the documented way
            places = [
                f"{Path(one.filename).name}:{one.lineno} {one.name}"
                for one in traceback.extract_stack(frame)[3:]
                if "asyncio" not in one.filename
            ]
            self._samples.append((time.perf_counter(), " > ".join(places[-9:])))
            del frame
            time.sleep(0.002)


async def use_messages(window: MainWindow, stages: Stages, plan: Plan) -> None:
    """Use the list of messages: order, scroll, filter, select, copy, and follow a live feed."""
    pane = window.messages
    async with stages.stage("first load", settle=1):
        await until(lambda: pane.model.rowCount() >= plan["count"])
    async with stages.stage("idle (the baseline)"):
        await asyncio.sleep(2)
    await _select_messages(pane, stages)
    for order in (Order.RECEIVED, Order.ARRIVAL):
        async with stages.stage(f"order by {order.value}"):
            await _sort(pane, order)
    async with stages.stage("scrolling"):
        await _scroll(pane.table)
    async with stages.stage("filter typed"):
        for text in ("s", "st", "sto", "stop", "stop ", "st", "", "grüße", ""):
            pane.toolbar.search.setFocus()
            pane.toolbar.search.setText(text)
            await asyncio.sleep(0.25)
        await until(lambda: pane.model.rowCount() >= plan["count"])
    await _copy(pane, stages)
    for name, follow, order in (
        ("read", False, Order.ARRIVAL),
        ("followed", True, Order.ARRIVAL),
        ("by receipt", True, Order.RECEIVED),
    ):
        await _sort(pane, order)
        pane.table.set_follow(follow)
        if not follow:
            pane.table.open_row(500)
        await asyncio.sleep(SETTLE)
        await _receive(pane.model.rowCount, stages, plan, f"1,000 new messages a second, {name}")
    await _sort(pane, Order.ARRIVAL)  # the order is remembered: the next run begins as this one


async def _select_messages(pane: MessagesPane, stages: Stages) -> None:
    async with stages.stage("first message selected"):
        click(pane.table.viewport(), QPoint(200, 60))
    async with stages.stage("more messages selected"):
        for _ in range(12):
            press(pane.table, Qt.Key.Key_Down)
            await asyncio.sleep(0.1)
    pane.table.clearSelection()


async def _copy(pane: MessagesPane, stages: Stages) -> None:
    pane.table.setFocus()
    async with stages.stage("Ctrl+A"):
        press(pane.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    async with stages.stage("1,000 rows copied"):
        press(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    async with stages.stage("selection cleared"):
        press(pane.table, Qt.Key.Key_Escape)


async def _receive(rows: Callable[[], int], stages: Stages, plan: Plan, name: str) -> None:
    command = [sys.executable, str(Path(__file__).with_name("feed_data.py"))]
    with subprocess.Popen([*command, plan["archive"], "3"]) as writer:  # noqa: S603, ASYNC220 not measured
        before = rows()
        await until(lambda: rows() > before)
        async with stages.stage(name):
            await until(lambda: writer.poll() is not None)


async def _scroll(table: RowTable) -> None:
    for _ in range(30):
        turn_wheel(table.viewport(), -240)
        await asyncio.sleep(0.01)
    for _ in range(10):
        press(table, Qt.Key.Key_PageDown)
        await asyncio.sleep(0.02)
    bar = table.verticalScrollBar()
    for step in range(60):
        bar.setValue(bar.maximum() * step // 60)
        await asyncio.sleep(0.01)
    for key in (Qt.Key.Key_End, Qt.Key.Key_Home):
        press(table, key)
        await asyncio.sleep(0.1)


async def _sort(pane: MessagesPane, order: Order) -> None:
    pane.order.select(order)
    await asyncio.sleep(0.05)
    await until(lambda: not pane.page.progress.busy)


async def use_applications(window: MainWindow, stages: Stages, plan: Plan) -> None:
    """Use the list of applications: load, sort, filter, select, refresh, change the account."""
    pane = window.setup.applications_pane
    table = pane.table
    shown = table.model().rowCount
    async with stages.stage("list loaded and shown", settle=1.5):
        await until(lambda: shown() == plan["applications"])
    async with stages.stage("idle, health being filled in"):
        await asyncio.sleep(2)
    for column in range(table.model().columnCount()):
        header = str(table.model().headerData(column, Qt.Orientation.Horizontal))
        for order in (Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder):
            async with stages.stage(f"sorted by {header}, {order.name[:-5].lower()}", settle=1):
                table.sortByColumn(column, order)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    await asyncio.sleep(1)
    async with stages.stage("filter typed", settle=0.6):
        for text in ("a", "ai", "air", "air 1", "", "7", "77", ""):
            pane.filter.setText(text)
            await asyncio.sleep(0.15)
    async with stages.stage("application selected"):
        for row in (0, 3, 4, 5):
            table.selectRow(row)
            await asyncio.sleep(0.3)
    async with stages.stage("scrolling"):
        await _scroll(table)
    async with stages.stage("refresh", settle=2.5):
        window.refresh_requested.emit()
        await asyncio.sleep(0.1)
        await until(lambda: pane.has_content and not pane.progress.busy)
    async with stages.stage("another account", settle=0.5):
        await change_account(plan["other"])
        await until(lambda: shown() == 0)
    async with stages.stage("another account listed", settle=2.5):
        await until(lambda: shown() == plan["applications"])


async def use_health(window: MainWindow, stages: Stages, plan: Plan) -> None:
    """Look on while the health of the applications is filled in."""
    pane = window.setup.applications_pane
    table = pane.table
    await until(lambda: table.total == plan["applications"])
    async with stages.stage("list shown"):
        await until(lambda: table.model().rowCount() == plan["applications"])
    async with stages.stage("health fills in"):
        await asyncio.sleep(6)
    async with stages.stage("health fills in, sorted by it"):
        table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        await asyncio.sleep(3)
    async with stages.stage("health fills in, tab Health in front"):
        window.tabs.setCurrentWidget(window.health)
        await asyncio.sleep(3)
    async with stages.stage("health fills in, used"):
        for row in range(12):
            table.selectRow(row)
            await asyncio.sleep(0.15)
        for text in ("a", "ai", "", "7", ""):
            pane.filter.setText(text)
            await asyncio.sleep(0.3)
    async with stages.stage("health fills in, a chip filters"):
        for chip in pane.health.chips.values():
            if chip.isVisible():
                chip.click()
                await asyncio.sleep(1.2)


SUBJECTS = {"messages": use_messages, "applications": use_applications, "health": use_health}


class Opened:
    """The services of the program, for an account that is opened without the keyring."""

    services: Any = None


async def change_account(account: list[str]) -> None:
    """Open another account, as a saved connection is opened."""
    opened = Opened.services
    await opened.engine.call(opened.console.connect, simulated(account))


def simulated(account: list[str]) -> Any:
    """Return the account of a simulator: base URL and API key."""
    return account_of(account[0], Secret(account[1]), environment=Environment.SANDBOX)


def press(
    widget: QWidget,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press and release a key."""
    QTest.keyClick(widget, key, modifiers)


def click(widget: QWidget, point: QPoint) -> None:
    """Click with the left button."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point)


def turn_wheel(widget: QWidget, angle: int) -> None:
    """Turn the mouse wheel above the middle of a widget."""
    middle = widget.rect().center()
    event = QWheelEvent(
        QPointF(middle),
        QPointF(widget.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003 Qt's signature
    )
    QApplication.sendEvent(widget, event)


async def run(subject: str, directory: Path, plan: Plan) -> dict[str, tuple[float, float]]:
    """Open the window, use it, and return the figures of each stage (see `Stages`)."""
    enter = services.enter_services

    async def enter_and_note(*arguments: Any) -> Any:
        Opened.services = await enter(*arguments)
        return Opened.services

    vars(content)["enter_services"] = enter_and_note
    account = simulated(plan["account"]) if "account" in plan else None
    opened = asyncio.get_running_loop().create_task(
        program.run(demo=False, screenshot=None, data_dir=directory, account=account)
    )
    stages = Stages()
    async with stages.stage("start, until the panes are shown", settle=0):
        await until(lambda: (found := shown_window()) is not None and found.is_usable)
    window = shown_window()
    assert window is not None  # noqa: S101 waited for
    await SUBJECTS[subject](window, stages, plan)
    window.close()
    await opened
    return stages.longest


def main() -> None:
    """Measure, and print the figures."""
    subject, directory, plan = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        figures = runner.run(run(subject, directory, plan))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
