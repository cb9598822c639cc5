"""Send the listener valid forwards with a few mutated bytes, and check that what it kept is whole.

    python benchmarks/malformed_forwards.py [--requests 20000] [--seed 1] [--json]

The forwards have the forms of `crashes.py`: strict and lenient heads, lengths, chunks, gzip. Each
is sent in one to three pieces over a connection of its own. For each 200 the archive must have the
request to the byte: what is stored is a beginning of what was sent. Answers other than 200 may be
refusals, but no 5xx other than 501 and 505. The program must print no traceback, and its memory and
descriptors must not have grown since the first tenth. Exits with 1 otherwise. Reads /proc, so it
needs Linux.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from crashes import forward
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from malformed import MAX_GROWTH_MB, MAX_MORE_DESCRIPTORS, SENDERS, usage
from malformed_answers import mutated
from measure import ROOT

_REFUSALS = {501, 505}  # of what is not supported


class Attack:
    """Sends mutated forwards, and records the requests that were answered 200."""

    def __init__(self, port: int, seed: int) -> None:
        self.accepted: list[bytes] = []
        self.statuses: Counter[int] = Counter()
        self._port = port
        self._seed = seed

    def run(self, requests: int) -> None:
        """Send this many over several connections at a time."""
        share = requests // SENDERS
        threads = [
            threading.Thread(target=self._send, args=(f"{self._seed}-{requests}-{number}", share))
            for number in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, name: str, requests: int) -> None:
        dice = random.Random(name)  # noqa: S311 reproducible, not secret
        for number in range(requests):
            request = mutated(forward(f"{name}-{number}", dice), dice)
            status = self._exchange(request, dice)
            self.statuses[status] += 1
            if status == 200:
                self.accepted.append(request)

    def _exchange(self, request: bytes, dice: random.Random) -> int:
        """Return the status of the first answer; 0 without one."""
        cuts = sorted(dice.randrange(len(request) + 1) for _ in range(dice.randrange(3)))
        answer = b""
        with (
            socket.create_connection(("127.0.0.1", self._port)) as connection,
            suppress(ConnectionError),
        ):
            connection.settimeout(20)
            for start, end in zip([0, *cuts], [*cuts, len(request)], strict=True):
                connection.sendall(request[start:end])
            connection.shutdown(socket.SHUT_WR)
            while received := connection.recv(65536):
                answer += received
        found = answer[9:12]
        return int(found) if answer.startswith(b"HTTP/1.1 ") and found.isdigit() else 0


def measure(requests: int, seed: int) -> dict[str, Any]:
    """Attack a listener, and compare what is stored."""
    with tempfile.TemporaryDirectory(prefix="ibconsole-malformed-") as name:
        data, log = Path(name), Path(name) / "log"
        command = [sys.executable, "-m", "ibconsole", "--data-dir", name, "listen", "--port", "0"]
        command += ["--path", "/in"]
        with (
            log.open("wb") as errors,
            subprocess.Popen(  # noqa: S603 this program
                command,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            ) as process,
        ):
            if not process.stdout:
                raise RuntimeError("The process was started without pipes.")
            port = int(process.stdout.readline().split(b":")[2].partition(b"/")[0])
            drain = threading.Thread(target=process.stdout.read)
            drain.start()
            attack = Attack(port, seed)
            attack.run(requests // 10)
            before = usage(process.pid)
            attack.run(requests)
            after = usage(process.pid)
            process.send_signal(signal.SIGINT)
            code = process.wait(60)
            drain.join()
        stored, messages = _stored(data)
        tracebacks = log.read_text(errors="replace").count("Traceback")
    lost = [request for request in attack.accepted if not _has(stored, request)]
    return {
        "requests": sum(attack.statuses.values()),
        "statuses": dict(sorted(attack.statuses.items())),
        "messages": messages,
        "exit code": code,
        "tracebacks": tracebacks,
        "lost": len(lost),
        "examples": [repr(request[:300]) for request in lost[:3]],
        "megabytes": (before[0], after[0]),
        "descriptors": (before[1], after[1]),
    }


def _stored(data: Path) -> tuple[set[bytes], int]:
    """Return the raw requests that are stored as answered with 200, and the number of messages."""
    with Reader(data / "archive.sqlite3") as reader:
        requests = reader.deliveries(reader.find_deliveries(Via.FORWARD))
        raws = {reader.delivery_raw(each.id) for each in requests if each.status == 200}
        return raws, len(reader.find(Filter()))


def _has(stored: set[bytes], request: bytes) -> bool:
    """Return whether a beginning of the request is stored, its head at least."""
    # What a mutation put behind the end of a request is another request.
    request = request.lstrip(b"\r\n")  # blank lines before a request belong to none
    return request in stored or any(
        request[:end] in stored for end in range(len(request) - 1, 15, -1)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.requests, options.seed)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, figure in figures.items():
            sys.stdout.write(f"{name:12} {figure}\n")
    (megabytes, megabytes_after), (files, files_after) = (
        figures["megabytes"],
        figures["descriptors"],
    )
    bounded = (
        megabytes_after - megabytes < MAX_GROWTH_MB and files_after - files < MAX_MORE_DESCRIPTORS
    )
    unexpected = {each for each in figures["statuses"] if each >= 500} - _REFUSALS
    failed = figures["lost"] or figures["tracebacks"] or figures["exit code"] or unexpected
    return 0 if bounded and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
