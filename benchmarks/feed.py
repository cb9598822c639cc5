"""What a million messages cost the window: the first rows, searches, memory, and holds.

    python benchmarks/feed.py [--messages 1000000] [--seconds 15] [--archive FILE] [--json]

Baseline, in the same run: the same window over an archive of 1,000 messages. Messages of twelve
words out of 20,000 are stored as pulls bring them; then the window opens on the archive and
shows them, each filter is set as its user would and timed until its first rows stand there, and
in the end another process stores 1,000 messages a second while a timer in the window's thread
notes how long it was kept waiting. With --archive, FILE is made on the first run and used again.
Machines are noisy, so the ratios mean more than the figures.
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

from window import MEMORY, _environment

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.model.reading import encode

ROOT = Path(__file__).resolve().parent.parent
BATCH = 10_000
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
wanted, count = json.loads(sys.argv[3]), int(sys.argv[4])
writer, seconds = sys.argv[5], float(sys.argv[6])
def window():
    return next((one for one in app.topLevelWidgets() if isinstance(one, MainWindow)), None)
async def watch():
    opened = asyncio.get_running_loop().create_task(program.run(
        demo=False, screenshot=None, data_dir=Path(sys.argv[2]), account=None))
    while not (found := window()) or not found.isVisible():
        await asyncio.sleep(0.001)
    shown = time.perf_counter()
    pane = found.messages
    while not pane.model.rowCount():
        await asyncio.sleep(0.001)
    said = {"first_rows": time.perf_counter() - shown}
    while pane.model.rowCount() < count:
        await asyncio.sleep(0.001)
    said["all_rows"] = time.perf_counter() - shown
    await asyncio.sleep(1)
    said["filters"] = [await timed(pane, name) for name in wanted]
    for row in range(0, count, count // 200):
        pane.table.scrollTo(pane.model.index(row, 0))
        await asyncio.sleep(0)
    said |= memory()
    said["idle"] = await held(seconds / 3)
    child = subprocess.Popen([sys.executable, "-c", writer, sys.argv[2], str(seconds)])
    before = pane.model.rowCount()
    while pane.model.rowCount() == before:
        await asyncio.sleep(0.01)
    said["live"] = await held(seconds - 2)
    said["live"]["rows"] = pane.model.rowCount() - before
    child.wait()
    said["after_rss_mb"] = memory()["rss_mb"]
    print(json.dumps(said), flush=True)
    found.close()
    await opened
async def timed(pane, name):
    done = asyncio.get_running_loop().create_future()
    def shown():
        if not done.done():
            done.set_result(None)
    pane.model.modelReset.connect(shown)
    began = time.perf_counter()
    if name.startswith("order "):
        pane.order.choose(Order(name.removeprefix("order ")))
    elif name in ("Pulled", "Forwarded", "Duplicates", "Odd", "all"):
        pane.toolbar.search.clear()
        chosen = "All messages" if name == "all" else name
        next(one for one in pane.toolbar.kind.menu().actions() if one.text() == chosen).trigger()
    else:
        pane.toolbar.search.setText(name)
        pane.toolbar.search.returnPressed.emit()
    await done
    took = time.perf_counter() - began
    pane.model.modelReset.disconnect(shown)
    while pane.page.progress.busy:
        await asyncio.sleep(0.001)
    everything = time.perf_counter() - began
    return {"name": name, "first": took, "all": everything, "rows": pane.model.rowCount()}
async def held(seconds):
    holds = Holds()
    await asyncio.sleep(seconds)
    return holds.stop()
class Holds:
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
    runner.run(watch())
"""
# 100 messages in each tenth of a second, as ten pulls a second would bring them.
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
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        few = Path(directory) / "few" / "archive.sqlite3"
        many = chosen.archive or Path(directory) / "many" / "archive.sqlite3"
        words = fill(few, 1_000)
        if not many.exists():
            fill(many, chosen.messages)
        figures = {
            "baseline": run(few, words, chosen.seconds / 3),
            "many": run(many, words, chosen.seconds),
        }
    if chosen.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        show(figures)


def fill(path: Path, messages: int) -> list[str]:
    """Store so many, and index them; what can be searched for: frequent, rare, and not there."""
    chance = random.Random(1)  # noqa: S311 not for secrets
    letters = "etaoinshrdlucmfwyp"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(20_000)]
    began = time.perf_counter()
    with Archive(path) as archive:
        for start in range(0, messages, BATCH):
            delivery = archive.begin_pull(connection=None, base_url="https://x", limit=BATCH)
            count = min(BATCH, messages - start)
            batch = [message(start + place, words, chance) for place in range(count)]
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


def message(number: int, words: list[str], chance: random.Random) -> dict[str, Any]:
    """One as the platform hands it out; few words are frequent, most are rare."""
    some = [words[int(len(words) ** chance.random()) - 1] for _ in range(12)]
    if number % 10 == 0:
        some.append("Grüße")
    instant = time.gmtime(1_700_000_000 + number * 10 + chance.randrange(600))
    return {
        "messageId": f"{number:08d}-{chance.getrandbits(64):016x}",
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
    """One window over this archive."""
    with Reader(archive) as reader:
        count = reader.counts().messages
    done = subprocess.run(  # noqa: S603 our own scripts above
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
        env=_environment(),
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
    """As text."""
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
        held, base = many[name], few[name]
        write(
            f"window held, {name:15}{held['p999_ms']:8.1f} ms p99.9, {held['longest_ms']:8.1f} ms"
            f" at most   baseline {base['p999_ms']:6.1f} ms, {base['longest_ms']:6.1f} ms\n"
        )
    write(f"rows that came meanwhile {many['live']['rows']:,}\n")


if __name__ == "__main__":
    main()
