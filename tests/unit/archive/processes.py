"""Other processes that use the same archive as a test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The alarm ends a child that hangs, so that a test that waits for its output ends too.
_PREAMBLE = """
import signal, sys
from pathlib import Path
if hasattr(signal, "alarm"):
    signal.alarm(30)
from ibconsole.archive import *
from ibconsole.files import FileLock
from tests.unit.archive.deliveries import arrival, batch, pull
path = Path(sys.argv[1])
def say(*words):
    print(*words, flush=True)
"""
_ROOT = Path(__file__).parents[3]


@contextmanager
def process(script: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a script that has `path`, the archive's names and `say(...)`; kill it at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", _PREAMBLE + script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
        # Not measured: what a child runs of the archive, the tests run themselves.
        env={name: text for name, text in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def read_words(child: "subprocess.Popen[str]") -> list[str]:
    """Read the words of the child's next line; none if it has ended."""
    assert child.stdout
    return child.stdout.readline().split()
