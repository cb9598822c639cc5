"""Kill the program at the worst moments, and check that nothing is missing afterwards.

    python benchmarks/crashes.py listener [--kills 200] [--seed 1] [--json]
    python benchmarks/crashes.py pulls    [--bodies 3000] [--seed 1] [--json]

`listener`: `ibconsole listen` receives forwards over 16 connections and is killed (SIGKILL)
within a tenth of a second, repeatedly, on one data directory. Every forward that was answered
200 must be in the archive after the next start.

`pulls`: `ibconsole pull --until-empty` is killed before, in and after the bodies of a platform
that records what it hands out. Every body that the program received completely must be stored
with all of its messages, in particular one that was shown to the user and one after which the
next was requested. Every other pull must be stored too, flagged, with its bytes, which must be a
prefix of what was handed out, and with each message that is whole in them.

The programs are real commands in processes of their own, forked from one that has imported them.
Exits with 1 if anything is missing. Needs a system with fork.
"""

import argparse
import asyncio
import json
import os
import random
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Delivery, Filter, Via
from ibconsole.services.intake.archive_writer import open_archive

SENDERS = 16
PHASES = ("before", "in", "after")

# Imports the program once. Each line of JSON starts a command in a fork, or waits for its end.
FORK_SERVER = """
import json, os, sys
from ibconsole.cli import main
import ibconsole.api, ibconsole.services, ibconsole.services.connections.vault
import ibconsole.cli.servers, ibconsole.cli.pulling
for line in sys.stdin:
    request = json.loads(line)
    if "wait" in request:
        os.waitpid(request["wait"], 0)
        print(0, flush=True)
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
    """Starts commands quickly, by forking, and kills them."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process = subprocess.Popen(  # noqa: S603 this program
            [sys.executable, "-c", FORK_SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "IBCONSOLE_API_KEY": "k"},
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
        self._ask({"wait": process})

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


def stored_ids(data: Path) -> set[str]:
    """Return the message ids of all stored messages, after recovery."""
    path = data / "archive.sqlite3"
    with open_archive(path) as archive:
        archive.recover()
    with Reader(path) as reader:
        return {message.message_id for message in reader.messages(Filter())}


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
    return {
        "kills": kills,
        "sent": sent,
        "acknowledged": len(acknowledged),
        "stored": len(stored),
        "next_start_seconds": round(took, 1),
        "missing": len(acknowledged - stored),
    }


class Load:
    """Sends forwards over several connections, and records which were answered 200."""

    def __init__(self, port: int, start: int) -> None:
        self.acknowledged: set[str] = set()
        self.sent = 0
        self._port = port
        self._start = start
        self._selector = selectors.DefaultSelector()
        self._sent_ids: dict[socket.socket, str] = {}

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
        name = f"{self._start}-{self.sent}"
        self.sent += 1
        body = json.dumps({"results": [{"messageId": name, "text": "t" * 500}]})
        self._sent_ids[connection] = name
        head = f"POST /in HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n\r\n"
        with suppress(OSError):
            connection.sendall(f"{head}{body}".encode())

    def _read_answer(self, connection: Any) -> bool:
        try:
            answer = connection.recv(65536)
        except OSError:
            answer = b""
        if answer.startswith(b"HTTP/1.1 200 "):
            self.acknowledged.add(self._sent_ids[connection])
            return True
        self._selector.unregister(connection)
        connection.close()
        return False


@dataclass(slots=True)
class HandedOut:
    """A body that the platform handed out, and how many of its bytes were sent.

    It was `followed` if the program then requested the next one.
    """

    body: bytes
    sent: int = 0
    followed: bool = False


@dataclass(slots=True)
class Plan:
    """The planned kill of a program: at which of its pulls, and in which phase of it.

    `last` is the last body that it was sent.
    """

    process: int
    pulls: int
    phase: str
    last: HandedOut | None = None
    killed: asyncio.Event = field(default_factory=asyncio.Event)


class Platform:
    """Hands out batches without end, records them, and kills the program as planned."""

    def __init__(self, dice: random.Random) -> None:
        self.handed_out: list[HandedOut] = []
        self.plan: Plan | None = None
        self._dice = dice

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                if not self.plan:
                    break
                await self._hand_out(self.plan, writer)
        writer.close()

    async def _hand_out(self, plan: Plan, writer: asyncio.StreamWriter) -> None:
        if plan.last:
            plan.last.followed = True
        plan.last = batch = HandedOut(self._body(len(self.handed_out)))
        self.handed_out.append(batch)
        plan.pulls -= 1
        phase = plan.phase if plan.pulls == 0 else ""
        if phase == "before":
            await self._kill(plan)
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(batch.body)
        )
        end = self._dice.randrange(len(batch.body)) if phase == "in" else len(batch.body)
        while batch.sent < end:
            piece = batch.body[batch.sent : min(end, batch.sent + self._dice.randrange(1, 3000))]
            writer.write(piece)
            batch.sent += len(piece)
            await writer.drain()
            if self._dice.random() < 0.5:
                await asyncio.sleep(self._dice.uniform(0, 0.002))
        if phase:
            await asyncio.sleep(self._dice.uniform(0, 0.02))
            await self._kill(plan)

    async def _kill(self, plan: Plan) -> None:
        with suppress(ProcessLookupError):
            os.kill(plan.process, signal.SIGKILL)
        plan.killed.set()

    def _body(self, number: int) -> bytes:
        results = [
            {"messageId": f"{number}-{position}", "text": "t" * self._dice.randrange(300)}
            for position in range(self._dice.randrange(1, 30))
        ]
        envelope = {"results": results, "messageCount": len(results), "pendingMessageCount": 99}
        return json.dumps(envelope).encode()


async def crash_pulls(bodies: int, seed: int) -> dict[str, Any]:
    """Kill pulling programs until `bodies` bodies were handed out."""
    dice = random.Random(seed)  # noqa: S311 reproducible, not secret
    platform = Platform(dice)
    kills = dict.fromkeys(PHASES, 0)
    with fork_server() as (programs, data):
        server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        while len(platform.handed_out) < bodies:
            phase = dice.choice(PHASES)
            # The rate limit allows ten requests at once; the next one would wait for a second.
            plan = Plan(0, dice.randint(1, 9), phase)
            platform.plan = plan
            arguments = ("pull", "--yes", "--json", "--until-empty", "--base-url", url)
            plan.process = await asyncio.to_thread(programs.start, *arguments)
            await asyncio.wait_for(plan.killed.wait(), 60)
            await asyncio.to_thread(programs.kill, plan.process)
            kills[phase] += 1
        platform.plan = None
        server.close()
        shown = {name.decode() for name in _SHOWN_ID.findall((data / "out").read_bytes())}
        comparison = Comparison(platform.handed_out, stored_ids(data))
        with Reader(data / "archive.sqlite3") as reader:
            pulls = reader.find_deliveries(Via.PULL)
            for delivery in reader.deliveries(pulls):
                comparison.add(delivery, reader.delivery_body(delivery.id))
    return {"kills": kills, **comparison.conclude(len(pulls), shown)}


_SHOWN_ID = re.compile(rb'"messageId":\s*"([^"]+)"')
_BATCH_NUMBER = re.compile(rb'\{"results": \[\{"messageId": "(\d+)-')
_WHOLE_MESSAGE = re.compile(rb'\{"messageId": "([^"]+)", "text": "t*"\}')


class Comparison:
    """Compares what was handed out with what is stored."""

    def __init__(self, handed_out: list[HandedOut], stored: set[str]) -> None:
        self.problems: list[str] = []
        self._handed_out = handed_out
        self._stored = stored
        self._counts = {"whole": 0, "partial": 0, "without a byte": 0}
        self._ids_in_bytes: set[str] = set()
        self._whole: set[bytes] = set()

    def add(self, delivery: Delivery, body: bytes) -> None:
        """Check one stored pull."""
        ids = {name.decode() for name in _WHOLE_MESSAGE.findall(body)}
        self._ids_in_bytes |= ids
        if not ids <= self._stored:
            self._add_problem(delivery, "whole messages in its bytes were not recovered")
        numbered = _BATCH_NUMBER.match(body)
        candidates = [self._handed_out[int(numbered[1])]] if numbered else self._handed_out
        if numbered and body == candidates[0].body:
            self._whole.add(body)
            self._counts["whole"] += 1
            return
        self._counts["partial" if body else "without a byte"] += 1
        if not any(one.body.startswith(body) for one in candidates):
            self._add_problem(delivery, "its bytes were never handed out")
        if not (delivery.interrupted and delivery.problem):
            self._add_problem(delivery, "it is not whole, and not flagged")

    def conclude(self, pulls: int, shown: set[str]) -> dict[str, Any]:
        """Return the figures, and what is missing."""
        # A program that requested the next body has received the last one completely.
        lost = [one for one in self._handed_out if one.followed and one.body not in self._whole]
        self.problems += ["A body after which the next was requested is missing." for _ in lost]
        if pulls < len(self._handed_out):
            self.problems.append(f"{len(self._handed_out) - pulls} pulls left nothing at all.")
        if not shown <= self._stored:
            self.problems.append(f"{len(shown - self._stored)} shown messages are missing.")
        if self._ids_in_bytes != self._stored:
            self.problems.append(
                f"{len(self._ids_in_bytes ^ self._stored)} messages match no stored bytes."
            )
        return {
            "bodies": len(self._handed_out),
            "followed": sum(one.followed for one in self._handed_out),
            "pulls": pulls,
            **self._counts,
            "messages": len(self._stored),
            "shown": len(shown),
            "missing": len(self.problems),
            "problems": self.problems[:10],
        }

    def _add_problem(self, delivery: Delivery, problem: str) -> None:
        self.problems.append(f"Pull {delivery.id}: {problem}.")


def main() -> int:
    options = _options()
    if options.what == "listener":
        figures = crash_listener(options.kills, options.seed)
    else:
        figures = asyncio.run(crash_pulls(options.bodies, options.seed))
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, figure in figures.items():
            sys.stdout.write(f"{name:20} {figure}\n")
    return 1 if figures["missing"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("listener", "pulls"))
    parser.add_argument("--kills", type=int, default=200, help="of the listener")
    parser.add_argument("--bodies", type=int, default=3000, help="of pulls")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
