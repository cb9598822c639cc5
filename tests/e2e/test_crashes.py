"""The program killed at critical moments, as a process with real sockets and files."""

import asyncio
import json
import os
import shutil
import signal
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
from tests.e2e.conftest import BenchmarkRunner

# What these processes run is measured in the tests of single modules.
pytestmark = pytest.mark.usefixtures("unmeasured_children")
SENDERS = 16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_listener_killed_repeatedly_loses_no_message(
    run_benchmark: BenchmarkRunner, seed: int
) -> None:
    """Every forward that was answered 200 is stored after a restart (longer runs: by hand)."""
    results = run_benchmark("crashes.py", "listener", "--kills", "4", "--seed", str(seed))

    assert results["missing"] == 0
    assert results["stored"] >= results["acknowledged"] > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_pulls_killed_repeatedly_lose_no_message(run_benchmark: BenchmarkRunner, seed: int) -> None:
    """Every completely received answer is stored; other pulls are flagged and keep their bytes."""
    results = run_benchmark("crashes.py", "pulls", "--kills", "4", "--seed", str(seed))

    assert (results["missing"], results["problems"]) == (0, [])
    assert results["whole"] >= results["followed"] > 0


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_syncs(run_benchmark: BenchmarkRunner) -> None:
    """A forward is synced before its 200, each piece of an answer before the next is read."""
    results = run_benchmark("fsyncs.py", "--senders", "4", "--requests", "5", "--pieces", "5")

    assert results["one sender"]["200 without a sync"] == 0
    assert results["one sender"]["syncs"] >= results["one sender"]["acknowledged"] == 5
    assert results["several"]["200 without a sync"] == 0
    for answer in ("accepted answer", "refused answer"):
        assert results[answer]["without a sync"] == 0
        assert results[answer]["syncs"] >= results[answer]["pieces"] > 1


@pytest.fixture
def seed() -> int:
    """Return a different seed in every run; a failure shows it."""
    return time.time_ns() % 1_000_000


@asynccontextmanager
async def command(
    data: Path, *arguments: str, **options: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a command on the data directory; kill it at the end if it still runs."""
    pipes = dict.fromkeys(("stdout", "stderr"), asyncio.subprocess.PIPE)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ibconsole",
        *arguments,
        env={**os.environ, "IBCONSOLE_DATA_DIR": str(data), "IBCONSOLE_API_KEY": "k"},
        **{**pipes, **options},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def read_stored(data: Path) -> tuple[list[str], str]:
    """Return the IDs of all stored messages, and the notice about recovery."""
    async with command(data, "messages", "list", "--json") as process:
        out, err = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line)["messageId"] for line in out.splitlines()], err.decode()


async def test_a_listener_killed_under_load_has_every_message_it_acknowledged(
    tmp_path: Path,
) -> None:
    """Every forward that was answered 200 is stored, although the program was killed."""
    acknowledged: list[str] = []
    enough = asyncio.Event()

    async def sender(url: str, number: int) -> None:
        for count in range(10_000):
            message_id = f"{number}-{count}"
            body = json.dumps({"results": [{"messageId": message_id, "text": "t" * 500}]}).encode()
            answer = await send(url, body=body)
            if answer.status != 200:
                return
            acknowledged.append(message_id)
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

    stored, _ = await read_stored(tmp_path)
    assert len(acknowledged) >= 400
    assert set(acknowledged) <= set(stored)


@asynccontextmanager
async def dripping_platform(body: bytes) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Run a platform whose pull never ends; the event is set when it gets a request."""
    requested = asyncio.Event()

    async def pull(_: Request) -> Response:
        requested.set()
        fault = Fault(cut_after=len(body), declared_length=len(body) + 100, drip=0.05)
        return Response(body=body, fault=fault)

    async with Server(pull) as server:
        yield server.url, requested


@pytest.mark.parametrize("pieces", [2, 9])
async def test_a_killed_pull_keeps_the_received_part(tmp_path: Path, pieces: int) -> None:
    """The received part of a killed pull is recovered and reported by the next command."""
    results = [{"messageId": str(number), "text": "t" * 200} for number in range(20)]
    body = json.dumps({"results": results, "messageCount": 20}).encode()
    async with (
        dripping_platform(body) as (url, requested),
        command(tmp_path, "pull", "--yes", "--base-url", url) as process,
    ):
        await asyncio.wait_for(requested.wait(), 20)
        await _received(tmp_path / "archive.sqlite3", len(body) * pieces // 10)
        process.kill()
        await process.communicate()

    stored, notice = await read_stored(tmp_path)
    assert len(stored) >= 2 * pieces - 1
    assert stored == [str(number) for number in range(len(stored))]
    assert "1 pull was interrupted" in notice
    assert f"{len(stored)} messages were recovered" in notice
    assert await read_stored(tmp_path) == (stored, "")


async def _received(path: Path, size: int) -> None:
    """Wait until `size` bytes of the body are committed to the archive."""
    from ibconsole.archive.reader import Reader  # noqa: PLC0415

    def received() -> int:
        with Reader(path) as reader:
            [delivery] = reader.find_deliveries(Via.PULL)
            return len(reader.delivery_body(delivery))

    async with asyncio.timeout(20):
        while await asyncio.to_thread(received) < size:
            await asyncio.sleep(0.005)


@asynccontextmanager
async def slow_answer(messages: int) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Run a platform whose answer takes a second; the event is set when it gets a request."""
    requested = asyncio.Event()
    results = [{"messageId": str(number), "text": "t" * 200} for number in range(messages)]
    body = json.dumps({"results": results, "messageCount": messages}).encode()

    async def pull(_: Request) -> Response:
        requested.set()
        return Response(body=body, fault=Fault(drip=0.05))

    async with Server(pull) as server:
        yield server.url, requested


@pytest.mark.parametrize(
    ("number", "options", "code"),
    [(signal.SIGTERM, ["--until-empty"], 0), (signal.SIGXCPU, [], 130)],
)
async def test_a_signal_lets_a_pull_finish(
    tmp_path: Path, number: signal.Signals, options: list[str], code: int
) -> None:
    """A signal during a pull waits for the answer, explains it, and reports what was stored."""
    async with (
        slow_answer(20) as (url, requested),
        command(tmp_path, "pull", "--yes", "--json", "--base-url", url, *options) as process,
    ):
        await asyncio.wait_for(requested.wait(), 20)
        await _received(tmp_path / "archive.sqlite3", 1)
        process.send_signal(number)
        answers, errors = await process.communicate()

    assert b"The running pull is completed first" in errors
    assert b"20 messages stored." in errors
    assert (b"20 messages in 1 pull." in errors) == bool(options)
    assert len(json.loads(answers)["results"]) == 20
    assert process.returncode == code
    stored, notice = await read_stored(tmp_path)
    assert len(stored) == 20
    assert notice == ""


async def test_a_closed_terminal_lets_a_pull_finish(tmp_path: Path) -> None:
    """A pull whose terminal has gone, so that nothing can be written, stores its answer."""
    terminal, side = os.openpty()
    async with (
        slow_answer(20) as (url, requested),
        command(
            tmp_path,
            *("pull", "--yes", "--json", "--base-url", url),
            stdin=side,
            stdout=side,
            stderr=side,
            preexec_fn=lambda: os.login_tty(side),
        ) as process,
    ):
        os.close(side)
        await asyncio.wait_for(requested.wait(), 20)
        await _received(tmp_path / "archive.sqlite3", 1)
        os.close(terminal)
        code = await process.wait()

    assert code in {1, 130}
    stored, notice = await read_stored(tmp_path)
    assert len(stored) == 20
    assert notice == ""
