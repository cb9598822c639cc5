"""The program as a process of its own, without a display and on a virtual one."""

import os
import shutil
import subprocess
import sys
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
        [server, "-displayfd", str(write), "-screen", "0", "1400x900x24"],
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
