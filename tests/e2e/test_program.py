"""The program as a process of its own, without a display and on a virtual one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PNG = b"\x89PNG\r\n\x1a\n"


def ibconsole(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    return subprocess.run(
        [sys.executable, "-m", "ibconsole", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_demo_without_a_display() -> None:
    """It says so, walks through the window, and names the picture alone in the last line."""
    done = ibconsole("--demo")

    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "no display" in done.stderr
    picture = Path(done.stdout.splitlines()[-1])
    assert picture.read_bytes().startswith(PNG)
    picture.unlink()


def test_a_dead_display_is_none() -> None:
    """A DISPLAY that nobody answers on is no display, and Qt is not left to abort."""
    done = ibconsole(DISPLAY=":4711")

    assert done.returncode == 1
    assert done.stderr.startswith("There is no display")


def test_a_picture_is_saved_where_it_is_wanted(tmp_path: Path) -> None:
    """--screenshot writes the loaded demo, and nothing outside its own places."""
    picture = tmp_path / "window.png"

    done = ibconsole("--screenshot", str(picture), "--data-dir", str(tmp_path / "data"))

    assert (done.returncode, done.stdout) == (0, f"{picture}\n")
    assert picture.read_bytes().startswith(PNG)
    assert (tmp_path / "data" / "archive.sqlite3").exists()


def test_a_picture_that_cannot_be_saved(tmp_path: Path) -> None:
    """A wrong place is one sentence and exit code 1."""
    done = ibconsole("--screenshot", str(tmp_path / "missing" / "window.png"))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("The picture could not be saved")


@pytest.fixture
def display() -> Iterator[str]:
    server = shutil.which("Xvfb")
    if not server:
        pytest.skip("There is no virtual display (Xvfb) on this system.")
    read, write = os.pipe()
    with subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "1400x900x24", "-noreset"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(write)
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
        process.terminate()


def test_the_demo_on_a_display(display: str, tmp_path: Path) -> None:
    """The same window on the X server, through the plugin that users have."""
    picture = tmp_path / "window.png"

    done = ibconsole("--screenshot", str(picture), DISPLAY=display)

    assert (done.returncode, done.stderr) == (0, "")
    assert picture.read_bytes().startswith(PNG)


def catches(process: int, number: signal.Signals) -> bool:
    """Whether a process has said what it does on this signal."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window(display: str, tmp_path: Path, number: signal.Signals) -> None:
    """The demo ends cleanly and takes its data with it."""
    environment = {**os.environ, "DISPLAY": display, "TMPDIR": str(tmp_path)}
    environment.pop("QT_QPA_PLATFORM", None)
    with subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "--demo"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 30
        while not catches(process.pid, signal.SIGTERM):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        _, told = process.communicate(timeout=20)

    assert (process.returncode, told) == (0, "")
    assert list(tmp_path.iterdir()) == []
