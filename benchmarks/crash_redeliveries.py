"""Programs that give messages back, killed at every moment of it; for `crashes.py redeliveries`.

A flaky endpoint, which records what it receives and answers, resets connections, is slow, fails
with 500, answers with a web page, and with half an answer.
Each program is killed after some requests: when one has arrived, in the middle of an answer, after
an answer, or at any time. At the end the ledger is compared with what the endpoint saw.
"""

import asyncio
import json
import os
import random
import signal
import socket
import struct
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from fork_server import ForkServer, fork_server
from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger import (
    AnswerNote,
    EntryKind,
    ItemState,
    LedgerItem,
    LedgerReader,
    Outcome,
)
from ibconsole.archive.ledger.checking import check_ledger
from ibconsole.archive.reader import Reader

PHASES = ("arrived", "half", "answered", "anytime")
_CODE = "app-1"
_PULL = 1_000  # messages
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops"
_PAGE = b"<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>"
_HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_PAGE),
    _PAGE,
)
_HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"o'
# Behaviour, and its share of the requests; the rest is answered with 200 at once.
_SHARES = (("500", 0.10), ("reset", 0.05), ("slow", 0.05), ("html", 0.03), ("half", 0.03))
_WHOLE = {"ok", "slow"}
_DOUBTFUL = {"reset", "html", "half"}
_SLOW = 0.2  # seconds


class FlakyEndpoint:
    """Answers by the message and the number of its attempt; kills the program as planned."""

    def __init__(self) -> None:
        self.seen: dict[str, list[str]] = defaultdict(list)
        self.requests = 0
        self._process = 0
        self._phase = ""
        self._left = 0
        self.over = asyncio.Event()

    def plan(self, process: int, phase: str, requests: int) -> None:
        """Kill a process at this phase of the request that arrives after some others."""
        self._process, self._phase, self._left = process, phase, requests
        self.over = asyncio.Event()

    def kill(self) -> None:
        """Kill the process of the plan."""
        if self._process:  # 0 would be all of this group
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
        self.over.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await self._answer(await _read_ids(reader), writer)
        writer.close()

    async def _answer(self, ids: list[str], writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        self._left -= 1
        first = ids[0]
        behaviour = _behaviour(first, len(self.seen[first]))
        for one in ids:
            self.seen[one].append(behaviour)
        self._reach("arrived")
        if behaviour == "slow":
            await asyncio.sleep(_SLOW)
        if behaviour == "reset":
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            raise ConnectionResetError
        answer = {"500": _FAILED, "html": _HTML, "half": _HALF}.get(behaviour, _OK)
        middle = len(answer) // 2
        writer.write(answer[:middle])
        await writer.drain()
        self._reach("half")
        writer.write(answer[middle:])
        await writer.drain()
        self._reach("answered")
        if behaviour == "half":
            raise ConnectionAbortedError

    def _reach(self, phase: str) -> None:
        if self._phase == phase and self._left <= 0:
            self.kill()


async def _read_ids(reader: asyncio.StreamReader) -> list[str]:
    """Read a request, and return the messageIds in it."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            size = int(line.partition(b":")[2])
    body = await reader.readexactly(size)
    return [one["messageId"] for one in json.loads(body)["results"]]


def _behaviour(name: str, attempt: int) -> str:
    drawn = random.Random(f"{name}/{attempt}").random()  # noqa: S311 reproducible, not secret
    for behaviour, share in _SHARES:
        drawn -= share
        if drawn < 0:
            return behaviour
    return "ok"


async def crash_redeliveries(kills: int, seed: int, messages: int) -> dict[str, Any]:
    """Kill programs that give messages back, `kills` times, and let the last one end."""
    dice = random.Random(seed)  # noqa: S311 reproducible, not secret
    endpoint = FlakyEndpoint()
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"
    with fork_server() as (programs, data):
        store(data / "archive.sqlite3", messages)
        start = ("give-back", "--application", _CODE, "--since", "1d", "--to", url, "--yes")
        options = ("--rate", "0", "--parallel", "8", "--law", "50ms, 50ms, 100ms, 200ms")
        arguments: tuple[str, ...] = (*start, *options)
        most = max(2 * messages // kills, 1)
        phases = dict.fromkeys(PHASES, 0)
        for _ in range(kills):
            phase = dice.choice(PHASES)
            await _run_and_kill(programs, endpoint, (phase, dice.randint(1, most)), arguments)
            phases[phase] += 1
            if job := _ready_job(data):
                arguments = ("give-back", "resume", str(job))
        endpoint.plan(0, "", 0)
        last = await asyncio.to_thread(programs.start, *arguments)
        code = await asyncio.to_thread(programs.wait, last)
        server.close()
        figures = compare(data / "archive.sqlite3", endpoint)
    return {"kills": phases, "exit code": code, "requests": endpoint.requests, **figures}


async def _run_and_kill(
    programs: ForkServer, endpoint: FlakyEndpoint, plan: tuple[str, int], arguments: tuple[str, ...]
) -> None:
    phase, requests = plan
    endpoint.plan(0, "", 0)
    process = await asyncio.to_thread(programs.start, *arguments)
    endpoint.plan(process, phase, requests)
    loop, descriptor = asyncio.get_running_loop(), os.pidfd_open(process)
    loop.add_reader(descriptor, endpoint.over.set)  # it may end by itself
    seconds = random.Random(requests).uniform(0.0, 1.0)  # noqa: S311
    timer = loop.call_later(seconds, endpoint.kill) if phase == "anytime" else None
    try:
        await asyncio.wait_for(endpoint.over.wait(), 120)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        if timer:
            timer.cancel()
    await asyncio.to_thread(programs.kill, process)


def store(path: Path, messages: int) -> None:
    """Store pulls with these messages."""
    with Archive(path) as archive:
        for start in range(0, messages, _PULL):
            names = range(start, min(start + _PULL, messages))
            results = [{"messageId": f"m{one}", "applicationCode": _CODE} for one in names]
            delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=None)
            archive.append_answer(delivery, json.dumps({"results": results}).encode())
            archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")


def _ready_job(data: Path) -> int | None:
    """Return the job that was stored completely."""
    with LedgerReader(data / "archive.sqlite3") as ledger:
        return next((job.id for job in ledger.jobs().jobs if job.items), None)


def compare(path: Path, endpoint: FlakyEndpoint) -> dict[str, Any]:
    """Compare the ledger with what the endpoint saw; return the figures and the problems."""
    states: dict[str, int] = defaultdict(int)
    problems: list[str] = []
    with LedgerReader(path) as ledger:
        for item in _items(ledger):
            states[item.state] += 1
            notes = [
                msgspec.json.decode(one.content, type=AnswerNote)
                for one in ledger.entries(item.id, size=-1)
                if one.kind is EntryKind.ANSWER
            ]
            acknowledged = sum(note.outcome is Outcome.ACKNOWLEDGED for note in notes)
            seen = endpoint.seen[item.message_id]
            problems += [f"{item.message_id}: {one}" for one in _wrong(item, acknowledged, seen)]
    with Reader(path) as reader:
        problems += reader.ask(lambda db: [one.sentence for one in check_ledger(db)])
    return {**states, "missing": len(problems), "problems": problems[:20]}


def _wrong(item: LedgerItem, acknowledged: int, seen: list[str]) -> Iterator[str]:
    """Yield what of an item does not agree with what the endpoint saw."""
    whole = sum(one in _WHOLE for one in seen)
    if whole > 1:
        yield f"it was delivered {whole} times"
    if acknowledged != (item.state is ItemState.ACKNOWLEDGED):
        yield f"it is {item.state}, with {acknowledged} acknowledgements"
    if item.state is ItemState.ACKNOWLEDGED and whole != 1:
        yield f"it is acknowledged, and the endpoint answered {seen}"
    if item.state not in {ItemState.ACKNOWLEDGED, ItemState.UNKNOWN} and whole:
        yield f"it is {item.state}, and was delivered"
    if any(one in _DOUBTFUL for one in seen[:-1]):
        yield f"it was sent again without a decision: {seen}"


def _items(ledger: LedgerReader) -> Iterator[LedgerItem]:
    for job in ledger.jobs().jobs:
        after: int | None = 0
        while job.items and after is not None:
            page = ledger.items(job.id, after=after)
            yield from page.items
            after = page.rest
