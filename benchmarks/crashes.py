"""Kill the program at the worst moments, and check that nothing is missing afterwards.

    python benchmarks/crashes.py listener [--kills 200] [--seed 1] [--json]
    python benchmarks/crashes.py pulls    [--kills 300] [--seed 1] [--json]
    python benchmarks/crashes.py spills   [--kills 20] [--seed 1] [--json]
    python benchmarks/crashes.py redeliveries [--kills 200] [--messages 10000] [--seed 1] [--json]
    python benchmarks/crashes.py collectors [--kills 50] [--servers 5] [--seed 1] [--json]

`listener`: `ibconsole listen` receives forwards of many forms over 16 connections and is killed
(SIGKILL) within a tenth of a second, repeatedly, on one data directory. Every forward that was
answered 200 must be in the archive after the next start, and none that is stored may be a part.

`pulls`: `ibconsole pull --until-empty` is killed before, in and after the answers of a platform
that records what it hands out, and at any time. The answers have many framings, strict and odd,
and some are large. Every answer that the program received completely must be stored with all of
its messages, in particular one that was shown to the user and one after which the next was
requested. Every other pull must be stored too, flagged, with its bytes, which must be a prefix of
what was handed out, and with each message that is whole in them.

`spills`: the disk becomes full while `ibconsole pull` receives a large answer, and two of three
programs are killed then or when there is space again. Archive and spill file together must have
the answer, and `ibconsole messages adopt` must bring the spill file into the archive. Needs the
right to mount a small disk.

`redeliveries`: `ibconsole give-back` and `give-back resume` are killed while they deliver to a
flaky endpoint. Each message must be acknowledged exactly once, there and in the ledger, or be
listed as unknown or undelivered; none may be sent again that may have arrived.

`collectors`: two collectors of a team pull from one simulated account, receive forwards, and are
killed, and so is the team's database. Each forward that was answered 200, and each message that
was handed out (unless its answer was on its way to a collector that was killed), must be in the
team's record, and none twice. Needs PostgreSQL.

The programs are real commands in processes of their own, forked from one that has imported them.
Exits with 1 if anything is missing. Needs a system with fork.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import selectors
import signal
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash_collectors import crash_collectors
from crash_pulls import crash_pulls
from crash_redeliveries import crash_redeliveries
from crash_spills import crash_spills
from fork_server import fork_server, stored_ids
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter

WHAT = ("listener", "pulls", "spills", "redeliveries", "collectors")
SENDERS = 16
_TEXT = "t" * 500
_LARGE_TEXT = "t" * 150_000
_OK = b"HTTP/1.1 200 "


def crash_listener(kills: int, seed: int) -> dict[str, Any]:
    """Kill the listener under load `kills` times."""
    dice = random.Random(seed)  # noqa: S311 reproducible, not secret
    acknowledged: set[str] = set()
    sent = 0
    with fork_server() as (programs, data):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        arguments = ("listen", "--port", str(port), "--path", "/in")
        for start in range(kills):
            process = programs.start(*arguments)
            load = Load(port, start)
            load.run(dice.uniform(0.0, 0.1))
            os.kill(process, signal.SIGKILL)
            load.read_remaining_answers()
            programs.kill(process)
            acknowledged |= load.acknowledged
            sent += load.sent
        began = time.perf_counter()
        stored = stored_ids(data)
        took = time.perf_counter() - began
        partial = _partial_texts(data)
    return {
        "kills": kills,
        "sent": sent,
        "acknowledged": len(acknowledged),
        "stored": len(stored),
        "next_start_seconds": round(took, 1),
        "partial": partial,
        "missing": len(acknowledged - stored) + partial,
    }


def _partial_texts(data: Path) -> int:
    """Return the number of stored messages whose text is not as it was sent."""
    with Reader(data / "archive.sqlite3") as reader:
        return sum(
            message.text not in {_TEXT, _LARGE_TEXT} for message in reader.messages(Filter())
        )


def forward(name: str, dice: random.Random) -> bytes:
    """Return a request with one message, in one of many forms that are all to be stored."""
    text = _LARGE_TEXT if dice.random() < 0.02 else _TEXT
    body = json.dumps({"results": [{"messageId": name, "text": text}]}).encode()
    post, host = b"POST /in HTTP/1.1\r\n", b"Host: here\r\n"
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    chunks = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n"
    packed = gzip.compress(body, 1)
    packed_length = b"Content-Length: %d\r\n\r\n" % len(packed)
    forms = [
        post + host + length + body,
        post + length + body,  # without a host
        b"POST /in/?name=Zo\xc3\xab HTTP/1.1\r\n" + host + length + body,
        (post + host + b"X Note: a\r\n" + length).replace(b"\r\n", b"\n") + body,
        post + host + chunks % (len(body), body) + b"\r\n",
        post + host + chunks % (len(body), body) + b"X-Sum: 1\r\n\r\n",
        post + host + b"Content-Encoding: gzip\r\n" + packed_length + packed,
    ]
    return dice.choice(forms)


@dataclass(slots=True)
class Sender:
    """What one connection has sent and not received an answer to, and the end of its answers."""

    unanswered: deque[str] = field(default_factory=deque)
    received: bytes = b""


class Load:
    """Sends forwards over several connections, and records which were answered 200."""

    def __init__(self, port: int, start: int) -> None:
        self.acknowledged: set[str] = set()
        self.sent = 0
        self._port = port
        self._start = start
        self._selector = selectors.DefaultSelector()
        self._dice = random.Random(start)  # noqa: S311 reproducible, not secret
        self._senders: dict[socket.socket, Sender] = {}

    def run(self, seconds: float) -> None:
        """Connect as soon as the listener accepts, then send for `seconds`."""
        first = self._connect()
        for connection in (first, *(self._connect() for _ in range(SENDERS - 1))):
            self._selector.register(connection, selectors.EVENT_READ)
            self._send(connection)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(timeout=left):
                if self._read_answer(key.fileobj):
                    self._send(key.fileobj)

    def read_remaining_answers(self) -> None:
        """Read answers that the killed program sent and that have not arrived yet."""
        while self._selector.get_map():
            for key, _ in self._selector.select(timeout=10):
                self._read_answer(key.fileobj)

    def _connect(self) -> socket.socket:
        until = time.monotonic() + 30
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.002)

    def _send(self, connection: Any) -> None:
        """Send one request, or several without waiting for the answers between them."""
        sender = self._senders.setdefault(connection, Sender())
        requests = b""
        for _ in range(self._dice.choice((1, 1, 1, 4))):
            name = f"{self._start}-{self.sent}"
            self.sent += 1
            sender.unanswered.append(name)
            requests += forward(name, self._dice)
        with suppress(OSError):
            connection.sendall(requests)

    def _read_answer(self, connection: Any) -> bool:
        """Read answers; return whether all requests of this connection are answered."""
        try:
            received = connection.recv(65536)
        except OSError:
            received = b""
        sender = self._senders[connection]
        sender.received += received
        while sender.received.startswith(_OK):
            _, blank, rest = sender.received.partition(b"\r\n\r\n")
            if not blank:
                break
            sender.received = rest
            self.acknowledged.add(sender.unanswered.popleft())
        if received and (not sender.received or sender.received.startswith(_OK)):
            return not sender.unanswered
        self._selector.unregister(connection)
        connection.close()
        return False


def main() -> int:
    options = _options()
    if options.what == "listener":
        figures = crash_listener(options.kills or 200, options.seed)
    elif options.what == "pulls":
        figures = asyncio.run(crash_pulls(options.kills or 300, options.seed))
    elif options.what == "collectors":
        figures = crash_collectors(options.kills or 50, options.servers, options.seed)
    elif options.what == "redeliveries":
        kills = options.kills or 200
        figures = asyncio.run(crash_redeliveries(kills, options.seed, options.messages))
    else:
        figures = asyncio.run(crash_spills(options.kills or 20, options.seed))
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, figure in figures.items():
            sys.stdout.write(f"{name:20} {figure}\n")
    return 1 if figures["missing"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--messages", type=int, default=10_000, help="of redeliveries")
    parser.add_argument("--servers", type=int, default=5, help="kills of the team's database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
