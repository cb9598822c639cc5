"""The program killed at the worst moment, as a whole process with real sockets and files."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ibconsole.archive.records import Via
from ibconsole.http1.exact import send
from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server

SENDERS = 16


BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def benchmark(*arguments: str) -> dict[str, Any]:
    """What one of the benchmarks found, in a short run."""
    ended = subprocess.run(
        [sys.executable, str(BENCHMARKS / arguments[0]), *arguments[1:], "--json"],
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_listener_killed_again_and_again_loses_nothing(seed: int) -> None:
    """Every forward that was answered 200 is there at the next start (thousands: by hand)."""
    found = benchmark("crashes.py", "listener", "--kills", "6", "--seed", str(seed))

    assert found["missing"] == 0
    assert found["stored"] >= found["acknowledged"] > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_pulls_killed_again_and_again_lose_nothing(seed: int) -> None:
    """What was whole here is there; every other pull is flagged, with its bytes."""
    found = benchmark("crashes.py", "pulls", "--bodies", "60", "--seed", str(seed))

    assert (found["missing"], found["problems"]) == (0, [])
    assert found["whole"] >= found["followed"] > 0


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_every_200_is_behind_an_fsync() -> None:
    """Between the last byte of a forward and its 200 the archive was synced to the disk."""
    found = benchmark("fsyncs.py", "--senders", "6", "--requests", "10")

    assert found["one sender"]["200 without a sync"] == 0
    assert found["one sender"]["syncs"] >= found["one sender"]["acknowledged"] == 10
    assert found["several"]["200 without a sync"] == 0


@pytest.fixture
def seed() -> int:
    """Another one in every run; a failure shows it."""
    return time.time_ns() % 1_000_000


@asynccontextmanager
async def command(data: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command on that data directory, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ibconsole",
        *arguments,
        env={**os.environ, "IBCONSOLE_DATA_DIR": str(data), "IBCONSOLE_API_KEY": "k"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def stored(data: Path) -> tuple[list[str], str]:
    """The ids of all stored messages, and what was said about recovery."""
    async with command(data, "messages", "list", "--json") as process:
        out, err = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line)["messageId"] for line in out.splitlines()], err.decode()


async def test_a_listener_killed_under_load_has_every_message_it_acknowledged(
    tmp_path: Path,
) -> None:
    """Whoever was answered 200 can rely on it, although the program was killed."""
    acknowledged: list[str] = []
    enough = asyncio.Event()

    async def sender(url: str, number: int) -> None:
        for count in range(10_000):
            name = f"{number}-{count}"
            body = json.dumps({"results": [{"messageId": name, "text": "t" * 500}]}).encode()
            answer = await send(url, body=body)
            if answer.status != 200:
                return
            acknowledged.append(name)
            if len(acknowledged) >= 400:
                enough.set()

    async with command(tmp_path, "listen", "--port", "0", "--json") as process:
        assert process.stdout is not None
        url = json.loads(await process.stdout.readline())["url"]
        drain = asyncio.get_running_loop().create_task(process.stdout.read())
        async with asyncio.TaskGroup() as senders:
            for number in range(SENDERS):
                senders.create_task(sender(url, number))
            await asyncio.wait_for(enough.wait(), 30)
            process.send_signal(signal.SIGKILL)
        await drain

    kept, _ = await stored(tmp_path)
    assert len(acknowledged) >= 400
    assert set(acknowledged) <= set(kept)


@asynccontextmanager
async def dripping_platform(body: bytes) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A platform whose pull never ends; the event tells that it was asked."""
    asked = asyncio.Event()

    async def pull(_: Request) -> Response:
        asked.set()
        fault = Fault(cut_after=len(body), declared_length=len(body) + 100, drip=0.05)
        return Response(body=body, fault=fault)

    async with Server(pull) as server:
        yield server.url, asked


@pytest.mark.parametrize("pieces", [2, 5, 9])
async def test_a_pull_killed_in_the_middle_keeps_what_had_arrived(
    tmp_path: Path, pieces: int
) -> None:
    """What was handed out and had arrived is recovered by the next command, and told."""
    results = [{"messageId": str(number), "text": "t" * 200} for number in range(20)]
    body = json.dumps({"results": results, "messageCount": 20}).encode()
    async with (
        dripping_platform(body) as (url, asked),
        command(tmp_path, "pull", "--yes", "--base-url", url) as process,
    ):
        await asyncio.wait_for(asked.wait(), 20)
        await _arrived(tmp_path / "archive.sqlite3", len(body) * pieces // 10)
        process.kill()
        await process.communicate()

    kept, told = await stored(tmp_path)
    assert len(kept) >= 2 * pieces - 1
    assert kept == [str(number) for number in range(len(kept))]
    assert "1 pull was interrupted" in told
    assert f"{len(kept)} messages were recovered" in told
    assert await stored(tmp_path) == (kept, "")


async def _arrived(path: Path, size: int) -> None:
    """Wait until that much of the body is on disk, by looking at what is committed."""
    from ibconsole.archive.reader import Reader  # noqa: PLC0415

    def arrived() -> int:
        with Reader(path) as reader:
            [delivery] = reader.find_deliveries(Via.PULL)
            return len(reader.delivery_body(delivery))

    async with asyncio.timeout(20):
        while await asyncio.to_thread(arrived) < size:
            await asyncio.sleep(0.005)


async def test_a_pull_that_is_asked_to_end_finishes_first(tmp_path: Path) -> None:
    """SIGTERM during a pull waits for the answer, and says why: nothing of it is lost."""
    results = [{"messageId": str(number), "text": "t" * 200} for number in range(20)]
    body = json.dumps({"results": results, "messageCount": 20}).encode()

    asked = asyncio.Event()

    async def pull(_: Request) -> Response:
        asked.set()
        return Response(body=body, fault=Fault(drip=0.05))

    async with (
        Server(pull) as server,
        command(tmp_path, "pull", "--yes", "--base-url", server.url) as process,
    ):
        await asyncio.wait_for(asked.wait(), 20)
        await _arrived(tmp_path / "archive.sqlite3", 1)
        process.terminate()
        _, said = await process.communicate()

    assert b"The pull under way ends first" in said
    kept, told = await stored(tmp_path)
    assert len(kept) == 20
    assert told == ""
