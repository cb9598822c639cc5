"""Measures the start of the window: time until usable, memory, and pauses of its event loop.

    python benchmarks/window.py [--runs 7] [--applications 5000] [--json]

Baseline, alternating in the same run: an empty PySide6 window, which is a QApplication and a
shown QMainWindow. Every figure is the median of the runs; machines are noisy, so only the ratios
are meaningful. `cold` drops the system's file cache before each start, which needs root on
Linux; elsewhere it is skipped with a note.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHES = Path("/proc/sys/vm/drop_caches")

# Each script prints one line of JSON once its window is painted and its loop is idle.
EMPTY = """
import json, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
window.show()
def usable():
    print(json.dumps({"usable": time.time() - float(sys.argv[1]), **memory()}), flush=True)
    app.quit()
QTimer.singleShot(0, lambda: QTimer.singleShot(0, usable))
app.exec()
"""
# Imports in the order of ibconsole/__main__.py without arguments, with an additional task that
# observes the window.
IBCONSOLE = """
import gc, json, sys, time
gc.disable()
from ibconsole.__main__ import import_services
import_services()
import asyncio
from pathlib import Path
from ibconsole.wiring import window as program
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from ibconsole.ui.shell.main_window import MainWindow
app = QApplication([])
app.setQuitOnLastWindowClosed(False)
def window():
    return next((one for one in app.topLevelWidgets() if isinstance(one, MainWindow)), None)
async def measure():
    opened = asyncio.get_running_loop().create_task(program.run(
        demo=False, screenshot=None, data_dir=Path(sys.argv[2]), account=account()))
    while not (found := window()) or not found.isVisible():
        await asyncio.sleep(0.001)
    painted = asyncio.get_running_loop().create_future()
    QTimer.singleShot(0, lambda: QTimer.singleShot(0, lambda: painted.set_result(None)))
    await painted
    figures = {"usable": time.time() - float(sys.argv[1]), **memory()}
    if sys.argv[3]:
        figures |= await load(found)
    print(json.dumps(figures), flush=True)
    found.close()
    await opened
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
    for row in range(20):
        pane.table.selectRow(row)
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    loading, rss_mb = pauses.stop(), memory()["rss_mb"]
    return {"listed": listed, "loading": loading, "loaded_rss_mb": rss_mb, "idle": await idle()}
async def idle():
    pauses = Pauses()
    await asyncio.sleep(2)
    return pauses.stop()
class Pauses:
    def __init__(self):
        self.gaps, self.last = [], time.perf_counter()
        self.timer = QTimer(interval=1)
        self.timer.timeout.connect(self.tick)
        self.timer.start()
    def tick(self):
        now = time.perf_counter()
        self.gaps.append(now - self.last)
        self.last = now
    def stop(self):
        self.timer.stop()
        gaps = sorted(self.gaps)
        return {"p999_ms": gaps[int(len(gaps) * 0.999)] * 1000, "longest_ms": gaps[-1] * 1000}
with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
    runner.run(measure())
"""
MEMORY = """
def memory():
    import sys
    if sys.platform.startswith("linux"):
        lines = open("/proc/self/status").read().splitlines()
        return {"rss_mb": next(int(l.split()[1]) / 1024 for l in lines if l.startswith("VmRSS"))}
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"rss_mb": peak / (1024 * 1024 if sys.platform == "darwin" else 1024)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--applications", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {"warm": _starts(options.runs, cold=False)}
    if os.access(CACHES, os.W_OK) and _can_drop_caches():
        figures["cold"] = _starts(options.runs, cold=True)
    figures["with_applications"] = _loads(options.runs, options.applications)
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _show(figures, options.applications)


def _starts(runs: int, *, cold: bool) -> dict[str, float]:
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
    baseline, usable = _median(empty, "usable"), _median(program, "usable")
    return {
        "empty_s": baseline,
        "usable_s": usable,
        "ratio": usable / baseline,
        "empty_mb": _median(empty, "rss_mb"),
        "ours_mb": _median(program, "rss_mb"),
        "above_mb": _median(program, "rss_mb") - _median(empty, "rss_mb"),
    }


def _loads(runs: int, applications: int) -> dict[str, float]:
    with _simulated(applications) as (base_url, key):
        many = [_run_program(base_url, key) for _ in range(runs)]
    return {
        "listed_s": _median(many, "listed"),
        "loaded_mb": _median(many, "loaded_rss_mb"),
        "loading_p999_ms": statistics.median(one["loading"]["p999_ms"] for one in many),
        "loading_longest_ms": statistics.median(one["loading"]["longest_ms"] for one in many),
        "idle_p999_ms": statistics.median(one["idle"]["p999_ms"] for one in many),
        "idle_longest_ms": statistics.median(one["idle"]["longest_ms"] for one in many),
    }


def _run_program(base_url: str = "", key: str = "") -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return _run(IBCONSOLE, directory, base_url, key)


def _run(script: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 the scripts above
        [sys.executable, "-c", MEMORY + script, repr(time.time()), *arguments],
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
    """Return the environment of an installed program, which writes compiled modules."""
    variables = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**variables, "QT_API": "pyside6", "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def _simulated(applications: int) -> Iterator[tuple[str, str]]:
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


def _median(runs: list[dict[str, object]], name: str) -> float:
    return statistics.median(float(str(one[name])) for one in runs)


def _show(figures: dict[str, dict[str, float]], applications: int) -> None:
    write: Callable[[str], object] = sys.stdout.write
    for name in ("warm", "cold"):
        if name not in figures:
            write(f"{name}: skipped, the file cache cannot be dropped here\n")
            continue
        one = figures[name]
        write(
            f"{name}: usable after {one['usable_s']:.2f} s; an empty window {one['empty_s']:.2f} s;"
            f" ratio {one['ratio']:.2f}; memory {one['ours_mb']:.0f} MB, {one['above_mb']:.0f} MB"
            " above it\n"
        )
    one = figures["with_applications"]
    write(
        f"{applications:,} applications: listed after {one['listed_s']:.2f} s,"
        f" {one['loaded_mb']:.0f} MB; the longest pause of the window's thread"
        f" {one['loading_longest_ms']:.0f} ms (p99.9 {one['loading_p999_ms']:.1f} ms), when idle"
        f" {one['idle_longest_ms']:.0f} ms (p99.9 {one['idle_p999_ms']:.1f} ms)\n"
    )


if __name__ == "__main__":
    main()
