"""Measures the inspector on a body of 50 MB, compared with one of 2 KB.

    python benchmarks/inspector.py [--megabytes 50] [--runs 7] [--quick] [--json]

Baseline, alternating in the same run: a forwarded request of 2 KB in the same inspector over the
same archive. The time is taken from the selection to the painted tab, for Summary, JSON and Raw;
meanwhile a timer on the window's thread measures its delays.
"""

import asyncio
import os
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.archive.archive import Archive
from ibconsole.model.message import Arrival
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Scheme, Theme
from measure import Options, Report, ratios, scratch
from probes import Pauses, resident_mb

HEAD = b"POST /inbound HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"


def main() -> None:
    """Measure and print the figures."""
    command = Options(__doc__, runs=7)
    command.add_size("--megabytes", 50, 5)
    options = command.parse()
    report = Report("inspector")
    application = QApplication([])
    with (
        scratch() as directory,
        asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner,
    ):
        path = directory / "archive.sqlite3"
        sizes = {"2 KB": 2_000, f"{options.megabytes} MB": options.megabytes << 20}
        deliveries = {name: store_request(path, size) for name, size in sizes.items()}
        runner.run(measure(application, path, deliveries, report, options.runs))
    report.write(options)


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
    application: QApplication, path: Path, deliveries: dict[str, int], report: Report, runs: int
) -> None:
    """Inspect the deliveries in turn, and add times, ratios, pauses and memory."""
    theme = Theme(application)
    theme.apply(Scheme.LIGHT)
    inspector, tasks = Inspector(theme), UiTasks()
    inspector.resize(600, 700)
    inspector.show()
    before = resident_mb()
    took: dict[str, dict[str, list[float]]] = {name: {} for name in deliveries}
    longest: dict[str, list[float]] = {name: [] for name in deliveries}
    async with AsyncReader(path) as browsing:
        presenter = InspectorPresenter(inspector, browsing, ApplicationNames(), tasks)
        for _ in range(runs):
            for name, delivery in deliveries.items():
                pauses = Pauses()
                for number, tab in enumerate(("Summary", "JSON", "Raw")):
                    inspector.tabs.setCurrentIndex(number)
                    presenter.clear()
                    began = time.perf_counter()
                    presenter.inspect_request(delivery)
                    await tasks.settled()
                    inspector.repaint()
                    took[name].setdefault(tab, []).append((time.perf_counter() - began) * 1000)
                    await asyncio.sleep(0.5)
                longest[name].append(pauses.stop()["longest_ms"])
        await tasks.close()
    add(report, took)
    for name, each in longest.items():
        report.add(f"longest pause, {name}", each, "ms")
    report.add("memory added", [resident_mb() - before], "MB")


def add(report: Report, took: dict[str, dict[str, list[float]]]) -> None:
    """Add times and ratios of each tab."""
    small, large = took
    for tab in took[small]:
        for name, each in took.items():
            report.add(f"{tab}, {name}", each[tab], "ms")
        report.add(f"{tab}, {large} ÷ {small}", ratios(took[large][tab], took[small][tab]))


if __name__ == "__main__":
    main()
