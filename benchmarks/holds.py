"""Measures how long the window's thread is held, over a million messages and 50,000 applications.

    python benchmarks/holds.py [--runs 5] [--messages 1000000] [--applications 50000]
        [--checked 5000] [--only messages applications health] [--archive FILE] [--quick] [--json]

Baseline, in the same window: the stage in which nothing is done, and the thread of an empty event
loop, which shows what other programs add. A new window opens in each run and is used as by a user
(holds_window.py); a timer of 1 ms on its thread measures the time between two of its ticks.

The window is drawn in memory unless QT_QPA_PLATFORM says otherwise: `QT_QPA_PLATFORM=xcb` under
Xvfb and a window manager measures X11. With --archive, FILE is created in the first run and
reused later; a run works on a copy of it, to which other processes add messages.
"""

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from feed import count_of
from feed_data import fill
from ibconsole.archive import Archive
from ibconsole.services.runtime import Paths
from measure import Options, Report, scratch
from window import script_environment, simulated_account

TARGET_MS = 32.0
HEALTH_TARGET_MS = 50.0
SUBJECTS = ("messages", "applications", "health")

EMPTY = """
import json
from probes import Pauses
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
def begin():
    pauses = Pauses()
    def end():
        print(json.dumps(pauses.stop()), flush=True)
        app.quit()
    QTimer.singleShot(3000, end)
QTimer.singleShot(1000, begin)
app.exec()
"""


def main() -> None:
    """Measure, and print the results."""
    options = _options()
    report = Report("holds")
    empty = [_run(["-c", EMPTY])["longest_ms"] for _ in range(options.runs)]
    report.add("an empty event loop (the baseline): longest hold", empty, "ms")
    if "messages" in options.only:
        add_messages(report, options)
    if "applications" in options.only:
        count = options.applications
        with simulated_account(count) as account, simulated_account(count) as other:
            plan = {"applications": count, "account": account, "other": other}
            add(report, "applications", plan, options.runs, TARGET_MS)
    if "health" in options.only:
        with simulated_account(options.checked) as account:
            plan = {"applications": options.checked, "account": account}
            add(report, "health", plan, options.runs, HEALTH_TARGET_MS)
    report.write(options)


def add_messages(report: Report, options: argparse.Namespace) -> None:
    """Use a window over many messages."""
    with scratch() as directory:
        source: Path = options.archive or directory / "messages.sqlite3"
        if not source.exists():
            fill(source, options.messages)
        with Archive(source):  # closing it leaves all of it in one file
            pass
        copy = Paths(directory).archive
        shutil.copyfile(source, copy)
        plan = {"archive": str(copy), "count": count_of(copy)}
        add(report, "messages", plan, options.runs, TARGET_MS, directory)


def add(
    report: Report,
    subject: str,
    plan: dict[str, Any],
    runs: int,
    target: float,
    directory: Path | None = None,
) -> None:
    """Open windows one after the other, and add the longest hold of each stage."""
    figures: dict[str, list[tuple[float, float]]] = {}
    for _ in range(runs):
        with contextlib.ExitStack() as stack:
            data = directory or stack.enter_context(scratch())
            script = str(Path(__file__).with_name("holds_window.py"))
            for stage, pair in _run([script, subject, str(data), json.dumps(plan)]).items():
                figures.setdefault(stage, []).append(pair)
    for stage, pairs in figures.items():
        longest, used = map(list, zip(*pairs, strict=True))
        report.add(f"{subject}, {stage}: longest hold", longest, "ms", at_most=target)
        report.add(f"{subject}, {stage}: most processor time of a hold", used, "ms")


def _run(arguments: list[str]) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 the scripts of this folder
        [sys.executable, *arguments],
        env=script_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit("A run failed.")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _options() -> argparse.Namespace:
    command = Options(__doc__, runs=5, quick_runs=1)
    command.add_size("--messages", 1_000_000, 20_000)
    command.add_size("--applications", 50_000, 2_000)
    command.add_size("--checked", 5_000, 500)
    command.parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=SUBJECTS)
    command.parser.add_argument("--archive", type=Path, metavar="FILE")
    return command.parse()


if __name__ == "__main__":
    main()
