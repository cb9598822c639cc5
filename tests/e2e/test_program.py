"""The program as a separate process, without a display and on a virtual one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# What these starts run is measured in test_the_demo_without_a_display.
UNMEASURED = pytest.mark.usefixtures("unmeasured_children")
PNG = b"\x89PNG\r\n\x1a\n"


def ibconsole(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    return subprocess.run(
        [sys.executable, "-m", "ibconsole", *arguments],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_demo_without_a_display() -> None:
    """Without a display the demo runs offscreen; its last line is the screenshot's path.

    It needs no directory of the user's, such as a home directory.
    """
    completed = ibconsole("--demo", IBCONSOLE_DATA_DIR="not/absolute")

    assert (completed.returncode, completed.stderr.count("\n")) == (0, 1)
    assert "no display" in completed.stderr
    picture = Path(completed.stdout.splitlines()[-1])
    assert picture.read_bytes().startswith(PNG)
    picture.unlink()


def test_an_unreachable_display_is_an_error() -> None:
    """An unreachable DISPLAY is reported before Qt would abort the process."""
    completed = ibconsole(DISPLAY=":4711")

    assert completed.returncode == 1
    assert completed.stderr.startswith("There is no display")


@UNMEASURED
def test_a_screenshot_is_saved_to_the_file(tmp_path: Path) -> None:
    """--screenshot saves the loaded demo, and other files only in the data directory."""
    picture = tmp_path / "window.png"

    completed = ibconsole("--screenshot", str(picture), "--data-dir", str(tmp_path / "data"))

    assert (completed.returncode, completed.stdout) == (0, f"{picture}\n")
    assert picture.read_bytes().startswith(PNG)
    assert (tmp_path / "data" / "archive.sqlite3").exists()


def test_a_screenshot_that_cannot_be_saved(tmp_path: Path) -> None:
    """A file that cannot be written gives one sentence and exit code 1."""
    completed = ibconsole("--screenshot", str(tmp_path / "missing" / "window.png"))

    assert (completed.returncode, completed.stdout) == (1, "")
    assert completed.stderr.splitlines()[-1].startswith("The picture could not be saved")


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
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
        process.terminate()


@UNMEASURED
def test_the_demo_on_a_display(display: str, tmp_path: Path) -> None:
    """The demo runs on an X server, with the platform plugin that users have."""
    picture = tmp_path / "window.png"

    completed = ibconsole("--screenshot", str(picture), DISPLAY=display)

    assert (completed.returncode, completed.stderr) == (0, "")
    assert picture.read_bytes().startswith(PNG)


def handles_signal(process: int, number: signal.Signals) -> bool:
    """Return True if a process has installed a handler for the signal."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught, 16) >> (number - 1) & 1)


@UNMEASURED
@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_the_window(display: str, tmp_path: Path, number: signal.Signals) -> None:
    """A signal ends the demo cleanly, and its data is deleted."""
    environment = {**os.environ, "DISPLAY": display, "TMPDIR": str(tmp_path)}
    environment.pop("QT_QPA_PLATFORM", None)
    with subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "--demo"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 30
        while not handles_signal(process.pid, signal.SIGTERM):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_the_desktop_may_quit_the_window() -> None:
    """When Qt itself ends the loop, as at the end of a session, the program still cleans up."""
    script = (
        "import asyncio\n"
        "from ibconsole.wiring.window import _create_application, _run_on_qt\n"
        "app = _create_application()\n"
        "async def program():\n"
        "    asyncio.get_running_loop().call_soon(app.quit)\n"
        "    try:\n"
        "        await asyncio.Event().wait()\n"
        "    finally:\n"
        "        await asyncio.sleep(0.01)\n"
        "        print('clean')\n"
        "_run_on_qt(app, program())\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "clean\n", "")


FIRST_FRAME = """
import asyncio, sys
from pathlib import Path
from ibconsole.wiring import window as program
from ibconsole.ui.first_frame import FirstFrame
from ibconsole.ui.shell import MainWindow
from qasync import QEventLoop
app = program._create_application()
plain = FirstFrame.paintEvent
def paint(frame, event):
    plain(frame, event)
    slow = ("archive.archive", "services.console.console", "http1.server", "ui.setup.panes")
    print("painted", [one for one in slow if f"ibconsole.{one}" in sys.modules])
    if sys.argv[2] == "close":
        frame.window().close()
FirstFrame.paintEvent = paint
async def work():
    opened = asyncio.ensure_future(
        program.run(demo=False, screenshot=None, data_dir=Path(sys.argv[1])))
    while not opened.done():
        found = [one for one in app.topLevelWidgets() if isinstance(one, MainWindow)]
        if found and found[0].is_usable:
            assert not found[0].findChildren(FirstFrame)
            later = ("messages.export_dialog", "setup.action_form", "connections.connection_form",
                     "connections.remove_dialog", "listener.pane", "forward_test.pane",
                     "activity.pane", "diagnosis.pane", "shell.about_dialog",
                     "shell.shortcuts_dialog", "timeline.pane", "timeline.compare_dialog",
                     "redelivery.pane", "redelivery.redelivery_dialog")
            later = {f"ibconsole.ui.{one}" for one in later}
            later |= {"h11", "ibconsole.services.forward_test.ladder",
                      "ibconsole.services.setup.history.timeline",
                      "ibconsole.services.redelivery.runner"}
            print("usable", sorted(later & set(sys.modules)))
            found[0].close()
        await asyncio.sleep(0.005)
    await opened
with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
    runner.run(work())
stored = any(Path(sys.argv[1]).glob("archive*"))
print("archive", "ibconsole.wiring.content" in sys.modules, stored)
"""


@UNMEASURED
@pytest.mark.parametrize(
    ("action", "printed"),
    [
        ("wait", ["painted []", "usable []", "archive True True"]),
        ("close", ["painted []", "archive False False"]),
    ],
)
def test_the_first_frame_waits_for_nothing(tmp_path: Path, action: str, printed: list[str]) -> None:
    """The window is painted before services and panes are imported, and can be closed then."""
    completed = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, str(tmp_path / "data"), action],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    lines = list(dict.fromkeys(completed.stdout.splitlines()))
    assert (completed.returncode, lines[0], lines[-1]) == (0, printed[0], printed[-1])
    assert [line for line in lines if not line.startswith("painted")] == printed[1:]
