import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command

FileWith = Callable[..., str]
NAME = "Marigold Retail"  # it has no configuration
PULLS = ["{type: PULL}"] * 3


def writes(running: RunningSimulator) -> int:
    calls = running.simulator.state.calls
    return sum(number for call, number in calls.items() if not call.startswith("GET"))


def wait_for_writes(running: RunningSimulator, number: int) -> None:
    deadline = time.monotonic() + 20
    while writes(running) < number:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def actions(running: RunningSimulator) -> list[str]:
    applications = running.simulator.state.account.applications
    target = next(one for one in applications if one.raw["name"] == NAME)
    return [action["type"] for action in target.actions]


def test_a_signal_stops_between_two_steps(
    on_account: Command, setup_file: FileWith, running: RunningSimulator, default_signals: None
) -> None:
    """Ctrl+C ends the step that is under way, and says what is left and how to go on."""
    file = setup_file(NAME, *PULLS)

    def interrupt() -> None:
        wait_for_writes(running, 2)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    stopped = on_account("setup", "apply", file, "--yes")
    thread.join()
    resumed = on_account("setup", "apply", file, "--resume", "--yes")

    assert stopped.code == 130
    assert "Stopping after the step that is under way." in stopped.err
    assert "Stopped. " in stopped.err
    assert "--resume" in stopped.err
    assert (resumed.code, actions(running)) == (0, ["PULL"] * 3)


@pytest.mark.usefixtures("unmeasured_children")
def test_a_killed_apply_is_resumed(
    on_account: Command, setup_file: FileWith, running: RunningSimulator, tmp_path: Path
) -> None:
    """After kill -9 in the middle, --resume completes the plan, and nothing is created twice."""
    file = setup_file(NAME, *PULLS)
    command = (*("setup", "apply", file, "--yes"), "--base-url", running.base_url)
    with subprocess.Popen(
        [sys.executable, "-m", "ibconsole", *command],
        env={**os.environ, "IBCONSOLE_API_KEY": running.api_key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for_writes(running, 2)
        process.kill()

    assert len(actions(running)) < 3
    resumed = on_account("setup", "apply", file, "--resume", "--yes")

    assert (resumed.code, actions(running)) == (0, ["PULL"] * 3)
    assert on_account("setup", "diff", file).code == 0
    assert on_account("setup", "diff", setup_file(NAME)).out.count("was in the file before") == 3
