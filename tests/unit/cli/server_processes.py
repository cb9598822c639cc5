"""Commands that run until they are stopped, as processes."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

PROGRAM = (sys.executable, "-m", "ibconsole")


@contextmanager
def start(*arguments: str, data: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start a command that runs until stopped; yield the process and its first line."""
    with subprocess.Popen(
        [*PROGRAM, "--data-dir", str(data), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def stop(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(number)
    rest, errors = process.communicate(timeout=10)
    return process.returncode, rest, errors


def post(url: str, body: bytes) -> int:
    with urlopen(Request(url, data=body, method="POST"), timeout=10) as answer:
        return int(answer.status)
