"""Check under strace that the archive is synced between the last byte of a forward and its 200.

    python benchmarks/fsyncs.py [--senders 8] [--requests 25] [--json]

Runs `ibconsole listen` under `strace -f`, sends it forwards over several connections at a time,
and checks in the trace of system calls, for each request, that a sync of the archive's files
began after its last byte was received and ended before the first byte of its answer was sent.
Syncs of the write-ahead log count too, and one sync may serve several requests. Exits with 1 if
a 200 was sent without a sync, and with 2 if strace is not installed.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_CALLS = "trace=recvfrom,sendto,fdatasync,fsync"
_LINE = re.compile(
    r"(?P<thread>\d+)\s+(?P<at>\d+\.\d+) (?:(?P<call>\w+)\(\d+<(?P<name>.*?)>(?=[,) ])"
    r"|<\.\.\. (?P<resumed>\w+) resumed)(?P<rest>.*)"
)


class Trace:
    """Follows each connection through the system calls in their order."""

    def __init__(self) -> None:
        self.answered = 0
        self.syncs = 0
        self.unsynced: list[str] = []
        self._synced = -1  # when the latest complete sync began
        self._syncing: dict[str, int] = {}  # by thread: when its current sync began
        self._receiving: dict[str, str] = {}  # by thread: the connection that it receives from
        self._complete: dict[str, int] = {}  # by connection: when its request was complete

    def read(self, lines: list[str]) -> None:
        """Evaluate all lines of a trace."""
        for order, line in enumerate(lines):
            match = _LINE.match(line)
            call = match and (match["call"] or match["resumed"])
            if match and call in {"fdatasync", "fsync"}:
                self._sync(order, match)
            elif match and call == "recvfrom":
                self._receive(order, match)
            elif match and call == "sendto" and "HTTP/1.1 200" in match["rest"]:
                self._answer(order, match)

    def _sync(self, order: int, match: re.Match[str]) -> None:
        if match["call"] and "archive.sqlite3" in match["name"]:
            self._syncing[match["thread"]] = order
        began = self._syncing.get(match["thread"])
        if began is None:
            return
        if "unfinished" not in match["rest"]:
            del self._syncing[match["thread"]]
            self._synced = max(self._synced, began)
            self.syncs += 1

    def _receive(self, order: int, match: re.Match[str]) -> None:
        name = match["name"] or self._receiving.get(match["thread"], "")
        self._receiving[match["thread"]] = name
        if "POST " in match["rest"]:
            self._complete[name] = order

    def _answer(self, order: int, match: re.Match[str]) -> None:
        self.answered += 1
        if self._synced < self._complete.pop(match["name"], order):
            self.unsynced.append(match[0])


def measure(senders: int, requests: int) -> dict[str, Any]:
    """Send forwards to a traced listener, then evaluate its trace."""
    with tempfile.TemporaryDirectory(prefix="ibconsole-fsyncs-") as name:
        data = Path(name)
        listener = [sys.executable, "-m", "ibconsole", "--data-dir", str(data)]
        listener += ["listen", "--port", "0"]
        strace = ["strace", "-f", "-ttt", "-yy", "-s", "64", "-e", _CALLS]
        with subprocess.Popen(  # noqa: S603 this program
            [*strace, "-o", str(data / "trace"), *listener],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        ) as process:
            if not process.stdout:
                raise RuntimeError("The process was started without pipes.")
            url = process.stdout.readline().decode().strip()
            drain = threading.Thread(target=process.stdout.read)
            drain.start()
            try:
                acknowledged = _send(url, senders, requests)
            finally:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(60)
                drain.join()
        trace = Trace()
        trace.read((data / "trace").read_text(errors="replace").splitlines())
    return {
        "acknowledged": acknowledged,
        "seen in the trace": trace.answered,
        "syncs": trace.syncs,
        "200 without a sync": len(trace.unsynced),
        "examples": trace.unsynced[:3],
    }


def _send(url: str, senders: int, requests: int) -> int:
    parts = urlsplit(url)
    acknowledged = [0] * senders

    def send(sender: int) -> None:
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
            for _ in range(requests):
                # In one piece, so that a single call receives all of it.
                body = b'{"results":[{"messageId":"%d","text":"t"}]}' % time.time_ns()
                connection.sendall(
                    f"POST {parts.path} HTTP/1.1\r\nHost: here\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                acknowledged[sender] += connection.recv(4096).startswith(b"HTTP/1.1 200")

    threads = [threading.Thread(target=send, args=(number,)) for number in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(acknowledged)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--requests", type=int, default=25, help="of each sender")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not shutil.which("strace"):
        sys.stderr.write("strace is not installed; nothing was measured.\n")
        return 2
    # With one sender each sync serves one request; with several, a sync may serve others only.
    runs = {"one sender": (1, options.requests), "several": (options.senders, options.requests)}
    figures = {name: measure(*run) for name, run in runs.items()}
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, run_figures in figures.items():
            sys.stdout.write(f"{name:12} {run_figures}\n")
    return 0 if all(_is_proven(figures[name], *run) for name, run in runs.items()) else 1


def _is_proven(figures: dict[str, Any], senders: int, requests: int) -> bool:
    seen = figures["seen in the trace"]
    return (
        bool(seen == figures["acknowledged"] == senders * requests)
        and not (figures["200 without a sync"])
    )


if __name__ == "__main__":
    sys.exit(main())
