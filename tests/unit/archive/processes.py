"""Other processes at work on the same archive, for the tests; and what they share."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ibconsole.model.message import Arrival
from ibconsole.model.reading import encode

# A child that hangs ends by itself, so a test that waits for its output does too.
_PREAMBLE = """
import signal, sys
from pathlib import Path
if hasattr(signal, "alarm"):
    signal.alarm(30)
from ibconsole.archive import *
from ibconsole.files import FileLock
from tests.unit.archive.processes import arrival, batch
path = Path(sys.argv[1])
def say(*words):
    print(*words, flush=True)
"""
_ROOT = Path(__file__).parents[3]


@contextmanager
def process(script: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run the script with `path`, the archive's names and `say(...)`; killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", _PREAMBLE + script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def heard(child: "subprocess.Popen[str]") -> list[str]:
    """The words of the child's next line; none if it has ended."""
    assert child.stdout
    return child.stdout.readline().split()


def arrival(body: bytes, *, arrived_at: int = 1_000, status: int = 200, **other: str) -> Arrival:
    """A forwarded request with this body."""
    return Arrival(
        connection=None,
        arrived_at=arrived_at,
        method=other.get("method", "POST"),
        target="/inbound",
        headers=(("Content-Type", "application/json"),),
        body=body,
        raw=b"POST /inbound HTTP/1.1\r\n\r\n" + body,
        peer="127.0.0.1",
        status=status,
        problem=other.get("problem", ""),
    )


def batch(*messages: object, pending: int = 0) -> bytes:
    """The envelope that the platform would send with these messages."""
    return encode(
        {
            "results": list(messages),
            "messageCount": len(messages),
            "pendingMessageCount": pending,
        }
    )
