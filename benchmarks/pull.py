"""Duration of pulls of many messages, until each is on disk and can be found.

    python benchmarks/pull.py [--runs 7] [--messages 100000] [--answers 100] [--quick] [--json]

Two cases: one answer with all messages, from a process that sends the same bytes to every client;
and many answers of 1,000 messages from `ibconsole simulate`, which is started anew for each
client. Baselines, in the same run and alternating: httpx and json, which store nothing; and httpx,
json and bare apsw, which writes each answer's body and the columns and JSON of its messages into a
table with one index (archive.py), in one transaction for each answer, with the archive's
checkpoint setting. They keep one connection open for all answers; the console opens one for each.

"first messages" is the time from the moment at which the system has accepted the last byte of the
large answer, of which the client may still have to read some, until another process finds a message
in the archive.
"""

import asyncio
import json
import multiprocessing
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from archive import BareDatabase, messages_of
from ibconsole.archive import ArchiveError, Filter, Reader
from ibconsole.secret import Secret
from ibconsole.services.connections import account_of
from ibconsole.services.console import Console
from ibconsole.services.runtime import Paths
from measure import ROOT, Options, Report, ratios, scratch

BATCH = 1_000
PATH = "/push/1/inbox/reports"
# The account's rate limit would be measured instead of the program: after this many requests
# a new connection begins with an unused budget.
REQUESTS_OF_A_BUDGET = 9
POLL_SECONDS = 0.01
_CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"


@dataclass(frozen=True, slots=True)
class Source:
    """A platform that hands out `answers` batches of up to `limit` messages."""

    url: str
    key: str
    answers: int
    limit: int | None

    @property
    def address(self) -> str:
        """The URL of one pull."""
        return f"{self.url}{PATH}" + (f"?limit={self.limit}" if self.limit else "")


Client = Callable[[Source], Coroutine[Any, Any, tuple[float, int]]]


def body_of(count: int) -> bytes:
    """Return the body of an answer with `count` messages like the documented one."""
    results = [
        {
            "messageId": str(1561984815238926404 + number),
            "pairedMessageId": "1234984815238926403",
            "from": f"69827EDB-A806-4AF6-A7F6-{number:012d}",
            "subscriberId": str(number),
            "to": _CODE,
            "applicationCode": _CODE,
            "receivedAt": "2017-01-05T12:47:56.221+0000",
            "callbackData": "callbackData",
            "text": f"KEYWORD text number {number}",
            "cleanText": f"text number {number}",
            "keyword": "KEYWORD",
            "customPayload": {"key1": number, "key2": 2},
        }
        for number in range(count)
    ]
    envelope = {"results": results, "messageCount": count, "pendingMessageCount": 0}
    return json.dumps(envelope, separators=(",", ":")).encode()


class FixedPlatform:
    """A process that answers every request with the same messages."""

    def __init__(self, messages: int) -> None:
        self._sent, child_end = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(
            target=_serve_fixed, args=(messages, child_end), daemon=True
        )
        self._process.start()
        self.url = str(self._sent.recv())

    def sent_at(self) -> float:
        """Return when the last byte of the latest answer was sent, on the monotonic clock."""
        instant = 0.0
        while self._sent.poll():
            instant = float(self._sent.recv())
        return instant

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve_fixed(messages: int, ready: Connection) -> None:
    body = body_of(messages)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    answer = f"{head}Connection: close\r\n\r\n".encode() + body
    with socket.create_server(("127.0.0.1", 0)) as server:
        ready.send(f"http://127.0.0.1:{server.getsockname()[1]}")
        while True:
            client, _ = server.accept()
            with client:
                received = b""
                while not received.endswith(b"\r\n\r\n"):
                    received += client.recv(65_536)
                client.sendall(answer)
                ready.send(time.monotonic())


@contextmanager
def simulator(answers: int) -> Iterator[Source]:
    """Run the simulated platform with messages for this number of pulls."""
    command = [sys.executable, "-m", "ibconsole", "simulate", "--port", "0", "--no-rate-limit"]
    command += ["--messages", str(answers * BATCH)]
    with subprocess.Popen(  # noqa: S603 ibconsole itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        try:
            ready = json.loads(process.stdout.readline()) if process.stdout else {}
            yield Source(ready["base_url"], ready["api_key"], answers, BATCH)
        finally:
            process.terminate()


async def discard(source: Source) -> tuple[float, int]:
    """Return the seconds that httpx and json take, and the number of messages."""
    async with bare_client(source) as client:
        count, began = 0, time.perf_counter()
        for _ in range(source.answers):
            count += len(json.loads(await fetch(client, source))["results"])
        return time.perf_counter() - began, count


async def store_bare(source: Source) -> tuple[float, int]:
    """Return the seconds that httpx, json and bare apsw take, and the number of messages."""
    with scratch() as directory, closing(BareDatabase(directory / "file.sqlite3")) as db:
        async with bare_client(source) as client:
            count, began = 0, time.perf_counter()
            for _ in range(source.answers):
                body = await fetch(client, source)
                rows = messages_of(body)
                db.insert([body], rows)
                count += len(rows)
            return time.perf_counter() - began, count


def bare_client(source: Source) -> httpx.AsyncClient:
    """Return a client that uses no proxy."""
    headers = {"Authorization": f"App {source.key}"}
    return httpx.AsyncClient(timeout=60, headers=headers, trust_env=False)


async def fetch(client: httpx.AsyncClient, source: Source) -> bytes:
    """Return the body of one answer."""
    response = await client.get(source.address)
    response.raise_for_status()
    return response.content


async def pull(source: Source) -> tuple[float, int]:
    """Return the seconds until every message is in a new archive, and their number."""
    with scratch() as directory:
        return await pull_into(directory, source)


async def pull_into(directory: Path, source: Source) -> tuple[float, int]:
    """Do the same with the archive in this directory."""
    count, seconds = 0, 0.0
    async with Console(Paths(directory)) as console:
        account = account_of(source.url, Secret(source.key))
        for number in range(source.answers):
            if number % REQUESTS_OF_A_BUDGET == 0:
                await console.connect(account)
            began = time.perf_counter()
            report = await console.pulls.pull(source.limit)
            seconds += time.perf_counter() - began
            if report.error or report.problem:
                sys.exit(f"A pull failed: {report.error or report.problem}")
            count += report.messages
    return seconds, count


def first_messages(platform: FixedPlatform) -> float:
    """Return the seconds from the last byte of an answer until a message is in the archive."""
    with scratch() as directory:
        path = Paths(directory).archive
        found, child_end = multiprocessing.Pipe(duplex=False)
        watcher = multiprocessing.Process(target=_watch, args=(path, child_end), daemon=True)
        watcher.start()
        platform.sent_at()
        asyncio.run(pull_into(directory, Source(platform.url, "k", 1, None)))
        seen_at = float(found.recv())
        watcher.join()
        return seen_at - platform.sent_at()


def _watch(path: Path, found: Connection) -> None:
    while not wait_for_messages(path):
        time.sleep(POLL_SECONDS)
    found.send(time.monotonic())


def wait_for_messages(path: Path) -> bool:
    """Wait for a message in the archive; return False if it has no tables yet."""
    try:
        with Reader(path) as reader:
            while not reader.find(Filter()):
                time.sleep(POLL_SECONDS)
    except ArchiveError:
        return False
    return True


def compare(runs: int, run: Callable[[Client], float]) -> dict[str, list[float]]:
    """Return the seconds of each client, all clients in turn."""
    clients: dict[str, Client] = {"nothing": discard, "bare apsw": store_bare, "console": pull}
    seconds: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(runs):
        for name, client in clients.items():
            seconds[name].append(run(client))
    return seconds


def measure(client: Client, source: Source, expected: int) -> float:
    """Return the seconds that a client takes; exit if messages are missing."""
    with asyncio.Runner() as runner:
        seconds, count = runner.run(client(source))
    if count != expected:
        sys.exit(f"{count:,} instead of {expected:,} messages arrived.")
    return seconds


def add(report: Report, case: str, messages: int, seconds: dict[str, list[float]]) -> None:
    """Add the lines of one case."""
    own = seconds["console"]
    report.add(f"{case}: console", [messages / each for each in own], "messages/s")
    stored = ratios(seconds["bare apsw"], own)
    report.add(f"{case}: console ÷ httpx + json + bare apsw", stored, at_least=0.5)
    discarded = ratios(seconds["nothing"], own)
    report.add(f"{case}: console ÷ httpx + json, nothing stored", discarded, at_least=0.3)


def main() -> None:
    """Measure, and print the results."""
    command = Options(__doc__, runs=7)
    command.add_size("--messages", 100_000, 10_000, "messages of the large answer")
    command.add_size("--answers", 100, 5, "answers of 1,000 messages")
    options = command.parse()
    report = Report("pull")
    with closing(FixedPlatform(options.messages)) as platform:
        source = Source(platform.url, "k", 1, None)

        def measure_large(client: Client) -> float:
            return measure(client, source, options.messages)

        seconds = compare(options.runs, measure_large)
        add(report, f"one answer of {options.messages:,}", options.messages, seconds)
        delays = [first_messages(platform) for _ in range(options.runs)]
        name = f"first messages of {options.messages:,} visible after the last byte"
        report.add(name, delays, "s", at_most=0.5)

    def measure_many(client: Client) -> float:
        with simulator(options.answers) as simulated:
            return measure(client, simulated, options.answers * BATCH)

    seconds = compare(options.runs, measure_many)
    add(report, f"{options.answers} answers of 1,000", options.answers * BATCH, seconds)
    report.write(options)


if __name__ == "__main__":
    main()
