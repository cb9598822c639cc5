"""Commands of the program that start quickly, because they are forked, and are killed at will."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.services.intake.archive_writer import open_archive

KEY = "0123456789abcdef0123456789abcdef"

# Imports the program once. Each line of JSON starts a command in a fork, or waits for its end.
FORK_SERVER = """
import json, os, sys
from ibconsole.cli import main
import ibconsole.api, ibconsole.services, ibconsole.services.connections.vault
import ibconsole.cli.servers, ibconsole.cli.pulling
for line in sys.stdin:
    request = json.loads(line)
    if "wait" in request:
        print(os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1]), flush=True)
        continue
    child = os.fork()
    if not child:
        out = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os._exit(main(request["arguments"]))
    print(child, flush=True)
"""


class ForkServer:
    """Starts commands quickly, by forking, and kills them.

    `variables` are added to their environment; what they print is appended to `out` in `data`.
    """

    def __init__(self, data: Path, **variables: str) -> None:
        self._data = data
        self._process = subprocess.Popen(  # noqa: S603 this program
            [sys.executable, "-c", FORK_SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "IBCONSOLE_API_KEY": KEY, **variables},
        )

    def start(self, *arguments: str) -> int:
        """Start a command on the data directory, and return its process id."""
        return self._ask(
            {
                "arguments": ["--data-dir", str(self._data), *arguments],
                "out": str(self._data / "out"),
            }
        )

    def kill(self, process: int) -> None:
        """Send SIGKILL, and wait until the process has ended."""
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        self.wait(process)

    def wait(self, process: int) -> int:
        """Wait until the process has ended, and return its exit code."""
        return self._ask({"wait": process})

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, request: dict[str, Any]) -> int:
        if not self._process.stdin or not self._process.stdout:
            raise RuntimeError("The process was started without pipes.")
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def stored_ids(data: Path) -> set[str]:
    """Return the message ids of all stored messages, after recovery."""
    path = data / "archive.sqlite3"
    with open_archive(path) as archive:
        archive.recover()
    with Reader(path) as reader:
        return {message.message_id for message in reader.messages(Filter())}


@contextmanager
def fork_server() -> Iterator[tuple[ForkServer, Path]]:
    """Run a fork server with a data directory of its own."""
    with tempfile.TemporaryDirectory(prefix="ibconsole-crashes-") as name:
        data = Path(name)
        server = ForkServer(data)
        try:
            yield server, data
        finally:
            server.close()
