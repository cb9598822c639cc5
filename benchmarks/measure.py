"""Medians with their spread, the table of results, and the machine: shared by all benchmarks.

A figure without its spread says nothing on a machine that does other work meanwhile. A ratio is
therefore computed for each run, from two values measured one after the other, and its median and
spread are reported like those of any other figure.
"""

import argparse
import importlib.metadata
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import apsw

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
_CPU_INFO = Path("/proc/cpuinfo")
_PACKAGES = ("PySide6-Essentials", "apsw", "h11", "httptools", "httpx", "msgspec", "uvicorn")


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of the values of some runs, with the lowest and the highest one."""

    median: float
    low: float
    high: float
    runs: int


def summarize(values: Sequence[float]) -> Figure:
    """Return the median, lowest and highest value. Raises ValueError if there are none."""
    if not values:
        raise ValueError("There are no values to summarize.")
    return Figure(statistics.median(values), min(values), max(values), len(values))


def ratios(dividends: Sequence[float], divisors: Sequence[float]) -> list[float]:
    """Return the ratio of each run, whose two values have the same position."""
    return [one / other for one, other in zip(dividends, divisors, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that is not exceeded by this share (0 to 1) of all values.

    Raises ValueError if there are none.
    """
    if not values:
        raise ValueError("There are no values to rank.")
    position = math.ceil(share * len(values)) - 1
    return sorted(values)[min(max(position, 0), len(values) - 1)]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. A target is a limit that the median must reach, or not exceed."""

    benchmark: str
    name: str
    figure: Figure
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def target(self) -> str:
        """The target and whether the median meets it; empty if there is none."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g} {_verdict(met=self.figure.median >= self.at_least)}"
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {_verdict(met=self.figure.median <= self.at_most)}"
        return ""


@dataclass(slots=True)
class Report:
    """The results of one benchmark, and notes on everything that was left out."""

    benchmark: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self,
        name: str,
        values: Sequence[float],
        unit: str = "",
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        """Add a line with the median and spread of these values, one of each run."""
        figure = summarize(values)
        self.rows.append(Row(self.benchmark, name, figure, unit, at_least, at_most))

    def note(self, sentence: str) -> None:
        """Add a note; one that is there already is not repeated."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def to_json(self) -> str:
        """Return the report as one line of JSON, which `from_json` reads."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Return a report that another process has written."""
        fields: dict[str, Any] = json.loads(text)
        rows = [Row(**{**row, "figure": Figure(**row["figure"])}) for row in fields["rows"]]
        return cls(fields["benchmark"], rows, fields["notes"])

    def write(self, options: argparse.Namespace) -> None:
        """Print the report: as JSON with --json, else as a table with the machine above it."""
        text = self.to_json() if options.json else document([self], machine())
        sys.stdout.write(f"{text.rstrip()}\n")


def document(reports: Sequence[Report], facts: dict[str, str]) -> str:
    """Return a Markdown document: the machine, one table of all reports, and their notes."""
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    lines += ["", *table([row for report in reports for row in report.rows])]
    notes = [f"- {report.benchmark}: {note}" for report in reports for note in report.notes]
    return "\n".join([*lines, *(["", *notes] if notes else [])]) + "\n"


def table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a Markdown table, its columns padded to be read as plain text too."""
    cells = [("benchmark", "what", "median", "min to max", "runs", "target")]
    cells += [
        (
            row.benchmark,
            row.name,
            f"{formatted(row.figure.median)} {row.unit}".rstrip(),
            spread(row.figure),
            str(row.figure.runs),
            row.target,
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def spread(figure: Figure) -> str:
    """Return the lowest and the highest value; empty if there was one run."""
    if figure.runs == 1:
        return ""
    return f"{formatted(figure.low)} to {formatted(figure.high)}"


def formatted(value: float) -> str:
    """Return a number with three significant digits, or all digits before the point."""
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def machine() -> dict[str, str]:
    """Return facts about this computer and the versions in use, by name."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "cores": str(os.cpu_count()),
        "CPU": cpu_model(),
        "system": platform.platform(),
        "load before": _load(),
        "Python": platform.python_version(),
        "SQLite": apsw.sqlite_lib_version(),
        "packages": ", ".join(filter(None, map(_version, _PACKAGES))),
    }


def cpu_model(cpu_info: Path = _CPU_INFO) -> str:
    """Return the model of the CPU as the operating system names it."""
    if cpu_info.is_file():
        for line in cpu_info.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


class Options:
    """The command line of a benchmark: --json, --quick and --runs, and what is added.

    Sizes have one default value, and another one with --quick.
    """

    def __init__(self, summary: str | None, *, runs: int, quick_runs: int = 3) -> None:
        self.parser = argparse.ArgumentParser(description=(summary or "").partition("\n")[0])
        self.parser.add_argument("--quick", action="store_true", help="small sizes and few runs")
        self.parser.add_argument("--json", action="store_true")
        self._defaults: dict[str, tuple[float, float]] = {}
        self.add_size("--runs", runs, quick_runs)

    def add_size(self, option: str, default: float, quick: float, text: str = "") -> None:
        """Add an option; its value has the type of `default`."""
        help_text = f"{text} (default: {default}, quick: {quick})".strip()
        self.parser.add_argument(option, type=type(default), help=help_text)
        self._defaults[option.removeprefix("--").replace("-", "_")] = (default, quick)

    def parse(self, arguments: Sequence[str] | None = None) -> argparse.Namespace:
        """Parse the command line; sizes that it does not contain get their defaults."""
        options = self.parser.parse_args(arguments)
        for name, (default, quick) in self._defaults.items():
            if getattr(options, name) is None:
                setattr(options, name, quick if options.quick else default)
        return options


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty directory on the disk of the checkout: /tmp may be in memory."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=BUILD) as name:
        yield Path(name)


def _verdict(*, met: bool) -> str:
    return "met" if met else "missed"


def _load() -> str:
    return "{:.1f} {:.1f} {:.1f}".format(*os.getloadavg()) if hasattr(os, "getloadavg") else "?"


def _version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return ""
