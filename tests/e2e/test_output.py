"""Output that is not read delays nothing: no answer, no storing, no pull and no signal."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from ibconsole.archive.records import Filter
from ibconsole.errors import UserError
from ibconsole.services.intake.archive_writer import open_archive
from ibconsole.services.messages import Reader
from tests.unit.archive.deliveries import arrival, batch

pytestmark = pytest.mark.usefixtures("unmeasured_children", "default_signals")
PROGRAM = (sys.executable, "-m", "ibconsole")
MESSAGE = {"messageId": "1", "text": "x" * 4000}
BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@contextmanager
def unread_pipe(*, full: bool = True) -> Iterator[tuple[int, int]]:
    """A pipe whose reader does not read; yield both ends."""
    reader, writer = os.pipe()
    if full:
        os.set_blocking(writer, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writer, b"\n" * 4096)
        with suppress(BlockingIOError):
            while True:
                os.write(writer, b"\n")
        os.set_blocking(writer, True)
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)


@contextmanager
def command(*arguments: str, data: Path, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command that runs until stopped."""
    with subprocess.Popen([*PROGRAM, "--data-dir", str(data), *arguments], **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(url: str, body: bytes) -> int:
    with urlopen(Request(url, data=body, method="POST"), timeout=5) as answer:
        return int(answer.status)


def wait_for(url: str) -> None:
    """Wait until something answers at this URL."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(URLError, ConnectionError):
            post(url, b"{}")
            return
        time.sleep(0.05)
    pytest.fail(f"{url} does not answer.")


def unread_bytes(reader: int) -> int:
    """Return how many bytes wait in a pipe."""
    waiting = fcntl.ioctl(reader, termios.FIONREAD, bytes(4))
    return int.from_bytes(waiting, sys.byteorder)


def count_messages(data: Path) -> int:
    with Reader(data / "archive.sqlite3") as reader:
        return sum(1 for _ in reader.messages(Filter()))


@BOTH
def test_a_listener_answers_while_its_lines_are_not_read(
    tmp_path: Path, number: signal.Signals
) -> None:
    """More lines than a pipe and the queue hold: all are answered 200, and a signal ends it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mine"
    body = json.dumps({"results": [MESSAGE] * 1000}).encode()
    with (
        unread_pipe(full=False) as (_, stdout),
        command(
            *("listen", "--json", "--path", "/mine", "--port", str(port)),
            data=tmp_path,
            stdout=stdout,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        wait_for(url)
        assert [post(url, body) for _ in range(6)] == [200] * 6

        process.send_signal(number)
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 0
    assert b"Stdout is not read: lines are dropped" in errors
    assert b"lines were dropped on stdout" in errors
    assert b"ibconsole messages list" in errors
    assert count_messages(tmp_path) == 6000


@pytest.mark.parametrize(
    ("number", "unread"), [(signal.SIGINT, "both"), (signal.SIGTERM, "stderr")]
)
def test_full_pipes_stop_no_listener(tmp_path: Path, number: signal.Signals, unread: str) -> None:
    """With pipes that were full before it started, a listener stores, answers and ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mine"
    with unread_pipe() as (_, writer):
        streams = {
            name: writer if unread in {name, "both"} else subprocess.DEVNULL
            for name in ("stdout", "stderr")
        }
        arguments = ("listen", "--path", "/mine", "--port", str(port))
        with command(*arguments, data=tmp_path, **streams) as process:
            wait_for(url)
            assert post(url, json.dumps({"results": [MESSAGE]}).encode()) == 200
            process.send_signal(number)
            assert process.wait(10) == 0

    assert count_messages(tmp_path) == 1


@BOTH
def test_full_pipes_stop_no_simulator(tmp_path: Path, number: signal.Signals) -> None:
    """The simulated platform answers, and ends, while its output is not read."""
    port = free_port()
    with (
        unread_pipe() as (_, writer),
        command(
            "simulate", "--port", str(port), data=tmp_path, stdout=writer, stderr=writer
        ) as process,
    ):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(URLError, ConnectionError):
                url = f"http://127.0.0.1:{port}/_simulator/"
                assert urlopen(url, timeout=5).status == 200
                break
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("number", "unread"), [(signal.SIGINT, "both"), (signal.SIGTERM, "stderr")]
)
def test_full_pipes_stop_no_repeated_pull(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, unread: str
) -> None:
    """A repeated pull goes on storing while its output is not read, and ends at a signal."""
    with (
        command(
            *("simulate", "--messages", "30", "--no-rate-limit"),
            data=tmp_path / "simulator",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as simulator,
        unread_pipe() as (_, writer),
    ):
        assert simulator.stdout is not None
        account = json.loads(simulator.stdout.readline())
        monkeypatch.setenv("IBCONSOLE_API_KEY", account["api_key"])
        arguments = ("pull", "--follow", "--limit", "10", "--yes", "--json", "--base-url")
        streams = {
            name: writer if unread in {name, "both"} else subprocess.DEVNULL
            for name in ("stdout", "stderr")
        }
        data = tmp_path / "data"
        with command(*arguments, account["base_url"], data=data, **streams) as process:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                with suppress(UserError):  # until the archive is there
                    if count_messages(data) == 30:
                        break
                time.sleep(0.1)
            process.send_signal(number)
            assert process.wait(10) == 0

    assert count_messages(data) == 30


@BOTH
def test_a_list_that_is_not_read_ends_at_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """A list waits for its reader, as that of any program does, but a signal ends it at once."""
    with open_archive(tmp_path / "archive.sqlite3") as archive:
        archive.decode(archive.add_forwards([arrival(batch(*[{"text": "x" * 60}] * 400))]))
    with (
        unread_pipe(full=False) as (reader, writer),
        command(
            "messages", "list", data=tmp_path, stdout=writer, stderr=subprocess.DEVNULL
        ) as process,
    ):
        size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        deadline = time.monotonic() + 20
        # Not earlier: while Python imports modules, it may lose an interrupt.
        while unread_bytes(reader) < size - 200:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(10) in {130, -number}


def test_lines_of_a_slow_reader_are_whole_and_counted(tmp_path: Path) -> None:
    """After dropped lines the output goes on with whole lines, and their number is exact."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mine"
    body = json.dumps({"results": [MESSAGE] * 1000}).encode()
    with (
        unread_pipe(full=False) as (reader, stdout),
        command(
            *("listen", "--json", "--path", "/mine", "--port", str(port)),
            data=tmp_path,
            stdout=stdout,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        wait_for(url)
        for _ in range(8):
            assert post(url, body) == 200
        flags = fcntl.fcntl(reader, fcntl.F_GETFL)
        fcntl.fcntl(reader, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        received = bytearray()
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 1:
            try:
                received += os.read(reader, 1 << 20)
                quiet_since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)

    lines = [json.loads(line) for line in received.splitlines()]
    dropped = next(line for line in errors.decode().splitlines() if "dropped on stdout" in line)
    assert received.endswith(b"\n")
    assert len(lines) - 1 + int(dropped.split()[0]) >= 8 + 1
    shown = sum(len(line.get("results", ())) == 1000 for line in lines)
    assert shown + int(dropped.split()[0]) == 8
