"""Measures the window over a million messages: first rows, searches, memory and held threads.

    python benchmarks/feed.py [--runs 3] [--messages 1000000] [--rounds 20] [--seconds 15]
        [--archive FILE] [--quick] [--json]

Baseline, in the same run and alternating: the same window over an archive of 1,000 messages. The
messages of twelve words out of 20,000 are pulled and forwarded; some are duplicates, and some
deviate from the documented format (feed_data.py). A new window opens on the archive in each run.
Each text, kind and order is chosen as by a user, `rounds` times, and timed until its first and
until all its rows are shown; the percentiles are those of all repetitions in all runs. Then the
window scrolls, is left alone, and finally another process stores 1,000 messages a second. All the
time a timer on the window's thread measures its delays: every stage in which the thread was held
for more than 50 ms is reported (feed_window.py).

With --archive, FILE is created in the first run and reused later. Each run works on a copy in a
directory of its own, under the name that the program expects, because messages are added to it.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from feed_data import KINDS, ORDERS, Plan, fill, searches
from ibconsole.archive import Archive, Reader
from ibconsole.plural import counted
from ibconsole.services.runtime import Paths
from measure import Options, Report, percentile, ratios, scratch
from window import script_environment

FEW = 1_000
MIN_SECONDS = 6.0  # a third of it, and all of it less 2 s, are samples
HELD_MS = 50.0
Figures = dict[str, Any]


def main() -> None:
    """Measure, and print the results."""
    options = _options()
    report = Report("feed")
    with scratch() as directory:
        few = directory / "few.sqlite3"
        fill(few, FEW)
        many: Path = options.archive or directory / "many.sqlite3"
        if not many.exists():
            fill(many, options.messages)
        runs: dict[str, list[Figures]] = {"few": [], "many": []}
        for _ in range(options.runs):
            runs["few"].append(run(few, options.rounds, MIN_SECONDS))
            runs["many"].append(run(many, options.rounds, options.seconds))
        report.note(f"{count_of(many):,} messages, compared with a window over {FEW:,}.")
    add_loading(report, runs)
    add_searches(report, runs)
    add_holds(report, runs["many"], runs["few"])
    report.write(options)


def run(archive: Path, rounds: int, seconds: float) -> Figures:
    """Run a window over a copy of an archive, and return its figures."""
    with scratch() as directory:
        copy = Paths(directory).archive
        with Archive(archive):  # closing it leaves all of it in one file
            pass
        shutil.copyfile(archive, copy)
        plan = Plan(str(copy), count_of(copy), searches(), rounds, seconds)
        return run_window(directory, plan)


def run_window(directory: Path, plan: Plan) -> Figures:
    """Run a window on a data directory, and return its figures."""
    script = str(Path(__file__).with_name("feed_window.py"))
    fields = json.dumps({name: getattr(plan, name) for name in Plan.__slots__})
    done = subprocess.run(  # noqa: S603 the script of this folder
        [sys.executable, script, repr(time.time()), str(directory), fields],
        env=script_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"A run failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def count_of(archive: Path) -> int:
    """Return the number of messages in an archive."""
    with Reader(archive) as reader:
        return reader.counts().messages


def add_loading(report: Report, runs: dict[str, list[Figures]]) -> None:
    """Add the first rows and the memory."""
    for name, what, unit in (
        ("first_rows_from_start", "first rows after the start of the process", "s"),
        ("first_rows", "first rows after the window was shown", "s"),
        ("all_rows", "all rows after the window was shown", "s"),
        ("memory", "memory", "MB"),
        ("memory_after", "memory after more messages", "MB"),
    ):
        many, few = ([one[name] for one in runs[key]] for key in ("many", "few"))
        report.add(what, many, unit)
        report.add(f"{what}: ÷ {FEW:,} messages", ratios(many, few))


def add_searches(report: Report, runs: dict[str, list[Figures]]) -> None:
    """Add medians of each search, and percentiles of all."""
    for name in (*searches(), *KINDS, *ORDERS):
        first = times(runs["many"], "first", {name}.__contains__)
        complete = times(runs["many"], "complete", {name}.__contains__)
        report.add(f"{name}: first rows", first, "ms")
        report.add(f"{name}: all rows", complete, "ms")
    texts = set(searches())
    short = {text for text in texts if len(text) < 3}
    for what, names in (
        ("texts of 3 and more characters", texts - short),
        ("texts of 1 and 2 characters", short),
        ("kinds and orders", {*KINDS, *ORDERS}),
    ):
        for part, rows in (("first", "first rows"), ("complete", "all rows")):
            many = times(runs["many"], part, names.__contains__)
            few = times(runs["few"], part, names.__contains__)
            value = percentile(many, 0.95)
            report.add(f"{what}, p95 of {len(many)}: {rows}", [value], "ms")
            quotient = value / percentile(few, 0.95)
            report.add(f"{what}, p95: {rows}, ÷ {FEW:,} messages", [quotient])


def times(runs: Sequence[Figures], part: str, wanted: Callable[[str], bool]) -> list[float]:
    """Return the times in ms of some searches in all rounds of all runs."""
    return [
        search[part] * 1000 for one in runs for search in one["searches"] if wanted(search["name"])
    ]


def add_holds(report: Report, runs: Sequence[Figures], few: Sequence[Figures]) -> None:
    """Add every stage in which the window's thread was held too long, and the longest of others.

    The baseline shows which share other programs may have in a hold.
    """
    others: list[dict[str, float]] = [{} for _ in runs]
    for stage in runs[0]["longest"]:
        longest = [one["longest"][stage] for one in runs]
        if max(longest) <= HELD_MS:
            for other, value in zip(others, longest, strict=True):
                other[stage] = value
            continue
        holds = counted(sum(len(one["holds"][stage]) for one in runs), "hold")
        report.add(f"{holds} above {HELD_MS:g} ms, {stage}: longest", longest, "ms")
        quotients = ratios(longest, [one["longest"][stage] for one in few])
        report.add(f"{stage}: longest hold, ÷ {FEW:,} messages", quotients)
    if others[0]:
        name = f"{counted(len(others[0]), 'other stage')}: longest hold"
        report.add(name, [max(other.values()) for other in others], "ms")
    for stage in ("idle", "1,000 new messages a second"):
        report.add(f"{stage}: p99.9", [one["p999"][stage] for one in runs], "ms")
    rows = statistics.median(one["live_rows"] for one in runs)
    report.note(f"{rows:,.0f} rows were added while messages arrived.")


def _options() -> argparse.Namespace:
    command = Options(__doc__, runs=3, quick_runs=1)
    command.add_size("--messages", 1_000_000, 20_000)
    command.add_size("--rounds", 20, 2, "searches for each text")
    command.add_size("--seconds", 15.0, MIN_SECONDS, f"at least {MIN_SECONDS:g}")
    command.parser.add_argument("--archive", type=Path, metavar="FILE")
    options = command.parse()
    if options.seconds < MIN_SECONDS:
        command.parser.error(f"--seconds must be at least {MIN_SECONDS:g}.")
    return options


if __name__ == "__main__":
    main()
