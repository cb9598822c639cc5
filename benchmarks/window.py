"""Measures the start of the window: time until usable, memory, and pauses of its event loop.

    python benchmarks/window.py [--runs 7] [--applications 5000] [--quick] [--json]

Baseline, alternating in the same run: an empty PySide6 window, which is a QApplication and a
shown QMainWindow. A cold start is one after the system's file cache was dropped, which needs root
on Linux; elsewhere, and with --quick, it is left out with a note.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import ROOT, Options, Report, ratios

CACHES = Path("/proc/sys/vm/drop_caches")
# In the order in which a start reaches them; each is timed from the start of the process.
PHASES = {
    "imported": "Qt and first frame imported",
    "first_frame": "first frame",
    "services": "services and panes imported",
    "panes": "archive opened, panes built",
    "usable": "usable",
}

# Each script prints one line of JSON once its window is painted and its loop is idle.
EMPTY = """
import json, sys, time
from probes import resident_mb
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
window.show()
def usable():
    usable = time.time() - float(sys.argv[1])
    print(json.dumps({"usable": usable, "rss_mb": resident_mb()}), flush=True)
    app.quit()
QTimer.singleShot(0, lambda: QTimer.singleShot(0, usable))
app.exec()
"""
# Imports in the order of ibconsole/__main__.py without arguments, with an additional task that
# observes the window.
IBCONSOLE = """
import gc, json, sys, time
gc.disable()
from pathlib import Path
from ibconsole.services.request_log import crash_log
from ibconsole.services.runtime import find_paths
import asyncio
from ibconsole.wiring import window as program
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from ibconsole.ui.first_frame import FirstFrame
from ibconsole.ui.shell import MainWindow
from probes import Pauses, resident_mb
app = QApplication([])
app.setQuitOnLastWindowClosed(False)
def window():
    return next((one for one in app.topLevelWidgets() if isinstance(one, MainWindow)), None)
plain, figures = FirstFrame.paintEvent, {}
def note(phase):
    figures.setdefault(phase, time.time() - float(sys.argv[1]))
note("imported")
def paint(self, event):
    plain(self, event)
    QTimer.singleShot(0, lambda: note("first_frame"))
FirstFrame.paintEvent = paint
async def measure():
    global figures
    opened = asyncio.get_running_loop().create_task(program.run(
        demo=False, screenshot=None, data_dir=Path(sys.argv[2]), account=account()))
    while not (found := window()) or not found.is_usable:
        if "ibconsole.wiring.content" in sys.modules:
            note("services")
        if found and found.is_filled:
            note("panes")
        await asyncio.sleep(0.001)
    await painted()
    figures |= {"usable": time.time() - float(sys.argv[1]), "rss_mb": resident_mb()}
    if sys.argv[3]:
        figures |= await load(found)
    print(json.dumps(figures), flush=True)
    found.close()
    await opened
async def painted():
    done = asyncio.get_running_loop().create_future()
    QTimer.singleShot(0, lambda: QTimer.singleShot(0, lambda: done.set_result(None)))
    await done
def account():
    if not sys.argv[3]:
        return None
    from ibconsole.secret import Secret
    from ibconsole.services.connections import Environment, account_of
    return account_of(sys.argv[3], Secret(sys.argv[4]), environment=Environment.SANDBOX)
async def load(found):
    pauses = Pauses()
    pane = found.setup.applications_pane
    while not pane.table.total:
        await asyncio.sleep(0.005)
    listed = time.time() - float(sys.argv[1])
    for text in ("a", "ai", "air", "", "7"):
        pane.filter.setText(text)
        await asyncio.sleep(0.2)
    pane.filter.setText("")
    for column in range(pane.table.model().columnCount()):
        pane.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        await asyncio.sleep(0.3)
    for row in range(20):
        pane.table.selectRow(row)
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    loading, rss_mb = pauses.stop(), resident_mb()
    return {"listed": listed, "loading": loading, "loaded_rss_mb": rss_mb, "idle": await idle()}
async def idle():
    pauses = Pauses()
    await asyncio.sleep(2)
    return pauses.stop()
with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
    runner.run(measure())
"""


def main() -> None:
    """Measure, and print the results."""
    command = Options(__doc__, runs=7, quick_runs=2)
    command.add_size("--applications", 5_000, 500)
    options = command.parse()
    report = Report("window")
    add_starts(report, options.runs, cold=False)
    if options.quick:
        report.note("Cold starts are left out: dropping the file cache disturbs other programs.")
    elif os.access(CACHES, os.W_OK) and _can_drop_caches():
        add_starts(report, options.runs, cold=True)
    else:
        report.note("Cold starts are left out: the file cache cannot be dropped here.")
    add_loads(report, options.runs, options.applications)
    report.write(options)


def add_starts(report: Report, runs: int, *, cold: bool) -> None:
    """Start both windows alternately, so that a busy moment of the machine affects both."""
    empty: list[dict[str, Any]] = []
    program: list[dict[str, Any]] = []
    _run_program()  # the first run compiles the modules
    for _ in range(runs):
        if cold:
            _drop_caches()
        empty.append(_run(EMPTY))
        if cold:
            _drop_caches()
        program.append(_run_program())
    usable = [one["usable"] for one in program]
    baseline = [one["usable"] for one in empty]
    case = "cold start" if cold else "start"
    report.add(f"{case}: usable after", usable, "s")
    for phase, what in PHASES.items():
        reached = [one[phase] for one in program]
        report.add(f"{case}: {what} ÷ an empty window", ratios(reached, baseline))
    if not cold:
        memory = [one["rss_mb"] for one in program]
        above = [own - other["rss_mb"] for own, other in zip(memory, empty, strict=True)]
        report.add(f"{case}: memory", memory, "MB")
        report.add(f"{case}: memory above an empty window", above, "MB")


def add_loads(report: Report, runs: int, applications: int) -> None:
    """Open the window on an account with many applications, and use their list."""
    with simulated_account(applications) as (base_url, key):
        many = [_run_program(base_url, key) for _ in range(runs)]
    case = f"{applications:,} applications"
    report.add(f"{case}: listed after", [one["listed"] for one in many], "s")
    report.add(f"{case}: memory", [one["loaded_rss_mb"] for one in many], "MB")
    for name in ("loading", "idle"):
        for key_name, what in (("p999_ms", "p99.9"), ("longest_ms", "longest")):
            pauses = [one[name][key_name] for one in many]
            report.add(f"{case}, {name}: {what} pause of the window's thread", pauses, "ms")


def _run_program(base_url: str = "", key: str = "") -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return _run(IBCONSOLE, directory, base_url, key)


def _run(script: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 the scripts above
        [sys.executable, "-c", script, repr(time.time()), *arguments],
        cwd=ROOT,
        env=script_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"A run failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def script_environment() -> dict[str, str]:
    """Return the environment of an installed program, which writes compiled modules.

    The window is drawn in memory unless the environment says otherwise.
    """
    variables = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        "QT_QPA_PLATFORM": "offscreen",
        **variables,
        "QT_API": "pyside6",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent))),
    }


@contextlib.contextmanager
def simulated_account(applications: int) -> Iterator[tuple[str, str]]:
    command = [sys.executable, "-m", "ibconsole", "simulate", "--port", "0"]
    command += ["--applications", str(applications)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as simulator:  # noqa: S603 ibconsole itself
        assert simulator.stdout is not None  # noqa: S101 requested above
        ready = json.loads(simulator.stdout.readline())
        try:
            yield ready["base_url"], ready["api_key"]
        finally:
            simulator.terminate()


def _can_drop_caches() -> bool:
    try:
        _drop_caches()
    except OSError:
        return False
    return True


def _drop_caches() -> None:
    os.sync()
    CACHES.write_text("3")


if __name__ == "__main__":
    main()
