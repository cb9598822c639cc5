"""Check under strace that received bytes are synced to the disk before anything else happens.

    python benchmarks/fsyncs.py [--senders 8] [--requests 25] [--pieces 12] [--json]

Runs `ibconsole listen` under `strace -f`, sends it forwards over several connections at a time,
in one piece or two, and checks in the trace of system calls, for each request, that a sync of the
archive's files began after its last byte was received and ended before the first byte of its
answer was sent. Syncs of the write-ahead log count too, and one sync may serve several requests.

Runs `ibconsole pull` likewise, with an answer as HTTP requires and with one that the HTTP client
refuses at its second line. Each piece of the answer must be written to the archive and synced
before the next one is read and before a message is shown. The client parses a piece before it asks
for the next; a piece that it refuses is the last one that it asks for.

Exits with 1 if a sync is missing, and with 2 if strace is not installed (apt-get install strace).
"""

import argparse
import json
import os
import random
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
_CALLS = "trace=recvfrom,sendto,fdatasync,fsync,pwrite64,write"
_PAUSE = 0.02  # seconds between the pieces of an answer, so that each is read by itself
_LINE = re.compile(
    r"(?P<thread>\d+)\s+(?P<at>\d+\.\d+) (?:(?P<call>\w+)\(\d+<(?P<name>.*?)>(?=[,) ])"
    r"|<\.\.\. (?P<resumed>\w+) resumed)(?P<rest>.*)"
)


_RECEIVED = re.compile(r" = [1-9]\d*$")


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
        if _RECEIVED.search(match["rest"]):
            self._complete[name] = order

    def _answer(self, order: int, match: re.Match[str]) -> None:
        self.answered += 1
        if self._synced < self._complete.pop(match["name"], order):
            self.unsynced.append(match[0])


# The second one is read leniently, since no name contains a blank.
_HEADERS = ("Host: here\r\n", "X Note: a\r\nHost: here\r\n")


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


class PullTrace:
    """Follows the connection of a pull, and what is written, in their order."""

    def __init__(self, port: int) -> None:
        self.pieces = 0
        self.syncs = 0
        self.shown = 0
        self.unsynced: list[str] = []
        self._port = port
        self._has_unsynced = False  # a piece was received, and its sync is not over
        self._is_written = False  # it was written to the log
        self._syncing: set[str] = set()  # the threads that sync what was written

    def read(self, lines: list[str]) -> None:
        """Evaluate all lines of a trace."""
        for line in lines:
            match = _LINE.match(line)
            if not match:
                continue
            call, name = match["call"] or match["resumed"], match["name"] or ""
            if call in {"fdatasync", "fsync"}:
                self._sync(match)
            elif call == "pwrite64" and "archive.sqlite3-wal" in name:
                self._is_written = True
            elif call == "recvfrom" and f"->127.0.0.1:{self._port}" in name:
                self._receive(match)
            elif call == "write" and "messageId" in match["rest"]:
                self.shown += 1
                self._require_sync(match)

    def _sync(self, match: re.Match[str]) -> None:
        thread = match["thread"]
        if match["call"] and self._is_written and "archive.sqlite3" in match["name"]:
            self._syncing.add(thread)
        if "unfinished" not in match["rest"] and thread in self._syncing:
            self._syncing.discard(thread)
            self._has_unsynced = False
            self.syncs += 1

    def _receive(self, match: re.Match[str]) -> None:
        self._require_sync(match)
        if _RECEIVED.search(match["rest"]):
            self.pieces += 1
            self._has_unsynced, self._is_written = True, False
            self._syncing.clear()

    def _require_sync(self, match: re.Match[str]) -> None:
        if self._has_unsynced:
            self.unsynced.append(match[0])


def measure_pull(head: bytes, pieces: int) -> dict[str, Any]:
    """Hand out an answer in pieces to a traced pull, then evaluate its trace."""
    results = [{"messageId": f"m{number}", "text": "t" * 200} for number in range(pieces)]
    body = json.dumps({"results": results, "messageCount": pieces}).encode()
    answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with (
        tempfile.TemporaryDirectory(prefix="ibconsole-fsyncs-") as name,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        port = server.getsockname()[1]
        thread = threading.Thread(target=_hand_out, args=(server, answer, pieces))
        thread.start()
        command = [sys.executable, "-m", "ibconsole", "--data-dir", name, "pull", "--yes", "--json"]
        command += ["--base-url", f"http://127.0.0.1:{port}"]
        strace = ["strace", "-f", "-ttt", "-yy", "-s", "64", "-e", _CALLS, "-o", f"{name}/trace"]
        completed = subprocess.run(  # noqa: S603 this program
            [*strace, *command],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "IBCONSOLE_API_KEY": "k"},
            check=False,
        )
        thread.join()
        trace = PullTrace(port)
        trace.read((Path(name) / "trace").read_text(errors="replace").splitlines())
    return {
        "messages": completed.stdout.count(b'"messageId"'),
        "pieces": trace.pieces,
        "syncs": trace.syncs,
        "writes of messages": trace.shown,
        "without a sync": len(trace.unsynced),
        "examples": trace.unsynced[:3],
    }


def _hand_out(server: socket.socket, answer: bytes, pieces: int) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        size = -(-len(answer) // pieces)
        for start in range(0, len(answer), size):
            connection.sendall(answer[start : start + size])
            time.sleep(_PAUSE)


def _send(url: str, senders: int, requests: int) -> int:
    parts = urlsplit(url)
    acknowledged = [0] * senders

    def send(sender: int) -> None:
        dice = random.Random(sender)  # noqa: S311 reproducible, not secret
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
            for _ in range(requests):
                body = b'{"results":[{"messageId":"%d","text":"t"}]}' % time.time_ns()
                request = (
                    f"POST {parts.path} HTTP/1.1\r\n{dice.choice(_HEADERS)}"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                middle = dice.choice((0, dice.randrange(len(request))))
                for piece in (request[:middle], request[middle:]):
                    connection.sendall(piece)
                    time.sleep(_PAUSE if middle else 0)
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
    parser.add_argument("--pieces", type=int, default=12, help="of an answer to a pull")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not shutil.which("strace"):
        sys.stderr.write("strace is not installed; nothing was measured.\n")
        return 2
    # With one sender each sync serves one request; with several, a sync may serve others only.
    runs = {"one sender": (1, options.requests), "several": (options.senders, options.requests)}
    figures = {name: measure(*run) for name, run in runs.items()}
    pulls = {name: measure_pull(head, options.pieces) for name, head in _ANSWERS.items()}
    if options.json:
        sys.stdout.write(json.dumps({**figures, **pulls}) + "\n")
    else:
        for name, run_figures in {**figures, **pulls}.items():
            sys.stdout.write(f"{name:16} {run_figures}\n")
    listens = all(_is_proven(figures[name], *run) for name, run in runs.items())
    return 0 if listens and all(map(_is_pull_proven, pulls.values())) else 1


_ANSWERS = {
    "accepted answer": b"HTTP/1.1 200 OK\r\n",
    "refused answer": b"HTTP/1.1 200 OK\r\nX note\r\n",
}


def _is_pull_proven(figures: dict[str, Any]) -> bool:
    return (
        figures["messages"] > 0
        and figures["syncs"] >= figures["pieces"] > 1
        and figures["writes of messages"] > 0
        and not figures["without a sync"]
    )


def _is_proven(figures: dict[str, Any], senders: int, requests: int) -> bool:
    seen = figures["seen in the trace"]
    return (
        bool(seen == figures["acknowledged"] == senders * requests)
        and not (figures["200 without a sync"])
    )


if __name__ == "__main__":
    sys.exit(main())
