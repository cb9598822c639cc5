"""Measures the window over a million messages: first rows, searches, memory and pauses.

    python benchmarks/feed.py [--messages 1000000] [--seconds 15] [--archive FILE] [--json]

Baseline, in the same run: the same window over an archive of 1,000 messages. Messages of twelve
words out of 20,000 are stored as by pulls. The window opens on the archive, each filter is set as
by a user and timed until its first rows are shown, and finally another process stores 1,000
messages a second while a timer on the window's thread measures its delays. With --archive, FILE
is created in the first run and reused later. Machines are noisy, so the ratios are more
meaningful than the figures.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from window import MEMORY, script_environment

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.model.reading import encode

ROOT = Path(__file__).resolve().parent.parent
BATCH = 10_000
MIN_SECONDS = 9  # a third of it, less 2 s of start-up, is the live sample of the baseline
PLAIN = ["Pulled", "Forwarded", "Duplicates", "Odd", "all", "order received", "order arrival"]

WINDOW = """
import gc, json, subprocess, sys, time
gc.disable()
import ibconsole.services
import asyncio
from pathlib import Path
from ibconsole.wiring import window as program
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from ibconsole.services.messages import Order
from ibconsole.ui.shell.main_window import MainWindow
app = QApplication([])
app.setQuitOnLastWindowClosed(False)
filters, count = json.loads(sys.argv[3]), int(sys.argv[4])
writer, seconds = sys.argv[5], float(sys.argv[6])
def window():
    return next((one for one in app.topLevelWidgets() if isinstance(one, MainWindow)), None)
async def measure():
    opened = asyncio.get_running_loop().create_task(program.run(
        demo=False, screenshot=None, data_dir=Path(sys.argv[2]), account=None))
    while not (found := window()) or not found.isVisible():
        await asyncio.sleep(0.001)
    shown = time.perf_counter()
    pane = found.messages
    while not pane.model.rowCount():
        await asyncio.sleep(0.001)
    figures = {"first_rows": time.perf_counter() - shown}
    while pane.model.rowCount() < count:
        await asyncio.sleep(0.001)
    figures["all_rows"] = time.perf_counter() - shown
    await asyncio.sleep(1)
    figures["filters"] = [await time_filter(pane, name) for name in filters]
    for row in range(0, count, count // 200):
        pane.table.scrollTo(pane.model.index(row, 0))
        await asyncio.sleep(0)
    figures |= memory()
    figures["idle"] = await measure_pauses(seconds / 3)
    child = subprocess.Popen([sys.executable, "-c", writer, sys.argv[2], str(seconds)])
    before = pane.model.rowCount()
    while pane.model.rowCount() == before:
        await asyncio.sleep(0.01)
    figures["live"] = await measure_pauses(seconds - 2)
    figures["live"]["rows"] = pane.model.rowCount() - before
    child.wait()
    figures["after_rss_mb"] = memory()["rss_mb"]
    print(json.dumps(figures), flush=True)
    found.close()
    await opened
async def time_filter(pane, name):
    done = asyncio.get_running_loop().create_future()
    def on_reset():
        if not done.done():
            done.set_result(None)
    pane.model.modelReset.connect(on_reset)
    began = time.perf_counter()
    if name.startswith("order "):
        pane.order.select(Order(name.removeprefix("order ")))
    elif name in ("Pulled", "Forwarded", "Duplicates", "Odd", "all"):
        pane.toolbar.search.clear()
        title = "All messages" if name == "all" else name
        next(one for one in pane.toolbar.kind.menu().actions() if one.text() == title).trigger()
    else:
        pane.toolbar.search.setText(name)
        pane.toolbar.search.returnPressed.emit()
    await done
    first = time.perf_counter() - began
    pane.model.modelReset.disconnect(on_reset)
    while pane.page.progress.busy:
        await asyncio.sleep(0.001)
    everything = time.perf_counter() - began
    return {"name": name, "first": first, "all": everything, "rows": pane.model.rowCount()}
async def measure_pauses(seconds):
    pauses = Pauses()
    await asyncio.sleep(seconds)
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
# 100 messages every tenth of a second, as by ten pulls a second.
WRITER = """
import sys, time
from pathlib import Path
from ibconsole.archive import Archive
from ibconsole.model import encode
with Archive(Path(sys.argv[1]) / "archive.sqlite3") as archive:
    end = time.monotonic() + float(sys.argv[2])
    number, due = 0, time.monotonic()
    while due < end:
        messages = []
        for number in range(number, number + 100):
            messages.append({"messageId": f"live-{due}-{number}", "from": "41791234567",
                "text": f"a new message, number {number}", "applicationCode": "app-1",
                "receivedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())})
        delivery = archive.begin_pull(connection=None, base_url="https://x", limit=100)
        archive.append_body(delivery, encode({"results": messages, "messageCount": 100}))
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        number += 1
        due += 0.1
        time.sleep(max(0, due - time.monotonic()))
"""


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15, help=f"{MIN_SECONDS} or more")
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.seconds < MIN_SECONDS:
        parser.error(f"--seconds must be at least {MIN_SECONDS}.")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        few = Path(directory) / "few" / "archive.sqlite3"
        many = options.archive or Path(directory) / "many" / "archive.sqlite3"
        words = fill(few, 1_000)
        if not many.exists():
            fill(many, options.messages)
        figures = {
            "baseline": run(few, words, options.seconds / 3),
            "many": run(many, words, options.seconds),
        }
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        show(figures)


def fill(path: Path, messages: int) -> list[str]:
    """Store and index messages; return words to search for: frequent, rare and missing ones."""
    generator = random.Random(1)  # noqa: S311 not for secrets
    letters = "etaoinshrdlucmfwyp"
    words = ["".join(generator.choices(letters, k=generator.randint(2, 9))) for _ in range(20_000)]
    began = time.perf_counter()
    with Archive(path) as archive:
        for start in range(0, messages, BATCH):
            delivery = archive.begin_pull(connection=None, base_url="https://x", limit=BATCH)
            count = min(BATCH, messages - start)
            batch = [message(start + index, words, generator) for index in range(count)]
            archive.append_body(delivery, encode({"results": batch, "messageCount": count}))
            archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        stored = time.perf_counter()
        while archive.index(1_000):
            pass
    if messages > BATCH:
        sys.stderr.write(
            f"{messages:,} messages stored in {stored - began:.0f} s and indexed in"
            f" {time.perf_counter() - stored:.0f} s; {path.stat().st_size / 1e6:,.0f} MB\n"
        )
    frequent = max(words[:3], key=len)
    return [
        "STOP",
        frequent,
        words[10_000],
        words[19_999][:3],
        "grüße",
        "nowhere at all",
        "41790000123",
    ]


def message(number: int, words: list[str], generator: random.Random) -> dict[str, Any]:
    """Return a message as the platform sends it; few words are frequent, most are rare."""
    some = [words[int(len(words) ** generator.random()) - 1] for _ in range(12)]
    if number % 10 == 0:
        some.append("Grüße")
    instant = time.gmtime(1_700_000_000 + number * 10 + generator.randrange(600))
    return {
        "messageId": f"{number:08d}-{generator.getrandbits(64):016x}",
        "from": f"4179{number % 10_000_000:07d}",
        "to": "InfoSMS",
        "text": " ".join(some),
        "cleanText": " ".join(some),
        "keyword": "STOP" if number % 3 == 0 else "INFO",
        "receivedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", instant),
        "smsCount": "1" if number % 50 else 1,
        "applicationCode": f"app-{number % 40}",
    }


def run(archive: Path, words: list[str], seconds: float) -> dict[str, Any]:
    """Run the window over an archive and return its figures."""
    with Reader(archive) as reader:
        count = reader.counts().messages
    done = subprocess.run(  # noqa: S603 the scripts above
        [
            sys.executable,
            "-c",
            MEMORY + WINDOW,
            "",
            str(archive.parent),
            json.dumps([*words, *PLAIN]),
            str(count),
            WRITER,
            str(seconds),
        ],
        cwd=ROOT,
        env=script_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=1_800,
    )
    if done.returncode:
        sys.exit(f"A run failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def show(figures: dict[str, Any]) -> None:
    """Print the figures as text."""
    few, many = figures["baseline"], figures["many"]
    write = sys.stdout.write
    for name in ("first_rows", "all_rows", "rss_mb", "after_rss_mb"):
        ratio = many[name] / few[name]
        write(f"{name:28}{many[name]:10.3f}   baseline {few[name]:8.3f}   ratio {ratio:7.1f}\n")
    for one, base in zip(many["filters"], few["filters"], strict=True):
        write(
            f"{one['name']:28}{one['first'] * 1000:8.1f} ms first, all {one['all'] * 1000:8.1f} ms,"
            f" {one['rows']:>9,} rows   baseline {base['first'] * 1000:6.1f} ms\n"
        )
    for name in ("idle", "live"):
        pauses, base = many[name], few[name]
        write(
            f"window pauses, {name:13}{pauses['p999_ms']:8.1f} ms p99.9,"
            f" {pauses['longest_ms']:8.1f} ms at most"
            f"   baseline {base['p999_ms']:6.1f} ms, {base['longest_ms']:6.1f} ms\n"
        )
    write(f"rows received meanwhile {many['live']['rows']:,}\n")


if __name__ == "__main__":
    main()
