"""What another process learns about the window system."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("platform", "keys"),
    [("offscreen", set()), ("vnc:size=640x480:port=0", {"qt", "platform", "screens", "fonts"})],
)
def test_it_tells(platform: str, keys: set[str]) -> None:
    """One object: empty where nobody could look at a window."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole", "--examine-window"],
        env={**os.environ, "QT_QPA_PLATFORM": platform},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert keys <= json.loads(done.stdout).keys()


def test_a_display_that_is_not_there() -> None:
    """Qt ends the process, and says why on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole", "--examine-window"],
        env={**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": ":999"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "display :999" in done.stderr
