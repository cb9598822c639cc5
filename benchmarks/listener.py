"""Forwards a second that the listener stores durably, and how long the slowest senders wait.

    python benchmarks/listener.py [--runs 7] [--seconds 8] [--connections 64] [--size 2048]
        [--mitmdump PATH] [--mb PATH] [--quick] [--json]

"ours" is `ibconsole listen` unchanged: a process of its own, an archive on this disk, every request
fsynced before it is answered. Baselines, in the same run and alternating (servers.py): uvicorn with
httptools, which stores nothing; ibconsole's own HTTP server, which stores nothing; the bound, a
bare protocol with httptools and a thread's group commit into apsw; mitmproxy, which records to a
file what it forwards to uvicorn; and mountebank, which records in memory. What is not installed is
left out, and named. None of these belongs to the requirements:

    .venv/bin/pip install uvicorn httptools        for uvicorn and the bound
    apt-get install wrk                            for a load that fast servers do not outrun
    mitmproxy, in an environment of its own; then --mitmdump PATH, or mitmdump on the PATH
    npm install mountebank, anywhere; then --mb PATH, or mb on the PATH

Requests come from wrk where it is installed, else from sockets in Python (load.py), each
connection sending its next request when the last one is answered. Memory is sampled twice a second.
"""

import argparse
import contextlib
import importlib.util
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx

from load import Load, LoadFigures, run_load
from measure import ROOT, Options, Report, ratios, scratch
from probes import resident_mb

OURS = "ours"
UVICORN = "uvicorn + httptools, nothing stored"
OWN = "own server, nothing stored"
BOUND = "bound: protocol, httptools, apsw"
MITMPROXY = "mitmdump, to a file"
MOUNTEBANK = "mountebank, in memory"
SAMPLE_SECONDS = 0.5
# At least this share of each baseline (or multiple of it) is wanted.
TARGETS = {UVICORN: 0.35, BOUND: 0.7, MITMPROXY: 12.0, MOUNTEBANK: 2.0}
LONGEST_P99_MS = 25.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The URL to post to, and the process whose memory counts."""

    url: str
    process: int


Server = Callable[[], AbstractContextManager[RunningServer]]


@contextlib.contextmanager
def ibconsole() -> Iterator[RunningServer]:
    """Run the listener as users start it."""
    with scratch() as data:
        arguments = ["-m", "ibconsole", "--data-dir", str(data), "listen", "--port", "0"]
        with _started([sys.executable, *arguments]) as process:
            url = _line(process)
            # Its output, a line for each request, is read by another process, as a log would be.
            with Path(os.devnull).open("wb") as nothing:
                drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=nothing)  # noqa: S607
                try:
                    yield RunningServer(url, process.pid)
                finally:
                    process.terminate()
                    process.wait(60)
                    drain.wait(60)


@contextlib.contextmanager
def baseline(name: str) -> Iterator[RunningServer]:
    """Run a server of servers.py."""
    script = str(Path(__file__).with_name("servers.py"))
    with scratch() as data, _started([sys.executable, script, name, str(data)]) as process:
        yield RunningServer(_line(process), process.pid)


@contextlib.contextmanager
def mitmproxy(mitmdump: str, behind: str) -> Iterator[RunningServer]:
    """Run mitmproxy, recording what it forwards to a server that stores nothing."""
    with baseline(behind) as server, scratch() as data:
        port = _free_port()
        target = urlsplit(server.url)
        arguments = ["--mode", f"reverse:{target.scheme}://{target.netloc}"]
        arguments += ["--listen-host", "127.0.0.1", "--listen-port", str(port)]
        arguments += ["-w", f"{data}/flows", "-q", "--set", f"confdir={data}"]
        with _started([mitmdump, *arguments]) as process:
            _wait_for(port)
            yield RunningServer(f"http://127.0.0.1:{port}/in", process.pid)


@contextlib.contextmanager
def mountebank(mb: str) -> Iterator[RunningServer]:
    """Run mountebank, which records requests and leaves connections open as the others do."""
    control, port = _free_port(), _free_port()
    imposter = {
        "protocol": "http",
        "port": port,
        "recordRequests": True,
        "defaultResponse": {"statusCode": 200, "headers": {"Connection": "Keep-Alive"}},
    }
    arguments = ["start", "--port", str(control), "--localOnly", "--nologfile"]
    with scratch() as data:
        arguments += ["--loglevel", "error", "--pidfile", f"{data}/pid"]
        with _started([mb, *arguments]) as process:
            _wait_for(control)
            address = f"http://127.0.0.1:{control}/imposters"
            httpx.post(address, json=imposter, trust_env=False).raise_for_status()
            _wait_for(port)
            yield RunningServer(f"http://127.0.0.1:{port}/in", process.pid)


@contextlib.contextmanager
def _started(arguments: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment) as process:  # noqa: S603 programs written above
        try:
            yield process
        finally:
            process.kill()


def _line(process: "subprocess.Popen[bytes]") -> str:
    """Read the next line that a server writes."""
    line = process.stdout.readline().decode().strip() if process.stdout else ""
    return line or sys.exit("A server did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _version(program: str) -> str:
    """Return the first line that a program prints about its version."""
    output = subprocess.check_output([program, "--version"], text=True)  # noqa: S603 a baseline
    return output.partition("\n")[0].strip()


class MemorySamples:
    """The resident memory of a process in MB, twice a second."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._samples: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def __iter__(self) -> Iterator[float]:
        return iter(self._samples)

    @property
    def growth(self) -> float:
        """The memory of the last quarter less that of the second one, each the median."""
        quarter = max(1, len(self._samples) // 4)
        second, last = self._samples[quarter : 2 * quarter], self._samples[-quarter:]
        return statistics.median(last) - statistics.median(second or last)

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._samples.append(resident_mb(self._process))


@dataclass(frozen=True, slots=True)
class RunFigures:
    """The figures of one run of one server; memory in MB."""

    load: LoadFigures
    memory: float
    growth: float


def run(server: Server, load: Load) -> RunFigures:
    """Start a server, send it requests, and return the figures."""
    with server() as running, MemorySamples(running.process) as samples:
        figures = run_load(running.url, load)
    return RunFigures(figures, max(samples, default=0.0), samples.growth)


def servers(mitmdump: str | None, mb: str | None, report: Report) -> dict[str, Server]:
    """Return what can be compared here, by name; note what is left out."""
    found: dict[str, Server] = {OURS: ibconsole, OWN: lambda: baseline("own")}
    has_httptools = importlib.util.find_spec("httptools") is not None
    has_uvicorn = has_httptools and importlib.util.find_spec("uvicorn") is not None
    if has_uvicorn:
        found[UVICORN] = lambda: baseline("uvicorn")
    else:
        report.note("uvicorn is left out: `pip install uvicorn httptools`.")
    if has_httptools:
        found[BOUND] = lambda: baseline("bound")
    else:
        report.note("The bound is left out: `pip install httptools`.")
    if mitmdump:
        report.note(f"mitmdump: {_version(mitmdump)}")
        found[MITMPROXY] = lambda: mitmproxy(mitmdump, "uvicorn" if has_uvicorn else "own")
    else:
        report.note("mitmdump is left out: install mitmproxy, then use --mitmdump PATH.")
    if mb:
        report.note(f"mountebank: {_version(mb)}")
        found[MOUNTEBANK] = lambda: mountebank(mb)
    else:
        report.note("mountebank is left out: `npm install mountebank`, then use --mb PATH.")
    if not shutil.which("wrk"):
        report.note(
            "wrk is not installed: the senders in Python slow down every server, fast ones most."
        )
    return found


def add_ours(report: Report, runs: list[RunFigures]) -> None:
    """Add the listener's own lines."""
    loads = [one.load for one in runs]
    report.add(f"{OURS}, durable", [one.per_second for one in loads], "requests/s")
    report.add(f"{OURS}: p50", [one.p50_ms for one in loads], "ms")
    report.add(f"{OURS}: p99", [one.p99_ms for one in loads], "ms", at_most=LONGEST_P99_MS)
    report.add(f"{OURS}: longest", [one.longest_ms for one in loads], "ms")
    report.add(f"{OURS}: not answered 200", [one.errors for one in loads], at_most=0)
    report.add(f"{OURS}: memory", [one.memory for one in runs], "MB")
    report.add(f"{OURS}: memory growth, 2nd to 4th quarter", [one.growth for one in runs], "MB")


def add_baselines(report: Report, runs: dict[str, list[RunFigures]]) -> None:
    """Add the lines of the baselines, and the ratios."""
    rates = {name: [one.load.per_second for one in each] for name, each in runs.items()}
    own = rates.pop(OURS)
    for name, rate in rates.items():
        report.add(name, rate, "requests/s")
        report.add(f"{name}: p99", [one.load.p99_ms for one in runs[name]], "ms")
        if errors := sum(one.load.errors for one in runs[name]):
            report.note(f"{name}: {errors:,} requests were not answered 200.")
    for name, rate in rates.items():
        report.add(f"{OURS} ÷ {name}", ratios(own, rate), at_least=TARGETS.get(name))


def main() -> None:
    """Measure, and print the results."""
    options = _options()
    report = Report("listener")
    mitmdump, mb = (getattr(options, name) or shutil.which(name) for name in ("mitmdump", "mb"))
    compared = servers(mitmdump, mb, report)
    load = Load(options.seconds, options.connections, options.size)
    runs: dict[str, list[RunFigures]] = {name: [] for name in compared}
    for _ in range(options.runs):
        for name, server in compared.items():
            runs[name].append(run(server, load))
    add_ours(report, runs[OURS])
    add_baselines(report, runs)
    report.write(options)


def _options() -> argparse.Namespace:
    command = Options(__doc__, runs=7, quick_runs=2)
    command.add_size("--seconds", 8.0, 2.0)
    command.parser.add_argument("--connections", type=int, default=64)
    command.parser.add_argument("--size", type=int, default=2048, help="bytes of a body")
    command.parser.add_argument(
        "--mitmdump", metavar="PATH", help="the path to mitmproxy's mitmdump"
    )
    command.parser.add_argument("--mb", metavar="PATH", help="the path to mountebank's mb")
    return command.parse()


if __name__ == "__main__":
    main()
