"""A disk that fills up while the listener runs: no acknowledged message is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.http1.exact import send
from ibconsole.http1.trace import RequestTrace
from ibconsole.services.intake.archive_writer import open_archive
from tests.e2e.conftest import BenchmarkRunner

# What these processes run is measured in the tests of single modules.
pytestmark = pytest.mark.usefixtures("unmeasured_children")
Fill = Callable[["subprocess.Popen[bytes]", Path], Callable[[], None]]


def limit_file_size(process: "subprocess.Popen[bytes]", data: Path) -> Callable[[], None]:
    """Limit the size of the program's files; return a function that removes the limit."""
    import resource  # noqa: PLC0415 does not exist on Windows

    largest = max(path.stat().st_size for path in data.glob("archive.sqlite3*"))
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest + 30_000, unlimited[1]))
    return lambda: resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited) and None


def fill_disk(process: "subprocess.Popen[bytes]", data: Path) -> Callable[[], None]:
    """Fill the disk; return a function that frees the space."""
    ballast = data / "ballast"
    system = os.statvfs(data)
    # Unbuffered: if the program takes some of the space meanwhile, the write is just shorter.
    with ballast.open("wb", buffering=0) as file:
        file.write(b"b" * (system.f_bavail * system.f_frsize - 50_000))
    return ballast.unlink


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """Mount a disk of 8 MB, or skip the test if this user may not mount one."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(path)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)  # noqa: S607 a system tool


@contextmanager
def listener(data: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run `ibconsole listen` on the data directory; yield the process and its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "--data-dir", str(data), "listen", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


async def send_forwards(
    url: str, name: str, acknowledged: set[str], count: int = 40
) -> list[RequestTrace]:
    """Send forwards one after the other; add those that were answered 200."""
    answers = []
    for number in range(count):
        message = f"{name}-{number}"
        body = json.dumps({"results": [{"messageId": message, "text": "t" * 3000}]}).encode()
        answer = await send(url, body=body)
        if answer.status == 200:
            acknowledged.add(message)
        answers.append(answer)
    return answers


async def fill_archive(url: str, acknowledged: set[str]) -> list[RequestTrace]:
    """Send forwards until 20 in a row are refused; return these.

    How many still fit depends on checkpoints, each of which frees the write-ahead log.
    """
    refused: list[RequestTrace] = []
    for number in range(1_000):
        [answer] = await send_forwards(url, f"filling-{number}", acknowledged, count=1)
        refused = [] if answer.status == 200 else [*refused, answer]
        if len(refused) == 20:
            return refused
    raise AssertionError("the archive never became full")


def stored_messages(data: Path) -> set[str]:
    path = data / "archive.sqlite3"
    with open_archive(path) as archive:
        archive.recover()
    with Reader(path) as reader:
        return {message.message_id for message in reader.messages(Filter())}


async def check_listener(data: Path, fill: Fill) -> None:
    acknowledged: set[str] = set()
    with listener(data) as (process, url):
        assert {answer.status for answer in await send_forwards(url, "before", acknowledged)} == {
            200
        }

        free_space = fill(process, data)
        refused = await fill_archive(url, acknowledged)
        assert [answer.status for answer in refused] == [503] * 20
        headers = {name.lower(): value for name, value in refused[-1].headers}
        assert int(headers[b"retry-after"]) > 0

        free_space()
        assert {answer.status for answer in await send_forwards(url, "after", acknowledged)} == {
            200
        }

    assert len(acknowledged) >= 80
    assert acknowledged <= stored_messages(data)


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="needs Linux")
async def test_a_full_disk(tmp_path: Path) -> None:
    """A full disk is answered 503 with Retry-After; with free space it works again."""
    with small_disk(tmp_path / "disk") as disk:
        data = disk / "data"
        await check_listener(data, fill_disk)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk")
def test_pulls_on_a_full_disk(tmp_path: Path, run_benchmark: BenchmarkRunner) -> None:
    """An answer that finds the disk full is stored later, or is in a spill file after a kill."""
    with small_disk(tmp_path / "disk"):
        pass  # skips the test if this user may not mount one
    found = run_benchmark("crashes.py", "spills", "--kills", "4")

    assert found["runs"] == 4
    assert found["spilled"] > 0


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process need Linux")
async def test_a_file_size_limit(tmp_path: Path) -> None:
    """A file size limit has the same effect as a full disk."""
    await check_listener(tmp_path / "data", limit_file_size)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_malformed_requests_do_not_affect_valid_ones(run_benchmark: BenchmarkRunner) -> None:
    """After 1,000 malformed requests a valid one is stored, without a leak of memory or files."""
    found = run_benchmark("malformed.py", "--requests", "1000")

    assert found["answer to the good one"] == 200
    assert found["good ones stored"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [("cut", "--step", "613"), ("mutated", "--answers", "30")])
def test_every_byte_of_a_damaged_answer_is_kept(
    run_benchmark: BenchmarkRunner, how: tuple[str, ...]
) -> None:
    """Answers that are cut anywhere, or mutated, are stored to the byte and asked for once."""
    found = run_benchmark("malformed_answers.py", *how)

    assert (found["missing"], found["errors logged"]) == (0, 0)
    assert found["messages"] > 0
