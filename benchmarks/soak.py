"""Run the listener for a long time, and check that it neither grows nor forgets.

    python benchmarks/soak.py [--seconds 600] [--rate 300] [--json]

`ibconsole listen` gets forwards at a steady rate over 16 connections, some of which close in
between, and some requests that have to be read leniently or refused. Meanwhile `ibconsole pull`
takes messages from `ibconsole simulate` into the same archive, and `ibconsole messages list` reads
them. Memory, descriptors and threads of the listener are sampled every 5 seconds; the medians of
the second and the last fifth of the samples are compared. Every forward that was answered 200 and
every message that a pull showed must be stored. Exits with 1 otherwise. Reads /proc, so it needs
Linux.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crashes import forward
from fork_server import stored_ids
from malformed import MAX_GROWTH_MB, MAX_MORE_DESCRIPTORS, usage
from measure import ROOT, percentile, scratch

SENDERS = 16
SAMPLE_SECONDS = 5.0
_PULL_SECONDS = 3.0
_END_OF_HEAD = b"\r\n\r\n"
_REFUSED = b"BREW\r\n\r\n"
_MESSAGE_ID = re.compile(rb'"messageId":\s*"([^"]+)"')
_SIMULATE = ("simulate", "--port", "0", "--no-rate-limit", "--messages", "200000")


@dataclass(slots=True)
class Soak:
    """One run: what was sent and shown, and the samples of the listener."""

    until: float
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    failed: int = 0
    shown: set[str] = field(default_factory=set)
    pulls: int = 0
    lists: int = 0
    problems: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    samples: list[tuple[float, int, int]] = field(default_factory=list)

    def is_over(self) -> bool:
        """True after the last second."""
        return time.monotonic() >= self.until


def command(directory: Path, *arguments: str) -> list[str]:
    """Return the command line of the program with this data directory."""
    return [sys.executable, "-m", "ibconsole", "--data-dir", str(directory), *arguments]


@contextmanager
def running(arguments: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", bytes]]:
    """Run a command; yield the process and the first line that it prints."""
    with subprocess.Popen(  # noqa: S603 ibconsole itself
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        try:
            yield process, process.stdout.readline() if process.stdout else b""
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


async def send(soak: Soak, url: str, sender: int, rate: float) -> None:
    """Send forwards at this rate over one connection at a time."""
    dice = random.Random(sender)  # noqa: S311 reproducible, not secret
    parts = urlsplit(url)
    path = parts.path.encode()
    number, due = 0, time.monotonic() + sender / SENDERS / rate
    while not soak.is_over():
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            for _ in range(dice.randrange(1, 400)):
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due = max(due + 1 / rate, time.monotonic() - 1)
                number += 1
                name = f"f{sender}-{number}"
                request = forward(name, dice).replace(b"/in", path, 1)
                if dice.random() < 0.01:
                    request = _REFUSED
                began = time.monotonic()
                writer.write(request)
                head = await reader.readuntil(_END_OF_HEAD)
                soak.latencies.append(time.monotonic() - began)
                if not head.startswith(b"HTTP/1.1 200"):
                    soak.refused += 1
                    if request != _REFUSED:
                        soak.problems.append(f"{request[:60]!r} was answered {head[:20]!r}.")
                    break
                soak.acknowledged.add(name)
                if soak.is_over():
                    break
            writer.close()


async def pull(soak: Soak, directory: Path, simulator: dict[str, Any]) -> None:
    """Pull again and again, each time in a process of its own, and list messages in between."""
    environment = {**os.environ, "IBCONSOLE_API_KEY": str(simulator["api_key"])}
    arguments = ["pull", "--yes", "--json", "--limit", "100", "--base-url", simulator["base_url"]]
    while not soak.is_over():
        soak.shown |= ids_of(await output(soak, command(directory, *arguments), environment))
        soak.pulls += 1
        listed = command(directory, "messages", "list", "--via", "pull", "--json")
        if not soak.shown <= ids_of(await output(soak, listed, environment)):
            soak.problems.append("A list lacks messages that a pull printed.")
        soak.lists += 1
        await asyncio.sleep(_PULL_SECONDS)


def ids_of(printed: bytes) -> set[str]:
    """Return the message ids in what a command printed."""
    return {name.decode() for name in _MESSAGE_ID.findall(printed)}


async def output(soak: Soak, arguments: list[str], environment: dict[str, str]) -> bytes:
    """Return what a command prints, and note if it fails."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode or b"Traceback" in err:
        soak.problems.append(f"{arguments[5]} ended with {process.returncode}: {err[-300:]!r}")
    return out


async def sample(soak: Soak, process: int) -> None:
    """Sample megabytes, descriptors and threads of the listener."""
    while not soak.is_over():
        soak.samples.append((*usage(process), threads_of(process)))
        await asyncio.sleep(SAMPLE_SECONDS)


def threads_of(process: int) -> int:
    """Return the number of threads of a process."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))


async def drain(process: "subprocess.Popen[bytes]") -> None:
    """Read what the listener prints."""
    if process.stdout:
        await asyncio.to_thread(process.stdout.read)


async def measure(seconds: float, rate: float) -> dict[str, Any]:
    """Run everything, and compare."""
    with (
        scratch() as directory,
        running(command(directory, "listen", "--port", "0")) as (listener, url),
        running(command(directory, *_SIMULATE)) as (_, ready),
    ):
        soak = Soak(time.monotonic() + seconds)
        reading = asyncio.get_running_loop().create_task(drain(listener))
        try:
            async with asyncio.TaskGroup() as tasks:
                for sender in range(SENDERS):
                    tasks.create_task(send(soak, url.decode().strip(), sender, rate / SENDERS))
                tasks.create_task(pull(soak, directory, json.loads(ready)))
                tasks.create_task(sample(soak, listener.pid))
        finally:
            listener.send_signal(signal.SIGINT)
            await reading
            listener.wait(60)
        stored = stored_ids(directory)
    return figures_of(soak, stored, seconds)


def figures_of(soak: Soak, stored: set[str], seconds: float) -> dict[str, Any]:
    """Return the figures of a run; `missing` counts everything that is wrong."""
    fifth = max(len(soak.samples) // 5, 1)
    early = [statistics.median(each) for each in zip(*soak.samples[fifth : 2 * fifth], strict=True)]
    late = [statistics.median(each) for each in zip(*soak.samples[-fifth:], strict=True)]
    lost = len(soak.acknowledged - stored) + len(soak.shown - stored)
    if late[0] - early[0] > MAX_GROWTH_MB:
        soak.problems.append("The memory grew.")
    if late[1] - early[1] > MAX_MORE_DESCRIPTORS or late[2] != early[2]:
        soak.problems.append("Descriptors or threads grew.")
    return {
        "seconds": seconds,
        "acknowledged": len(soak.acknowledged),
        "per_second": round(len(soak.acknowledged) / seconds),
        "refused": soak.refused,
        "p50_ms": round(percentile(soak.latencies, 0.5) * 1000, 2),
        "p99_ms": round(percentile(soak.latencies, 0.99) * 1000, 2),
        "pulls": soak.pulls,
        "pulled": len(soak.shown),
        "lists": soak.lists,
        "megabytes": (soak.samples[0][0], early[0], late[0]),
        "descriptors": (soak.samples[0][1], early[1], late[1]),
        "threads": (soak.samples[0][2], early[2], late[2]),
        "lost": lost,
        "missing": lost + len(soak.problems),
        "problems": soak.problems[:5],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rate", type=float, default=300.0, help="forwards in a second")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.seconds, options.rate))
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, figure in figures.items():
            sys.stdout.write(f"{name:16} {figure}\n")
    return 1 if figures["missing"] else 0


if __name__ == "__main__":
    sys.exit(main())
