"""Time until the packaged window appears, compared with the same window from source.

    python benchmarks/package.py [--runs 15] [--program build/bundle/ibconsole/ibconsole-gui]

Baseline, in the same run and in turns: `python -m ibconsole` of this checkout, its bytecode
compiled. Measured from the start of the process to the window's first appearance on an X server
(Xvfb, with nothing else on it), as reported by xev. Needs xvfb and x11-utils. Prints sizes, too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DISPLAY = ":78"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument(
        "--program", type=Path, default=ROOT / "build/bundle/ibconsole/ibconsole-gui"
    )
    options = parser.parse_args()
    ways = {
        "packaged": [str(options.program)],
        "from source": [sys.executable, "-m", "ibconsole"],
    }
    with display():
        for command in ways.values():  # the first start fills the system's cache
            start(command)
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.runs):
            for name, command in ways.items():
                took[name].append(start(command))
    medians = {name: statistics.median(times) for name, times in took.items()}
    for name, median in medians.items():
        sys.stdout.write(f"{name:12} {median:.3f} s (fastest {min(took[name]):.3f})\n")
    ratio = medians["packaged"] / medians["from source"]
    sys.stdout.write(f"ratio        {ratio:.2f}\n")
    folder = options.program.parent
    size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
    sys.stdout.write(f"bundle       {size / 1e6:.0f} MB\n")
    for path in sorted((ROOT / "dist").glob("ibconsole*")):
        sys.stdout.write(f"             {path.stat().st_size / 1e6:.1f} MB {path.name}\n")


@contextmanager
def display() -> Iterator[None]:
    """Run an empty X server."""
    command = [
        "Xvfb",
        DISPLAY,
        "-screen",
        "0",
        "1600x1000x24",
        "-noreset",
        "-nolisten",
        "tcp",
        "-ac",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        while subprocess.run(
            ["xdpyinfo", "-display", DISPLAY], capture_output=True, check=False
        ).returncode:
            time.sleep(0.05)
        try:
            yield
        finally:
            server.terminate()


def start(command: list[str]) -> float:
    """Start the program; return the seconds until its window appears, then end it."""
    with tempfile.TemporaryDirectory() as folder, events() as lines:
        environment = {
            **os.environ,
            "DISPLAY": DISPLAY,
            "QT_QPA_PLATFORM": "xcb",
            "IBCONSOLE_DATA_DIR": folder,
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        began = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL
        ) as program:
            for line in lines:
                if line.startswith("MapNotify"):
                    break
            took = time.perf_counter() - began
            program.terminate()
        return took


@contextmanager
def events() -> Iterator[Iterator[str]]:
    """Yield a line for each event of a window."""
    with subprocess.Popen(
        ["stdbuf", "-oL", "xev", "-display", DISPLAY, "-root", "-event", "substructure"],
        stdout=subprocess.PIPE,
        text=True,
    ) as watcher:
        assert watcher.stdout
        # It starts to watch some milliseconds after its start, without a sign.
        time.sleep(0.5)
        try:
            yield iter(watcher.stdout)
        finally:
            watcher.terminate()


if __name__ == "__main__":
    main()
