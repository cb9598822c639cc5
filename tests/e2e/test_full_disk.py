"""A disk that fills up under the listener: nothing that was acknowledged is missing."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.http1.exact import RequestTrace, send

FillUp = Callable[["subprocess.Popen[bytes]", Path], Callable[[], None]]


def limit_files(process: "subprocess.Popen[bytes]", data: Path) -> Callable[[], None]:
    """Let no file of the program grow much more; what comes back lifts that."""
    import resource  # noqa: PLC0415 there is none on Windows

    largest = max(path.stat().st_size for path in data.glob("archive.sqlite3*"))
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest + 30_000, unlimited[1]))
    return lambda: resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited) and None


def fill_up(process: "subprocess.Popen[bytes]", data: Path) -> Callable[[], None]:
    """Leave little room on the disk; what comes back makes room again."""
    ballast = data / "ballast"
    system = os.statvfs(data)
    with ballast.open("wb") as file:
        file.write(b"b" * (system.f_bavail * system.f_frsize - 50_000))
    return ballast.unlink


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """A disk of 8 MB, where this user may mount one."""
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
        subprocess.run(["umount", "-l", str(path)], check=True)  # noqa: S607 the system's own


@contextmanager
def listener(data: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """`ibconsole listen` on that data directory, and its URL."""
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


async def forwards(url: str, name: str, acknowledged: set[str]) -> list[RequestTrace]:
    """Send some, one behind the other; remember those that were answered 200."""
    answers = []
    for number in range(40):
        message = f"{name}-{number}"
        body = json.dumps({"results": [{"messageId": message, "text": "t" * 3000}]}).encode()
        answer = await send(url, body=body)
        if answer.status == 200:
            acknowledged.add(message)
        answers.append(answer)
    return answers


def stored(data: Path) -> set[str]:
    path = data / "archive.sqlite3"
    with Archive(path) as archive:
        archive.recover()
    with Reader(path) as reader:
        return {message.message_id for message in reader.messages(Filter())}


async def survives(data: Path, fill: FillUp) -> None:
    acknowledged: set[str] = set()
    with listener(data) as (process, url):
        assert {one.status for one in await forwards(url, "before", acknowledged)} == {200}

        make_room = fill(process, data)
        answers = await forwards(url, "full", acknowledged)
        # A little may still fit; then it is full for good.
        assert [one.status for one in answers[-20:]] == [503] * 20
        headers = {name.lower(): value for name, value in answers[-1].headers}
        assert int(headers[b"retry-after"]) > 0

        make_room()
        assert {one.status for one in await forwards(url, "after", acknowledged)} == {200}

    assert len(acknowledged) >= 80
    assert acknowledged <= stored(data)


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="needs Linux")
async def test_a_full_disk(tmp_path: Path) -> None:
    """While the disk is full senders are asked to try again; with room it works again."""
    with small_disk(tmp_path / "disk") as disk:
        data = disk / "data"
        await survives(data, fill_up)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process need Linux")
async def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """A quota is as good as a full disk."""
    await survives(tmp_path / "data", limit_files)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_malformed_requests_leave_nothing_behind() -> None:
    """Behind 2,000 broken requests a good one is stored; memory and files are as before."""
    benchmark = Path(__file__).parents[2] / "benchmarks" / "malformed.py"
    ended = subprocess.run(
        [sys.executable, str(benchmark), "--requests", "2000", "--json"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended
    found: dict[str, Any] = json.loads(ended.stdout)

    assert found["answer to the good one"] == 200
    assert found["good ones stored"] == 1
