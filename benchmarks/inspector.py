"""Measures the inspector on a body of 50 MB, compared with one of 2 KB.

    python benchmarks/inspector.py [--megabytes 50] [--runs 5] [--json]

Baseline, alternating in the same run: a forwarded request of 2 KB in the same inspector over the
same archive. The time is taken from the selection to the painted tab, for Summary, JSON and Raw;
meanwhile a timer on the window's thread measures its delays. Every figure is the median of the
runs, the longest pause is that of all runs; machines are noisy, so only the ratios are meaningful.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from window import MEMORY

from ibconsole.archive.archive import Archive
from ibconsole.model.message import Arrival
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Scheme, Theme

HEAD = b"POST /inbound HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    application = QApplication([])
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as directory,
        asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner,
    ):
        path = Path(directory) / "archive.sqlite3"
        sizes = {"2 KB": 2_000, f"{options.megabytes} MB": options.megabytes << 20}
        deliveries = {name: store_request(path, size) for name, size in sizes.items()}
        results = runner.run(measure(application, path, deliveries, options.runs))
    if options.json:
        sys.stdout.write(json.dumps(results, indent=2) + "\n")
        return
    for name, figure in results.items():
        sys.stdout.write(f"{name:44}{figure:10.2f}\n")


def store_request(path: Path, size: int) -> int:
    """Store a request whose body has this size in one line; return the delivery's id."""
    message = b'{"messageId":"%09d","text":"' + b"some words " * 16 + b'"},'
    count = max(size // (len(message) + 5), 1)
    results = b"".join(message % number for number in range(count)).rstrip(b",")
    body = b'{"results":[%s],"messageCount":%d}' % (results, count)
    arrival = Arrival(None, 1, "POST", "/inbound", (), body, HEAD + body, "127.0.0.1", 200, "")
    with Archive(path) as archive:
        [delivery] = archive.add_forwards([arrival])
        archive.decode([delivery])
    return delivery


async def measure(
    application: QApplication, path: Path, deliveries: dict[str, int], runs: int
) -> dict[str, float]:
    """Return times in ms, ratios, the longest pauses and the memory, by name."""
    theme = Theme(application)
    theme.apply(Scheme.LIGHT)
    inspector, tasks = Inspector(theme), UiTasks()
    inspector.resize(600, 700)
    inspector.show()
    before = memory()
    took: dict[str, dict[str, list[float]]] = {name: {} for name in deliveries}
    pauses = dict.fromkeys(deliveries, 0.0)
    async with AsyncReader(path) as browsing:
        presenter = InspectorPresenter(inspector, browsing, ApplicationNames(), tasks)
        for _ in range(runs):
            for name, delivery in deliveries.items():
                pause = LongestPause()
                for number, tab in enumerate(("Summary", "JSON", "Raw")):
                    inspector.tabs.setCurrentIndex(number)
                    presenter.clear()
                    began = time.perf_counter()
                    presenter.inspect_request(delivery)
                    await tasks.settled()
                    inspector.repaint()
                    took[name].setdefault(tab, []).append((time.perf_counter() - began) * 1000)
                    await asyncio.sleep(0.5)
                pauses[name] = max(pauses[name], pause.stop())
        await tasks.close()
    return {
        **figures(took),
        **{f"longest pause, {name} (ms)": longest for name, longest in pauses.items()},
        "memory added (MB)": memory() - before,
    }


def figures(took: dict[str, dict[str, list[float]]]) -> dict[str, float]:
    """Return medians and ratios, by name."""
    small, large = took
    results: dict[str, float] = {}
    for tab in took[small]:
        medians = {name: statistics.median(each[tab]) for name, each in took.items()}
        results |= {f"{tab}, {name} (ms)": median for name, median in medians.items()}
        results[f"{tab}, {large} ÷ {small}"] = medians[large] / medians[small]
    return results


class LongestPause:
    """Measures the longest time between two ticks of a timer on the window's thread."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.last = time.perf_counter()
        self.timer = QTimer(interval=1)
        self.timer.timeout.connect(self.tick)
        self.timer.start()

    def tick(self) -> None:
        """Compare the time since the last tick."""
        now = time.perf_counter()
        self.longest = max(self.longest, now - self.last)
        self.last = now

    def stop(self) -> float:
        """Stop, and return the longest pause in ms."""
        self.timer.stop()
        return self.longest * 1000


def memory() -> float:
    """Return the resident memory of this process in MB."""
    names: dict[str, object] = {}
    exec(MEMORY, names)  # noqa: S102 the code shared with the scripts of window.py
    found = names["memory"]
    assert callable(found)  # noqa: S101 defined there
    return float(found()["rss_mb"])


if __name__ == "__main__":
    main()
